// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/window/measures.h"
#include "tests/support/invented_result.h"
#include "ui/common/background.h"
#include "ui/data_table/data_table.h"
#include "ui/data_table/filter_bar.h"
#include "ui/document/cell_rows.h"
#include "ui/document/gene_search.h"
#include "ui/document/project_store.h"
#include "ui/figures/figure_writer.h"
#include "ui/results/plot_ink.h"
#include "ui/results/volcano_view.h"
#include "ui/theme/theme.h"

#include <QImage>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <random>

namespace cw::ui {
namespace {

// The middle of five.
template <class Run>
double median_of(Run&& run) {
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) {
    QElapsedTimer clock;
    clock.start();
    run(i);
    times.push_back(milliseconds(clock));
  }
  std::sort(times.begin(), times.end());
  return times[2];
}

void measure_table(GoalSheet& sheet, const Theme& theme, const RunResult& result) {
  Background background;
  DataTable table(QStringLiteral("genes"), QStringLiteral("Genes"), theme, background);
  table.resize(800, 400);
  table.show();
  auto content = std::make_shared<TableContent>();
  content->noun = QStringLiteral("genes");
  content->num_rows = result.ranking.table.num_rows();
  for (const char* name : {"gene", "effect", "fdr"}) {
    content->columns.push_back(
        table_column(std::make_shared<const Column>(*result.ranking.table.find(name)), QString::fromLatin1(name)));
  }
  table.setContent(content);
  QTest::qWait(50);
  const auto sort = [&table](const char* column) {
    return [&table, column](int turn) {
      table.sortBy(column, turn % 2 == 0);
      table.view()->viewport()->repaint();
    };
  };
  sheet.at_most("18", "table of 25,000 rows, sort by number, to the new picture", median_of(sort("effect")), "ms", 100);
  sheet.at_most("18", "table of 25,000 rows, sort by name", median_of(sort("gene")), "ms", 100);
  RowFilter filter;
  filter.kind = RowFilter::Kind::kAtMost;
  filter.column = "fdr";
  sheet.at_most("18", "table of 25,000 rows, filter", median_of([&](int turn) {
                  filter.number = 0.01 * (turn + 1);
                  table.filterBar()->setFilters({filter});
                  table.view()->viewport()->repaint();
                }),
                "ms", 50);
}

void measure_volcano(GoalSheet& sheet, const Theme& theme, const RunResultPtr& result) {
  VolcanoView view(theme);
  view.resize(520, 340);
  view.setResult(result);
  QImage image(view.size(), QImage::Format_ARGB32_Premultiplied);
  view.render(&image);
  std::vector<double> times;
  for (int i = 0; i < 60; ++i) {
    QElapsedTimer clock;
    clock.start();
    view.setThresholds(std::pow(10.0, -0.5 - 0.03 * i), 0.0002 * i);
    view.render(&image);
    times.push_back(milliseconds(clock));
  }
  std::sort(times.begin(), times.end());
  sheet.at_least("19", "volcano of 25,000 genes, threshold dragged, 95 % of frames", 1000 / times[56], "fps", 30);
  const FigurePainter paint = [plot = view.plot(), &theme](QPainter& painter, const FigureSize& size) {
    plot.paint(painter, QRectF(18, 8, size.widthPoints - 34, size.heightPoints - 30), PlotInk::figure(theme, size));
  };
  for (const auto format : {FigureFormat::kSvg, FigureFormat::kPdf, FigureFormat::kPng, FigureFormat::kTiff}) {
    FigureOptions options;
    options.format = format;
    options.widthMillimetres = kTwoColumns;
    QElapsedTimer clock;
    clock.start();
    (void)write_figure(paint, options, {});
    sheet.note("volcano of 25,000 genes as " + suffix_of(format).toStdString() + ", 183 mm (worker)",
               milliseconds(clock), "ms");
  }
}

void measure_search(GoalSheet& sheet) {
  const GeneSearch search{DatasetPtr{}};
  double slowest = 0.0;
  for (const char* word : {"STAT1", "ENSG00000115415", "interleukin", "p53", "orf", "A"}) {
    const QString text = QString::fromLatin1(word);
    for (qsizetype letters = 1; letters <= text.size(); ++letters) {
      QElapsedTimer clock;
      clock.start();
      (void)search.find(text.left(letters));
      slowest = std::max(slowest, milliseconds(clock));
    }
  }
  sheet.at_most("14", "gene search, slowest of 38 keys, all human genes and aliases", slowest, "ms", 16);
}

void measure_project(GoalSheet& sheet) {
  const QTemporaryDir folder;
  auto store = ProjectStore::open(folder.filePath(QStringLiteral("p.cellwright")).toStdString());
  if (!store) return sheet.failed("13", "keeping a selection of a million cells", store.error().message);
  std::vector<std::uint8_t> mask(1'000'000);
  std::mt19937 random(3);
  for (auto& one : mask) one = random() % 2;
  sheet.at_most("15", "keeping a scattered selection of 1 M cells in the project", median_of([&](int) {
                  ProjectItem item;
                  item.kind = QStringLiteral("selection");
                  item.rows = pack_rows(mask);
                  (*store)->put(item);
                }),
                "ms", 100);
}

}  // namespace

void measure_panels(GoalSheet& sheet) {
  Theme theme;
  const RunResultPtr result = invented_genome(25'000);
  measure_table(sheet, theme, *result);
  measure_volcano(sheet, theme, result);
  measure_search(sheet);
  measure_project(sheet);
}

}  // namespace cw::ui
