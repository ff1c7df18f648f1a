// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/program.h"
#include "app/plugin_list.h"

int main(int argc, char** argv) {
  cw::register_plugins();
  return cw::run_program(argc, argv);
}
