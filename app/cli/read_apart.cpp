// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/read_apart.h"

#include "core/base/memory_crash.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <new>

namespace cw {
namespace {

Error no_memory(const std::string& file) {
  return {ErrorCode::kOutOfMemory, "E-JOB-006", file + ": there is not enough memory to read it; close other programs"};
}

Result<Json> guarded(const std::string& file, const std::function<Result<Json>()>& read) {
  try {
    return read();
  } catch (const std::bad_alloc&) {
    return no_memory(file);
  } catch (const std::exception& bug) {
    return Error{ErrorCode::kInternal, "E-JOB-007", file + ": internal error (a bug): " + bug.what()};
  }
}

[[noreturn]] void answer(int descriptor, const Result<Json>& outcome) {
  const Json message = outcome.ok() ? Json{{"result", *outcome}}
                                    : Json{{"kind", name_of(outcome.error().code)},
                                           {"id", outcome.error().id},
                                           {"text", outcome.error().message}};
  const std::string text = message.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::size_t done = 0;
  while (done < text.size()) {
    const auto written = ::write(descriptor, text.data() + done, text.size() - done);
    if (written < 0 && errno != EINTR) break;
    if (written > 0) done += static_cast<std::size_t>(written);
  }
  ::_exit(0);
}

std::string read_to_end(int descriptor) {
  std::string text;
  std::array<char, 65'536> piece{};
  for (;;) {
    const auto got = ::read(descriptor, piece.data(), piece.size());
    if (got == 0 || (got < 0 && errno != EINTR)) return text;
    if (got > 0) text.append(piece.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<Json> read_apart(const std::string& file, const std::function<Result<Json>()>& read) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return guarded(file, read);
  const pid_t child = ::fork();
  if (child < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    return guarded(file, read);
  }
  if (child == 0) {
    ::close(ends[0]);
    blame_memory_for_crashes();
    answer(ends[1], guarded(file, read));
  }
  ::close(ends[1]);
  const std::string text = read_to_end(ends[0]);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return no_memory(file);
  const Json message = Json::parse(text, nullptr, false);
  if (WIFSIGNALED(status) || !message.is_object()) {
    return Error{ErrorCode::kParse, "E-IO-021",
                 file + ": reading it ended in a crash" +
                     (WIFSIGNALED(status) ? " (signal " + std::to_string(WTERMSIG(status)) + ")" : "") +
                     ", so the file is most likely damaged; copy or download it again, and report a bug if other "
                     "programs can read it"};
  }
  if (message.contains("result")) return message["result"];
  return Error{error_code_of(message.value("kind", "")), message.value("id", ""), message.value("text", "")};
}

}  // namespace cw
