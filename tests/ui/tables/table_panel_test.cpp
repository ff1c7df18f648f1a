// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tables/table_panel.h"

#include "tests/support/exported_figure.h"
#include "tests/support/window_services.h"
#include "ui/common/stall_watchdog.h"
#include "ui/data_table/data_table.h"
#include "ui/data_table/filter_bar.h"
#include "ui/figures/figure_writer.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/plots/expression_panel.h"
#include "ui/statistics/statistics_center.h"

#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>
#include <chrono>
#include <filesystem>

using namespace cw;
using namespace cw::ui;

namespace {

const std::filesystem::path kKang = std::filesystem::path(CW_TEST_DATA) / "datasets" / "kang_pbmc_labelled.h5ad";
const QString kIsg15 = QStringLiteral("ENSG00000187608");

/// The panels over real data, connected as the window connects them.
struct Explore {
  Explore() : statistics(window.all.background, window.all.document) {
    tables = std::make_unique<TablePanel>(window.all, statistics);
    inspector = std::make_unique<InspectorPanel>(window.all, statistics);
    plots = std::make_unique<ExpressionPanel>(window.all);
    QObject::connect(tables.get(), &TablePanel::groupChosen, inspector.get(), &InspectorPanel::showGroup);
    QObject::connect(tables.get(), &TablePanel::cellChosen, inspector.get(), &InspectorPanel::showCell);
    QObject::connect(inspector.get(), &InspectorPanel::selectionMarkersRequested, tables.get(),
                     &TablePanel::showMarkersOfSelection);
    tables->resize(740, 236);
    inspector->resize(264, 700);
    plots->resize(640, 300);
  }
  DataTable& table(const char* name) { return *tables->findChild<DataTable*>(QLatin1String(name)); }
  QStringList texts() const {
    QStringList all;
    for (const QLabel* label : inspector->findChildren<QLabel*>()) all << label->text();
    return all;
  }
  /// A picture to look at where CELLWRIGHT_TEST_PICTURES names a folder.
  static void keep(QWidget& widget, const QString& name) {
    const QString folder = qEnvironmentVariable("CELLWRIGHT_TEST_PICTURES");
    if (!folder.isEmpty()) widget.grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png"));
  }

  WindowServices window;
  StatisticsCenter statistics;
  std::unique_ptr<TablePanel> tables;
  std::unique_ptr<InspectorPanel> inspector;
  std::unique_ptr<ExpressionPanel> plots;
};

}  // namespace

class TablePanelTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void showsGenesWithStatisticsAndSharesTheSelection() {
    Explore explore;
    StallWatchdog watchdog;
    QVERIFY(explore.window.open(kKang));
    DataTable& genes = explore.table("genesTable");
    QTRY_VERIFY_WITH_TIMEOUT(genes.content()->find("detected") >= 0, 20'000);
    QCOMPARE(genes.content()->num_rows, std::int64_t{1267});
    Document& document = explore.window.all.document;
    document.chooseGroups({document.groupOf(QStringLiteral("condition"), QStringLiteral("ctrl")),
                           document.groupOf(QStringLiteral("condition"), QStringLiteral("stim")),
                           {}});
    QTRY_VERIFY_WITH_TIMEOUT(genes.content()->find("log2_fc") >= 0, 20'000);
    genes.sortBy("log2_fc", true);
    const int symbol = genes.content()->find("symbol");
    const auto name = [&](std::int64_t row) {
      return genes.content()->columns[static_cast<std::size_t>(symbol)].values->text(row);
    };
    const auto rows = genes.shownRows();
    QCOMPARE(name(rows[0]), std::string("ISG15"));

    document.selectGenes({{kIsg15}, {}, QStringLiteral("elsewhere")});
    QCOMPARE(genes.selectedRows(), (std::vector<std::int64_t>{rows[0]}));
    genes.view()->selectRow(1);
    QTRY_COMPARE(document.selection().genes().origin, QStringLiteral("tablePanel"));
    QCOMPARE(document.selection().genes().ensemblIds.size(), 1);
    QVERIFY(document.selection().genes().ensemblIds[0] != kIsg15);
    QVERIFY(explore.window.settle());
    Explore::keep(*explore.tables, QStringLiteral("genes"));
    Explore::keep(*explore.inspector, QStringLiteral("gene-card"));
    QVERIFY2(watchdog.longest() < 100.0, qPrintable(QString::number(watchdog.longest())));
  }

  void filtersCellsToTheSelection() {
    Explore explore;
    QVERIFY(explore.window.open(kKang));
    DataTable& cells = explore.table("cellsTable");
    QVERIFY(cells.shownRows().empty());  // built when it is looked at
    explore.tables->findChild<QTabBar*>(QStringLiteral("tableTabs"))->setCurrentIndex(1);
    QTRY_COMPARE(cells.shownRows().size(), std::size_t{954});
    Document& document = explore.window.all.document;
    const auto mono =
        document.cellsOf(document.groupOf(QStringLiteral("cell_type"), QStringLiteral("CD14+ Monocytes")));
    document.selectCells(make_selection(mono, QStringLiteral("lasso 1"), QStringLiteral("embeddingPanel")));
    QTRY_COMPARE(cells.shownRows().size(), std::size_t{200});
    QVERIFY(explore.texts().contains(QStringLiteral("200 cells")));
    QVERIFY(explore.window.settle());
    Explore::keep(*explore.tables, QStringLiteral("cells"));
    Explore::keep(*explore.inspector, QStringLiteral("selection-card"));
    cells.view()->selectRow(0);
    QTRY_VERIFY(explore.inspector->findChild<QWidget*>(QStringLiteral("cellCard")));
    QVERIFY(explore.window.settle());
    Explore::keep(*explore.inspector, QStringLiteral("cell-card"));
    document.selectCells(nullptr);
    QTRY_COMPARE(cells.shownRows().size(), std::size_t{954});
  }

  void takesStartAndGoalFromGroups() {
    Explore explore;
    QVERIFY(explore.window.open(kKang));
    DataTable& groups = explore.table("groupsTable");
    QTRY_COMPARE(groups.shownRows().size(), std::size_t{5});  // cell types come first
    explore.tables->findChild<QTabBar*>(QStringLiteral("tableTabs"))->setCurrentIndex(2);
    ActionRegistry& actions = explore.window.all.actions;
    groups.view()->selectRow(0);
    actions.find(QStringLiteral("groups.use-start"))->trigger();
    groups.view()->selectRow(1);
    actions.find(QStringLiteral("groups.use-goal"))->trigger();
    const GroupChoice& choice = explore.window.all.document.selection().groups();
    QVERIFY(choice.start && choice.goal);
    QVERIFY(choice.start->value != choice.goal->value);
    QCOMPARE(choice.start->column, QStringLiteral("cell_type"));
    QVERIFY(choice.start->count > 0);
    QTRY_VERIFY(explore.inspector->findChild<QWidget*>(QStringLiteral("groupCard")));
    QVERIFY(explore.window.settle());
    Explore::keep(*explore.tables, QStringLiteral("groups"));
    Explore::keep(*explore.inspector, QStringLiteral("group-card"));
    // the same group cannot be both
    groups.view()->selectRow(1);
    actions.find(QStringLiteral("groups.use-start"))->trigger();
    QVERIFY(!explore.window.all.document.selection().groups().goal);
  }

  void listsMarkersOfTheSelectionInATabOfTheirOwn() {
    Explore explore;
    QVERIFY(explore.window.open(kKang));
    Document& document = explore.window.all.document;
    document.selectCells(
        make_selection(document.cellsOf(document.groupOf(QStringLiteral("condition"), QStringLiteral("stim"))),
                       QStringLiteral("stim"), {}));
    explore.tables->showMarkersOfSelection();
    auto* tabs = explore.tables->findChild<QTabBar*>(QStringLiteral("tableTabs"));
    QCOMPARE(tabs->count(), 4);
    QTRY_VERIFY_WITH_TIMEOUT(explore.table("markers1Table").content()->num_rows > 1000, 20'000);
    QVERIFY(explore.window.settle());
    Explore::keep(*explore.tables, QStringLiteral("markers"));
    explore.tables->findChild<QAbstractButton*>(QStringLiteral("markers1PageClose"))->click();
    QCOMPARE(tabs->count(), 3);
  }

  void showsKeptMarkersAgainUntilTheDataChange() {
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    const auto file = path / "kang.h5ad";
    std::filesystem::copy_file(kKang, file);
    const auto markers = [](Explore& explore) {
      return explore.window.all.document.project()->items(QStringLiteral("markers"));
    };
    const auto start = [&](Explore& explore) {
      return bool(explore.window.all.document.openProject(path / "kept.cellwright")) && explore.window.settle();
    };
    TableContentPtr before;
    {
      Explore explore;
      QVERIFY(start(explore));
      QVERIFY(explore.window.open(file));
      Document& document = explore.window.all.document;
      for (const char* condition : {"stim", "ctrl"}) {
        explore.tables->showMarkers(document.groupOf(QStringLiteral("condition"), QLatin1String(condition)));
        QVERIFY(explore.window.settle());
      }
      before = explore.table("markers1Table").content();
      QVERIFY(before->num_rows > 1000);
      explore.tables->findChild<QAbstractButton*>(QStringLiteral("markers2PageClose"))->click();
      QCOMPARE(markers(explore).size(), 2);  // closed, but kept
    }
    {
      Explore explore;
      QVERIFY(start(explore));
      auto* tabs = explore.tables->findChild<QTabBar*>(QStringLiteral("tableTabs"));
      QCOMPARE(tabs->count(), 4);
      QCOMPARE(tabs->tabText(3), QStringLiteral("Markers: stim"));
      QCOMPARE(tabs->currentIndex(), 0);
      const TableContentPtr after = explore.table("markers1Table").content();
      QCOMPARE(after->num_rows, before->num_rows);
      QCOMPARE(after->columns.size(), before->columns.size());
      for (std::size_t c = 0; c < after->columns.size(); ++c) {
        for (std::int64_t row = 0; row < after->num_rows; row += 97) {
          QCOMPARE(after->columns[c].values->text(row), before->columns[c].values->text(row));
        }
      }
      explore.tables->showKeptMarkers(markers(explore)[1].id);
      QVERIFY(explore.window.settle());
      QCOMPARE(tabs->tabText(4), QStringLiteral("Markers: ctrl"));
      QCOMPARE(tabs->currentIndex(), 4);
      // the same question leads to the same table
      Document& document = explore.window.all.document;
      explore.tables->showMarkers(document.groupOf(QStringLiteral("condition"), QStringLiteral("stim")));
      QVERIFY(explore.window.settle());
      QCOMPARE(tabs->count(), 5);
      QCOMPARE(tabs->currentIndex(), 3);
      document.removeItem(markers(explore)[1].id);
      QCOMPARE(tabs->count(), 4);
      document.undoStack().undo();
      QCOMPARE(markers(explore).size(), 2);
    }
    std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) + std::chrono::seconds(5));
    Explore explore;
    QVERIFY(start(explore));
    QVERIFY(explore.window.all.document.dataset());
    QVERIFY(markers(explore).isEmpty());
    QCOMPARE(explore.tables->findChild<QTabBar*>(QStringLiteral("tableTabs"))->count(), 3);
  }

  void offersTheWellsForAGene() {
    Explore explore;
    QVERIFY(explore.window.open(kKang));
    QSignalSpy added(explore.inspector.get(), &InspectorPanel::addRequested);
    explore.window.all.document.selectGenes({{kIsg15}, {}, {}});
    auto* button = explore.inspector->findChild<QPushButton*>(QStringLiteral("addGene.overexpress"));
    QVERIFY(button);
    button->click();
    QCOMPARE(added.count(), 1);
    QCOMPARE(added[0][0].toString(), QStringLiteral("overexpress"));
    QCOMPARE(added[0][1].value<GeneDrag>().ensemblIds, QStringList{kIsg15});
    QTRY_VERIFY_WITH_TIMEOUT(explore.texts().contains(QStringLiteral("59\u2009% of 954 cells")), 20'000);
  }

  void plotsGenesByGroupOnScreenAndOnPaper() {
    Explore explore;
    QVERIFY(explore.window.open(kKang));
    Document& document = explore.window.all.document;
    QStringList ids;
    for (const char* symbol : {"ISG15", "CXCR4", "FTH1", "CD14"}) {
      if (const auto hit = document.geneSearch().resolve(QLatin1String(symbol)); hit && hit->gene_row >= 0) {
        ids << QString::fromStdString(hit->ensembl_id);
      }
    }
    QVERIFY(ids.size() >= 3);
    document.selectGenes({ids, {}, {}});
    QTRY_COMPARE_WITH_TIMEOUT(explore.plots->shown().genes.size(), static_cast<std::size_t>(ids.size()), 20'000);
    QCOMPARE(explore.plots->shown().groups.size(), std::size_t{5});
    Explore::keep(*explore.plots, QStringLiteral("dots"));
    explore.plots->setViolins(true);
    QVERIFY(explore.window.settle());
    Explore::keep(*explore.plots, QStringLiteral("violins"));
    QVERIFY(explore.plots->hasFigure());
    QCOMPARE(explore.plots->figureData()->num_rows(), static_cast<std::int64_t>(ids.size()) * 5);
    QImage paper(QSize(1000, 720), QImage::Format_RGB32);
    paper.fill(Qt::white);
    QPainter painter(&paper);
    painter.scale(1000.0 / 252.0, 720.0 / 180.0);
    explore.plots->figure()(painter, {});
    painter.end();
    FigureOptions options;
    options.format = FigureFormat::kSvg;
    QCOMPARE(problem_of_svg(write_figure(explore.plots->figure(), options, {}), kOneColumn), QString());
    const QString folder = qEnvironmentVariable("CELLWRIGHT_TEST_PICTURES");
    if (!folder.isEmpty()) paper.save(folder + QStringLiteral("/violins-paper.png"));
    int inked = 0;
    for (int y = 0; y < paper.height(); y += 4) {
      for (int x = 0; x < paper.width(); x += 4) inked += paper.pixel(x, y) != 0xffffffff ? 1 : 0;
    }
    QVERIFY(inked > 1000);
  }
};

QTEST_MAIN(TablePanelTest)
#include "table_panel_test.moc"
