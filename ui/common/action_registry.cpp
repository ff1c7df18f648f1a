// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/action_registry.h"

#include "core/base/check.h"

namespace cw::ui {

QAction* ActionRegistry::add(const QString& id, const QString& text, const QKeySequence& shortcut, QObject* context,
                             std::function<void()> run) {
  CW_ASSERT(!byId_.contains(id));
  auto* action = new QAction(text, context);
  action->setObjectName(id);
  action->setShortcut(shortcut);
  const QString keys = shortcut.toString(QKeySequence::NativeText);
  action->setToolTip(keys.isEmpty() ? text : tr("%1 (%2)").arg(text, keys));
  connect(action, &QAction::triggered, context, [run = std::move(run)] { run(); });
  connect(action, &QObject::destroyed, this, [this, id, action] {
    actions_.removeOne(action);
    byId_.remove(id);
  });
  actions_.append(action);
  byId_.insert(id, action);
  return action;
}

QAction* ActionRegistry::find(const QString& id) const { return byId_.value(id, nullptr); }

}  // namespace cw::ui
