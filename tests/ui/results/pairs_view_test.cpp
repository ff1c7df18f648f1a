// SPDX-License-Identifier: GPL-3.0-or-later
// What pairs of genes do together: the matrix and the anchor's list show the numbers of the ranked list.
#include "ui/results/pairs_view.h"

#include "ui/theme/theme.h"

#include <QSignalSpy>
#include <QTest>
#include <cmath>
#include <limits>

using namespace cw;
using namespace cw::ui;

namespace {

// Genes A to D: their pairs in rising order, with the synergies given; "anchor" makes A the partner of all others.
RunResultPtr pair_run(bool anchor, const std::vector<double>& synergies) {
  Effects effects;
  const std::vector<std::string> names{"A", "B", "C", "D"};
  const auto gene = [&](std::size_t i) { return static_cast<std::int32_t>(10 + i); };
  for (std::size_t i = 0; i < names.size(); ++i) {
    effects.perturbations.push_back(
        {"delete", {gene(i)}, {"ENSG" + names[i]}, {names[i]}, anchor && i == 0 ? "anchor" : "single"});
  }
  auto result = std::make_shared<RunResult>();
  std::vector<double> effect;
  std::vector<double> synergy;
  for (std::size_t a = 0; a < names.size(); ++a) {
    for (std::size_t b = a + 1; b < names.size(); ++b) {
      if (anchor && a != 0) continue;
      result->perturbationOfRow.push_back(static_cast<std::int32_t>(effects.perturbations.size()));
      effects.perturbations.push_back(
          {"delete", {gene(a), gene(b)}, {"ENSG" + names[a], "ENSG" + names[b]}, {names[a], names[b]}, "pair"});
      synergy.push_back(synergies[effect.size()]);
      effect.push_back(0.05);
    }
  }
  result->effects = std::make_shared<const Effects>(std::move(effects));
  result->ranking.table.index.resize(effect.size());
  result->ranking.table.columns.push_back(Column::of_reals("effect", effect));
  result->ranking.table.columns.push_back(Column::of_reals("synergy", synergy));
  return result;
}

}  // namespace

class PairsViewTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void genesWithMostSynergyComeFirst() {
    // AB AC AD BC BD CD
    const PairTable table = pairs_of(*pair_run(false, {0.001, 0.002, 0.0, -0.03, 0.004, 0.0}));
    QCOMPARE(table.pairs.size(), std::size_t{6});
    QCOMPARE(table.genes.first(), QStringLiteral("B"));
    QCOMPARE(table.genes.last(), QStringLiteral("A"));
    QVERIFY(table.anchor.isEmpty());
    QCOMPARE(table.largest, 0.03);
    QCOMPARE(table.pairs.front().row, std::int64_t{3});
  }

  void aSquareIsItsPairAndPicksItsRow() {
    const Theme theme;
    PairsView view(theme);
    view.resize(420, 420);
    view.setResult(pair_run(false, {0.001, 0.002, 0.0, -0.03, 0.004, std::numeric_limits<double>::quiet_NaN()}));
    QVERIFY(view.hasPairs());
    const QImage picture = view.grab().toImage();
    QVERIFY(view.plot().describe(3).contains(QStringLiteral("alone they add up to +0.08")));
    QVERIFY(view.plot().describe(5).contains(QStringLiteral("not run alone")));
    // the strongest pair has the colour of the start, wherever its squares are
    int squares = 0;
    QPointF place;
    for (int y = 0; y < view.height(); y += 2) {
      for (int x = 0; x < view.width(); x += 2) {
        if (view.rowAt(QPointF(x, y)) != 3) continue;
        place = QPointF(x, y);
        squares += picture.pixelColor((place * picture.devicePixelRatio()).toPoint()) == theme.color("start");
      }
    }
    QVERIFY(squares > 50);
    QSignalSpy picked(&view, &PairsView::rowPicked);
    QTest::mouseClick(&view, Qt::LeftButton, {}, place.toPoint());
    QCOMPARE(picked.size(), 1);
    QCOMPARE(picked.first().first().toLongLong(), 3);
  }

  void anAnchorHasALinePerPartner() {
    const RunResultPtr run = pair_run(true, {0.001, -0.02, 0.01});
    const PairTable table = pairs_of(*run);
    QCOMPARE(table.anchor, QStringLiteral("A"));
    QCOMPARE(table.pairs.size(), std::size_t{3});
    for (const PairTable::Pair& pair : table.pairs) QCOMPARE(table.genes[pair.second], QStringLiteral("A"));
    QCOMPARE(table.genes[table.pairs.front().first], QStringLiteral("C"));
    const Theme theme;
    PairsView view(theme);
    view.resize(420, 300);
    view.setResult(run);
    QVERIFY(!view.grab().isNull());
    const std::int64_t first = view.rowAt(QPointF(200, 36));
    QCOMPARE(first, std::int64_t{1});
  }

  void aRunWithoutPairsHasNone() {
    auto plain = std::make_shared<RunResult>();
    Effects effects;
    effects.perturbations.push_back({"delete", {10}, {"ENSGA"}, {"A"}, "single"});
    plain->effects = std::make_shared<const Effects>(std::move(effects));
    plain->perturbationOfRow = {0};
    plain->ranking.table.index.resize(1);
    QVERIFY(pairs_of(*plain).pairs.empty());
  }
};

QTEST_MAIN(PairsViewTest)
#include "pairs_view_test.moc"
