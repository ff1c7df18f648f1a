// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <string>
#include <vector>

namespace cw {

/// Puts the parts of a run that was split by cells together again (docs/machines.md).
struct MergeOptions {
  /// All parts of one run, in any order: run folders of `perturb --shard`, or h5ad files of `embed --shard`.
  std::vector<std::string> inputs;
  /// Run folder, or h5ad file: as the whole run would have written it.
  std::string output;
  std::string csv;         ///< embeddings: also the CSV table; "" = none
  bool overwrite = false;  ///< replace existing outputs

  /// Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const MergeOptions& options);
/// Errors: kInvalidArgument E-ARG-001 (unknown key or wrong type).
[[nodiscard]] Result<MergeOptions> merge_options_from_json(const Json& json);

}  // namespace cw
