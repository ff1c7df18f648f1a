// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/program.h"
#include "app/plugin_list.h"
#include "core/base/error.h"

#include <csignal>
#include <cstdio>

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a quota is an error of the write, not the end of the program
  cw::register_plugins();
  const int code = cw::run_program(argc, argv);
  if ((std::fflush(stdout) == 0 && std::ferror(stdout) == 0) || code != 0) return code;
  const auto lost = cw::error_from_errno("writing", "standard output");
  std::fprintf(stderr, "error [%s] %s\n", lost.id.c_str(), lost.message.c_str());
  return cw::exit_code(lost.code);
}
