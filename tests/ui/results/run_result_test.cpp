// SPDX-License-Identifier: GPL-3.0-or-later
// The list on screen and the exported ones are those of `cellwright stats`; charts draw 25,000 genes between frames.
#include "ui/results/run_result.h"

#include "core/effects/effects_file.h"
#include "tests/support/exported_figure.h"
#include "tests/support/invented_result.h"
#include "ui/figures/figure_writer.h"
#include "ui/results/compare_view.h"
#include "ui/results/gene_detail.h"
#include "ui/results/label_placement.h"
#include "ui/results/result_export.h"
#include "ui/results/result_table.h"
#include "ui/results/volcano_view.h"
#include "ui/theme/theme.h"

#include <QElapsedTimer>
#include <QImage>
#include <QPainter>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <random>

using namespace cw;
using namespace cw::ui;

namespace {

/// Deletion of `genes` genes in 40 cells of four donors; gene 0 moves cells towards the goal.
Effects invented(std::int32_t genes, unsigned seed = 3) {
  std::mt19937 random(seed);
  std::normal_distribution<float> noise(0.0F, 0.01F);
  Effects run;
  run.states = {"ctrl", "stim"};
  for (std::int32_t g = 0; g < genes; ++g) {
    const std::string name = "G" + std::to_string(g);
    run.perturbations.push_back({"delete", {g + 2}, {"ENSG" + std::to_string(g)}, {name}, "single"});
  }
  for (int c = 0; c < 40; ++c)
    run.cells.push_back({"cell" + std::to_string(c), c, genes, "ctrl", "d" + std::to_string(c % 4)});
  for (std::int32_t c = 0; c < 40; ++c) {
    for (std::int32_t g = 0; g < genes; ++g) {
      const float shift = noise(random) + (g == 0 ? 0.2F : 0.0F);
      run.cell.push_back(c);
      run.perturbation.push_back(g);
      run.cosine.insert(run.cosine.end(), {-shift, shift});
      run.progress.push_back(shift * 2);
      run.rank.push_back(g);
    }
  }
  run.provenance = Json{{"options", Json{{"requests", Json::array({Json{{"kind", "delete"}, {"genes", {"all"}}}})}}}};
  return run;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

class RunResultTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    const auto written = write_effects(run_ / "effects.h5", invented(60), true);
    QVERIFY2(written.ok(), written.ok() ? "" : written.error().message.c_str());
  }

  void theListIsThatOfTheCommandLine() {
    JobContext context;
    const auto result = load_run(run_, QStringLiteral("ctrl → stim"), false, context);
    QVERIFY2(result.ok(), result.ok() ? "" : result.error().message.c_str());
    StatsOptions options;
    options.runs = {run_.string()};
    options.baseline = false;
    options.output = (scratch_ / "stats.csv").string();
    QVERIFY(run_stats(options, context).ok());
    JobContext other;
    const auto exported = export_list(run_, scratch_ / "mine.csv", false, other);
    QVERIFY2(exported.ok(), exported.ok() ? "" : exported.error().message.c_str());
    // the export looks for a baseline, which this run cannot have: every number is the same
    QCOMPARE(text_of(scratch_ / "mine.csv"), text_of(scratch_ / "stats.csv"));
    QCOMPARE((*result)->text(0, "gene"), QStringLiteral("G0"));
    QCOMPARE((*result)->perturbationOfRow[0], 0);
    std::ifstream csv(scratch_ / "stats.csv");
    std::string line;
    std::getline(csv, line);
    for (std::int64_t row = 0; std::getline(csv, line); ++row) {
      const QString gene = QString::fromStdString(line).split(QLatin1Char(','))[1];
      QCOMPARE((*result)->text(row, "gene"), gene);
    }
  }

  void listsAreWrittenInEveryForm() {
    JobContext context;
    for (const char* name : {"l.tsv", "l.json", "l.xlsx"}) {
      const auto written = export_list(run_, scratch_ / name, false, context);
      QVERIFY2(written.ok(), written.ok() ? "" : written.error().message.c_str());
      QVERIFY(std::filesystem::file_size(scratch_ / name) > 500);
      QVERIFY(std::filesystem::exists(scratch_ / (std::string(name) + ".provenance.json")));
    }
    const Json rows = Json::parse(text_of(scratch_ / "l.json"))["rows"];
    QCOMPARE(rows.size(), std::size_t{60});
    QCOMPARE(rows[0]["gene"].get<std::string>(), std::string("G0"));
    QVERIFY(rows[0]["effect"].is_number());
    QVERIFY(text_of(scratch_ / "l.tsv").starts_with("rank\tgene\tensembl_id"));
    const auto published = export_list(run_, scratch_ / "p.csv", true, context);
    QVERIFY(published.ok());
    QVERIFY(text_of(scratch_ / "p.csv").find("Shift_to_goal_end") != std::string::npos);
    QCOMPARE(export_list(run_, scratch_ / "l.doc", false, context).error().id, std::string("E-UI-404"));
  }

  void oneGeneShowsItsCellsDonorsAndNull() {
    JobContext context;
    const auto result = load_run(run_, {}, false, context);
    const GeneNumbers numbers = numbers_of(**result, 0);
    QCOMPARE(numbers.cells.size(), std::size_t{40});
    QCOMPARE(numbers.donorMeans.size(), std::size_t{4});
    for (const double mean : numbers.donorMeans) QVERIFY(std::abs(mean - 0.2) < 0.02);
    QVERIFY(numbers.null.size() >= 20);
    for (const double null : numbers.null) QVERIFY(std::abs(null) < 0.02);
  }

  void aRunAgreesWithItselfAndNotWithChance() {
    JobContext context;
    const auto here = load_run(run_, QStringLiteral("a"), false, context);
    const RunComparison same = compare_runs(**here, **here);
    QCOMPARE(same.overlap.back(), 1.0);
    QCOMPARE(same.common, std::int64_t{60});
    QVERIFY(same.onlyHere.isEmpty());
    QVERIFY(write_effects(scratch_ / "other" / "effects.h5", invented(60, 99), true).ok());
    const auto there = load_run(scratch_ / "other", QStringLiteral("b"), false, context);
    QVERIFY(there.ok());
    const RunComparison other = compare_runs(**here, **there);
    QCOMPARE(other.overlap.front(), 1.0);  // gene 0 leads both
    QVERIFY(other.spearman < 0.6);
  }

  // Deleting here, overexpressing there: what is compared is the same genes.
  void runsOfTwoChangesAreComparedByGene() {
    JobContext context;
    Effects raised = invented(60, 5);
    for (Perturbation& one : raised.perturbations) one.kind = "overexpress";
    QVERIFY(write_effects(scratch_ / "raised" / "effects.h5", raised, true).ok());
    const auto here = load_run(run_, QStringLiteral("a"), false, context);
    const auto there = load_run(scratch_ / "raised", QStringLiteral("b"), false, context);
    QVERIFY(there.ok());
    const RunComparison both = compare_runs(**here, **there);
    QCOMPARE(both.common, std::int64_t{60});
    QCOMPARE(both.overlap.front(), 1.0);  // gene 0 leads both
  }

  void labelsNeverOverlap() {
    std::mt19937 random(1);
    QList<LabelWish> wishes;
    for (int i = 0; i < 60; ++i)
      wishes << LabelWish{QPointF(static_cast<double>(random() % 200), static_cast<double>(random() % 120)),
                          QSizeF(40, 12), 3};
    const auto places = place_labels(wishes, QRectF(0, 0, 220, 140));
    int placed = 0;
    for (qsizetype i = 0; i < places.size(); ++i) {
      if (places[i].isEmpty()) continue;
      ++placed;
      for (qsizetype k = 0; k < i; ++k) QVERIFY(places[k].isEmpty() || !places[k].intersects(places[i]));
    }
    QVERIFY(placed > 8);
  }

  void aThresholdIsDraggedOver25000GenesAtThirtyFramesASecond() {
    Theme theme;
    VolcanoView view(theme);
    view.resize(520, 340);
    view.setResult(invented_genome(25'000));
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    QSignalSpy changed(&view, &VolcanoView::thresholdsChanged);
    // where the line is: 22, 10, 14, 26 are the margins of the plot
    const double highest = -std::log10(view.fdr());
    Q_UNUSED(highest);
    QImage image(view.size(), QImage::Format_ARGB32_Premultiplied);
    QElapsedTimer timer;
    timer.start();
    constexpr int kFrames = 60;
    for (int i = 0; i < kFrames; ++i) {
      view.setThresholds(std::pow(10.0, -0.5 - 0.03 * i), 0.0002 * i);
      view.render(&image);
    }
    const double per_frame = static_cast<double>(timer.elapsed()) / kFrames;
    qInfo("25,000 genes: %.1f ms per frame", per_frame);
    QVERIFY2(per_frame < 100.0, "far from 30 frames a second even on a loaded machine");
    QTest::keyClick(&view, Qt::Key_Up);
    QCOMPARE(changed.count(), 1);
  }
  // Vectors around one picture of the dots: editors choke on 25,000 of them.
  void theFigureOfALargeRunKeepsItsText() {
    Theme theme;
    VolcanoPlot plot;
    plot.setResult(invented_genome(25'000));
    const FigurePainter paint = [&](QPainter& painter, const FigureSize& size) {
      plot.paint(painter, QRectF(18, 8, size.widthPoints - 34, size.heightPoints - 30), PlotInk::figure(theme, size));
    };
    FigureOptions options;
    options.format = FigureFormat::kSvg;
    const QByteArray svg = write_figure(paint, options, {});
    QCOMPARE(problem_of_svg(svg, kOneColumn), QString());
    QCOMPARE(svg.count("<image"), 1);
    options.format = FigureFormat::kPdf;
    options.widthMillimetres = kTwoColumns;
    QFile file(folder_.filePath(QStringLiteral("volcano.pdf")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(write_figure(paint, options, {}));
    file.close();
    QCOMPARE(problem_of_pdf(file.fileName(), kTwoColumns), QString());
  }

  void theTableShowsWhatThereIs() {
    JobContext context;
    const auto result = load_run(run_, {}, false, context);
    const TableContentPtr table = result_table(**result);
    QCOMPARE(table->num_rows, std::int64_t{60});
    QVERIFY(table->find("effect") >= 0 && table->find("interval") >= 0 && table->find("vs_same_rank") >= 0);
    QVERIFY2(table->find("baseline") < 0, "a column without a value is left out");
    QCOMPARE(result_filters(**result, 0.05).size(), std::size_t{2});
  }

 private:
  QTemporaryDir folder_;
  std::filesystem::path scratch_ = folder_.path().toStdString();
  std::filesystem::path run_ = scratch_ / "run";
};

QTEST_MAIN(RunResultTest)
#include "run_result_test.moc"
