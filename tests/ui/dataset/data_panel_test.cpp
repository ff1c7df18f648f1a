// SPDX-License-Identifier: GPL-3.0-or-later
// The Data workspace and the project list with real files.
#include "ui/dataset/data_panel.h"

#include "app/plugin_list.h"
#include "ui/common/action_registry.h"
#include "ui/common/background.h"
#include "ui/common/messages.h"
#include "ui/common/stall_watchdog.h"
#include "ui/dataset/import_sheet.h"
#include "ui/dataset/label_table.h"
#include "ui/dataset/range_histogram.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/project/project_model.h"
#include "ui/project/project_panel.h"
#include "ui/theme/theme.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QLabel>
#include <QListView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace cw::ui {
namespace {

const QString kExample = QStringLiteral(CW_SOURCE_DIR "/resources/example/pbmc3k_half_a.h5ad");
constexpr int kSoon = 30'000;

// Everything a panel is given, with a project of its own.
struct Desk {
  Desk() : document(background, messages), services{theme, background, messages, actions, document, jobs} {
    theme.applyTo(*qApp);
    if (!document.openProject(folder.filePath(QStringLiteral("test.cellwright")).toStdString()).ok()) {
      qFatal("no project");
    }
  }
  QTemporaryDir folder;
  Theme theme;
  Background background;
  MessageCenter messages;
  ActionRegistry actions;
  Document document;
  JobCenter jobs;
  Services services;
};

void writeText(const QString& path, const QByteArray& text) {
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write(text);
}

template <class T>
T* child(QWidget& panel, const char* name) {
  return panel.findChild<T*>(QLatin1String(name));
}

}  // namespace

class DataPanelTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { cw::register_plugins(); }

  void showsWhatIsInAFileAndAcceptsItWithEnter() {
    Desk desk;
    DataPanel panel(desk.services);
    panel.resize(1000, 900);
    panel.show();
    QSignalSpy inspected(&panel, &DataPanel::inspected);
    QSignalSpy accepted(&panel, &DataPanel::importAccepted);
    QElapsedTimer timer;
    timer.start();
    desk.document.openDataset(kExample.toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(desk.document.dataset(), kSoon);
    qInfo("data set in view after %lld ms", timer.elapsed());
    QTRY_COMPARE_WITH_TIMEOUT(inspected.count(), 1, kSoon);
    qInfo("import sheet after %lld ms", timer.elapsed());
    QVERIFY(inspected.first().first().toBool());
    auto* sheet = child<ImportSheet>(panel, "importSheet");
    QVERIFY(sheet->isVisible());
    QStringList titles;
    for (const Finding& finding : sheet->findings()) titles << finding.title;
    QVERIFY2(titles.contains(QLatin1String("In vocabulary")), qPrintable(titles.join(u',')));
    QTest::keyClick(sheet, Qt::Key_Return);
    QCOMPARE(accepted.count(), 1);
    QVERIFY(!sheet->isVisible());
    QVERIFY(desk.document.datasetRecord().contains("imported"));
    grab(panel, "data");
  }

  void countsTheCellsThatStayAndKeepsThemAsASelection() {
    Desk desk;
    DataPanel panel(desk.services);
    panel.resize(1000, 900);
    panel.show();
    desk.document.openDataset(kExample.toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(desk.document.geneIndex(), kSoon);
    auto* keep = child<QPushButton>(panel, "qcKeep");
    auto* detected = child<RangeHistogram>(panel, "qcDetected");
    QTRY_VERIFY_WITH_TIMEOUT(detected->high() > 1.0, kSoon);
    QVERIFY(!keep->isEnabled());  // all cells stay: nothing to keep
    detected->setRange(800, 5000);
    QTRY_VERIFY_WITH_TIMEOUT(keep->isEnabled(), kSoon);
    std::int64_t wanted = 0;
    for (const auto genes : desk.document.geneIndex()->sums().detected) wanted += genes >= 800 && genes <= 5000 ? 1 : 0;
    QTest::mouseClick(keep, Qt::LeftButton);
    QCOMPARE(desk.document.selection().cells()->count, wanted);
    QCOMPARE(desk.document.project()->items(QStringLiteral("selection")).size(), 1);
  }

  void readsAGeneFromTheIndexAsFromTheFile() {
    Desk desk;
    desk.document.openDataset(kExample.toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(desk.document.geneIndex(), kSoon);
    const DatasetPtr dataset = desk.document.dataset();
    const std::int64_t gene = dataset->gene_row("ENSG00000156508");  // EEF1A1
    QVERIFY(gene >= 0);
    JobContext context;
    const auto scanned = read_gene(*dataset, gene, context);
    QVERIFY(scanned.ok());
    std::shared_ptr<const GeneValues> indexed;
    desk.document.geneValues(gene, this, [&](Result<std::shared_ptr<const GeneValues>> values) {
      if (values) indexed = *values;
    });
    QTRY_VERIFY_WITH_TIMEOUT(indexed, kSoon);
    QVERIFY(indexed->counts == scanned->counts);
    for (std::size_t i = 0; i < indexed->normalised.size(); ++i) {
      QVERIFY(std::abs(indexed->normalised[i] - scanned->normalised[i]) < 1e-4F);
    }
  }

  void joinsLabelsByCellNameAndKeepsThemInTheProject() {
    Desk desk;
    DataPanel panel(desk.services);
    panel.show();
    desk.document.openDataset(kExample.toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(desk.document.dataset(), kSoon);
    const auto names = desk.document.dataset()->cells.index;
    QByteArray table = "barcode,plate,score\n";
    for (std::size_t i = 0; i < names.size(); i += 2) {
      table += QByteArray::fromStdString(names[i]) + (i % 4 == 0 ? ",one," : ",two,") +
               QByteArray::number(0.5 + double(i)) + "\n";
    }
    table += "nobody,one,1.5\n";
    const QString path = desk.folder.filePath(QStringLiteral("labels.csv"));
    writeText(path, table);
    JobContext context;
    const auto join = join_labels(path.toStdString(), desk.document.dataset()->cells, context);
    QVERIFY2(join.ok(), join.ok() ? "" : join.error().message.c_str());
    QCOMPARE(join->num_matched, static_cast<std::int64_t>((names.size() + 1) / 2));
    QCOMPARE(join->unmatched, std::vector<std::string>{"nobody"});
    const QString id = desk.document.dataset()->id;
    panel.joinLabels(path);
    QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>(panel, "joinAdd"), kSoon);
    QTest::mouseClick(child<QPushButton>(panel, "joinAdd"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(desk.document.dataset() && desk.document.dataset()->cells.find("plate"), kSoon);
    QCOMPARE(desk.document.dataset()->id, id);
    const Column* plate = desk.document.dataset()->cells.find("plate");
    QCOMPARE(plate->text(0), std::string("one"));
    QVERIFY(plate->is_missing(1));
    QCOMPARE(desk.document.dataset()->cells.find("score")->kind, ColumnKind::kReal);
    QVERIFY(desk.document.dataset()->path != kExample.toStdString());
    QVERIFY(!desk.document.dataset()->counts_where.empty());
  }

  void saysWhyATableDoesNotFit() {
    QTemporaryDir folder;
    Table cells;
    cells.index = {"A", "B"};
    JobContext context;
    const auto id_of = [&](const QByteArray& text) {
      const QString path = folder.filePath(QStringLiteral("t.csv"));
      writeText(path, text);
      const auto join = join_labels(path.toStdString(), cells, context);
      return join.ok() ? std::string() : join.error().id;
    };
    QCOMPARE(id_of("cell,x\nC,1\n"), std::string("E-UI-212"));
    QCOMPARE(id_of("cell,x\nA,1\nA,2\n"), std::string("E-UI-213"));
    QCOMPARE(id_of("cell,x\nA,1,2,3\n"), std::string("E-UI-211"));
    QCOMPARE(id_of("cell,x\nA\n"), std::string("E-UI-211"));
    QCOMPARE(id_of("cell,x\nA,1\nB,2\n"), std::string());
  }

  void mergesFilesWithABatchColumn() {
    Desk desk;
    DataPanel panel(desk.services);
    panel.show();
    const QString copy = desk.folder.filePath(QStringLiteral("again.h5ad"));
    QVERIFY(QFile::copy(kExample, copy));
    panel.offerMerge({kExample, copy});
    QTest::mouseClick(child<QPushButton>(panel, "mergeFiles"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(desk.document.dataset(), kSoon);
    QCOMPARE(desk.document.dataset()->num_cells(), std::int64_t{2 * 1339});
    const Column* batch = desk.document.dataset()->cells.find("batch");
    QVERIFY(batch);
    QCOMPARE(batch->text(0), std::string("pbmc3k_half_a"));
    QCOMPARE(batch->text(1339), std::string("again"));
    QVERIFY(!desk.document.dataset()->counts_where.empty());
  }

  void noticesAFileThatMovedAndFindsItAgain() {
    Desk desk;
    const QString copy = desk.folder.filePath(QStringLiteral("mine.h5ad"));
    const QString moved = desk.folder.filePath(QStringLiteral("moved.h5ad"));
    QVERIFY(QFile::copy(kExample, copy));
    desk.document.openDataset(copy.toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(desk.document.dataset(), kSoon);
    QTRY_VERIFY_WITH_TIMEOUT(!file_link_from_json(desk.document.datasetRecord()).sha256.empty(), kSoon);
    const QString id = desk.document.dataset()->id;
    desk.document.setDataset(nullptr);
    QVERIFY(QFile::rename(copy, moved));
    desk.document.showDataset(id);
    QCOMPARE(desk.document.linkState(id), LinkState::kMissing);
    QCOMPARE(desk.messages.log().last().id, QStringLiteral("E-PRJ-004"));
    desk.document.relink(id, moved.toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(desk.document.dataset(), kSoon);
    QCOMPARE(desk.document.dataset()->id, id);
    QCOMPARE(desk.document.linkState(id), LinkState::kSame);
  }

  void listsTheProjectAndEditsIt() {
    Desk desk;
    ProjectPanel panel(desk.services);
    auto* list = child<QListView>(panel, "projectList");
    QAbstractItemModelTester tester(list->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    panel.resize(232, 600);
    panel.show();
    desk.document.openDataset(kExample.toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(desk.document.dataset(), kSoon);
    desk.actions.find(QStringLiteral("project.new-gene-list"))->trigger();
    auto* text = child<QPlainTextEdit>(panel, "geneListText");
    text->setPlainText(QStringLiteral("STAT1, isg15\nnonsense7 ENSG00000185745"));
    QTRY_VERIFY(child<QPushButton>(panel, "geneListAdd")->isEnabled());  // found while typing
    QTest::mouseClick(child<QPushButton>(panel, "geneListAdd"), Qt::LeftButton);
    const auto lists = desk.document.project()->items(QStringLiteral("gene-list"));
    QCOMPARE(lists.size(), 1);
    QCOMPARE(lists.first().body["genes"].size(), std::size_t{3});
    auto* model = qobject_cast<ProjectModel*>(list->model());
    QTRY_VERIFY(model->indexOf(lists.first().id).isValid());
    const QModelIndex index = model->indexOf(lists.first().id);
    const std::unique_ptr<QMimeData> dragged(model->mimeData({index}));
    QCOMPARE(dragged->text(), QStringLiteral("STAT1\nISG15\nIFIT1"));
    QVERIFY(model->setData(index, QStringLiteral("Interferon"), Qt::EditRole));
    QCOMPARE(desk.document.project()->items(QStringLiteral("gene-list")).first().name, QStringLiteral("Interferon"));
    desk.document.removeItem(lists.first().id);
    QVERIFY(desk.document.project()->items(QStringLiteral("gene-list")).isEmpty());
    desk.document.undoStack().undo();
    QCOMPARE(desk.document.project()->items(QStringLiteral("gene-list")).size(), 1);
    QTest::qWait(50);
    grab(panel, "project");
  }

  void keepsTheSelectionForTheNextStart() {
    QTemporaryDir folder;
    const auto project = folder.filePath(QStringLiteral("p.cellwright")).toStdString();
    {
      Background background;
      MessageCenter messages;
      Document document(background, messages);
      QVERIFY(document.openProject(project).ok());
      document.openDataset(kExample.toStdString());
      QTRY_VERIFY_WITH_TIMEOUT(document.dataset(), kSoon);
      std::vector<std::uint8_t> mask(1339, 0);
      mask[3] = mask[4] = mask[1000] = 1;
      document.selectCells(make_selection(mask, QStringLiteral("lasso 1"), QStringLiteral("test")));
      document.selectGenes({{QStringLiteral("ENSG00000115415")}, QStringLiteral("mine"), {}});
    }
    Background background;
    MessageCenter messages;
    Document document(background, messages);
    QVERIFY(document.openProject(project).ok());
    QTRY_VERIFY_WITH_TIMEOUT(document.dataset(), kSoon);
    QVERIFY(document.selection().cells());
    QCOMPARE(document.selection().cells()->count, std::int64_t{3});
    QCOMPARE(document.selection().cells()->name, QStringLiteral("lasso 1"));
    QCOMPARE(document.selection().genes().ensemblIds.size(), 1);
  }

  void neverStallsTheWindow() {
    Desk desk;
    DataPanel panel(desk.services);
    ProjectPanel list(desk.services);
    panel.show();
    list.show();
    QTest::qWait(50);
    StallWatchdog watchdog;
    desk.document.openDataset(kExample.toStdString());
    QTRY_VERIFY_WITH_TIMEOUT(desk.document.geneIndex(), kSoon);
    QTest::qWait(100);
    QVERIFY2(watchdog.longest() < 100.0, qPrintable(QStringLiteral("%1 ms").arg(watchdog.longest())));
  }

 private:
  // By hand: CW_GRAB=FOLDER keeps pictures of what the tests show.
  static void grab(QWidget& widget, const char* name) {
    const QString folder = qEnvironmentVariable("CW_GRAB");
    if (!folder.isEmpty()) widget.grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
  }
};

}  // namespace cw::ui

QTEST_MAIN(cw::ui::DataPanelTest)
#include "data_panel_test.moc"
