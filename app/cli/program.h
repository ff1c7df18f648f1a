// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace cw {

/// The program `cellwright`: parses, runs the command, returns the exit code (docs/cli).
int run_program(int argc, char** argv);

}  // namespace cw
