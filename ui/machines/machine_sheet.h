// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/machines/machine_book.h"

#include <QDialog>

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace cw::ui {

class Theme;

/// One machine: what it is and has, what stands in the way of jobs there, and its host key where that is unknown. The
/// key is shown and accepted by the user only; no password is asked for.
class MachineSheet : public QDialog {
  Q_OBJECT
 public:
  MachineSheet(const Theme& theme, MachineBook& book, const QString& name, QWidget* parent);

 private:
  void refresh();

  MachineBook& book_;
  QString name_;
  QLabel* title_;
  QLabel* state_;
  QFormLayout* facts_;
  QLabel* problems_;
  QLabel* key_;
  QPushButton* accept_;
  QPushButton* look_;
};

/// The sheet of a new machine.
class AddMachineSheet : public QDialog {
  Q_OBJECT
 public:
  AddMachineSheet(const Theme& theme, MachineBook& book, QWidget* parent);

 private:
  QLineEdit* addField(const char* name, const QString& title, const QString& hint);
  void check();
  void add();
  [[nodiscard]] QStringList arguments() const;

  MachineBook& book_;
  QFormLayout* fields_;
  QComboBox* kind_;
  QList<QPair<QString, QLineEdit*>> options_;  // "--partition" and its field
  QLineEdit* name_;
  QLineEdit* host_;
  QLabel* problem_;
  QPushButton* add_;
};

}  // namespace cw::ui
