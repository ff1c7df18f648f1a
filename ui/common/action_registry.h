// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAction>
#include <QHash>
#include <QKeySequence>
#include <QList>
#include <QObject>
#include <functional>

namespace cw::ui {

/// Every action of the window under a stable id ("explore.lasso"): menus, toolbars, shortcuts, the command palette and
/// scripted journeys all use the same QAction. Two actions with one shortcut in one context are a bug of ours.
class ActionRegistry : public QObject {
  Q_OBJECT
 public:
  using QObject::QObject;

  /// Makes an action. `text` is a verb phrase ("Select with the lasso"); it becomes the entry of the palette, the tool
  /// tip (with the shortcut) and the accessible name. Connected with `context` as receiver: gone when that is gone.
  QAction* add(const QString& id, const QString& text, const QKeySequence& shortcut, QObject* context,
               std::function<void()> run);
  /// nullptr where there is none.
  [[nodiscard]] QAction* find(const QString& id) const;
  [[nodiscard]] const QList<QAction*>& all() const noexcept { return actions_; }

 private:
  QList<QAction*> actions_;
  QHash<QString, QAction*> byId_;
};

}  // namespace cw::ui
