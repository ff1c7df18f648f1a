// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs_strip/run_keeper.h"

#include "ui/common/messages.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/jobs_strip/job_text.h"

#include <algorithm>

namespace cw::ui {
namespace {

constexpr auto kKind = "run";

// Inside the project the path is kept relative, so that the project can be moved.
std::filesystem::path kept_path(const std::filesystem::path& folder, const std::filesystem::path& project) {
  const auto relative = folder.lexically_relative(project);
  return relative.empty() || *relative.begin() == ".." ? folder : relative;
}

}  // namespace

RunKeeper::RunKeeper(Services& services, QObject* parent) : QObject(parent), services_(services) {
  connect(&services.document, &Document::projectChanged, this, &RunKeeper::attachAll);
  connect(&services.jobs, &JobCenter::added, this, &RunKeeper::keep);
  connect(&services.jobs, &JobCenter::removed, this, &RunKeeper::drop);
}

void RunKeeper::attachAll() {
  const ProjectStore* project = services_.document.project();
  if (!project) return;
  int running = 0;
  int waiting = 0;
  QStringList unfinished;
  for (const ProjectItem& item : project->items(QLatin1String(kKind))) {
    if (!item.body.contains("folder") || !item.body["folder"].is_string()) continue;
    const auto folder = project->folder() / item.body["folder"].get<std::string>();
    std::error_code status;
    if (!std::filesystem::exists(folder / "spec.json", status)) continue;  // thrown away by its owner: not a problem
    const auto id = services_.jobs.attach(folder, item.name);
    if (!id) {
      services_.messages.error(id.error());
      continue;
    }
    const JobRecord* job = services_.jobs.job(*id);
    running += job->phase == JobPhase::kRunning;
    waiting += job->phase == JobPhase::kQueued;
    if (job->phase == JobPhase::kLost) unfinished << *id;
  }
  offer(running, unfinished, waiting);
}

void RunKeeper::offer(int running, const QStringList& unfinished, int waiting) {
  Message message;
  const auto resume = [this](const QStringList& ids) {
    for (const QString& id : ids) {
      if (const auto resumed = services_.jobs.resume(id); !resumed) services_.messages.error(resumed.error());
    }
  };
  if (!unfinished.isEmpty()) {
    message.kind = Message::Kind::kWarning;
    message.title = tr("Interrupted");
    const JobRecord* first = services_.jobs.job(unfinished.first());
    message.text = unfinished.size() == 1 ? tr("“%1” did not finish. What was done is kept.").arg(first->title)
                                          : tr("%1 jobs did not finish. What was done is kept.").arg(unfinished.size());
    message.fixText = tr("Resume");
    message.fix = [resume, unfinished] { resume(unfinished); };
    services_.messages.post(message);
  }
  if (running > 0) {
    message = {};
    message.text = running == 1 ? tr("A job went on while the window was closed.")
                                : tr("%1 jobs went on while the window was closed.").arg(running);
    message.fixText = tr("Show");
    message.fix = [this] { Q_EMIT listRequested(); };
    services_.messages.post(message);
  } else if (waiting > 0) {
    message = {};
    message.text = waiting == 1 ? tr("A job was waiting when the window was closed.")
                                : tr("%1 jobs were waiting when the window was closed.").arg(waiting);
    message.fixText = tr("Start");
    message.fix = [this, resume] {
      const QList<JobRecord>& jobs = services_.jobs.jobs();
      const auto next =
          std::find_if(jobs.begin(), jobs.end(), [](const JobRecord& job) { return job.phase == JobPhase::kQueued; });
      if (next != jobs.end()) resume({next->id});
    };
    services_.messages.post(message);
  }
}

void RunKeeper::keep(const QString& id) {
  ProjectStore* project = services_.document.project();
  const JobRecord* job = services_.jobs.job(id);
  if (!project || !job || project->isReadOnly() || project->item(id)) return;
  ProjectItem item;
  item.kind = QLatin1String(kKind);
  item.id = id;
  item.name = job->title;
  item.body = {{"folder", kept_path(job->folder, project->folder()).string()}, {"job", job->kind.toStdString()}};
  item.position = job->started.toSecsSinceEpoch();
  project->put(item);
}

void RunKeeper::drop(const QString& id) {
  if (ProjectStore* project = services_.document.project(); project && !project->isReadOnly()) project->remove(id);
}

}  // namespace cw::ui
