// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

namespace cw::ui {

/// Every change that can be undone, oldest first; a click goes to the state after that step.
class HistoryPanel : public Panel {
  Q_OBJECT
 public:
  explicit HistoryPanel(Services& services, QWidget* parent = nullptr);
  [[nodiscard]] QString helpPage() const override { return QStringLiteral("history.md"); }
};

}  // namespace cw::ui
