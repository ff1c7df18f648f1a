// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/runs/run_question.h"

namespace cw::ui {

class FileLine;

/// Classes of genes to learn, from lists of genes: a file of the user's own, or one that comes with a recipe. Before
/// the start it is said how many genes of each class these data have.
class GenesQuestion : public RunQuestion {
  Q_OBJECT
 public:
  GenesQuestion(Services& services, OutlookView& outlook, QWidget* parent);
  [[nodiscard]] QString obstacle() const override;
  void fill(Json& options) const override;
  [[nodiscard]] QString suggestedTitle() const override;
  [[nodiscard]] RunSize size(const Json& options) const override;
  void judge(const Json& options) override;

 private:
  void addBundledLists();

  FileLine* file_;
  QComboBox* bundled_;
  QComboBox* model_;
  Task reading_;
  QString problem_;  ///< with the file
};

}  // namespace cw::ui
