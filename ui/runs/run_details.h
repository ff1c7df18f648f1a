// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"
#include "ui/runs/run_events.h"

class QLabel;
class QPushButton;
class QStackedWidget;
class QTabBar;
class QTextBrowser;

namespace cw::ui {

/// One run: what it does now, what can be done with it, and pages on it.
class RunDetails : public QWidget {
  Q_OBJECT
 public:
  explicit RunDetails(Services& services, QWidget* parent = nullptr);
  /// "" = none.
  void setRun(const QString& id);
  [[nodiscard]] const QString& run() const noexcept { return id_; }
  void setEvents(const RunEventsPtr& events);
  /// The record of the run changed.
  void refresh();

  void stop();
  void resume();
  void openFolder();
  void remove();
  /// A further page behind those there are.
  void addPage(const QString& title, QWidget* page);
  void showPage(QWidget* page);
  /// Pages that say nothing of this kind of run have no tab.
  void setPageShown(QWidget* page, bool shown);

 private:
  Services& services_;
  QString id_;
  RunEventsPtr events_;
  QLabel* title_;
  QLabel* state_;
  QLabel* reason_;
  QPushButton* stop_;
  QPushButton* resume_;
  QPushButton* folder_;
  QPushButton* remove_;
  QTabBar* tabs_;
  QStackedWidget* pages_;
  QTextBrowser* log_;
};

}  // namespace cw::ui
