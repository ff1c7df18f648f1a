// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs_strip/run_keeper.h"

#include "core/base/parallel.h"
#include "ui/common/messages.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/jobs_strip/job_text.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace cw::ui {
namespace {

constexpr auto kKind = "run";
constexpr std::int64_t kGrain = 64;       // jobs read at a time by one worker
constexpr std::size_t kMostProblems = 3;  // told at once

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
  reading_.cancel();
  const ProjectStore* project = services_.document.project();
  if (!project) return;
  std::vector<std::pair<std::filesystem::path, QString>> kept;
  for (const ProjectItem& item : project->items(QLatin1String(kKind))) {
    if (!item.body.contains("folder") || !item.body["folder"].is_string()) continue;
    kept.emplace_back(project->folder() / item.body["folder"].get<std::string>(), item.name);
  }
  if (kept.empty()) return;
  reading_ = services_.background.run<std::shared_ptr<Found>>(
      Background::Lane::kCompute, this,
      [kept = std::move(kept)](JobContext& context) -> Result<std::shared_ptr<Found>> {
        std::vector<std::optional<Result<FoundJob>>> read(kept.size());
        parallel_for(0, static_cast<std::int64_t>(kept.size()), kGrain, 0, [&](auto begin, auto end, int) {
          for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end) && !context.cancelled(); ++i)
            read[i] = find_job_record(kept[i].first, kept[i].second);
        });
        auto found = std::make_shared<Found>();
        for (auto& one : read) {
          if (!one) return cancelled_error("reading the project's jobs");
          if (*one) {
            found->jobs.push_back(std::move(**one));
          } else if (one->error().id != "E-JOB-004") {  // thrown away by its owner: not a problem
            found->problems.push_back(one->error());
          }
        }
        return found;
      },
      [this](Result<std::shared_ptr<Found>> found) {
        if (!found) return services_.messages.error(found.error());
        attach(std::move(**found));
      });
}

void RunKeeper::attach(Found found) {
  for (std::size_t i = 0; i < std::min(found.problems.size(), kMostProblems); ++i) {
    services_.messages.error(found.problems[i]);
  }
  int running = 0;
  int waiting = 0;
  QStringList unfinished;
  for (const FoundJob& one : found.jobs) {
    running += one.record.phase == JobPhase::kRunning;
    waiting += one.record.phase == JobPhase::kQueued;
    if (one.record.phase == JobPhase::kLost) unfinished << one.record.id;
  }
  attaching_ = true;
  services_.jobs.attach(std::move(found.jobs));
  attaching_ = false;
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

void RunKeeper::keep(const QStringList& ids) {
  ProjectStore* project = services_.document.project();
  if (attaching_ || !project || project->isReadOnly()) return;
  for (const QString& id : ids) {
    const JobRecord* job = services_.jobs.job(id);
    if (!job || project->item(id)) continue;
    ProjectItem item;
    item.kind = QLatin1String(kKind);
    item.id = id;
    item.name = job->title;
    item.body = {{"folder", kept_path(job->folder, project->folder()).string()}, {"job", job->kind.toStdString()}};
    item.position = job->started.toSecsSinceEpoch();
    project->put(item);
  }
}

void RunKeeper::drop(const QString& id) {
  if (ProjectStore* project = services_.document.project(); project && !project->isReadOnly()) project->remove(id);
}

}  // namespace cw::ui
