// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

#include <QObject>

namespace cw::ui {

/// Keeps the project's list of jobs ("run" items), so that the next window finds them again: those that still run are
/// followed, those that were interrupted or never began are offered once.
class RunKeeper : public QObject {
  Q_OBJECT
 public:
  explicit RunKeeper(Services& services, QObject* parent = nullptr);

 Q_SIGNALS:
  void listRequested();

 private:
  void attachAll();
  void offer(int running, const QStringList& unfinished, int waiting);
  void keep(const QString& id);
  void drop(const QString& id);

  Services& services_;
};

}  // namespace cw::ui
