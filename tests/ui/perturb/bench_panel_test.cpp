// SPDX-License-Identifier: GPL-3.0-or-later
// The bench with the real engine on the bundled cells: from groups and genes to a ranked list. With CELLWRIGHT_SHOTS
// set to a folder the screens are kept there as pictures.
#include "ui/perturb/bench_panel.h"

#include "core/base/files.h"
#include "ui/common/action_registry.h"
#include "ui/common/messages.h"
#include "ui/common/stall_watchdog.h"
#include "ui/data_table/data_table.h"
#include "ui/document/document.h"
#include "ui/figures/figure_writer.h"
#include "ui/jobs/job_center.h"
#include "ui/perturb/bench_page.h"
#include "ui/perturb/gene_well.h"
#include "ui/perturb/preview_view.h"
#include "ui/perturb/rank_microscope.h"
#include "ui/perturb/state_well.h"
#include "ui/perturb/well_chip.h"
#include "ui/results/axis_view.h"
#include "ui/results/result_view.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QDropEvent>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace cw;
using namespace cw::ui;

namespace {

constexpr int kSoon = 60'000;
constexpr int kLong = 240'000;

void drop(QWidget& target, const QMimeData& data) {
  QDragEnterEvent enter(QPoint(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&target, &enter);
  QDropEvent event(QPointF(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&target, &event);
}

FigureOptions svg_of_one_column() {
  FigureOptions options;
  options.format = FigureFormat::kSvg;
  return options;
}

}  // namespace

class BenchPanelTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    if (qEnvironmentVariableIsEmpty("CELLWRIGHT_ENGINE")) qputenv("CELLWRIGHT_ENGINE", CW_BIN_DIR "/cellwright-engine");
    qputenv("XDG_STATE_HOME", folder_.path().toUtf8());
    theme_.applyTo(*qApp);
    if (qEnvironmentVariableIsSet("CELLWRIGHT_DARK")) theme_.setMode(Theme::Mode::kDark);
    QVERIFY(document_.openProject(std::filesystem::path(folder_.path().toStdString()) / "p.cellwright").ok());
    panel_ = std::make_unique<BenchPanel>(services_);
    panel_->resize(740, 690);
    panel_->show();
    shot("bench-empty");
    document_.openDataset(*resources_folder() / "example" / "pbmc3k_half_a.h5ad");
    QTRY_VERIFY_WITH_TIMEOUT(document_.dataset() != nullptr, kSoon);
    watchdog_ = std::make_unique<StallWatchdog>();
  }
  void cleanupTestCase() {
    // kept out of the measure: pictures are written on this thread
    if (qEnvironmentVariableIsEmpty("CELLWRIGHT_SHOTS"))
      QVERIFY2(watchdog_->longest() < 100.0, qPrintable(QString::number(watchdog_->longest())));
    panel_.reset();
  }

  void groupsAreDroppedOnStatesAndOnlyThere() {
    auto* start = panel_->findChild<StateWell*>(QStringLiteral("startWell"));
    auto* goal = panel_->findChild<StateWell*>(QStringLiteral("goalWell"));
    auto* deleting = panel_->findChild<GeneWell*>(QStringLiteral("deleteWell"));
    QVERIFY(start && goal && deleting);
    const Group monocytes = document_.groupOf(QStringLiteral("cell_type"), QStringLiteral("CD14+ Mono"));
    QVERIFY(monocytes.count > 20);
    const auto mime = mime_of(monocytes);
    drop(*deleting, *mime);
    QVERIFY(panel_->book().current().well(WellId::kDelete).isEmpty());
    drop(*start, *mime);
    drop(*goal, *mime_of(document_.groupOf(QStringLiteral("cell_type"), QStringLiteral("B"))));
    QCOMPARE(panel_->book().current().start->label(), QStringLiteral("CD14+ Mono"));
    QCOMPARE(document_.selection().groups().goal->label(), QStringLiteral("B"));
    QVERIFY(!panel_->findChild<QPushButton*>(QStringLiteral("runButton"))->isEnabled());
    shot("bench-states");
  }

  void textFromOtherProgramsBecomesGenes() {
    auto* deleting = panel_->findChild<GeneWell*>(QStringLiteral("deleteWell"));
    QMimeData text;
    text.setText(QStringLiteral("LYZ\nCD74, S100A9; NOSUCHGENE"));
    drop(*deleting, text);
    QCOMPARE(panel_->book().current().well(WellId::kDelete).genes.size(), 3);
    const auto* report = panel_->findChild<QLabel*>(QStringLiteral("deleteWellReport"));
    QVERIFY2(report->text().startsWith(QStringLiteral("3 of 4 added")), qPrintable(report->text()));
    auto chips = deleting->findChildren<WellChip*>();
    QVERIFY(chips.size() >= 3);
    QTest::keyClick(deleting->findChild<WellChip*>(QStringLiteral("deleteWellGene-ENSG00000163220")), Qt::Key_Delete);
    QCOMPARE(panel_->book().current().well(WellId::kDelete).genes.size(), 2);
    document_.undoStack().undo();
    QCOMPARE(panel_->book().current().well(WellId::kDelete).genes.size(), 3);
    document_.undoStack().undo();
    QVERIFY(panel_->book().current().well(WellId::kDelete).isEmpty());
    document_.undoStack().redo();
    document_.undoStack().redo();
    QCOMPARE(panel_->book().current().well(WellId::kDelete).genes.size(), 2);
    shot("bench-genes");
  }

  void whatARunTakesIsSaidBefore() {
    panel_->book().edit(QStringLiteral("how"), [](Experiment& e) {
      e.how = QStringLiteral("each");
      e.maxCells = 24;
    });
    const auto* cost = panel_->findChild<QLabel*>(QStringLiteral("benchCost"));
    QTRY_VERIFY_WITH_TIMEOUT(cost->text().contains(QStringLiteral("±")), kSoon);
    QTRY_VERIFY_WITH_TIMEOUT(panel_->findChild<QPushButton*>(QStringLiteral("runButton"))->isEnabled(), kSoon);
    shot("bench-ready");
  }

  void aPreviewIsALookAndNoResult() {
    panel_->preview();
    auto* preview = panel_->findChild<PreviewView*>();
    QTRY_VERIFY_WITH_TIMEOUT(preview->hasResult(), kSoon);
    QVERIFY(!panel_->hasFigure());
    shot("bench-preview");
  }

  void aRunBecomesARankedList() {
    const QString id = panel_->book().current().id;
    panel_->run();
    QTRY_VERIFY_WITH_TIMEOUT(!panel_->book().find(id)->jobId.isEmpty(), kSoon);
    QTRY_VERIFY_WITH_TIMEOUT(panel_->book().stageOf(*panel_->book().find(id)) == Stage::kDone, kLong);
    QTRY_VERIFY_WITH_TIMEOUT(panel_->result().result() && panel_->result().result()->effects->complete, kSoon);
    QCOMPARE(panel_->result().result()->numRows(), std::int64_t{2});
    QTRY_VERIFY_WITH_TIMEOUT(panel_->result().result()->hasBaseline, kSoon);
    QVERIFY(panel_->hasFigure());
    panel_->result().table().selectRows({0}, true);
    QTest::qWait(300);
    shot("result");
    // the figure shows what the tab beside the volcano shows
    const auto picture = [this] { return QString::fromUtf8(write_figure(panel_->figure(), svg_of_one_column(), {})); };
    QVERIFY(!picture().contains(QStringLiteral("Bars")));
    Q_EMIT panel_->findChild<AxisView*>()->rowPicked(0);
    panel_->findChild<QToolButton*>(QStringLiteral("detailTab"))->click();
    QTRY_VERIFY_WITH_TIMEOUT(picture().contains(QStringLiteral("Bars")), kSoon);
    panel_->findChild<QToolButton*>(QStringLiteral("axisTab"))->click();
    const QString csv = folder_.filePath(QStringLiteral("list.xlsx"));
    panel_->result().exportTo(csv, false);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(csv), kSoon);
    // what was run stays: an edit makes a draft
    const auto before = panel_->book().experiments().size();
    panel_->book().edit(QStringLiteral("seed"), [](Experiment& e) { e.seed = 7; });
    QCOMPARE(panel_->book().experiments().size(), before + 1);
    QVERIFY(panel_->book().current().id != id);
    QCOMPARE(panel_->book().find(id)->seed, quint64{42});
  }

  void allGenesArePreviewedFromGradients() {
    panel_->book().edit(QStringLiteral("all"), [](Experiment& e) { add_all_genes(e, WellId::kDelete); });
    QTRY_VERIFY_WITH_TIMEOUT(panel_->findChild<QPushButton*>(QStringLiteral("previewButton"))->isEnabled(), kSoon);
    panel_->preview();
    auto* preview = panel_->findChild<PreviewView*>();
    QTRY_VERIFY_WITH_TIMEOUT(preview->hasResult(), kSoon);
    shot("bench-all");
  }

  void aCellMovesWithItsGenes() {
    panel_->openMicroscope();
    auto* microscope = panel_->findChild<RankMicroscope*>();
    QTRY_VERIFY_WITH_TIMEOUT(microscope->track().steps().size() == 1, kSoon);
    QCOMPARE(microscope->track().steps().first().progress, 0.0);
    QSignalSpy answered(microscope, &RankMicroscope::answered);
    microscope->list().moveGene(0, microscope->list().rowCount() - 1);
    QTRY_VERIFY_WITH_TIMEOUT(answered.count() >= 1, kSoon);
    QVERIFY(microscope->track().steps().last().similarity < 1.0);
    microscope->list().takeOut(3);
    QTRY_VERIFY_WITH_TIMEOUT(answered.count() >= 2, kSoon);
    shot("microscope");
    microscope->list().reset();
    QTRY_VERIFY_WITH_TIMEOUT(answered.count() >= 3, kSoon);
    QVERIFY(std::abs(microscope->track().steps().last().progress) < 1e-6);
  }

  void theProjectHoldsItAll() {
    ExperimentBook again(document_, jobs_);
    QCOMPARE(again.experiments().size(), panel_->book().experiments().size());
    QCOMPARE(to_json(again.current()).dump(), to_json(panel_->book().current()).dump());
  }

 private:
  void shot(const char* name) {
    const QString folder = qEnvironmentVariable("CELLWRIGHT_SHOTS");
    if (folder.isEmpty()) return;
    QTest::qWait(200);
    panel_->grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
  }

  QTemporaryDir folder_;
  Theme theme_;
  Background background_;
  MessageCenter messages_;
  ActionRegistry actions_;
  Document document_{background_, messages_};
  JobCenter jobs_;
  Services services_{theme_, background_, messages_, actions_, document_, jobs_};
  std::unique_ptr<BenchPanel> panel_;
  std::unique_ptr<StallWatchdog> watchdog_;
};

QTEST_MAIN(BenchPanelTest)
#include "bench_panel_test.moc"
