// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/panel.h"
#include "ui/dataset/import_findings.h"

class QComboBox;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace cw::ui {

class FitMeter;

/// What the program makes of a file that was just opened: each problem with its remedy and a why. Enter accepts it.
class ImportSheet : public QWidget {
  Q_OBJECT
 public:
  explicit ImportSheet(Services& services, QWidget* parent = nullptr);

  /// Looks at the data set in view; the lines appear when `inspect` has answered.
  void look(const DatasetPtr& dataset);
  /// As `inspect` gave it; null until then.
  [[nodiscard]] const Json& report() const noexcept { return report_; }
  [[nodiscard]] const QList<Finding>& findings() const noexcept { return findings_; }

 Q_SIGNALS:
  /// The report is there; `clean` = the file can be used as it is.
  void inspected(bool clean);
  void accepted();
  void rejected();
  void helpRequested(const QString& page);
  void otherFileRequested();

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void take(const Json& report);
  void addFinding(const Finding& finding);
  void cure(const Finding& finding, QLabel* rest);
  void fillLabels();
  void accept();
  void clearLines();
  void orderTabs();

  Services& services_;
  DatasetPtr dataset_;
  Json report_;
  QList<Finding> findings_;
  QLabel* title_;
  QLabel* size_;
  QLabel* state_;
  FitMeter* fit_;
  QVBoxLayout* lines_;
  QWidget* labels_;
  QComboBox* groupBy_;
  QComboBox* donor_;
  QPushButton* import_;
  QPushButton* cancel_ = nullptr;
  Task task_;
};

}  // namespace cw::ui
