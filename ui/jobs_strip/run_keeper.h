// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/panel.h"
#include "ui/jobs/job_record.h"

#include <QObject>
#include <vector>

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
  /// What was read of the project's jobs.
  struct Found {
    std::vector<FoundJob> jobs;
    std::vector<Error> problems;
  };
  void attachAll();
  void attach(Found found);
  void offer(int running, const QStringList& unfinished, int waiting);
  void keep(const QStringList& ids);
  void drop(const QString& id);

  Services& services_;
  Task reading_;
  bool attaching_ = false;  // what is added now is in the project already
};

}  // namespace cw::ui
