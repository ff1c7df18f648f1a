// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QStackedLayout;
class QTableView;

namespace cw::ui {

class JobListModel;

/// All jobs of the project: what each does, how far it is, what it said last; stop, go on, open the result, forget.
class JobsPanel : public Panel {
  Q_OBJECT
 public:
  explicit JobsPanel(Services& services, QWidget* parent = nullptr);
  [[nodiscard]] QString helpPage() const override { return QStringLiteral("jobs.md"); }
  [[nodiscard]] QString currentJob() const;
  void setCurrentJob(const QString& id);

 Q_SIGNALS:
  /// Show what a finished job made.
  void resultRequested(const QString& id);
  /// Show how a finished or failed job was made.
  void originRequested(const QString& id);
  void closeRequested();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void makeActions();
  void refresh();
  void resume();
  void move(int by);

  Services& services_;
  JobListModel* model_;
  QStackedLayout* pages_;
  QWidget* details_;
  QTableView* list_;
  QLabel* title_;
  QLabel* state_;
  QLabel* reason_;
  QPlainTextEdit* log_;
  QPushButton* cancel_;
  QPushButton* resume_;
  QPushButton* open_;
  QPushButton* origin_;
  QPushButton* forget_;
  QString kept_;  ///< the job that was current before the list is filled anew
};

}  // namespace cw::ui
