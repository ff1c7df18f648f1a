// SPDX-License-Identifier: GPL-3.0-or-later
// The volcano shows no gene as surer than its numbers say.
#include "ui/results/volcano_plot.h"

#include "tests/support/invented_result.h"

#include <QTest>
#include <cmath>
#include <limits>

using namespace cw;
using namespace cw::ui;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Three genes; the second is known from one cell only: no interval, no p-value.
RunResultPtr three_genes(bool with_null) {
  const double none = with_null ? 0.001 : kNaN;
  return result_of({{0.01, none, 0.002}, {0.09, kNaN, kNaN}, {0.002, with_null ? 0.9 : kNaN, 0.003}});
}

}  // namespace

class VolcanoPlotTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aGeneOfTooFewCellsHasNoPlace() {
    for (const bool with_null : {true, false}) {
      VolcanoPlot plot;
      plot.setResult(three_genes(with_null));
      QCOMPARE(plot.hasFdr(), with_null);
      QVERIFY(plot.isPlaced(0));
      QVERIFY2(!plot.isPlaced(1), "nothing says how sure the second gene is");
      QVERIFY(!plot.passes(1));
      QVERIFY(plot.isPlaced(2));
    }
  }

  void onlyGenesBeyondTheRatePass() {
    VolcanoPlot plot;
    plot.setResult(three_genes(true));
    QVERIFY(plot.passes(0));
    QVERIFY(!plot.passes(2));
    plot.setThresholds(0.05, 0.05);
    QVERIFY(!plot.passes(0));
  }
};

QTEST_MAIN(VolcanoPlotTest)
#include "volcano_plot_test.moc"
