// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/local_launch.h"

#include "core/base/files.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
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
    program = given;
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
  const std::string program_text = program.string();
  const std::string folder_text = folder.path().string();
  const std::string output = engine_output(folder).string();
  std::array<char*, 4> arguments = {const_cast<char*>(program_text.c_str()), const_cast<char*>("run"),
                                    const_cast<char*>(folder_text.c_str()), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND,
                                   0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // a group of its own: Ctrl-C on the terminal reaches us alone, and we ask the engine to stop in good order
  posix_spawnattr_setflags(&attributes, static_cast<short>(detached ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP));
  pid_t process = 0;
  const int spawned = posix_spawn(&process, program_text.c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (spawned != 0) {
    errno = spawned;
    return error_from_errno("starting the engine", program_text);
  }
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
