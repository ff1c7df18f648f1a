// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/journey_target.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QTabBar>
#include <QTextEdit>

namespace cw::ui {
namespace {

// Depth first, in the order in which a user sees the rows. Exact text wins over part of a text.
QModelIndex find_item(const QAbstractItemModel& model, const QString& text, bool exact, const QModelIndex& parent) {
  for (int row = 0; row < model.rowCount(parent); ++row) {
    for (int column = 0; column < model.columnCount(parent); ++column) {
      const QModelIndex index = model.index(row, column, parent);
      const QString shown = index.data().toString();
      if (exact ? shown == text : shown.contains(text, Qt::CaseInsensitive)) return index;
    }
    const QModelIndex first = model.index(row, 0, parent);
    if (const QModelIndex below = find_item(model, text, exact, first); below.isValid()) return below;
  }
  return {};
}

QModelIndex find_item(const QAbstractItemModel& model, const QString& text) {
  if (text.startsWith(QLatin1Char('#'))) return model.index(text.mid(1).toInt(), 0);
  const QModelIndex exact = find_item(model, text, true, {});
  return exact.isValid() ? exact : find_item(model, text, false, {});
}

std::optional<PressPoint> item_point(QWidget* widget, const QString& item) {
  if (auto* view = qobject_cast<QAbstractItemView*>(widget)) {
    const QModelIndex index = view->model() ? find_item(*view->model(), item) : QModelIndex();
    if (!index.isValid()) return std::nullopt;
    view->scrollTo(index);
    const QRect rect = view->visualRect(index).intersected(view->viewport()->rect());
    if (rect.isEmpty()) return std::nullopt;
    return PressPoint{view->viewport(), rect.center()};
  }
  if (auto* tabs = qobject_cast<QTabBar*>(widget)) {
    for (int i = 0; i < tabs->count(); ++i) {
      if (tabs->tabText(i).contains(item)) return PressPoint{tabs, tabs->tabRect(i).center()};
    }
  }
  if (auto* menu = qobject_cast<QMenu*>(widget)) {
    for (QAction* action : menu->actions()) {
      if (action->text().remove(QLatin1Char('&')).contains(item)) {
        return PressPoint{menu, menu->actionGeometry(action).center()};
      }
    }
  }
  for (auto* button : widget->findChildren<QAbstractButton*>()) {
    if (button->isVisible() && button->text().contains(item)) return PressPoint{button, button->rect().center()};
  }
  return std::nullopt;
}

void append_rows(const QAbstractItemModel& model, const QModelIndex& parent, QStringList& lines) {
  constexpr int kMostRows = 2000;
  for (int row = 0; row < model.rowCount(parent) && lines.size() < kMostRows; ++row) {
    QStringList cells;
    for (int column = 0; column < model.columnCount(parent); ++column) {
      cells << model.index(row, column, parent).data().toString();
    }
    lines << cells.join(QLatin1Char('\t'));
    append_rows(model, model.index(row, 0, parent), lines);
  }
}

}  // namespace

JourneyTarget journey_target(const QString& word) {
  const auto open = word.indexOf(QLatin1Char('['));
  if (open < 0 || !word.endsWith(QLatin1Char(']'))) return {word, {}};
  return {word.left(open), word.mid(open + 1, word.size() - open - 2)};
}

QWidget* find_widget(const QString& name, bool hiddenToo) {
  QWidget* hidden = nullptr;
  for (QWidget* top : QApplication::topLevelWidgets()) {
    QList<QWidget*> found = top->findChildren<QWidget*>(name);
    if (top->objectName() == name) found.prepend(top);
    for (QWidget* widget : found) {
      if (widget->isVisible()) return widget;
      hidden = widget;
    }
  }
  return hiddenToo ? hidden : nullptr;
}

std::optional<PressPoint> press_point(const JourneyTarget& target) {
  QWidget* widget = find_widget(target.name);
  if (!widget) return std::nullopt;
  if (!target.item.isEmpty()) return item_point(widget, target.item);
  if (auto* view = qobject_cast<QAbstractItemView*>(widget)) widget = view->viewport();
  return PressPoint{widget, widget->rect().center()};
}

QString text_of_widget(const QWidget* widget) {
  if (const auto* label = qobject_cast<const QLabel*>(widget)) return label->text();
  if (const auto* button = qobject_cast<const QAbstractButton*>(widget)) return button->text();
  if (const auto* line = qobject_cast<const QLineEdit*>(widget)) return line->text();
  if (const auto* plain = qobject_cast<const QPlainTextEdit*>(widget)) return plain->toPlainText();
  if (const auto* rich = qobject_cast<const QTextEdit*>(widget)) return rich->toPlainText();
  if (const auto* box = qobject_cast<const QComboBox*>(widget)) return box->currentText();
  if (const auto* spin = qobject_cast<const QAbstractSpinBox*>(widget)) return spin->text();
  if (const auto* view = qobject_cast<const QAbstractItemView*>(widget); view && view->model()) {
    QStringList lines;
    append_rows(*view->model(), {}, lines);
    return lines.join(QLatin1Char('\n'));
  }
  QStringList parts;
  for (const QWidget* child : widget->findChildren<QWidget*>()) {
    const bool leaf = qobject_cast<const QLabel*>(child) || qobject_cast<const QAbstractButton*>(child) ||
                      qobject_cast<const QTextEdit*>(child) || qobject_cast<const QPlainTextEdit*>(child);
    if (leaf && child->isVisible()) parts << text_of_widget(child);
  }
  parts.removeAll(QString());
  return parts.isEmpty() ? widget->accessibleName() : parts.join(QLatin1Char('\n'));
}

int rows_of_widget(const QWidget* widget) {
  const auto* view = qobject_cast<const QAbstractItemView*>(widget);
  return view && view->model() ? view->model()->rowCount() : -1;
}

}  // namespace cw::ui
