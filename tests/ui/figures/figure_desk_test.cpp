// SPDX-License-Identifier: GPL-3.0-or-later
// Export sheet, clipboard and "figure that reopens" with a panel that draws a word.
#include "ui/figures/figure_desk.h"

#include "ui/common/action_registry.h"
#include "ui/common/messages.h"
#include "ui/common/stall_watchdog.h"
#include "ui/document/document.h"
#include "ui/figures/dense_layer.h"
#include "ui/figures/export_sheet.h"
#include "ui/jobs/job_center.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QLineEdit>
#include <QMimeData>
#include <QPainter>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <QToolButton>

namespace cw::ui {

class WordPanel : public Panel {
  Q_OBJECT
 public:
  WordPanel() : Panel(QStringLiteral("wordPanel"), QStringLiteral("Words")) {}
  [[nodiscard]] bool hasFigure() const override { return true; }
  [[nodiscard]] FigurePainter figure() const override {
    return [shown = word](QPainter& painter, const FigureSize& size) {
      if (QThread::currentThread() == QCoreApplication::instance()->thread()) qFatal("drawn on the window's thread");
      painter.setFont(figure_font(size.fontPoints));
      painter.drawText(QPointF(10, 20), shown);
    };
  }
  [[nodiscard]] QString figureName() const override { return QStringLiteral("my words/1"); }
  [[nodiscard]] std::optional<Table> figureData() const override {
    Table table;
    table.index_name = "gene";
    table.index = {"STAT1", "IRF9"};
    table.columns = {Column::of_reals("effect", {-0.5, 0.25})};
    return table;
  }
  [[nodiscard]] QByteArray saveView() const override {
    return QByteArray::fromStdString(Json{{"word", word.toStdString()}}.dump());
  }
  void restoreView(const QByteArray& view) override {
    word = QString::fromStdString(Json::parse(view.toStdString()).at("word").get<std::string>());
  }
  QString word = QStringLiteral("STAT1");
};

class FigureDeskTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() {
    window_ = std::make_unique<QWidget>();
    window_->resize(1280, 800);
    panel_ = new WordPanel;
    panel_->setParent(window_.get());
    desk_ = new FigureDesk(
        services_, window_.get(), [this] { return panel_; }, [this] { return QList<Panel*>{panel_}; });
    window_->show();
    watchdog_.reset();
  }
  void cleanup() {
    QVERIFY2(watchdog_.longest() < 100.0, qPrintable(QString::number(watchdog_.longest())));
    window_.reset();
  }
  void copiesPictureAndDrawing();
  void copiesTheNumbers();
  void exportsWhatTheSheetSays();
  void aFigureReopensItsView();
  void aFigureOfAbsentDataSaysSo();

 private:
  // The panel's present view as a file, as a view saved by the program.
  QString saveView() {
    const QString path = scratch_.filePath(QStringLiteral("view.json"));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) return {};
    file.write(QByteArray::fromStdString(to_json(desk_->tagOf(*panel_)).dump()));
    return path;
  }
  template <class T>
  T* child(const char* name) {
    return window_->findChild<T*>(QLatin1String(name));
  }

  Theme theme_;
  Background background_;
  MessageCenter messages_;
  ActionRegistry actions_;
  Document document_{background_, messages_};
  JobCenter jobs_;
  Services services_{theme_, background_, messages_, actions_, document_, jobs_};
  StallWatchdog watchdog_;
  std::unique_ptr<QWidget> window_;
  WordPanel* panel_ = nullptr;
  FigureDesk* desk_ = nullptr;
  QTemporaryDir scratch_;
};

void FigureDeskTest::copiesPictureAndDrawing() {
  actions_.find(QStringLiteral("edit.copy-figure"))->trigger();
  const auto copied = [] { return QApplication::clipboard()->mimeData(); };  // none at first
  QTRY_VERIFY(copied() && copied()->hasImage());
  const QMimeData* data = copied();
  QVERIFY(data->data(QStringLiteral("image/svg+xml")).contains(">STAT1</text>"));
}

void FigureDeskTest::copiesTheNumbers() {
  actions_.find(QStringLiteral("edit.copy-table"))->trigger();
  QTRY_COMPARE(QApplication::clipboard()->text(), QStringLiteral("gene\teffect\nSTAT1\t-0.5\nIRF9\t0.25\n"));
}

void FigureDeskTest::exportsWhatTheSheetSays() {
  actions_.find(QStringLiteral("file.export-figure"))->trigger();
  auto* path = child<QLineEdit>("exportPath");
  QVERIFY(path->isVisible());
  QVERIFY2(path->text().endsWith(QLatin1String("my-words-1.pdf")), qPrintable(path->text()));
  QTest::mouseClick(child<QToolButton>("exportFormat1"), Qt::LeftButton);  // SVG
  QTest::mouseClick(child<QToolButton>("exportWidth1"), Qt::LeftButton);   // two columns
  QVERIFY(path->text().endsWith(QLatin1String("my-words-1.svg")));
  auto* button = child<QPushButton>("exportFigureButton");
  path->setText(QStringLiteral("/nowhere/at/all.svg"));
  QVERIFY(!button->isEnabled());
  path->setText(scratch_.filePath(QStringLiteral("figure.svg")));
  QTest::mouseClick(button, Qt::LeftButton);
  QTRY_VERIFY(QFile::exists(scratch_.filePath(QStringLiteral("figure.svg"))));
  QFile file(scratch_.filePath(QStringLiteral("figure.svg")));
  QVERIFY(file.open(QIODevice::ReadOnly));
  QVERIFY(file.readAll().contains("width=\"183mm\""));
}

void FigureDeskTest::aFigureReopensItsView() {
  FigureOptions options;
  options.format = FigureFormat::kPdf;
  const QString path = scratch_.filePath(QStringLiteral("view.pdf"));
  QString problem = QStringLiteral("not drawn");
  desk_->render(saveView(), path, options, [&problem](const QString& said) { problem = said; });
  QTRY_COMPARE(problem, QString());
  panel_->word = QStringLiteral("IRF9");
  QSignalSpy wanted(desk_, &FigureDesk::panelWanted);
  desk_->reopen(path);
  QTRY_COMPARE(wanted.size(), 1);
  QCOMPARE(panel_->word, QStringLiteral("STAT1"));
}

void FigureDeskTest::aFigureOfAbsentDataSaysSo() {
  FigureTag tag = desk_->tagOf(*panel_);
  tag.dataPath = QStringLiteral("/nowhere/cells.h5ad");
  tag.dataName = QStringLiteral("cells.h5ad");
  const QString path = scratch_.filePath(QStringLiteral("absent.json"));
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write(QByteArray::fromStdString(to_json(tag).dump()));
  file.close();
  const auto before = messages_.log().size();
  desk_->reopen(path);
  QTRY_COMPARE(messages_.log().size(), before + 1);
  QCOMPARE(messages_.log().last().id, QStringLiteral("E-UI-006"));
}

}  // namespace cw::ui

QTEST_MAIN(cw::ui::FigureDeskTest)
#include "figure_desk_test.moc"
