// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/local_launch.h"

#include "core/base/files.h"
#include "core/base/program_start.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace cw {
namespace {

std::filesystem::path engine_output(const JobFolder& folder) { return folder.path() / "log" / "engine.txt"; }

bool has_ended(JobPhase phase) { return phase != JobPhase::kQueued && phase != JobPhase::kRunning; }

// What the engine printed last: the loader and the C++ library say there why they gave up.
std::string last_words(const JobFolder& folder) {
  constexpr std::size_t kMost = 4000;  // a path may be long
  const auto text = read_file(engine_output(folder));
  if (!text.ok()) return {};
  const std::string end = text->substr(text->size() - std::min(kMost, text->size()));
  return end.substr(0, end.find_last_not_of("\n ") + 1);
}

/// The error that an engine printed because it could write no state any more ("error [E-IO-003] ..."), by its exit
/// code.
std::optional<Error> printed_error(const std::string& words, int code) {
  const std::string line = words.substr(words.rfind('\n') + 1);
  constexpr std::string_view kBegin = "error [";
  const auto end = line.find("] ");
  if (line.rfind(kBegin, 0) != 0 || end == std::string::npos) return std::nullopt;
  for (const auto kind : {ErrorCode::kNoSpace, ErrorCode::kIo, ErrorCode::kInternal}) {
    if (exit_code(kind) != code) continue;
    return Error{kind, line.substr(kBegin.size(), end - kBegin.size()), line.substr(end + 2)};
  }
  return std::nullopt;
}

bool tells_of_memory(const std::string& words) {
  return words.find("bad_alloc") != std::string::npos || words.find("failed to map segment") != std::string::npos ||
         words.find("cannot allocate") != std::string::npos;
}

}  // namespace

Result<> record_dead_engine(const JobFolder& folder, int code) {
  JobState state;
  state.phase = JobPhase::kFailed;
  state.error_id = "E-JOB-009";
  state.error_code = name_of(ErrorCode::kInternal);
  state.exit_code = 1;
  const std::string words = last_words(folder);
  const bool gave_up = code == 128 + SIGKILL || code == 128 + SIGABRT || code == 127;
  if (gave_up && tells_of_memory(words)) {
    state.error_code = name_of(ErrorCode::kOutOfMemory);
    state.exit_code = 5;
    state.error_message = "there was not enough memory for the engine; close other programs";
  } else if (code == 128 + SIGKILL) {
    state.error_code = name_of(ErrorCode::kOutOfMemory);
    state.exit_code = 5;
    state.error_message = "the engine was killed (signal 9), most often because memory ran out";
  } else if (code == 128 + SIGBUS) {
    state.error_code = name_of(ErrorCode::kIo);
    state.exit_code = 3;
    state.error_message =
        "the engine crashed (signal " + std::to_string(SIGBUS) +
        "), most often because a file was cut short while it was read, or its disk failed; put the file back";
  } else if (const auto printed = printed_error(words, code)) {
    state.error_id = printed->id;
    state.error_code = name_of(printed->code);
    state.exit_code = code;
    state.error_message = printed->message;
  } else if (code > 128) {
    state.error_message =
        "the engine crashed (signal " + std::to_string(code - 128) + "): an input file is damaged, or this is a bug";
  } else {
    state.error_message =
        "the engine ended with code " + std::to_string(code) +
        (words.empty() ? " without saying why" : " and said last: " + words.substr(words.rfind('\n') + 1));
  }
  state.error_message += "; the log is " + folder.log_path().string() +
                         "; what was finished is kept: cellwright resume " + folder.path().string();
  CW_ASSIGN(EventWriter events, EventWriter::open(folder.events_path()));
  CW_TRY(events.append("error", {{"code", state.error_id},
                                 {"kind", state.error_code},
                                 {"text", state.error_message},
                                 {"exit_code", state.exit_code}}));
  return folder.write_state(state);
}

Result<std::filesystem::path> engine_program() {
  std::error_code status;
  std::filesystem::path program;
  if (const char* given = std::getenv("CELLWRIGHT_ENGINE"); given != nullptr && *given != '\0') {
    program = std::filesystem::absolute(given, status);  // not looked for in PATH
  } else {
    program = std::filesystem::read_symlink("/proc/self/exe", status).parent_path() / "cellwright-engine";
  }
  if (::access(program.c_str(), X_OK) != 0) {
    return Error{
        ErrorCode::kNotFound, "E-JOB-008",
        "the engine program is missing: " + program.string() + "; install Cellwright again or set CELLWRIGHT_ENGINE"};
  }
  return program;
}

Result<LocalEngine> LocalEngine::start(const JobFolder& folder, bool detached) {
  std::error_code status;
  if (std::filesystem::exists(folder.path() / "machine.json", status)) {
    return Error{ErrorCode::kInvalidArgument, "E-JOB-016",
                 folder.path().string() + ": this job belongs to another machine and would be computed twice; go on " +
                     "with it there: cellwright jobs resume " + folder.path().string()};
  }
  CW_ASSIGN(const std::filesystem::path program, engine_program());
  folder.clear_cancel();  // of an earlier run; here, because the engine must see one that comes while it starts
  EventReader events(folder.events_path());
  CW_TRY(events.poll());
  ProgramStart engine({program.string(), "run", folder.path().string()});
  engine.open("/dev/null", O_RDONLY, STDIN_FILENO);
  engine.open(engine_output(folder), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, STDOUT_FILENO);
  engine.give(STDOUT_FILENO, STDERR_FILENO);
  if (detached) engine.detach();
  CW_ASSIGN(const pid_t process, engine.start());
  return LocalEngine(process, std::move(events));
}

std::optional<int> LocalEngine::poll() {
  if (ended_) return ended_;
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) != process_) return std::nullopt;
  ended_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return ended_;
}

void LocalEngine::kill() const { ::kill(process_, SIGKILL); }

Result<JobState> follow_job(const JobFolder& folder, LocalEngine* engine,
                            const std::function<void(const Json&)>& on_event, const std::function<bool()>& stop) {
  EventReader whole_log(folder.events_path());
  EventReader& reader = engine == nullptr ? whole_log : engine->events();
  bool asked = false;
  const auto deliver = [&]() -> Result<> {
    CW_ASSIGN(const std::vector<Json> events, reader.poll());
    for (const auto& event : events) on_event(event);
    return {};
  };
  for (;;) {
    const auto ended = engine != nullptr ? engine->poll() : std::nullopt;
    CW_TRY(deliver());
    CW_ASSIGN(JobState state, folder.state());
    if (engine == nullptr ? has_ended(state.phase) : ended.has_value()) {
      if (engine != nullptr && !(has_ended(state.phase) && state.phase != JobPhase::kLost)) {
        CW_TRY(record_dead_engine(folder, *ended));
        CW_ASSIGN(state, folder.state());
      }
      CW_TRY(deliver());
      return state;
    }
    if (stop() && !asked) {
      CW_TRY(folder.request_cancel());
      asked = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
}

}  // namespace cw
