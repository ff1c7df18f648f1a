// SPDX-License-Identifier: GPL-3.0-or-later
// What other programs put on the bench: the kinds of data are those that browsers, spreadsheets and file managers give.
// Engines are not started: each job fails at once.
#include "tests/support/window_services.h"
#include "ui/common/drag_data.h"
#include "ui/perturb/bench_page.h"
#include "ui/perturb/bench_panel.h"
#include "ui/perturb/gene_well.h"
#include "ui/perturb/state_well.h"

#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QListWidget>
#include <QMimeData>
#include <QSysInfo>
#include <QUrl>

namespace cw::ui {
namespace {

constexpr int kSoon = 20'000;

// True where the widget said that it takes the data.
bool drop(QWidget& target, const QMimeData& data) {
  QDragEnterEvent enter(QPoint(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&target, &enter);
  if (!enter.isAccepted()) return false;
  QDropEvent event(QPointF(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&target, &event);
  return event.isAccepted();
}

// The address as a file manager writes it, with the host that the specification of drops asks for.
QByteArray address(const QString& path, const QString& host = {}) {
  QUrl url = QUrl::fromLocalFile(path);
  url.setHost(host);
  return url.toEncoded() + "\r\n";
}

}  // namespace

class ForeignDropsTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    qputenv("CELLWRIGHT_ENGINE", "/bin/false");
    qputenv("XDG_STATE_HOME", folder_.path().toUtf8());
    services_ = std::make_unique<WindowServices>();
    panel_ = std::make_unique<BenchPanel>(services_->all);
    panel_->resize(740, 690);
    panel_->show();
    QVERIFY(services_->open(CW_TEST_DATA "/datasets/kang_pbmc_labelled.h5ad"));
    well_ = panel_->findChild<GeneWell*>(QStringLiteral("deleteWell"));
    QVERIFY(well_ != nullptr);
  }
  void cleanupTestCase() {
    panel_.reset();
    services_.reset();
  }
  void init() {
    panel_->book().edit(QStringLiteral("empty"), [](Experiment& e) { e.well(WellId::kDelete) = {}; });
  }

  void textMarkedInABrowserBecomesGenes() {
    QMimeData page;
    page.setData(
        QStringLiteral("text/html"),
        "<meta charset='utf-8'><table><tr><td><a href='https://x.org/g'>ISG15</a></td><td><i>IFI6</i></td></tr>"
        "</table>");
    page.setText(QStringLiteral("ISG15\tIFI6\n"));
    page.setData(QStringLiteral("text/_moz_htmlcontext"), "<html><body></body></html>");
    QVERIFY(drop(*well_, page));
    QCOMPARE(symbols(), (QStringList{QStringLiteral("ISG15"), QStringLiteral("IFI6")}));
  }

  void aLinkFromABrowserIsNoList() {
    QMimeData link;
    link.setData(QStringLiteral("text/uri-list"),
                 "https://www.ensembl.org/Homo_sapiens/Gene/Summary?g=ENSG00000187608\r\n");
    link.setText(QStringLiteral("https://www.ensembl.org/Homo_sapiens/Gene/Summary?g=ENSG00000187608"));
    link.setData(QStringLiteral("text/x-moz-url"), "https://www.ensembl.org\nEnsembl");
    QVERIFY(!drop(*well_, link));
    QVERIFY(symbols().isEmpty());
  }

  void aRangeOfASpreadsheetGivesItsGenesAndSaysWhatIsNone() {
    QMimeData range;
    range.setText(QStringLiteral("ISG15\t2.31\nSTAT1\t0.72\n"));
    range.setData(QStringLiteral("text/html"), "<table><tr><td>ISG15</td><td>2.31</td></tr></table>");
    range.setData(QStringLiteral("application/x-libreoffice-tsvc"), "x");
    QVERIFY(drop(*well_, range));
    QCOMPARE(symbols(), (QStringList{QStringLiteral("ISG15"), QStringLiteral("STAT1")}));
    const auto* report = panel_->findChild<QLabel*>(QStringLiteral("deleteWellReport"));
    QVERIFY2(report->text().contains(QStringLiteral("2 not known as genes")), qPrintable(report->text()));
  }

  void filesOfFileManagersAreRead_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("host");
    const QByteArray csv = "rank,gene,p\n1,ISG15,0.1\n2,\"STAT1\",0.2\n";
    QTest::newRow("CSV") << QStringLiteral("list.csv") << csv << QString();
    QTest::newRow("CSV, blanks and umlauts") << QStringLiteral("Gene für %20 später.CSV") << csv << QString();
    QTest::newRow("TSV") << QStringLiteral("list.tsv") << QByteArray("symbol\tp\nISG15\t0.1\nSTAT1\t0.2\n")
                         << QString();
    QTest::newRow("GMT") << QStringLiteral("sets.gmt") << QByteArray("IFN\thttps://x.org\tISG15\tSTAT1\n") << QString();
    QTest::newRow("localhost") << QStringLiteral("here.csv") << csv << QStringLiteral("localhost");
    QTest::newRow("this computer") << QStringLiteral("named.csv") << csv << QSysInfo::machineHostName();
  }
  void filesOfFileManagersAreRead() {
    QFETCH(const QString, name);
    QFETCH(const QByteArray, content);
    QFETCH(const QString, host);
    QFile file(folder_.filePath(name));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
    file.close();
    QMimeData files;
    files.setData(QStringLiteral("text/uri-list"), address(file.fileName(), host));
    files.setData(QStringLiteral("x-special/gnome-icon-list"), address(file.fileName(), host));
    files.setText(file.fileName());
    QVERIFY(drop(*well_, files));
    QTRY_COMPARE_WITH_TIMEOUT(symbols(), (QStringList{QStringLiteral("ISG15"), QStringLiteral("STAT1")}), kSoon);
  }

  void aFileOfAnotherComputerIsRefused() {
    QMimeData files;
    files.setData(QStringLiteral("text/uri-list"),
                  address(folder_.filePath(QStringLiteral("list.csv")), QStringLiteral("elsewhere.invalid")));
    QVERIFY(!drop(*well_, files));
  }

  void textOnAStateChangesNothing() {
    auto* start = panel_->findChild<StateWell*>(QStringLiteral("startWell"));
    QMimeData text;
    text.setText(QStringLiteral("ISG15"));
    QVERIFY(!drop(*start, text));
    QVERIFY(!panel_->book().current().start.has_value());
  }

  // The queue takes its own experiments, to be put in another order, and nothing else.
  void genesAndFilesOnTheQueueChangeNothing() {
    QWidget& queue = *panel_->findChild<QListWidget*>(QStringLiteral("queueView"))->viewport();
    QMimeData text;
    text.setText(QStringLiteral("ISG15"));
    QMimeData files;
    files.setData(QStringLiteral("text/uri-list"), address(folder_.filePath(QStringLiteral("list.csv"))));
    const GeneDrag gene{{QStringLiteral("ENSG00000187608")}, {QStringLiteral("ISG15")}, {}, false};
    const qsizetype before = panel_->book().experiments().size();
    for (const QMimeData* data : {static_cast<const QMimeData*>(&text), static_cast<const QMimeData*>(&files)}) {
      QVERIFY(!drop(queue, *data));
    }
    QVERIFY(!drop(queue, *mime_of(gene)));
    QCOMPARE(panel_->book().experiments().size(), before);
    QVERIFY(symbols().isEmpty());
  }

  void aRunForEachGroupIsOneExperimentPerGroup() {
    const Document& document = services_->all.document;
    QMimeData gene;
    gene.setText(QStringLiteral("ISG15"));
    QVERIFY(drop(*well_, gene));
    for (const auto& [well, value] : {std::pair("startWell", "ctrl"), std::pair("goalWell", "stim")}) {
      const Group group = document.groupOf(QStringLiteral("condition"), QLatin1String(value));
      QVERIFY(drop(*panel_->findChild<StateWell*>(QLatin1String(well)), *mime_of(group)));
    }
    QVERIFY(services_->settle());
    const QString id = panel_->book().current().id;
    const qsizetype before = panel_->book().experiments().size();
    const auto last = [this] { return services_->all.messages.log().last(); };
    // the groups that are compared cannot be taken apart
    panel_->runForEach(id, QStringLiteral("condition"));
    QCOMPARE(panel_->book().experiments().size(), before);
    QVERIFY2(last().text.contains(QStringLiteral("Choose another column")), qPrintable(last().text));
    // 5 kinds of cells
    panel_->runForEach(id, QStringLiteral("cell_type"));
    QCOMPARE(panel_->book().experiments().size(), before + 5);
    QVERIFY2(last().text.startsWith(QStringLiteral("5 run")), qPrintable(last().text));
    QStringList kinds;
    for (const Experiment& e : panel_->book().experiments()) {
      if (e.filter.size() != 1) continue;
      kinds << e.filter.first().value;
      QCOMPARE(e.filter.first().column, QStringLiteral("cell_type"));
      QCOMPARE(e.start->value, QStringLiteral("ctrl"));
      QCOMPARE(e.well(WellId::kDelete).genes.size(), 1);
    }
    kinds.removeDuplicates();
    QCOMPARE(kinds.size(), 5);
    // each of them becomes a job with a folder of its own
    QTRY_COMPARE_WITH_TIMEOUT(services_->all.jobs.jobs().size(), 5, kSoon);
  }

 private:
  QStringList symbols() const {
    QStringList symbols;
    for (const WellGene& gene : panel_->book().current().well(WellId::kDelete).genes) symbols << gene.symbol;
    return symbols;
  }

  QTemporaryDir folder_;
  std::unique_ptr<WindowServices> services_;
  std::unique_ptr<BenchPanel> panel_;
  GeneWell* well_ = nullptr;
};

}  // namespace cw::ui

QTEST_MAIN(cw::ui::ForeignDropsTest)
#include "foreign_drops_test.moc"
