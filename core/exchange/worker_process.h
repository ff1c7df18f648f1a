// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cw {

/// Not an id for users: a worker ended without a word, and the group starts again.
inline constexpr const char* kWorkerDied = "worker died";

/// One worker: a child process with a pipe in each direction, one JSON value per line.
class WorkerProcess {
 public:
  /// Starts "PROGRAM worker", whose standard error goes to `log`. `listener` (or -1) becomes its descriptor 3.
  /// Errors: kIo, kNotFound.
  [[nodiscard]] static Result<WorkerProcess> start(const std::filesystem::path& program,
                                                   const std::filesystem::path& log, int listener);
  WorkerProcess(WorkerProcess&& other) noexcept;
  WorkerProcess& operator=(WorkerProcess&&) = delete;
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  /// Kills what still runs; waits for its end unless it has reported.
  ~WorkerProcess();

  /// A worker that has ended does not hear it.
  void tell(const Json& message);
  /// What it has said since the last call. Lines that are no JSON are passed over.
  [[nodiscard]] std::vector<Json> messages();
  [[nodiscard]] bool running();
  /// It has said its last word, or its death is known.
  [[nodiscard]] bool reported() const noexcept { return reported_; }
  /// "ended (signal 9, ...)" once, if it ended without reporting an error or a result.
  [[nodiscard]] std::optional<std::string> how_it_died();
  void kill();

 private:
  WorkerProcess(pid_t process, int to, int from) : process_(process), to_(to), from_(from) {}

  pid_t process_;
  int to_;
  int from_;
  std::string unfinished_;
  std::optional<int> status_;
  bool reported_ = false;  ///< an error, a result, that it has stopped, or its death
};

[[nodiscard]] Json to_json(const Error& error);
[[nodiscard]] Error error_from(const Json& json);

}  // namespace cw
