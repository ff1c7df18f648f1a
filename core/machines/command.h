// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// How a program is run; all fields may stay as they are.
struct CommandOptions {
  std::string input;          ///< standard input as text
  int input_descriptor = -1;  ///< standard input as an open file, from its present offset; before `input`
  /// Standard output as it comes, instead of CommandOutcome::out.
  std::function<void(std::string_view)> on_output;
  /// Called a few times per second and after output; true ends the program.
  std::function<bool()> stop;
  std::chrono::milliseconds timeout{0};  ///< for the whole, 0 = none
  std::chrono::milliseconds silence{0};  ///< longest time without output, 0 = any
};

/// What a program left behind.
struct CommandOutcome {
  int exit_code = -1;  ///< 128 + signal if it was killed
  std::string out;
  std::string err;  ///< the last 64 kB
  bool timed_out = false;
  bool stopped = false;
};

/// Runs a program of PATH to its end, without a shell, in a process group of its own: Ctrl-C does not reach it.
/// Errors: kNotFound E-MCH-017 (no such program), kIo.
[[nodiscard]] Result<CommandOutcome> run_command(const std::vector<std::string>& arguments,
                                                 const CommandOptions& options = {});

/// The last line that a program printed, which is where most say what went wrong, as UTF-8.
[[nodiscard]] std::string last_line(const std::string& words);

/// `text` as one word of a POSIX shell.
[[nodiscard]] std::string shell_quoted(std::string_view text);

}  // namespace cw
