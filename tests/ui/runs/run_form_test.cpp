// SPDX-License-Identifier: GPL-3.0-or-later
// The form of a new run: each kind of question, what is said of it before the start, and the job it becomes.
#include "ui/runs/run_form.h"

#include "core/api/job_kinds.h"
#include "core/jobs/job_folder.h"
#include "tests/support/panel_parts.h"
#include "tests/support/window_services.h"
#include "ui/runs/corpus_question.h"
#include "ui/runs/run_settings.h"
#include "ui/runs/runs_model.h"
#include "ui/runs/runs_panel.h"
#include "ui/runs/suited_defaults.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QToolButton>
#include <fstream>

namespace cw::ui {
namespace {

constexpr int kSoon = 20'000;
constexpr const char* kBlood = CW_SOURCE_DIR "/resources/example/pbmc3k_half_a.h5ad";
constexpr const char* kKang = CW_TEST_DATA "/datasets/kang_pbmc_labelled.h5ad";

/// A panel with the form open on a data set.
struct OpenForm {
  WindowServices window;
  RunsPanel panel{window.all};
  explicit OpenForm(const char* kind, const char* data = kKang) {
    if (!window.open(data)) qFatal("the data do not open");
    panel.resize(1100, 700);
    panel.show();
    panel.newRun();
    if (*kind)
      QTest::mouseClick(get<QToolButton>(qPrintable(QStringLiteral("runKind-") + QLatin1String(kind))), Qt::LeftButton);
  }
  template <class T>
  T* get(const char* name) {
    T* found = part<T>(panel, name);
    if (!found) qFatal("no %s", name);
    return found;
  }
  [[nodiscard]] bool ready() { return get<QPushButton>("runStart")->isEnabled(); }
  [[nodiscard]] QString problem() { return get<QLabel>("runProblem")->text(); }
  /// Starts it and reads the job back from its folder.
  [[nodiscard]] JobSpec started() {
    QTest::mouseClick(get<QPushButton>("runStart"), Qt::LeftButton);
    const auto job = JobFolder::open(window.all.jobs.jobs().last().folder);
    if (!job) qFatal("no job");
    if (const auto checked = check_job(job->spec().kind, job->spec().options); !checked) {
      qFatal("%s", checked.error().message.c_str());
    }
    return job->spec();
  }
};

}  // namespace

class RunFormTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { qputenv("CELLWRIGHT_ENGINE", CW_FAKE_ENGINE); }
  void aNewRunIsCheckedInPlace();
  void aSimpleMethodIsTriedFirst();
  void everySettingHasWords();
  void genesAreCountedInTheData();
  void severalLabelsAreTicked();
  void aNumberIsLearntAsOne();
  void aCorpusOfFilesIsChecked();
  void aSearchVariesWhatIsTicked();
  void aRecipeSaysWhatItNeeds();
  void defaultsFollowTheModel();

 private:
  std::filesystem::path at(const char* name) { return std::filesystem::path(scratch_.path().toStdString()) / name; }
  QTemporaryDir scratch_;
};

void RunFormTest::aNewRunIsCheckedInPlace() {
  WindowServices window;
  QVERIFY(window.open(CW_TEST_DATA "/datasets/kang_pbmc_labelled.h5ad"));
  RunsPanel panel(window.all);
  panel.resize(1000, 660);
  panel.show();
  panel.newRun();
  QCOMPARE(part<RunForm>(panel, "runForm")->kind(), QStringLiteral("finetune-cells"));
  auto* start = part<QPushButton>(panel, "runStart");
  auto* label = part<QComboBox>(panel, "run-label");
  label->setCurrentText(QStringLiteral("cell_type"));
  auto* facts = part<QLabel>(panel, "runFacts");
  QTRY_VERIFY2_WITH_TIMEOUT(facts->text().contains(QLatin1String("5 classes")), qPrintable(facts->text()), kSoon);
  QTRY_VERIFY(start->isEnabled());
  QVERIFY2(part<QLabel>(panel, "runForecast")->text().contains(QLatin1String("of memory")),
           qPrintable(part<QLabel>(panel, "runForecast")->text()));
  picture(panel, "runs-form");
  // each sample is one condition: no sample is left to test it
  label->setCurrentText(QStringLiteral("condition"));
  part<QComboBox>(panel, "run-group")->setCurrentText(QStringLiteral("sample_id"));
  QTRY_VERIFY_WITH_TIMEOUT(!start->isEnabled(), kSoon);
  // and one click does something about it
  QTest::mouseClick(part<QPushButton>(panel, "runRemedy-untestable"), Qt::LeftButton);
  QCOMPARE(part<QComboBox>(panel, "run-group")->currentData().toString(), QStringLiteral("none"));
  QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kSoon);
  auto* problem = part<QLabel>(panel, "runProblem");
  auto* epochs = part<QLineEdit>(panel, "setting-epochs");
  epochs->setText(QStringLiteral("many"));
  QVERIFY2(problem->text().contains(QStringLiteral("“many”")), qPrintable(problem->text()));
  QVERIFY(!start->isEnabled());
  epochs->setText(QStringLiteral("-3"));
  QVERIFY2(problem->text().contains(QStringLiteral("“Passes over the cells”")), qPrintable(problem->text()));
  epochs->setText(QStringLiteral("2"));
  QVERIFY(start->isEnabled());
  // the job is the one that the command line would start
  QTest::mouseClick(start, Qt::LeftButton);
  QCOMPARE(panel.runs().rowCount(), 1);
  const auto job = JobFolder::open(window.all.jobs.jobs().last().folder);
  QVERIFY(job);
  QCOMPARE(job->spec().kind, std::string("finetune-cells"));
  QVERIFY(check_job(job->spec().kind, job->spec().options));
  QCOMPARE(job->spec().options["label"], Json("condition"));
  QCOMPARE(job->spec().options["epochs"], Json(2.0));
  QCOMPARE(std::filesystem::path(job->spec().options["output"].get<std::string>()),
           window.all.jobs.jobs().last().folder);
  QVERIFY(!part<RunForm>(panel, "runForm")->isVisible());
}

void RunFormTest::aSimpleMethodIsTriedFirst() {
  qputenv("CELLWRIGHT_ENGINE", CW_BIN_DIR "/cellwright-engine");
  WindowServices window;
  QVERIFY(window.open(CW_TEST_DATA "/datasets/kang_pbmc_labelled.h5ad"));
  RunsPanel panel(window.all);
  panel.resize(1000, 660);
  panel.show();
  panel.newRun();
  auto* label = part<QComboBox>(panel, "run-label");
  label->setCurrentText(QStringLiteral("cell_type"));
  auto* meter = part<QWidget>(panel, "runOutlookMeter");
  QTRY_COMPARE_WITH_TIMEOUT(meter->accessibleName(), QStringLiteral("Promising"), 2 * kSoon);
  const QString verdict = part<QLabel>(panel, "runOutlook")->text();
  QVERIFY2(verdict.contains(QLatin1String("balanced accuracy 0.")), qPrintable(verdict));
  picture(panel, "runs-meter");
  // the label goes along with the sample, which one click holds out; then nothing is left to learn it from
  label->setCurrentText(QStringLiteral("condition"));
  QTRY_COMPARE_WITH_TIMEOUT(meter->accessibleName(), QStringLiteral("Uncertain"), 2 * kSoon);
  picture(panel, "runs-meter-doubt");
  QTest::mouseClick(part<QPushButton>(panel, "runRemedy-confounded"), Qt::LeftButton);
  QTRY_COMPARE_WITH_TIMEOUT(meter->accessibleName(), QStringLiteral("Cannot be tested"), kSoon);
  QVERIFY(!part<QPushButton>(panel, "runStart")->isEnabled());
  picture(panel, "runs-meter-impossible");
  qputenv("CELLWRIGHT_ENGINE", CW_FAKE_ENGINE);
}

void RunFormTest::everySettingHasWords() {
  for (const char* kind : {"pretrain", "finetune-cells", "finetune-multitask", "finetune-genes"}) {
    const QList<RunSetting> settings = settings_of(QLatin1String(kind));
    QVERIFY(settings.size() > 15);
    for (const RunSetting& setting : settings) {
      QVERIFY2(setting.title != setting.key && !setting.help.isEmpty(), qPrintable(setting.key));
    }
  }
  QCOMPARE(in_window_words(QStringLiteral("--learning-rate is 20")), QStringLiteral("“Learning rate” is 20"));
}

void RunFormTest::genesAreCountedInTheData() {
  OpenForm form("finetune-genes", kBlood);
  QVERIFY(!form.ready());
  QVERIFY2(form.problem().contains(QLatin1String("lists of genes")), qPrintable(form.problem()));
  auto* file = form.get<QLineEdit>("run-classFile");
  file->setText(QStringLiteral("/nowhere/genes.csv"));
  QTRY_VERIFY_WITH_TIMEOUT(form.get<QLabel>("runOutlook")->text().contains(QLatin1String("/nowhere/genes.csv")), kSoon);
  QVERIFY(!form.ready());
  // a class that the data lack
  std::ofstream(at("few.csv")) << "gene,class\nCD3E,a\nCD3D,a\nIL7R,a\nCD8A,a\nCCR7,a\nMS4A1,b\nCD79A,b\n";
  file->setText(QString::fromStdString(at("few.csv").string()));
  QTRY_VERIFY_WITH_TIMEOUT(form.get<QLabel>("runOutlook")->text().contains(QLatin1String("5 folds need as many")),
                           kSoon);
  QVERIFY(!form.ready());
  // lists that come with the program
  auto* bundled = form.get<QComboBox>("run-bundled_classes");
  QVERIFY(bundled->count() >= 3);
  bundled->setCurrentIndex(bundled->findText(QStringLiteral("Dosage-sensitive transcription factors")));
  auto* outlook = form.get<QLabel>("runOutlook");
  QTRY_VERIFY2_WITH_TIMEOUT(outlook->text().contains(QLatin1String("dosage_insensitive: 3")),
                            qPrintable(outlook->text()), kSoon);
  QTRY_VERIFY(form.ready());
  picture(form.panel, "runs-form-genes");
  const JobSpec job = form.started();
  QCOMPARE(job.kind, std::string("finetune-genes"));
  QVERIFY(QString::fromStdString(job.options["classes"]).endsWith(QLatin1String("dosage_sens_tf_labels.csv")));
}

void RunFormTest::severalLabelsAreTicked() {
  OpenForm form("finetune-multitask");
  auto* labels = form.get<QListWidget>("run-labels");
  QVERIFY(!form.ready());
  const auto tick = [labels](const char* column) {
    labels->findItems(QLatin1String(column), Qt::MatchStartsWith).value(0)->setCheckState(Qt::Checked);
  };
  tick("cell_type");
  QVERIFY(form.problem().contains(QLatin1String("two label columns")));
  tick("condition");
  form.get<QComboBox>("run-group")->setCurrentIndex(1);
  QTRY_VERIFY_WITH_TIMEOUT(form.get<QLabel>("runOutlook")->text().contains(QLatin1String("condition:")), kSoon);
  QVERIFY2(form.ready(), qPrintable(form.problem()));
  picture(form.panel, "runs-form-multitask");
  const JobSpec job = form.started();
  QCOMPARE(job.kind, std::string("finetune-multitask"));
  QCOMPARE(job.options["labels"].size(), std::size_t{2});
  QCOMPARE(job.options["group"], Json("none"));
}

void RunFormTest::aNumberIsLearntAsOne() {
  OpenForm form("finetune-cells");
  auto* label = form.get<QComboBox>("run-label");
  int number = -1;
  for (int i = 0; i < label->count(); ++i) {
    if (label->itemText(i).endsWith(QLatin1String("(a number)"))) number = i;
  }
  QVERIFY(number >= 0);
  label->setCurrentIndex(number);
  QTRY_VERIFY_WITH_TIMEOUT(form.get<QLabel>("runOutlook")->text().startsWith(QLatin1String("A number from")), kSoon);
  QTRY_VERIFY2(form.ready(), qPrintable(form.problem()));
  const JobSpec job = form.started();
  QCOMPARE(job.options["target_type"], Json("number"));
}

void RunFormTest::aCorpusOfFilesIsChecked() {
  OpenForm form("pretrain");
  QVERIFY2(form.ready(), qPrintable(form.problem()));  // the cells in view
  std::ofstream(at("not.tokens.h5")) << "text";
  auto* files = form.get<QListWidget>("run-tokenFiles");
  form.panel.findChild<CorpusQuestion*>()->addFiles({QString::fromStdString(at("not.tokens.h5").string())});
  QTRY_VERIFY_WITH_TIMEOUT(!form.ready(), kSoon);
  QTRY_VERIFY_WITH_TIMEOUT(form.get<QLabel>("runOutlook")->text().contains(QLatin1String("not.tokens.h5")), kSoon);
  files->setCurrentRow(0);
  QTest::mouseClick(form.get<QPushButton>("run-removeTokens"), Qt::LeftButton);
  QTRY_VERIFY_WITH_TIMEOUT(form.ready(), kSoon);
  // from a model: its vocabulary
  auto* start = form.get<QComboBox>("run-init");
  QVERIFY(start->count() >= 2);
  start->setCurrentIndex(1);
  QVERIFY(form.get<QLabel>("runForecast")->text().contains(QLatin1String("of memory")));
  picture(form.panel, "runs-form-pretrain");
  const JobSpec job = form.started();
  QCOMPARE(job.kind, std::string("pretrain"));
  QVERIFY(!job.options["init"].get<std::string>().empty());
  QVERIFY(job.options["tokens"].get<std::string>().ends_with("cells.tokens.h5"));
}

void RunFormTest::aSearchVariesWhatIsTicked() {
  OpenForm form("finetune-cells");
  form.get<QComboBox>("run-label")->setCurrentText(QStringLiteral("cell_type"));
  QTRY_VERIFY_WITH_TIMEOUT(form.ready(), kSoon);
  const QString single = form.get<QLabel>("runForecast")->text();
  form.get<QCheckBox>("runSearch")->setChecked(true);
  QCOMPARE(form.get<QPushButton>("runStart")->text(), QStringLiteral("Start search"));
  const QString whole = form.get<QLabel>("runForecast")->text();
  QVERIFY2(whole != single && whole.contains(QLatin1String("of memory")), qPrintable(whole));
  picture(form.panel, "runs-form-search");
  auto* low = form.get<QLineEdit>("search-learning_rate-low");
  low->setText(QStringLiteral("1"));
  QVERIFY2(form.problem().contains(QStringLiteral("lowest “Learning rate” is above")), qPrintable(form.problem()));
  QVERIFY(!form.ready());
  low->setText(QStringLiteral("1e-5"));
  QVERIFY2(form.ready(), qPrintable(form.problem()));
  form.get<QCheckBox>("search-batch_size")->setChecked(true);
  form.get<QLineEdit>("setting-trials")->setText(QStringLiteral("6"));
  const JobSpec job = form.started();
  QCOMPARE(job.kind, std::string("search"));
  QCOMPARE(job.options["kind"], Json("finetune-cells"));
  QCOMPARE(job.options["trials"], Json(6));
  QCOMPARE(job.options["finetune"]["label"], Json("cell_type"));
  QCOMPARE(job.options["search"][0], Json("learning_rate=1e-5:0.001:log"));
  QVERIFY(job.options["search"].dump().find("batch_size=8,16,32") != std::string::npos);
  QCOMPARE(form.panel.runs().rowCount(), 1);
}

void RunFormTest::aRecipeSaysWhatItNeeds() {
  OpenForm form("recipes");
  auto* list = form.get<QListWidget>("recipeList");
  QVERIFY(list->count() >= 7);
  auto* problem = form.get<QLabel>("recipeProblem");
  list->setCurrentItem(list->findItems(QStringLiteral("Treated against"), Qt::MatchStartsWith).value(0));
  QVERIFY2(problem->text().contains(QLatin1String("does not come with the program")), qPrintable(problem->text()));
  QVERIFY(!form.ready());
  form.get<QLineEdit>("recipe-cells")->setText(QLatin1String(kKang));
  QVERIFY2(form.ready(), qPrintable(problem->text()));
  list->setCurrentItem(list->findItems(QStringLiteral("Cell types"), Qt::MatchStartsWith).value(0));
  QVERIFY2(form.ready(), qPrintable(problem->text()));
  picture(form.panel, "runs-form-recipe");
  form.get<QLineEdit>("recipe-setting-epochs")->setText(QStringLiteral("x"));
  QVERIFY(!form.ready());
  form.get<QLineEdit>("recipe-setting-epochs")->setText(QStringLiteral("1"));
  const JobSpec job = form.started();
  QCOMPARE(job.kind, std::string("finetune-cells"));
  QCOMPARE(job.options["epochs"], Json(1.0));
  QCOMPARE(form.panel.runs().index(0, RunsModel::kRun).data().toString(), QStringLiteral("Cell types"));
}

// The demonstration model is small: it gets the rate that it was measured with, unless the user says otherwise.
void RunFormTest::defaultsFollowTheModel() {
  OpenForm form("finetune-cells");
  QCOMPARE(form.get<QLineEdit>("setting-learning_rate")->text(), QStringLiteral("0.0005"));
  QCOMPARE(form.get<QLineEdit>("setting-epochs")->text(), QStringLiteral("10"));
  // many cells need fewer passes
  RunSize many;
  many.cells = 25'000;
  QCOMPARE(suited_defaults(QStringLiteral("finetune-cells"), many)["epochs"], Json(4.0));
}

}  // namespace cw::ui

QTEST_MAIN(cw::ui::RunFormTest)
#include "run_form_test.moc"
