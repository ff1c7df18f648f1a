// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/job_spec.h"
#include "ui/common/panel.h"
#include "ui/runs/run_outlook.h"

#include <QTimer>

class QButtonGroup;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedLayout;
class QToolButton;
class QVBoxLayout;

namespace cw::ui {

class OutlookView;
class RecipesPage;
class RunQuestion;
class SearchSection;
class SettingsGrid;
class WhereRow;

/// A new run: what is to be learnt from the data set in view, by which settings, and what is to be expected of it. The
/// fields are those of the job's options; the job is the one that the command line would start.
class RunForm : public QWidget {
  Q_OBJECT
 public:
  explicit RunForm(Services& services, QWidget* parent = nullptr);
  /// Takes over the data set, the models and the labels as they are now.
  void begin();
  /// "finetune-cells", "finetune-multitask", "finetune-genes", "pretrain", or "recipes".
  void setKind(const QString& kind);
  [[nodiscard]] const QString& kind() const noexcept { return kind_; }
  /// Searches the settings of a fine-tuning.
  void setSearch(bool on);
  /// The job as the fields stand; where it writes is ".". Errors: what a field does not allow.
  [[nodiscard]] Result<JobSpec> job() const;
  void start();

 Q_SIGNALS:
  void started(const QString& id);
  void cancelled();

 private:
  QWidget* makeBar();
  QWidget* makeForm();
  QWidget* makeFields();
  QWidget* makeAnswer();
  void makeQuestion();
  void makeGrids();
  /// Defaults that suit the model and the data, where the user has not said otherwise.
  void suitDefaults();
  void check();
  /// Tab goes from the kinds through the fields and the doubts to the start.
  void orderTabs();
  void showForecast();
  void showProblem();
  void setProblem(const QString& problem);
  Result<QString> submit();
  [[nodiscard]] bool isRecipe() const;
  [[nodiscard]] QString obstacle() const;
  [[nodiscard]] Json options() const;
  [[nodiscard]] RunForecast forecast() const;
  [[nodiscard]] QString title() const;

  Services& services_;
  QString kind_ = QStringLiteral("finetune-cells");
  QButtonGroup* kinds_;
  QWidget* fields_ = nullptr;
  QWidget* answer_ = nullptr;
  QPushButton* back_ = nullptr;
  QStackedLayout* pages_;
  RecipesPage* recipes_;
  QLabel* data_;
  QLineEdit* title_;
  QVBoxLayout* questions_;
  RunQuestion* question_ = nullptr;
  WhereRow* where_;
  QVBoxLayout* grids_;
  SettingsGrid* first_ = nullptr;
  SettingsGrid* more_ = nullptr;
  Json defaults_;  ///< those that the fields were given
  QToolButton* showMore_;
  SearchSection* search_;
  OutlookView* outlook_;
  QLabel* forecast_;
  QLabel* problem_;
  QLabel* recipeProblem_;
  QPushButton* start_;
  QTimer soon_;  ///< the outlook follows a moment after the last change
};

}  // namespace cw::ui
