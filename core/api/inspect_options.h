// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// What `inspect` looks at.
struct InspectOptions {
  std::string counts = "auto";                           ///< as in TokenizeOptions
  std::string gene_ids = "auto";                         ///< as in TokenizeOptions
  std::string species = "auto";                          ///< as in TokenizeOptions
  std::vector<std::string> dictionaries = {"v1", "v2"};  ///< names or folders to judge the genes by
  /// Cells read for counts, coverage and lengths, spread over the file; 0 = all. Larger: slower, closer.
  std::int64_t sample_cells = 2000;

  /// Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const InspectOptions& options);
[[nodiscard]] Result<InspectOptions> inspect_options_from_json(const Json& json);

}  // namespace cw
