// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/job_folder.h"

#include "core/base/clock.h"
#include "core/base/files.h"
#include "core/base/utf8.h"

#include <array>
#include <fstream>
#include <optional>
#include <sstream>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> kPhaseNames = {"queued", "running", "done", "failed", "cancelled", "lost"};

JobPhase phase_of(const std::string& name) {
  for (std::size_t i = 0; i < kPhaseNames.size(); ++i) {
    if (kPhaseNames[i] == name) return static_cast<JobPhase>(i);
  }
  return JobPhase::kLost;
}

constexpr const char* kSpec = "spec.json";
constexpr const char* kCheckpoints = "checkpoints";  // folder of what training goes on from
constexpr const char* kPlace = "folder";             // in spec.json: where the job folder was made
constexpr std::string_view kSuffix = ".run";         // of the job folder beside a single output file

fs::path settled_path(const fs::path& path) {
  std::error_code status;
  fs::path settled = fs::absolute(path, status).lexically_normal();
  return settled.has_filename() ? settled : settled.parent_path();  // "run/" is "run"
}

/// Where the output of a job is now that its folder was moved from `before` to `now`; nothing if it lies elsewhere.
std::optional<fs::path> moved_output(const fs::path& output, const fs::path& before, const fs::path& now) {
  if (output == before) return now;
  if (output.string() + std::string(kSuffix) == before.string()) {
    const bool beside = now.extension() == kSuffix;
    return beside ? fs::path(now).replace_extension() : now.parent_path() / output.filename();
  }
  const fs::path inside = output.lexically_relative(before);
  if (inside.empty() || *inside.begin() == "..") return std::nullopt;
  return now / inside;
}

/// The first text in `value` that is not UTF-8, with escapes.
std::optional<std::string> first_text_not_utf8(const Json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    std::string shown = utf8_with_escapes(text);
    return shown == text ? std::nullopt : std::optional(std::move(shown));
  }
  if (!value.is_structured()) return std::nullopt;
  for (const Json& part : value) {
    if (auto found = first_text_not_utf8(part)) return found;
  }
  return std::nullopt;
}

/// Names of files pass from program to program as JSON, which holds UTF-8 only.
Result<> require_utf8(const Json& names) {
  const auto found = first_text_not_utf8(names);
  if (!found) return {};
  return Error{ErrorCode::kUnsupported, "E-JOB-014",
               *found +
                   ": this name is not UTF-8, and names of jobs and their files must be; rename the file or folder (or "
                   "make a link with another name: ln -s)"};
}

/// What the job that was here would have gone on from, in its folder or in one for each of its parts: the new one
/// begins at the beginning.
void remove_checkpoints(const fs::path& job) {
  std::error_code status;
  std::vector<fs::path> found = {job / kCheckpoints};
  for (const auto& part : fs::directory_iterator(job, status)) {
    const bool of_another_job = fs::exists(part.path() / kSpec, status);
    if (part.is_directory(status) && !part.is_symlink(status) && !of_another_job) {
      found.push_back(part.path() / kCheckpoints);
    }
  }
  for (const fs::path& folder : found) fs::remove_all(folder, status);
}

/// A job goes on in the folder that is given, not where that folder once was.
void follow_move(JobSpec& spec, const Json& json, const fs::path& now) {
  const auto place = json.find(kPlace);
  if (place == json.end() || !place->is_string() || place->get<std::string>().empty()) return;
  const fs::path before = place->get<std::string>();
  std::error_code status;
  if (before == now || fs::equivalent(before, now, status)) return;
  for (const char* key : {"output", "out"}) {
    const auto output = spec.options.find(key);
    if (output == spec.options.end() || !output->is_string() || output->get<std::string>().empty()) continue;
    if (const auto moved = moved_output(settled_path(output->get<std::string>()), before, now))
      *output = moved->string();
  }
}

}  // namespace

std::string_view name_of(JobPhase phase) noexcept { return kPhaseNames[static_cast<std::size_t>(phase)]; }

std::string process_start_time(std::int64_t process) {
  if (process <= 0) return {};
  std::ifstream stream("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  if (!std::getline(stream, line)) return {};
  // the program's name, in parentheses, may hold spaces: count the fields after it; the start time is field 22
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  for (int i = 3; i <= 22; ++i) fields >> field;
  return field;
}

Result<JobFolder> JobFolder::create(const std::filesystem::path& path, const JobSpec& spec, bool overwrite) {
  std::error_code status;
  const auto absolute = settled_path(path);
  Json json = to_json(spec);
  json[kPlace] = absolute.string();
  CW_TRY(require_utf8(json));
  if (std::filesystem::exists(path / kSpec, status)) {
    if (!overwrite) {
      return Error{ErrorCode::kInvalidArgument, "E-IO-005",
                   path.string() + ": holds a job already; choose another name, give --overwrite, or go on with it: " +
                       "cellwright resume " + path.string()};
    }
    const auto old = read_json(path / kSpec);
    if (!old.ok() || !old->is_object() || !old->contains("cellwright_job")) {
      return Error{ErrorCode::kInvalidArgument, "E-IO-007",
                   path.string() + ": holds a spec.json that is not of a Cellwright job, so --overwrite does not " +
                       "replace it; choose another name"};
    }
    for (const char* name : {kSpec, "events.jsonl", "state.json", "machine.json", "control", "log"}) {
      std::filesystem::remove_all(path / name, status);
    }
    remove_checkpoints(path);
  } else if (std::filesystem::exists(path, status) && !std::filesystem::is_directory(path, status)) {
    return Error{ErrorCode::kInvalidArgument, "E-IO-005", path.string() + ": exists and is not a folder"};
  }
  for (const char* name : {"control", "log"}) {
    std::filesystem::create_directories(path / name, status);
    if (status) {
      errno = status.value();
      return error_from_errno("making the folder", (path / name).string());
    }
  }
  CW_TRY(write_json(absolute / kSpec, json));
  JobFolder folder(absolute, spec);
  CW_TRY(folder.write_state(JobState{}));
  return folder;
}

Result<JobFolder> JobFolder::open(const std::filesystem::path& path) {
  std::error_code status;
  const auto absolute = settled_path(path);
  CW_TRY(require_utf8(absolute.string()));
  const auto spec_path = absolute / kSpec;
  if (!std::filesystem::exists(spec_path, status)) {
    return Error{ErrorCode::kNotFound, "E-JOB-004",
                 path.string() + ": holds no job (there is no spec.json); 'cellwright jobs list' names the known ones"};
  }
  CW_ASSIGN(const Json json, read_json(spec_path));
  CW_ASSIGN(JobSpec spec, job_spec_from_json(json, spec_path.string()));
  follow_move(spec, json, absolute);
  return JobFolder(absolute, std::move(spec));
}

std::filesystem::path JobFolder::log_path(int rank) const {
  return path_ / "log" / ("rank-" + std::to_string(rank) + ".txt");
}

Result<JobState> JobFolder::state() const {
  const auto damaged = [this](const std::string& what) {
    return Error{ErrorCode::kParse, "E-JOB-005",
                 (path_ / "state.json").string() + ": the state of the job is damaged (" + what +
                     "); write a new one and go on with: cellwright resume " + path_.string()};
  };
  const auto read = read_json(path_ / "state.json");
  if (!read.ok()) return read.error().code == ErrorCode::kParse ? damaged("not valid JSON") : read.error();
  const Json& json = *read;
  JobState state;
  try {
    state.phase = phase_of(json.at("state").get<std::string>());
    state.process = json.value("process", std::int64_t{0});
    state.process_started = json.value("process_started", std::string());
    state.updated = json.value("updated", std::string());
    state.progress = json.value("progress", 0.0);
    if (json.contains("result")) state.result = json["result"];
    if (json.contains("error")) {
      const Json& error = json["error"];
      state.error_id = error.value("code", std::string());
      state.error_code = error.value("kind", std::string());
      state.error_message = error.value("text", std::string());
    }
    state.exit_code = json.value("exit_code", 0);
  } catch (const Json::exception& problem) {
    return damaged(problem.what());
  }
  if (state.phase == JobPhase::kRunning && process_start_time(state.process) != state.process_started) {
    // it may have ended in good order after the file was read
    CW_ASSIGN(const Json again, read_json(path_ / "state.json"));
    if (again != json) return this->state();
    state.phase = JobPhase::kLost;
  }
  return state;
}

Result<> JobFolder::write_state(const JobState& state) const {
  Json json = {
      {"state", name_of(state.phase)}, {"process", state.process},   {"process_started", state.process_started},
      {"updated", utc_now()},          {"progress", state.progress}, {"exit_code", state.exit_code}};
  if (!state.result.is_null()) json["result"] = state.result;
  if (!state.error_id.empty()) {
    json["error"] = {{"code", state.error_id}, {"kind", state.error_code}, {"text", state.error_message}};
  }
  return write_json(path_ / "state.json", json);
}

Result<> JobFolder::request_cancel() const { return write_file_atomically(path_ / "control" / "cancel", ""); }

bool JobFolder::cancel_requested() const {
  std::error_code status;
  return std::filesystem::exists(path_ / "control" / "cancel", status);
}

void JobFolder::clear_cancel() const {
  std::error_code status;
  std::filesystem::remove(path_ / "control" / "cancel", status);
}

}  // namespace cw
