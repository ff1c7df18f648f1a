// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/training_options.h"

#include "core/jobs/change_options.h"

namespace cw {

int resume_training(const CliContext& context, const std::string& run, const Json& options,
                    const RenewableOptions& renewable, std::string (*text)(const Json&)) {
  auto folder = JobFolder::open(run);
  if (!folder.ok()) return context.fail(folder.error());
  Json changes = Json::object();
  for (const auto& [key, option] : renewable) {
    if (option->count() > 0) changes[key] = options.at(key);
  }
  if (!changes.empty()) {
    if (const auto changed = change_options(*folder, changes); !changed.ok()) return context.fail(changed.error());
    folder = JobFolder::open(run);
    if (!folder.ok()) return context.fail(folder.error());
  }
  return context.continue_job(*folder, text);
}

}  // namespace cw
