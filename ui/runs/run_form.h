// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/job_spec.h"
#include "ui/common/background.h"
#include "ui/common/panel.h"
#include "ui/jobs/warm_engine.h"
#include "ui/runs/outlook_view.h"
#include "ui/runs/run_outlook.h"

#include <QTimer>

class QButtonGroup;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QToolButton;
class QVBoxLayout;

namespace cw::ui {

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
  /// "finetune-cells" or "pretrain".
  void setKind(const QString& kind);
  [[nodiscard]] const QString& kind() const noexcept { return kind_; }
  /// The job as the fields stand, without an output. Errors: what a field does not allow.
  [[nodiscard]] Result<Json> options() const;
  void start();

 Q_SIGNALS:
  void started(const QString& id);
  void cancelled();

 private:
  QWidget* makeBar();
  QWidget* makeQuestion();
  QWidget* makeAnswer();
  void makeGrids();
  void check();
  void judge();
  void tryMethod(const Json& labels);
  void showOutlook(const Json& outlook, bool trying);
  void remedy(OutlookView::Remedy remedy, const QStringList& subjects);
  void takeLabel();
  void showForecast();
  void showProblem();
  void setProblem(const QString& problem);
  [[nodiscard]] QString obstacle() const;
  [[nodiscard]] RunForecast forecast() const;
  [[nodiscard]] QString suggestedTitle() const;
  Result<std::string> submitTokens(const std::filesystem::path& folder, const std::string& preset);

  Services& services_;
  QString kind_ = QStringLiteral("finetune-cells");
  QButtonGroup* kinds_;
  QLabel* data_;
  QLineEdit* title_;
  QWidget* question_;
  QComboBox* label_;
  QComboBox* group_;
  QComboBox* model_;
  WhereRow* where_;
  QVBoxLayout* grids_;
  SettingsGrid* first_ = nullptr;
  SettingsGrid* more_ = nullptr;
  QToolButton* showMore_;
  OutlookView* outlook_;
  QLabel* forecast_;
  QLabel* problem_;
  QPushButton* start_;
  QTimer soon_;  ///< the outlook follows a moment after the last change
  Task judging_;
  WarmEngine checker_;       // tries a simple method on the question
  qint64 asked_ = 0;         // the last request to it
  QStringList leftOut_;      // classes of the label that are not learnt
  bool impossible_ = false;  // the question cannot be tested
};

}  // namespace cw::ui
