// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands that train have in common.
#pragma once
#include "app/cli/commands.h"

#include <string>
#include <utility>
#include <vector>

namespace cw {

/// Options that a run may go on with differently, by their keys.
using RenewableOptions = std::vector<std::pair<std::string, const CLI::Option*>>;

/// --processes, --zero, --exchange-precision, --exchange-timeout, --recompute, --offload-optimiser.
template <class Options>
[[nodiscard]] RenewableOptions add_process_options(CLI::App& command, Options& o) {
  const std::string several = "Several processes";
  auto* processes =
      command.add_option("--processes", o.processes, "Engine processes that divide every batch among them");
  auto* zero = command.add_flag("--zero", o.zero, "Divide the optimiser state among them too: less memory for each");
  auto* precision = command.add_option("--exchange-precision", o.exchange_precision,
                                       "Of gradients between processes: fp32, or bf16 (half of the bytes, rounded)");
  auto* timeout = command.add_option("--exchange-timeout", o.exchange_timeout,
                                     "Seconds after which a silent process counts as stuck");
  auto* recompute = command.add_flag("--recompute", o.recompute,
                                     "Keep less for the backward pass and compute it again: a third more work, much "
                                     "less memory, the same result");
  auto* offload = command.add_flag("--offload-optimiser", o.offload_optimiser,
                                   "Keep the optimiser state on the disk of RUN: less memory, the same result");
  for (CLI::Option* option : {recompute, offload}) option->group("Training");
  for (CLI::Option* option : {processes, precision, timeout}) option->capture_default_str();
  for (CLI::Option* option : {processes, zero, precision, timeout}) option->group(several);
  return {{"processes", processes},      {"zero", zero},           {"exchange_precision", precision},
          {"exchange_timeout", timeout}, {"recompute", recompute}, {"offload_optimiser", offload}};
}

/// Goes on with the job in `run`, with those of the renewable options that were given now taken from `options`. Returns
/// the exit code.
[[nodiscard]] int resume_training(const CliContext& context, const std::string& run, const Json& options,
                                  const RenewableOptions& renewable, std::string (*text)(const Json&));

}  // namespace cw
