// SPDX-License-Identifier: GPL-3.0-or-later
// What is read from a run's log and how it is drawn: offsets, repeated steps, smoothing, thinning, ticks, speed.
#include "ui/runs/curve_plot.h"
#include "ui/runs/run_log.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>

namespace cw::ui {
namespace {

// A line as the engine writes it; `second` of one fixed hour.
std::string metric(std::int64_t sequence, const char* name, std::int64_t step, double value) {
  char line[256];
  std::snprintf(
      line, sizeof line,
      R"({"seq":%lld,"time":"2026-11-21T23:%02lld:%02lld.544Z","type":"metric","name":"%s","step":%lld,"value":%.17g})"
      "\n",
      static_cast<long long>(sequence), static_cast<long long>(step / 60 % 60), static_cast<long long>(step % 60), name,
      static_cast<long long>(step), value);
  return line;
}

void write(const std::filesystem::path& file, const std::string& text, std::ios::openmode mode) {
  std::ofstream(file, std::ios::binary | mode) << text;
}

CurveRun run_of(RunEventsPtr events) { return {QStringLiteral("run"), 0, std::move(events)}; }

}  // namespace

class CurvesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aLogIsReadOnFromWhereItEnded();
  void aRunThatWentOnRepeatsNoStep();
  void theEndOfALogHoldsTheLastFigures();
  void smoothingGoesByDistance();
  void stepsAreWhole();
  void thinningKeepsPeaksAndEnds();
  void ticksAreRound();
  void valuesAreReadExactly();
  void aLogarithmicAxisShowsPowers();
  void warningsAreExplained();
  void aMillionEventsAreDrawnWithinASecond();

 private:
  std::filesystem::path at(const char* name) { return std::filesystem::path(scratch_.path().toStdString()) / name; }
  QTemporaryDir scratch_;
};

void CurvesTest::aLogIsReadOnFromWhereItEnded() {
  const auto file = at("growing.jsonl");
  const RunEventsPtr none = *read_events(file, nullptr);
  QCOMPARE(none->lines, 0);
  const std::string second = metric(2, "loss", 2, 8.5);
  write(file, metric(1, "loss", 1, 9.0) + second.substr(0, 40), std::ios::trunc);
  const RunEventsPtr first = *read_events(file, none);
  QCOMPARE(first->curve("loss")->size(), std::size_t{1});
  QCOMPARE(*read_events(file, first), first);  // the half line is left alone
  write(file, second.substr(40), std::ios::app);
  const RunEventsPtr both = *read_events(file, first);
  QCOMPARE(both->curve("loss")->values, (std::vector<double>{9.0, 8.5}));
  QCOMPARE(first->curve("loss")->size(), std::size_t{1});  // who holds the earlier one still does
  QCOMPARE(both->curve("loss")->seconds[1] - both->curve("loss")->seconds[0], 1.0);
  write(file, metric(1, "loss", 1, 5.0), std::ios::trunc);  // a run that was started afresh
  QCOMPARE((*read_events(file, both))->curve("loss")->values, (std::vector<double>{5.0}));
}

void CurvesTest::aRunThatWentOnRepeatsNoStep() {
  const auto file = at("resumed.jsonl");
  std::string text;
  for (int step = 1; step <= 10; ++step) text += metric(step, "loss", step, 10.0 - step);
  for (int step = 8; step <= 9; ++step) text += metric(step + 3, "loss", step, 100.0 + step);
  write(file, text, std::ios::trunc);
  const RunEventsPtr events = *read_events(file, nullptr);
  QCOMPARE(events->curve("loss")->steps, (std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  QCOMPARE(events->last("loss"), std::optional(109.0));
  QCOMPARE(events->lines, 12);
}

void CurvesTest::theEndOfALogHoldsTheLastFigures() {
  const auto file = at("tail.jsonl");
  std::string text;
  for (int step = 1; step <= 2000; ++step) text += metric(step, "loss", step, 1.0 / step);
  write(file, text, std::ios::trunc);
  const RunEventsPtr events = *read_last_events(file, 1000);
  QCOMPARE(events->last("loss"), std::optional(1.0 / 2000));
  QVERIFY(events->lines < 10);
  QVERIFY(!events->last("validation_loss"));
}

void CurvesTest::smoothingGoesByDistance() {
  const std::vector<double> x{0, 1, 2, 10};
  const std::vector<double> y{4, 2, 2, 2};
  QCOMPARE(smooth(x, y, 0.0), y);
  const auto smoothed = smooth(x, y, 0.25);
  QCOMPARE(smoothed[0], 4.0);
  // four points: the range is three units, the first distance 0.3 of one
  const double kept = std::pow(0.5, 0.3);
  QVERIFY(std::abs(smoothed[1] - (4.0 * kept + 2.0) / (kept + 1.0)) < 1e-12);
  // a short run is smoothed too: one unit from point to point, (4 · 0.5 + 2) / (0.5 + 1)
  const std::vector<double> even{0, 1, 2, 3};
  QVERIFY(std::abs(smooth(even, y, 0.25)[1] - 8.0 / 3.0) < 1e-12);
  // of many points what lies a tenth of the range back counts for nothing: 0.5 to the power of 100
  std::vector<double> many(2000);
  std::vector<double> values(many.size(), 2.0);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<double>(i);
  values[0] = 4.0;
  QVERIFY(std::abs(smooth(many, values, 0.25)[200] - 2.0) < 1e-12);
}

void CurvesTest::stepsAreWhole() {
  auto events = std::make_shared<RunEvents>();
  for (double step = 1.0; step <= 4.0; ++step) {
    events->curves["loss"].steps.push_back(step);
    events->curves["loss"].seconds.push_back(step);
    events->curves["loss"].values.push_back(1.0 / step);
  }
  QStringList texts;
  for (const AxisTick& tick : plot_curves({run_of(events)}, {}).xTicks) texts << tick.text;
  QCOMPARE(texts, (QStringList{QStringLiteral("1"), QStringLiteral("2"), QStringLiteral("3"), QStringLiteral("4")}));
}

void CurvesTest::thinningKeepsPeaksAndEnds() {
  std::vector<double> x(100'000);
  std::vector<double> y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<double>(i);
    y[i] = std::sin(x[i] / 5000.0);
  }
  y[54'321] = 7.0;
  y[54'322] = -7.0;
  const auto points = thin_out(x, y, 400);
  QVERIFY(points.size() <= 404);
  QCOMPARE(points.front().x, 0.0);
  QCOMPARE(points.back().x, 99'999.0);
  const auto has = [&points](double value) {
    return std::any_of(points.begin(), points.end(), [value](const CurvePoint& point) { return point.y == value; });
  };
  QVERIFY(has(7.0) && has(-7.0));
  for (std::size_t i = 1; i < points.size(); ++i) QVERIFY(points[i - 1].x < points[i].x);
  QCOMPARE(thin_out(x, y, x.size()).size(), x.size());
}

void CurvesTest::ticksAreRound() {
  const auto texts = [](const std::vector<AxisTick>& ticks) {
    QStringList list;
    for (const AxisTick& tick : ticks) list << tick.text;
    return list.join(QLatin1Char(' '));
  };
  QCOMPARE(texts(axis_ticks(0.0, 12'000.0, 6, false)), QStringLiteral("0 2,000 4,000 6,000 8,000 10,000 12,000"));
  QCOMPARE(texts(axis_ticks(4.6, 5.4, 4, false)), QStringLiteral("4.6 4.8 5.0 5.2 5.4"));
  QCOMPARE(texts(axis_ticks(0.9, 11.0, 5, true)), QStringLiteral("1 2 5 10"));
  QVERIFY(axis_ticks(4.6, 5.4, 4, true).size() >= 3);  // no power of ten lies there
}

void CurvesTest::valuesAreReadExactly() {
  const auto file = at("exact.jsonl");
  write(file, metric(1, "loss", 10, 4.91234) + metric(2, "validation_loss", 20, 5.5) + metric(3, "loss", 30, 4.25),
        std::ios::trunc);
  const RunEventsPtr events = *read_events(file, nullptr);
  const CurvePlot plot = plot_curves({run_of(events)}, CurveSettings{});
  QCOMPARE(plot.curves.size(), std::size_t{2});
  QCOMPARE(read_at(plot, 12.0),
           (QStringList{QStringLiteral("run: 4.9123 at step 10"), QStringLiteral("run, validation: 5.5 at step 20")}));
  QCOMPARE(plot.left, 10.0);
  QCOMPARE(plot.right, 30.0);
  CurveSettings over_time;
  over_time.overTime = true;
  const CurvePlot timed = plot_curves({run_of(events)}, over_time);
  QCOMPARE(timed.right, 20.0);  // seconds
  QVERIFY(describe(plot).contains(QStringLiteral("4.25 at step 30")));
  QVERIFY(plot_curves({run_of(std::make_shared<const RunEvents>())}, CurveSettings{}).isEmpty());
}

void CurvesTest::aLogarithmicAxisShowsPowers() {
  const auto file = at("log.jsonl");
  write(file, metric(1, "loss", 1, 10.0) + metric(2, "loss", 2, 0.1), std::ios::trunc);
  CurveSettings settings;
  settings.logarithmic = true;
  const CurvePlot plot = plot_curves({run_of(*read_events(file, nullptr))}, settings);
  QCOMPARE(plot.curves.front().line.front().y, 1.0);
  QCOMPARE(plot.curves.front().line.back().y, -1.0);
  QStringList ticks;
  for (const AxisTick& tick : plot.yTicks) ticks << tick.text;
  QVERIFY2(ticks.contains(QStringLiteral("1")) && ticks.contains(QStringLiteral("0.1")), qPrintable(ticks.join(' ')));
}

void CurvesTest::warningsAreExplained() {
  const auto file = at("notes.jsonl");
  write(file,
        R"({"seq":1,"time":"2026-11-21T23:15:29.544Z","type":"warning","code":"W-TRN-001","text":"<damaged>"})"
        "\n",
        std::ios::trunc);
  const QString html = log_html(**read_events(file, nullptr));
  QVERIFY2(html.contains(QStringLiteral("&lt;damaged&gt;")), qPrintable(html));
  QVERIFY2(html.contains(QStringLiteral("the one before is used")), qPrintable(html));
  QVERIFY(explanation_of(QStringLiteral("E-TRN-008")).remedy.contains(QStringLiteral("--learning-rate")));
}

void CurvesTest::aMillionEventsAreDrawnWithinASecond() {
  const auto file = at("million.jsonl");
  std::string text;
  text.reserve(std::size_t{130} << 20);
  for (std::int64_t step = 1; step <= 500'000; ++step) {
    text += metric(2 * step - 1, "loss", step, 10.0 / std::sqrt(static_cast<double>(step)));
    text += metric(2 * step, "tokens_per_second", step, 1000.0);
  }
  write(file, text, std::ios::trunc);
  double best = 1e9;  // of three, in processor time: other programs share the machine
  for (int i = 0; i < 3; ++i) {
    const std::clock_t begin = std::clock();
    const RunEventsPtr events = *read_events(file, nullptr);
    const CurvePlot plot = plot_curves({run_of(events)}, CurveSettings{});
    best = std::min(best, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
    QCOMPARE(events->lines, 1'000'000);
    QVERIFY(plot.curves.front().line.size() <= kMostPoints + 8);
  }
  qInfo("1,000,000 events read and drawn in %.2f s", best);
  QVERIFY2(best < 1.0, qPrintable(QString::number(best)));
}

}  // namespace cw::ui

QTEST_GUILESS_MAIN(cw::ui::CurvesTest)
#include "curves_test.moc"
