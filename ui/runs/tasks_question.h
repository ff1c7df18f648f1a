// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/runs/run_question.h"

#include <QStringList>

class QListWidget;

namespace cw::ui {

/// Several label columns of the cells that one model learns together. Columns of numbers are on the list, but cannot be
/// taken: they are learnt alone.
class TasksQuestion : public RunQuestion {
  Q_OBJECT
 public:
  TasksQuestion(Services& services, OutlookView& outlook, QWidget* parent);
  [[nodiscard]] QString obstacle() const override;
  void fill(Json& options) const override;
  [[nodiscard]] QString suggestedTitle() const override;
  [[nodiscard]] RunSize size(const Json&) const override { return sizeWith(modelIn(model_)); }
  void judge(const Json& options) override;

 private:
  void addLabels(const QStringList& classes, const QStringList& numbers);
  [[nodiscard]] QStringList ticked() const;

  QListWidget* labels_;
  QComboBox* group_;
  QComboBox* model_;
  Task judging_;
  QString problem_;  ///< a label that cannot be tested
};

}  // namespace cw::ui
