// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/files.h"
#include "tests/support/running_program.h"

#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// What a program left behind when it ended.
struct ProgramOutcome {
  int exit_code = -1;  ///< 128 + signal if it was killed
  std::string out;     ///< standard output
  std::string err;     ///< standard error
};

/// Runs a program to its end, without a shell, with standard input closed.
inline ProgramOutcome run_program_to_end(const std::filesystem::path& program,
                                         const std::vector<std::string>& arguments,
                                         const std::filesystem::path& scratch) {
  const std::string out = (scratch / "stdout.txt").string();
  const std::string err = (scratch / "stderr.txt").string();
  ProgramOutcome outcome;
  RunningProgram running(program, arguments, out, err);
  if (!running.started()) return outcome;
  outcome.exit_code = running.wait_to_end();
  if (const auto text = read_file(out); text.ok()) outcome.out = *text;
  if (const auto text = read_file(err); text.ok()) outcome.err = *text;
  return outcome;
}

}  // namespace cw
