// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/program.h"
#include "app/plugin_list.h"

#include <csignal>

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a quota is an error of the write, not the end of the program
  cw::register_plugins();
  return cw::run_program(argc, argv);
}
