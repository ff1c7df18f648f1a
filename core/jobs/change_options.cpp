// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/change_options.h"

namespace cw {

Result<> change_options(const JobFolder& folder, const Json& changes) {
  const std::filesystem::path path = folder.path() / "spec.json";
  CW_ASSIGN(Json json, read_json(path));
  for (const auto& [name, value] : changes.items()) json["options"][name] = value;
  return write_json(path, json);
}

}  // namespace cw
