// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/statistics/statistics_center.h"

#include "tests/support/window_services.h"
#include "ui/common/stall_watchdog.h"
#include "ui/statistics/cell_ranks.h"
#include "ui/statistics/expression_by_group.h"
#include "ui/statistics/group_composition.h"

#include <QTest>
#include <cmath>
#include <cstring>

using namespace cw;
using namespace cw::ui;

namespace {

const std::filesystem::path kKang = std::filesystem::path(CW_TEST_DATA) / "datasets" / "kang_pbmc_labelled.h5ad";
constexpr auto kIsg15 = "ENSG00000187608";

bool near(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance; }

}  // namespace

/// Expected numbers: computed with numpy from the file (detected, means) and by ranking with the V1 dictionary.
class StatisticsCenterTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void countsGenesOverAllCellsAndGroups() {
    WindowServices window;
    StatisticsCenter center(window.all.background, window.all.document);
    QVERIFY(window.open(kKang));
    Document& document = window.all.document;
    document.chooseGroups({document.groupOf(QStringLiteral("condition"), QStringLiteral("ctrl")),
                           document.groupOf(QStringLiteral("condition"), QStringLiteral("stim")),
                           {}});
    StallWatchdog watchdog;
    QTRY_VERIFY_WITH_TIMEOUT(
        center.state() == StatisticsCenter::State::kReady && center.genes() && !center.genes()->goal_mean.empty(),
        20'000);
    const GeneStatistics& genes = *center.genes();
    const std::int64_t row = document.dataset()->gene_row(kIsg15);
    const auto at = static_cast<std::size_t>(row);
    QCOMPARE(genes.num_cells, std::int64_t{954});
    QCOMPARE(genes.num_ranked_cells, std::int64_t{954});
    QCOMPARE(genes.detected[at], std::int64_t{565});
    QCOMPARE(genes.start_cells, std::int64_t{454});
    QCOMPARE(genes.goal_cells, std::int64_t{500});
    QVERIFY(near(genes.start_mean[at], 1.8492496, 1e-4));
    QVERIFY(near(genes.goal_mean[at], 185.39595, 1e-2));
    QVERIFY(near(genes.log2_fold_change(row), 6.031645, 1e-4));
    QCOMPARE(genes.median_rank[at], 2.0);
    QVERIFY(genes.median_length >= 327.0 && genes.median_length <= 332.0);
    QVERIFY2(watchdog.longest() < 100.0, qPrintable(QString::number(watchdog.longest())));
  }

  void countsOverTheSelectedCellsAndRemembers() {
    WindowServices window;
    StatisticsCenter center(window.all.background, window.all.document);
    QVERIFY(window.open(kKang));
    QTRY_VERIFY_WITH_TIMEOUT(center.state() == StatisticsCenter::State::kReady, 20'000);
    const GeneStatisticsPtr all = center.genes();
    Document& document = window.all.document;
    const auto stim = document.cellsOf(document.groupOf(QStringLiteral("condition"), QStringLiteral("stim")));
    document.selectCells(make_selection(stim, QStringLiteral("stim"), {}));
    QTRY_VERIFY_WITH_TIMEOUT(center.genes() && center.genes()->num_cells == 500, 20'000);
    document.selectCells(nullptr);
    QTRY_COMPARE_WITH_TIMEOUT(center.genes(), all, 5'000);  // kept, not counted again
  }

  void findsMarkersOfCellsInOneGo() {
    WindowServices window;
    StatisticsCenter center(window.all.background, window.all.document);
    QVERIFY(window.open(kKang));
    Document& document = window.all.document;
    std::optional<Result<StatisticsCenter::FoundMarkers>> found;
    const auto answered = [&found](Result<StatisticsCenter::FoundMarkers> markers) {
      found.emplace(std::move(markers));
    };
    const auto stim = document.cellsOf(document.groupOf(QStringLiteral("condition"), QStringLiteral("stim")));
    center.findMarkers(QStringLiteral("stim"), stim, this, answered);
    QTRY_VERIFY_WITH_TIMEOUT(found.has_value(), 20'000);
    QVERIFY2(bool(*found), *found ? "" : found->error().message.c_str());
    const MarkerListPtr list = found->value().list;
    const MarkerList& markers = *list;
    QCOMPARE(markers.cells_inside, std::int64_t{500});
    QVERIFY(!markers.by_donors);  // the file has one donor
    const auto& genes = document.dataset()->genes;
    QStringList best;
    for (std::size_t i = 0; i < 5; ++i) {
      best << QString::fromStdString(genes[static_cast<std::size_t>(markers.genes[i])].symbol);
    }
    QVERIFY2(best.contains(QStringLiteral("ISG15")), qPrintable(best.join(QLatin1Char(' '))));
    QVERIFY(markers.statistics[0].auc > 0.95);

    found.reset();
    center.findMarkers(QStringLiteral("all"), std::vector<std::uint8_t>(954, 1), this, answered);
    QTRY_VERIFY_WITH_TIMEOUT(found.has_value(), 20'000);
    QVERIFY(!bool(*found));
    QCOMPARE(found->error().id, std::string("E-UI-302"));
  }

  void countsTheSameFromTheIndexAsFromTheFile() {
    WindowServices window;
    QVERIFY(window.open(kKang));
    const Document& document = window.all.document;
    QTRY_VERIFY_WITH_TIMEOUT(document.geneIndex(), 20'000);
    GeneStatisticsRequest request;
    request.dataset = document.dataset();
    request.cells = document.cellsOf(document.groupOf(QStringLiteral("cell_type"), QStringLiteral("CD14+ Monocytes")));
    request.start = document.cellsOf(document.groupOf(QStringLiteral("condition"), QStringLiteral("ctrl")));
    request.goal = document.cellsOf(document.groupOf(QStringLiteral("condition"), QStringLiteral("stim")));
    JobContext context;
    const auto count = [&] {
      GeneStatisticsPass pass(request);
      for (;;) {
        const auto result = pass.step(10.0, context);
        if (!result || *result) return result ? *result : GeneStatisticsPtr();
      }
    };
    const GeneStatisticsPtr file = count();
    request.index = document.geneIndex();
    request.dataset = std::make_shared<Dataset>(*document.dataset());
    std::const_pointer_cast<Dataset>(request.dataset)->path = "/nowhere";  // the file is not read
    const GeneStatisticsPtr index = count();
    QVERIFY(file && index);
    QCOMPARE(index->num_cells, std::int64_t{200});
    QCOMPARE(index->num_ranked_cells, file->num_ranked_cells);
    QCOMPARE(index->detected, file->detected);
    QCOMPARE(index->median_length, file->median_length);
    QCOMPARE(index->start_mean, file->start_mean);
    QCOMPARE(index->goal_mean, file->goal_mean);
    QCOMPARE(index->start_cells, file->start_cells);
    QCOMPARE(index->goal_cells, file->goal_cells);
    for (std::size_t i = 0; i < file->median_rank.size(); ++i) {
      QVERIFY(std::memcmp(&file->median_rank[i], &index->median_rank[i], sizeof(double)) == 0);
    }
  }

  void keepsMarkersAndAnswersFromThem() {
    WindowServices window;
    StatisticsCenter center(window.all.background, window.all.document);
    QVERIFY(window.open(kKang));
    Document& document = window.all.document;
    ProjectStore& project = *document.project();
    const auto ask = [&](const char* condition) {
      std::optional<Result<StatisticsCenter::FoundMarkers>> found;
      center.findMarkers(QStringLiteral("cells"),
                         document.cellsOf(document.groupOf(QStringLiteral("condition"), QLatin1String(condition))),
                         this, [&found](Result<StatisticsCenter::FoundMarkers> one) { found.emplace(std::move(one)); });
      return QTest::qWaitFor([&found] { return found.has_value(); }, 20'000) && *found
                 ? found->value()
                 : StatisticsCenter::FoundMarkers();
    };
    const auto first = ask("stim");
    QVERIFY(first.list && !first.id.isEmpty());
    const auto item = project.item(first.id);
    QVERIFY(item.has_value());
    const auto kept = read_kept_markers(*item, 1267);
    QVERIFY(bool(kept));
    const MarkerList& again = **kept;
    QCOMPARE(again.genes, first.list->genes);
    QCOMPARE(again.cells_outside, std::int64_t{454});
    const auto same = [](double a, double b) { return std::memcmp(&a, &b, sizeof(a)) == 0; };  // NaN as well
    for (std::size_t i = 0; i < again.genes.size(); ++i) {
      const MarkerStatistics& a = again.statistics[i];
      const MarkerStatistics& b = first.list->statistics[i];
      QVERIFY(same(a.auc, b.auc) && same(a.cohens_d, b.cohens_d) && same(a.log2fc, b.log2fc) && same(a.z, b.z));
      QVERIFY(same(a.detected_in, b.detected_in) && same(a.detected_out, b.detected_out) && same(a.p, b.p));
      QVERIFY(same(again.fdr[i], first.list->fdr[i]));
    }

    // what the project keeps is the answer, whatever counting would say
    MarkerList one;
    one.genes = {7};
    one.statistics.resize(1);
    one.fdr = {0.25};
    ProjectItem other = keep_markers(one, origin_of_markers(*item), item->name);
    other.id = item->id;
    project.put(other);
    QCOMPARE(ask("stim").list->genes, std::vector<std::int64_t>{7});
    QCOMPARE(project.items(QLatin1String(kMarkersKind)).size(), 1);
    // other cells, or other donors, are another question
    QVERIFY(ask("ctrl").list->genes.size() > 1000);
    document.setDonorColumn({});
    QVERIFY(ask("stim").list->genes.size() > 1000);
    QCOMPARE(project.items(QLatin1String(kMarkersKind)).size(), 3);

    other.rows = other.rows.left(20);  // damaged ones are computed again
    QCOMPARE(read_kept_markers(other, 1267).error().id, std::string("E-UI-304"));
    project.put(other);
    document.setDonorColumn(QStringLiteral("donor"));
    QVERIFY(ask("stim").list->genes.size() > 1000);
    QVERIFY(!project.item(other.id).has_value());
    QCOMPARE(project.items(QLatin1String(kMarkersKind)).size(), 3);
  }

  void ranksOneCell() {
    WindowServices window;
    QVERIFY(window.open(kKang));
    std::optional<Result<CellRanks>> ranks;
    window.all.background.run<CellRanks>(
        Background::Lane::kFiles, this,
        [dataset = window.all.document.dataset()](JobContext&) { return cell_ranks(*dataset, "v1", 0, 6); },
        [&ranks](Result<CellRanks> result) { ranks.emplace(std::move(result)); });
    QTRY_VERIFY_WITH_TIMEOUT(ranks.has_value(), 20'000);
    QVERIFY(bool(*ranks));
    QCOMPARE(ranks->value().first[0].symbol, std::string("FTH1"));
    QCOMPARE(ranks->value().first[5].symbol, std::string("CXCR4"));
    QVERIFY(ranks->value().length >= 258 && ranks->value().length <= 264);
  }

  void takesDonorsAsReplicates() {
    const std::vector<float> values{1, 1, 3, 3, 3, 9};
    const std::vector<std::uint8_t> mask{1, 1, 1, 1, 1, 0};
    const Column donors = Column::of_codes("donor", {0, 0, 1, 1, 1, 1}, {"a", "b"});
    const GroupExpression by_donor = expression_in(values, mask, &donors);
    QVERIFY(by_donor.by_donors);
    QCOMPARE(by_donor.mean, 2.0);                                 // of 1 and 3, not of five cells
    QVERIFY(near(by_donor.high - by_donor.mean, 12.7062, 1e-3));  // t(0.975, 1) * sqrt(2) / sqrt(2)
    const GroupExpression by_cell = expression_in(values, mask, nullptr);
    QCOMPARE(by_cell.mean, 2.2);
    QVERIFY(!by_cell.by_donors);
    QVERIFY(std::isnan(expression_in(values, {0, 0, 0, 0, 0, 0}, &donors).mean));
  }

  void composesGroupsByDonor() {
    const Column labels = Column::of_codes("type", {0, 0, 1, -1}, {"T", "B", "empty"});
    const Column donors = Column::of_strings("donor", {"x", "y", "y", "y"});
    const GroupComposition groups = compose_groups(labels, &donors, {1, 0, 1, 1});
    QCOMPARE(groups.cells, (std::vector<std::int64_t>{2, 1, 0}));
    QCOMPARE(groups.selected, (std::vector<std::int64_t>{1, 1, 0}));
    QCOMPARE(groups.unlabelled, std::int64_t{1});
    QCOMPARE(groups.parts_of(0), std::int64_t{2});
    QCOMPARE(groups.parts_of(1), std::int64_t{1});
  }

  void suggestsAndKeepsTheDonorColumn() {
    WindowServices window;
    QVERIFY(window.open(kKang));
    Document& document = window.all.document;
    QCOMPARE(document.donorColumn(), QStringLiteral("donor"));
    document.setDonorColumn(QStringLiteral("sample_id"));
    QCOMPARE(document.donorColumn(), QStringLiteral("sample_id"));
    document.setDonorColumn({});
    QCOMPARE(document.donorColumn(), QString());
    document.undoStack().undo();
    QCOMPARE(document.donorColumn(), QStringLiteral("sample_id"));
  }
};

QTEST_MAIN(StatisticsCenterTest)
#include "statistics_center_test.moc"
