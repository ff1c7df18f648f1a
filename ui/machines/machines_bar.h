// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"
#include "ui/machines/machine_book.h"

#include <QTimer>

class QHBoxLayout;

namespace cw::ui {

/// The machines beside each other, with what they are doing now; each opens its sheet. Looked at while they are in
/// view: this PC every few seconds, the others every minute.
class MachinesBar : public QWidget {
  Q_OBJECT
 public:
  explicit MachinesBar(Services& services, QWidget* parent = nullptr);
  [[nodiscard]] MachineBook& book() noexcept { return book_; }
  /// The sheet of a new machine.
  void addMachine();

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void rebuild();
  void look();

  Services& services_;
  MachineBook book_;
  QHBoxLayout* cards_;
  QStringList shown_;  // names of the cards
  QTimer timer_;
  int ticks_ = 0;
};

}  // namespace cw::ui
