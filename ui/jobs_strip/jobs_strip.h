// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

class QLabel;
class QProgressBar;
class QToolButton;

namespace cw::ui {

struct JobRecord;

/// The line at the lower edge: what runs now, how far it is, how long it takes, and a button to stop it; a click opens
/// the list of all jobs. Says what this machine is at its right end.
class JobsStrip : public QWidget {
  Q_OBJECT
 public:
  explicit JobsStrip(Services& services, QWidget* parent = nullptr);

 Q_SIGNALS:
  void listRequested();

 protected:
  void mousePressEvent(QMouseEvent* event) override;

 private:
  void refresh();
  void showRunning(const JobRecord& job);
  void showIdle();

  Services& services_;
  QToolButton* count_;
  QLabel* title_;
  QProgressBar* bar_;
  QLabel* progress_;
  QToolButton* cancel_;
  QString running_;  // id of the job shown, "" = none
};

}  // namespace cw::ui
