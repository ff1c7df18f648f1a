// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/job_history.h"

#include "core/base/clock.h"
#include "core/base/files.h"

#include <algorithm>
#include <cstdlib>

namespace cw {
namespace {

std::filesystem::path history_folder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != '\0') {
    return std::filesystem::path(state) / "cellwright" / "jobs";
  }
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : "/tmp") / ".local" / "state" / "cellwright" / "jobs";
}

}  // namespace

std::vector<JobFolder> known_jobs() {
  std::vector<std::pair<std::string, JobFolder>> found;
  std::error_code status;
  for (const auto& entry : std::filesystem::directory_iterator(history_folder(), status)) {
    const auto note = read_json(entry.path());
    if (!note.ok() || !note->is_object()) continue;
    auto folder = JobFolder::open(note->value("folder", std::string()));
    // a later job took over the folder of an earlier one: --overwrite, or the folder beside a single output file
    if (folder.ok() && folder->spec().id != entry.path().stem()) continue;
    if (folder.ok()) found.emplace_back(note->value("submitted", std::string()), std::move(*folder));
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<JobFolder> jobs;
  jobs.reserve(found.size());
  for (auto& [submitted, folder] : found) jobs.push_back(std::move(folder));
  return jobs;
}

void remember_job(const JobFolder& folder) {
  const Json note = {{"folder", folder.path().string()}, {"submitted", utc_now()}};
  static_cast<void>(write_json(history_folder() / (folder.spec().id + ".json"), note));
}

void forget_job(const JobFolder& folder) {
  std::error_code status;
  std::filesystem::remove(history_folder() / (folder.spec().id + ".json"), status);
}

Result<JobFolder> find_job(const std::string& id_or_folder) {
  std::error_code status;
  if (std::filesystem::is_directory(id_or_folder, status)) return JobFolder::open(id_or_folder);
  std::vector<JobFolder> matches;
  if (id_or_folder.size() >= 4) {
    for (auto& job : known_jobs()) {
      if (job.spec().id.rfind(id_or_folder, 0) == 0) matches.push_back(std::move(job));
    }
  }
  if (matches.size() == 1) return std::move(matches.front());
  if (matches.empty()) {
    return Error{ErrorCode::kNotFound, "E-JOB-004",
                 id_or_folder + ": neither a job folder nor the id of a known job; see 'cellwright jobs list'"};
  }
  return Error{ErrorCode::kInvalidArgument, "E-JOB-010",
               std::to_string(matches.size()) + " jobs begin with " + id_or_folder + "; give more digits"};
}

}  // namespace cw
