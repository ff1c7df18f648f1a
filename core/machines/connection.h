// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/machines/command.h"
#include "core/machines/machine.h"

#include <optional>
#include <string>
#include <vector>

namespace cw {

/// Commands on a machine: through the user's own `ssh` with its configuration, agent and known hosts, or here where the
/// machine has no host. One connection is shared where ssh can (ControlMaster). Nothing ever asks for a password.
class Connection {
 public:
  explicit Connection(Machine machine);

  [[nodiscard]] const Machine& machine() const noexcept { return machine_; }

  /// Runs a script of `sh` there; `root` is set to the machine's folder as an absolute path, and `setup` was run. What
  /// login files print is left out of the output. A script that ends with a code other than 0 is an error, told by its
  /// last words. Errors: those of connection_error and script_error, kCancelled.
  [[nodiscard]] Result<CommandOutcome> run(const std::string& script, const CommandOptions& options = {}) const;

  /// Forgets a shared connection that may be dead, so that the next command makes a new one.
  void drop() const;

 private:
  [[nodiscard]] std::vector<std::string> arguments_for(const std::string& script) const;
  Machine machine_;
  std::vector<std::string> ssh_;  ///< the program and its options, without the host
};

/// The user's ssh: CELLWRIGHT_SSH, else "ssh".
[[nodiscard]] std::string ssh_program();

/// Whether an error means that the line was cut, so that trying again makes sense.
[[nodiscard]] bool is_lost_connection(const Error& error);

/// What ssh said when it made no connection (exit code 255), as a sentence: kNotFound E-MCH-010 (no such host), kIo
/// E-MCH-011 (nobody answers there), E-MCH-012 (no answer in time), kRefused E-MCH-013 (sign-in refused), E-MCH-014
/// (unknown host key), E-MCH-015 (another host key than before), kIo E-MCH-018 (the line was cut).
[[nodiscard]] Error connection_error(const Machine& machine, const std::string& ssh_words);

/// What a script on the machine said when it failed: kNoSpace E-MCH-021 (disk full), E-MCH-022 (quota), kIo E-MCH-023
/// (no permission), kNotFound E-MCH-024 (a program is missing), kIo E-MCH-019 (anything else).
[[nodiscard]] Error script_error(const Machine& machine, int exit_code, const std::string& words);

/// "gpu1 (ssh lab-gpu)": how messages name a machine.
[[nodiscard]] std::string title_of(const Machine& machine);

}  // namespace cw
