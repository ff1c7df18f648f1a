// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/runs/run_events.h"

#include <QHash>
#include <QList>
#include <QObject>
#include <QTimer>

namespace cw::ui {

/// A run's log on disk.
struct RunLog {
  QString id;
  std::filesystem::path file;
};

/// Keeps the logs of the runs in view read, off the window's thread and by offset: at once when the choice changes,
/// then every second while any of them grows.
class RunReader : public QObject {
  Q_OBJECT
 public:
  explicit RunReader(Background& background, QObject* parent = nullptr);
  /// The runs in view; what was read of others is let go. `growing`: somebody writes to one of them.
  void follow(const QList<RunLog>& logs, bool growing);
  /// nullptr until it was read.
  [[nodiscard]] RunEventsPtr events(const QString& id) const { return read_.value(id); }
  /// Reads on now.
  void readNow();

 Q_SIGNALS:
  /// Something new was read.
  void changed();
  void failed(const cw::Error& error);

 private:
  Background& background_;
  QList<RunLog> logs_;
  QHash<QString, RunEventsPtr> read_;
  QTimer timer_;
  bool reading_ = false;
  bool again_ = false;  // something was asked for during a reading
};

}  // namespace cw::ui
