// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/jobs/warm_engine.h"
#include "ui/runs/outlook_view.h"
#include "ui/runs/run_question.h"

namespace cw::ui {

/// A label of the cells to learn: classes, or a number such as days. Whether it can be learnt is told from the labels
/// at once and from a simple method a little later.
class CellsQuestion : public RunQuestion {
  Q_OBJECT
 public:
  CellsQuestion(Services& services, OutlookView& outlook, QWidget* parent);
  [[nodiscard]] QString obstacle() const override;
  void fill(Json& options) const override;
  [[nodiscard]] QString suggestedTitle() const override;
  [[nodiscard]] RunSize size(const Json&) const override { return sizeWith(modelIn(model_)); }
  void judge(const Json& options) override;

 private:
  void takeLabel();
  void tryMethod(const Json& labels);
  void showOutlook(const Json& outlook, bool trying);
  void remedy(OutlookView::Remedy remedy, const QStringList& subjects);
  [[nodiscard]] std::string label() const;
  [[nodiscard]] bool isNumber() const;

  QComboBox* label_;
  QComboBox* group_;
  QComboBox* model_;
  Task judging_;
  WarmEngine checker_;       // tries a simple method on the question
  qint64 asked_ = 0;         // the last request to it
  QStringList leftOut_;      // classes of the label that are not learnt
  bool impossible_ = false;  // the question cannot be tested
};

}  // namespace cw::ui
