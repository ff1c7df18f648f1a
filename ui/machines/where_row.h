// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/jobs/job_center.h"
#include "ui/machines/machine_book.h"

#include <QTimer>
#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace cw::ui {

class Theme;

/// Where a run is computed: this PC or one of the user's machines, with what is free there, what stands in the way, and
/// for a cluster what its job asks for.
class WhereRow : public QWidget {
  Q_OBJECT
 public:
  /// `name`: of the box of machines; the others are called after it.
  WhereRow(const Theme& theme, const QString& name, QWidget* parent = nullptr);

  /// Errors: kInvalidArgument E-MCH-003 (a field for the cluster), kParse E-MCH-001.
  [[nodiscard]] Result<JobPlace> place() const;
  /// Why nothing can be started there, in one sentence; "" = it can.
  [[nodiscard]] QString obstacle() const;
  /// The chosen machine; nullptr = this PC.
  [[nodiscard]] const MachineEntry* machine() const;
  /// Memory that a job may use there, in bytes; 0 = not known.
  [[nodiscard]] double memory() const;
  /// Processors that compute there; 0 = not known.
  [[nodiscard]] int processors() const;
  /// What a run that needs so much memory should know; "" = nothing.
  [[nodiscard]] QString memoryNote(double bytes) const;
  [[nodiscard]] MachineBook& book() noexcept { return book_; }

 Q_SIGNALS:
  void changed();

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  QLineEdit* addField(QWidget& row, const char* key, const QString& title, const QString& hint);
  void fill();
  void showChoice();
  void showCluster(const MachineEntry* one);
  [[nodiscard]] bool isCluster() const;

  const Theme& theme_;
  QString name_;
  MachineBook book_;
  QComboBox* machines_;
  QLabel* note_;
  QPushButton* look_;
  QWidget* cluster_;
  QComboBox* partition_;
  QLineEdit* time_ = nullptr;
  QLineEdit* memory_ = nullptr;
  QLineEdit* gpus_ = nullptr;
  QString shownCluster_;  // whose fields are filled in
  QTimer again_;
};

}  // namespace cw::ui
