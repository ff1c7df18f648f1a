// SPDX-License-Identifier: GPL-3.0-or-later
// Every sheet and pop-up that asks something, with the keyboard alone: the first field has the focus, Tab goes from top
// to bottom and from left to right (what closes the sheet comes last), and Esc closes it.
#include "tests/support/whole_window.h"
#include "ui/embedding/embedding_panel.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPointer>
#include <QTest>
#include <algorithm>
#include <cmath>

using namespace cw;
using namespace cw::ui;

namespace {

constexpr int kSoon = 10'000;
constexpr int kMostSteps = 40;

bool is_field(const QWidget& widget) {
  return qobject_cast<const QAbstractButton*>(&widget) || qobject_cast<const QAbstractItemView*>(&widget) ||
         qobject_cast<const QAbstractSpinBox*>(&widget) || qobject_cast<const QComboBox*>(&widget) ||
         qobject_cast<const QLineEdit*>(&widget) || qobject_cast<const QPlainTextEdit*>(&widget);
}

bool closes(const QWidget& widget) { return widget.objectName().endsWith(QLatin1String("Close")); }

// Read as a page is: `a` stands before `b`.
bool stands_before(const QWidget& a, const QWidget& b) {
  if (closes(a) != closes(b)) return closes(b);
  const QRect first(a.mapToGlobal(QPoint()), a.size());
  const QRect second(b.mapToGlobal(QPoint()), b.size());
  if (first.bottom() <= second.center().y() && first.center().y() < second.top()) return true;
  if (second.bottom() <= first.center().y() && second.center().y() < first.top()) return false;
  return first.left() < second.left();
}

// What has the focus at first, and after each Tab, until it comes round or leaves the dialog.
QList<QWidget*> walk(const QWidget& dialog) {
  QList<QWidget*> stops;
  while (stops.size() < kMostSteps) {
    QWidget* focus = QApplication::focusWidget();
    if (focus == nullptr || !dialog.isAncestorOf(focus) || stops.contains(focus)) break;
    stops << focus;
    QTest::keyClick(focus, Qt::Key_Tab);
  }
  return stops;
}

QString names_of(const QList<QWidget*>& widgets) {
  QStringList names;
  for (const QWidget* widget : widgets) names << widget->objectName();
  return names.join(QLatin1String(", "));
}

}  // namespace

class DialogsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    whole_ = std::make_unique<WholeWindow>();
    QVERIFY(whole_->open(QStringLiteral(CW_TEST_DATA "/datasets/kang_pbmc_labelled.h5ad")));
    Document& document = whole_->document();
    auto map = std::make_shared<CellMap>();
    map->name = QStringLiteral("UMAP");
    map->key = QStringLiteral("X_umap");
    for (std::int64_t cell = 0; cell < document.dataset()->num_cells(); ++cell) {
      map->points.push_back(std::cos(static_cast<float>(cell)));
      map->points.push_back(std::sin(static_cast<float>(cell)));
    }
    document.addMap(map);
    QVERIFY(whole_->settle(kSoon));
    whole_->window().activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&whole_->window()));
  }
  void cleanupTestCase() { whole_.reset(); }

  void dialogsAreWalkedWithTheKeyboard_data() {
    QTest::addColumn<QString>("workspace");
    QTest::addColumn<QString>("opener");  // an action, a button by its object name, "" = it is open
    QTest::addColumn<QString>("dialog");
    QTest::addColumn<int>("least");  // stops of Tab
    const auto row = [](const char* workspace, const char* opener, const char* dialog, int least) {
      QTest::newRow(dialog) << QString::fromLatin1(workspace) << QString::fromLatin1(opener)
                            << QString::fromLatin1(dialog) << least;
    };
    row("data", "", "importSheet", 2);  // it came with the file
    row("explore", "file.export-figure", "exportSheet", 8);
    row("explore", "colourPill", "colourPicker", 1);
    row("explore", "newFilterButton", "filterEditor", 4);
    row("explore", "project.new-gene-list", "geneListEditor", 3);
  }
  void dialogsAreWalkedWithTheKeyboard() {
    QFETCH(const QString, workspace);
    QFETCH(const QString, opener);
    QFETCH(const QString, dialog);
    QFETCH(const int, least);
    whole_->window().activateWindow();  // no window manager does it where a pop-up has closed
    QVERIFY(QTest::qWaitForWindowActive(&whole_->window()));
    whole_->window().showWorkspace(workspace);
    QTest::qWait(50);
    if (QAction* action = whole_->services().actions.find(opener)) {
      action->trigger();
    } else if (!opener.isEmpty()) {
      const auto buttons = whole_->window().findChildren<QAbstractButton*>(opener);
      const auto button = std::find_if(buttons.begin(), buttons.end(), [](const auto* b) { return b->isVisible(); });
      QVERIFY2(button != buttons.end(), qPrintable(opener));
      (*button)->click();
    }
    const auto shown = [&]() -> QWidget* {
      for (QWidget* widget : QApplication::allWidgets()) {
        if (widget->objectName() == dialog && widget->isVisible()) return widget;
      }
      return nullptr;
    };
    QTRY_VERIFY_WITH_TIMEOUT(shown() != nullptr, kSoon);
    const QPointer<QWidget> sheet = shown();
    QTRY_VERIFY_WITH_TIMEOUT(QApplication::focusWidget() && sheet->isAncestorOf(QApplication::focusWidget()), kSoon);
    const QList<QWidget*> stops = walk(*sheet);
    QVERIFY2(stops.size() >= least, qPrintable(names_of(stops)));
    QList<QWidget*> wanted = stops;
    std::stable_sort(wanted.begin(), wanted.end(),
                     [](const QWidget* a, const QWidget* b) { return stands_before(*a, *b); });
    QCOMPARE(names_of(stops), names_of(wanted));
    // nothing that can be used is passed over
    for (const QWidget* widget : sheet->findChildren<QWidget*>()) {
      const bool own = !widget->objectName().isEmpty() && !widget->objectName().startsWith(QLatin1String("qt_"));
      if (!own || !is_field(*widget) || !widget->isVisible() || !widget->isEnabled()) continue;
      if (!(widget->focusPolicy() & Qt::TabFocus)) continue;
      QVERIFY2(stops.contains(widget), qPrintable(widget->objectName()));
    }
    stops.first()->setFocus();
    QTest::keyClick(stops.first(), Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(!sheet || !sheet->isVisible(), kSoon);
  }

 private:
  std::unique_ptr<WholeWindow> whole_;
};

QTEST_MAIN(DialogsTest)
#include "dialogs_test.moc"
