// SPDX-License-Identifier: GPL-3.0-or-later
// Pages on a run: trials of a search, what is done with a single checkpoint, the replay of the validation cells.
#include "core/jobs/job_folder.h"
#include "core/search/search_record.h"
#include "tests/support/panel_parts.h"
#include "tests/support/window_services.h"
#include "ui/runs/checkpoints_page.h"
#include "ui/runs/replay.h"
#include "ui/runs/runs_model.h"
#include "ui/runs/runs_panel.h"

#include <QComboBox>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSlider>
#include <QTabBar>
#include <QTableWidget>
#include <QToolButton>
#include <fstream>

namespace cw::ui {
namespace {

constexpr int kSoon = 20'000;
constexpr const char* kBlood = CW_SOURCE_DIR "/resources/example/pbmc3k_half_a.h5ad";

/// A search of which two trials have ended, one of them to the end.
Result<SearchRecord> some_search() {
  SearchOptions options;
  options.settings.push_back({"learning_rate", 1e-5, 1e-3, true, false, {}});
  options.num_trials = 2;
  options.num_rungs = 1;
  CW_ASSIGN(SearchPlan plan, SearchPlan::create(options));
  SearchRecord record{std::move(plan), Json::object(), {{"learning_rate", 5e-5}}, "macro_f1", {}, {}, {}};
  record.baseline.emplace();
  record.baseline->value = 0.5;
  record.baseline->state = TrialState::kDone;
  for (const double value : {0.4, 0.75}) {
    const auto task = record.plan.next();
    CW_TRY(record.plan.report(task->trial, value));
  }
  return record;
}

void write_checkpoint(const std::filesystem::path& run, const char* name, int step) {
  const auto folder = run / "checkpoints" / name;
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "state.json") << Json{
      {"state", {{"step", step}, {"best_figure", 0.5}, {"best_step", step}}},
      {"fingerprint", Json::object()}}.dump();
  std::ofstream(folder / "weights.safetensors") << "weights";
  std::ofstream(folder / "optimiser.safetensors") << "optimiser";
}

}  // namespace

class RunPagesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { qputenv("CELLWRIGHT_ENGINE", CW_FAKE_ENGINE); }
  void trialsOfASearchAreATable();
  void aCheckpointIsKeptAndGoneOnFrom();
  void aCheckpointIsComparedWithAnotherRun();
  void validationCellsAreReplayedOnTheMap();

 private:
  std::filesystem::path at(const char* name) { return std::filesystem::path(scratch_.path().toStdString()) / name; }
  QTemporaryDir scratch_;
};

void RunPagesTest::trialsOfASearchAreATable() {
  WindowServices window;
  RunsPanel panel(window.all);
  panel.resize(1100, 700);
  panel.show();
  const auto record = some_search();
  QVERIFY(record && save_record(*record, at("search")));
  const Json finetune{{"input", "cells.h5ad"}, {"model", "model"}, {"label", "cell_type"}, {"output", "x"}};
  const auto id = window.all.jobs.submit(
      new_job("search", {{"kind", "finetune-cells"}, {"finetune", finetune}, {"output", at("search").string()}}),
      QStringLiteral("Search of cell types"), at("search"));
  QVERIFY(id);
  auto* trials = part<QTableWidget>(panel, "runTrials");
  QTRY_COMPARE_WITH_TIMEOUT(trials->rowCount(), 3, kSoon);
  QCOMPARE(trials->item(0, 0)->text(), QStringLiteral("as given"));
  QCOMPARE(trials->item(2, 0)->text(), QStringLiteral("2 ★ best"));
  QCOMPARE(trials->item(2, 3)->text(), QStringLiteral("0.750"));
  QVERIFY(part<QLabel>(panel, "runTrialsNote")->text().contains(QLatin1String("trial 2, macro_f1 0.750")));
  part<QTabBar>(panel, "runTabs")->setCurrentIndex(4);
  picture(panel, "runs-trials");
  // of a search that has not come to its end: a run with the best settings so far
  auto* use = part<QPushButton>(panel, "runUseBest");
  QCOMPARE(use->text(), QStringLiteral("Train with the best so far"));
  QTest::mouseClick(use, Qt::LeftButton);
  QCOMPARE(panel.runs().rowCount(), 2);
  const auto job = JobFolder::open(window.all.jobs.jobs().last().folder);
  QVERIFY(job);
  QCOMPARE(job->spec().kind, std::string("finetune-cells"));
  QCOMPARE(job->spec().options["learning_rate"], record->settings_of(1)["learning_rate"]);
  QCOMPARE(job->spec().options["label"], Json("cell_type"));
  QCOMPARE(panel.currentRun(), window.all.jobs.jobs().last().id);
}

void RunPagesTest::aCheckpointIsKeptAndGoneOnFrom() {
  WindowServices window;
  RunsPanel panel(window.all);
  panel.resize(1100, 700);
  panel.show();
  write_checkpoint(at("kept"), "step-000000000040", 40);
  write_checkpoint(at("kept"), "step-000000000050", 50);
  const auto id = window.all.jobs.submit(new_job("pretrain", {{"steps", 5}, {"out", at("kept").string()}}),
                                         QStringLiteral("demo"), at("kept"));
  auto* table = part<QTableWidget>(panel, "runCheckpoints");
  QTRY_COMPARE_WITH_TIMEOUT(table->rowCount(), 2, kSoon);
  QTRY_COMPARE_WITH_TIMEOUT(window.all.jobs.job(*id)->phase, JobPhase::kDone, kSoon);
  part<QTabBar>(panel, "runTabs")->setCurrentIndex(1);
  table->setCurrentCell(1, 0);
  window.all.actions.find(QStringLiteral("runs.checkpoint-keep"))->trigger();
  QTRY_COMPARE_WITH_TIMEOUT(table->item(1, 3)->text(), QStringLiteral("kept"), kSoon);
  QVERIFY(std::filesystem::exists(at("kept") / "checkpoints" / "step-000000000040" / "keep"));
  picture(panel, "runs-checkpoints");
  window.all.document.undoStack().undo();
  QTRY_COMPARE_WITH_TIMEOUT(table->item(1, 3)->text(), QStringLiteral("until newer ones come"), kSoon);
  // a run of its own from there
  table->setCurrentCell(1, 0);
  QTest::mouseClick(part<QPushButton>(panel, "runResumeFrom"), Qt::LeftButton);
  QTRY_COMPARE_WITH_TIMEOUT(panel.runs().rowCount(), 2, kSoon);
  const JobRecord& branch = window.all.jobs.jobs().last();
  QCOMPARE(branch.title, QStringLiteral("demo, from step 40"));
  const auto state = read_json(branch.folder / "checkpoints" / "step-000000000040" / "state.json");
  QVERIFY(state);
  QVERIFY(!(*state)["state"].contains("best_figure"));
  const auto job = JobFolder::open(branch.folder);
  QVERIFY(job);
  QCOMPARE(job->spec().options["resume"], Json(true));
  QCOMPARE(job->spec().options["out"], Json(branch.folder.string()));
  // one that is gone is said to be
  panel.setCurrentRun(*id);
  QTRY_COMPARE_WITH_TIMEOUT(table->rowCount(), 2, kSoon);
  table->setCurrentCell(1, 0);
  std::filesystem::remove_all(at("kept") / "checkpoints" / "step-000000000040");
  QString said;
  connect(&window.all.messages, &MessageCenter::posted, this, [&said](const Message& message) { said = message.text; });
  QTest::mouseClick(part<QPushButton>(panel, "runResumeFrom"), Qt::LeftButton);
  QTRY_VERIFY2_WITH_TIMEOUT(said.contains(QLatin1String("this checkpoint is gone")), qPrintable(said), kSoon);
}

void RunPagesTest::aCheckpointIsComparedWithAnotherRun() {
  WindowServices window;
  RunsPanel panel(window.all);
  panel.resize(1100, 700);
  panel.show();
  const auto other = window.all.jobs.submit(new_job("pretrain", {{"steps", 20}}), QStringLiteral("other"), at("other"));
  write_checkpoint(at("this"), "step-000000000010", 10);
  const auto id = window.all.jobs.submit(new_job("pretrain", {{"steps", 30}}), QStringLiteral("this"), at("this"));
  QTRY_COMPARE_WITH_TIMEOUT(window.all.jobs.job(*id)->phase, JobPhase::kDone, kSoon);
  panel.setCurrentRun(*id);
  QTRY_VERIFY_WITH_TIMEOUT(part<QToolButton>(panel, "runCompareWith")->isEnabled(), kSoon);
  QMenu* menu = part<QToolButton>(panel, "runCompareWith")->menu();
  Q_EMIT menu->aboutToShow();
  QCOMPARE(menu->actions().size(), 1);
  menu->actions().first()->trigger();
  QCOMPARE(panel.runs().ticked(), (QStringList{*id, *other}));
  auto* differences = part<QTableWidget>(panel, "runDifferences");
  const auto row = [differences](const QString& title) {
    for (int i = 0; i < differences->rowCount(); ++i) {
      if (differences->item(i, 0)->text() == title) return i;
    }
    return -1;
  };
  QTRY_VERIFY_WITH_TIMEOUT(row(QStringLiteral("Validation loss at step 10")) >= 0, kSoon);
  const int figure = row(QStringLiteral("Validation loss at step 10"));
  // 10 / sqrt(10) + 0.3 in both
  QTRY_COMPARE_WITH_TIMEOUT(differences->item(figure, 1)->text(), QStringLiteral("3.462"), kSoon);
  QCOMPARE(differences->item(figure, 2)->text(), QStringLiteral("3.462"));
  picture(panel, "runs-compared-step");
  panel.runs().setTicked(*other, false);
  panel.runs().setTicked(*other, true);
  QTRY_VERIFY_WITH_TIMEOUT(row(QStringLiteral("Validation loss")) >= 0, kSoon);
}

void RunPagesTest::validationCellsAreReplayedOnTheMap() {
  WindowServices window;
  QVERIFY(window.open(kBlood));
  RunsPanel panel(window.all);
  panel.resize(1100, 700);
  panel.show();
  const DatasetPtr dataset = window.all.document.dataset();
  std::filesystem::create_directories(at("replayed") / "replay");
  for (const int step : {10, 20, 30}) {
    std::ofstream file(at("replayed") / "replay" / ("step-0000000000" + std::to_string(step) + ".csv"));
    file << "cell,true,predicted,probability\n";
    for (std::size_t i = 0; i < 200; ++i) {
      const char* truth = i % 2 == 0 ? "B" : "T";
      file << dataset->cells.index[i] << "," << truth << "," << (static_cast<int>(i) < step * 6 ? truth : "B")
           << ",0.9\n";
    }
    file << "nowhere,B,B,0.9\n";
  }
  const auto id =
      window.all.jobs.submit(new_job("pretrain", {{"steps", 5}}), QStringLiteral("classes"), at("replayed"));
  QTRY_COMPARE_WITH_TIMEOUT(window.all.jobs.job(*id)->phase, JobPhase::kDone, kSoon);
  part<QTabBar>(panel, "runTabs")->setCurrentIndex(3);
  auto* text = part<QLabel>(panel, "runReplayText");
  if (dataset->maps.empty()) {
    QTRY_VERIFY2_WITH_TIMEOUT(text->text().contains(QLatin1String("no map")), qPrintable(text->text()), kSoon);
    auto map = std::make_shared<CellMap>();
    map->name = QStringLiteral("UMAP");
    map->key = QStringLiteral("X_umap");
    for (std::int64_t i = 0; i < dataset->num_cells(); ++i) {
      map->points.push_back(static_cast<float>(i % 40));
      map->points.push_back(static_cast<float>(i / 40));
    }
    window.all.document.addMap(map);
  }
  // 180 of the first 180, and the B among the other 20
  QTRY_VERIFY2_WITH_TIMEOUT(text->text().startsWith(QLatin1String("Step 30: 190 of 200")), qPrintable(text->text()),
                            kSoon);
  QVERIFY2(text->text().contains(QLatin1String("1 more have no place")), qPrintable(text->text()));
  picture(panel, "runs-replay");
  part<QSlider>(panel, "runReplayStep")->setValue(0);
  QVERIFY2(text->text().startsWith(QLatin1String("Step 10: 130 of 200")), qPrintable(text->text()));
  part<QComboBox>(panel, "runReplayColour")->setCurrentIndex(1);
  QTest::mouseClick(part<QPushButton>(panel, "runReplayPlay"), Qt::LeftButton);
  QTRY_VERIFY_WITH_TIMEOUT(text->text().startsWith(QLatin1String("Step 30")), kSoon);
  QTRY_COMPARE_WITH_TIMEOUT(part<QPushButton>(panel, "runReplayPlay")->text(), QStringLiteral("Play"), kSoon);
  // files of another run among them
  std::ofstream(at("replayed") / "replay" / "step-000000000040.csv") << "cell,true,predicted,probability\nx,B,B,1\n";
  const auto mixed = read_replay(
      {at("replayed") / "replay" / "step-000000000030.csv", at("replayed") / "replay" / "step-000000000040.csv"},
      *window.all.document.dataset());
  QVERIFY(!mixed);
  QCOMPARE(mixed.error().id, std::string("E-UI-041"));
}

}  // namespace cw::ui

QTEST_MAIN(cw::ui::RunPagesTest)
#include "run_pages_test.moc"
