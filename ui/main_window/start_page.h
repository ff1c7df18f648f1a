// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

class QListWidget;

namespace cw::ui {

/// What is seen first: where to drop a file, the example, what was open lately.
class StartPage : public QWidget {
  Q_OBJECT
 public:
  explicit StartPage(Services& services, QWidget* parent = nullptr);
  /// Paths of projects and data files, newest first.
  void setRecent(const QStringList& paths);

 Q_SIGNALS:
  void openRequested();
  void exampleRequested();
  void recentChosen(const QString& path);

 private:
  void showMissing(const QString& path);

  Services& services_;
  QListWidget* recent_;
};

}  // namespace cw::ui
