// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/whole_window.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QDockWidget>
#include <QHeaderView>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QScrollBar>
#include <QTabBar>
#include <QTest>
#include <QTextEdit>
#include <QToolButton>
#include <QUndoStack>

using namespace cw;
using namespace cw::ui;

namespace {

bool is_interactive(const QWidget& widget) {
  return qobject_cast<const QAbstractButton*>(&widget) || qobject_cast<const QAbstractItemView*>(&widget) ||
         qobject_cast<const QAbstractSlider*>(&widget) || qobject_cast<const QAbstractSpinBox*>(&widget) ||
         qobject_cast<const QComboBox*>(&widget) || qobject_cast<const QLineEdit*>(&widget) ||
         qobject_cast<const QTextEdit*>(&widget) || qobject_cast<const QTabBar*>(&widget);
}

/// Parts that Qt makes inside its own widgets: they take their names from those.
bool is_part_of_qt(const QWidget& widget) {
  if (qobject_cast<const QScrollBar*>(&widget) || qobject_cast<const QHeaderView*>(&widget)) return true;
  if (widget.objectName().startsWith(QLatin1String("qt_"))) return true;
  const QWidget* parent = widget.parentWidget();
  if (!parent) return false;
  if (qobject_cast<const QAbstractSpinBox*>(parent) || qobject_cast<const QComboBox*>(parent) ||
      qobject_cast<const QLineEdit*>(parent) || qobject_cast<const QDockWidget*>(parent)) {
    return true;
  }
  const QByteArray name = parent->metaObject()->className();
  // the corner of a table, the arrows of tabs and menus, the list of a combo box
  return name == "QComboBoxPrivateContainer" || name == "QMenuBar" || name == "QToolBar" ||
         (qobject_cast<const QTabBar*>(&widget) && parent->isWindow()) ||  // of docks that lie on each other
         (qobject_cast<const QTabBar*>(parent) && widget.objectName().isEmpty()) ||
         (qobject_cast<const QAbstractItemView*>(parent) && widget.inherits("QAbstractButton"));
}

QString text_of(const QWidget& widget) {
  if (!widget.accessibleName().isEmpty()) return widget.accessibleName();
  if (const auto* button = qobject_cast<const QAbstractButton*>(&widget)) return button->text();
  return {};
}

QString path_of(const QWidget* widget) {
  QStringList parts;
  for (; widget; widget = widget->parentWidget()) {
    parts.prepend(widget->objectName().isEmpty() ? QString::fromLatin1(widget->metaObject()->className())
                                                 : widget->objectName());
  }
  return parts.join(QLatin1Char('/'));
}

}  // namespace

/// Walks the whole window with a file open: what a screen reader, a keyboard and a scripted journey depend on.
class EveryControlTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    whole_ = std::make_unique<WholeWindow>();
    QVERIFY(whole_->open(QStringLiteral(CW_TEST_DATA "/datasets/kang_pbmc_labelled.h5ad")));
    whole_->document().selectGenes({{QStringLiteral("ENSG00000187608")}, {}, {}});
    QVERIFY(whole_->settle(30'000));
  }
  void cleanupTestCase() { whole_.reset(); }

  void everyControlHasANameForScriptsAndOneForPeople() {
    QStringList wrong;
    for (const QWidget* widget : whole_->window().findChildren<QWidget*>()) {
      if (!is_interactive(*widget) || is_part_of_qt(*widget)) continue;
      if (widget->objectName().isEmpty()) wrong << path_of(widget) + QStringLiteral(": no objectName");
      // a hidden button without words and icon gets its words when it is needed
      const auto* button = qobject_cast<const QAbstractButton*>(widget);
      const bool shown = !button || widget->isVisible() || !button->icon().isNull();
      if (shown && text_of(*widget).trimmed().isEmpty())
        wrong << path_of(widget) + QStringLiteral(": no accessible name");
    }
    wrong.removeDuplicates();
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
  }

  void siblingsHaveDifferentNames() {
    QStringList wrong;
    const auto check = [&wrong](const QWidget* parent) {
      QSet<QString> names;
      for (const QObject* child : parent->children()) {
        const auto* widget = qobject_cast<const QWidget*>(child);
        if (!widget || widget->objectName().isEmpty() || is_part_of_qt(*widget)) continue;
        if (names.contains(widget->objectName())) wrong << path_of(widget);
        names.insert(widget->objectName());
      }
    };
    check(&whole_->window());
    for (const QWidget* widget : whole_->window().findChildren<QWidget*>()) check(widget);
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
  }

  void noTwoActionsShareAShortcut() {
    QHash<QString, QString> owner;
    QStringList wrong;
    for (const QAction* action : whole_->services().actions.all()) {
      for (const QKeySequence& keys : action->shortcuts()) {
        const QString text = keys.toString();
        if (owner.contains(text)) {
          wrong << QStringLiteral("%1: %2 and %3").arg(text, owner.value(text), action->objectName());
        }
        owner.insert(text, action->objectName());
      }
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
  }

  void everyActionSaysWhatItDoes() {
    for (const QAction* action : whole_->services().actions.all()) {
      QVERIFY2(!action->text().isEmpty() && !action->toolTip().isEmpty(), qPrintable(action->objectName()));
      QVERIFY2(!action->text().endsWith(QLatin1Char('!')), qPrintable(action->objectName()));
    }
  }

  void tabReachesEveryVisibleControlOfAPanel() {
    QStringList wrong;
    for (const Panel* panel : whole_->window().panels()) {
      for (const QWidget* widget : panel->findChildren<QWidget*>()) {
        if (!is_interactive(*widget) || is_part_of_qt(*widget) || !widget->isVisible() || !widget->isEnabled())
          continue;
        const bool reachable = widget->focusPolicy() & Qt::TabFocus;
        const bool inside = qobject_cast<const QTabBar*>(widget->parentWidget()) ||  // closed with the tab's menu key
                            widget->objectName() == QLatin1String("pinnedColumns");
        if (!reachable && !inside) wrong << path_of(widget);
      }
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
  }

  void chipsNameCellsGenesAndGroups() {
    Document& document = whole_->document();
    const auto text = [this](const char* name) {
      return whole_->window().findChild<QToolButton*>(QLatin1String(name))->text();
    };
    QCOMPARE(text("cellsChip"), QStringLiteral("954 all"));
    QCOMPARE(text("genesChip"), QStringLiteral("ISG15"));
    document.chooseGroups({document.groupOf(QStringLiteral("condition"), QStringLiteral("ctrl")),
                           document.groupOf(QStringLiteral("condition"), QStringLiteral("stim")),
                           {}});
    QCOMPARE(text("groupsChip"), QStringLiteral("ctrl → stim"));
    const auto stim = document.cellsOf(document.groupOf(QStringLiteral("condition"), QStringLiteral("stim")));
    document.selectCells(make_selection(stim, QStringLiteral("lasso 1"), {}));
    QCOMPARE(text("cellsChip"), QStringLiteral("500 of 954 lasso 1"));
  }

  void historyListsStepsAndGoesBackToOne() {
    QUndoStack& undo = whole_->document().undoStack();
    const int steps = undo.count();
    QVERIFY(steps >= 2);
    auto* list = whole_->window().findChild<QListView*>(QStringLiteral("historyList"));
    QCOMPARE(list->model()->rowCount(), steps + 1);
    QCOMPARE(list->model()->index(steps, 0).data().toString(), QStringLiteral("Select 500 cells"));
    list->setCurrentIndex(list->model()->index(steps - 1, 0));
    QCOMPARE(undo.index(), steps - 1);
    QVERIFY(whole_->document().selection().cells() == nullptr);
    list->setCurrentIndex(list->model()->index(steps, 0));
    QVERIFY(whole_->document().selection().cells() != nullptr);
  }

  void questionMarkShowsAllKeysAndEscapeHidesThem() {
    whole_->services().actions.find(QStringLiteral("help.shortcuts"))->trigger();
    auto* sheet = whole_->window().findChild<QWidget*>(QStringLiteral("shortcutOverlay"));
    QVERIFY(sheet->isVisible());
    for (const QAction* action : whole_->services().actions.all()) {
      if (action->shortcut().isEmpty()) continue;
      const QString keys = action->shortcut().toString(QKeySequence::NativeText);
      QVERIFY2(sheet->accessibleDescription().contains(keys), qPrintable(action->objectName()));
    }
    QVERIFY(whole_->window().rect().contains(sheet->geometry()));
    QTest::keyClick(sheet, Qt::Key_Escape);
    QVERIFY(!sheet->isVisible());
  }

  // A result that arrives wants a wide table; project and inspector stay as wide as they are.
  void aPageThatWantsMoreRoomLeavesTheDocksAlone() {
    whole_->window().showWorkspace(QStringLiteral("perturb"));
    const auto widths = [this] {
      QList<int> found;
      for (const QDockWidget* dock : whole_->window().findChildren<QDockWidget*>()) {
        if (dock->isVisible()) found << dock->width();
      }
      return found;
    };
    QTest::qWait(100);
    const QList<int> before = widths();
    QVERIFY(before.size() >= 2);
    class Wide : public QWidget {
      [[nodiscard]] QSize sizeHint() const override { return {4000, 20}; }
    };
    auto* bench = whole_->window().findChild<QWidget*>(QStringLiteral("benchPanel"));
    QVERIFY(bench != nullptr);
    const std::unique_ptr<QWidget> wide = std::make_unique<Wide>();
    bench->layout()->addWidget(wide.get());
    QTest::qWait(100);
    QVERIFY(wide->isVisible());
    QCOMPARE(widths(), before);
    auto* map = whole_->window().findChild<QWidget*>(QStringLiteral("embeddingPanel"));
    QVERIFY(map != nullptr && !map->isVisible());
    map->setMinimumWidth(1100);
    QTest::qWait(100);
    QCOMPARE(widths(), before);
    map->setMinimumWidth(0);
  }

 private:
  std::unique_ptr<WholeWindow> whole_;
};

QTEST_MAIN(EveryControlTest)
#include "every_control_test.moc"
