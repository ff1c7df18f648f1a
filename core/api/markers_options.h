// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <cstdint>
#include <string>

namespace cw {

/// Which genes mark the groups of a column (cli 2).
struct MarkersOptions {
  std::string input;   ///< file with counts
  std::string groups;  ///< column of the groups
  /// File that has the column, where it is not in `input` (a map); cells are matched by name. "" = `input`.
  std::string groups_file;
  std::string donor;            ///< column of donors, which are then the replicates of the test; "" = none
  std::string output;           ///< CSV to write
  std::string counts = "auto";  ///< where the counts are: "auto", "X", "raw", "layer:NAME"
  /// Cells that a donor needs inside and outside a group to count as a replicate, 1 or more. 10 as in muscat.
  int min_cells_per_donor = 10;
  int top = 0;          ///< genes written per group, the best ones; 0 = all
  int num_threads = 0;  ///< 0 = all processors
  bool overwrite = false;

  /// Ranges and words. Errors: kInvalidArgument E-ARG-002.
  [[nodiscard]] Result<> validate() const;
};

[[nodiscard]] Json to_json(const MarkersOptions& options);
/// Errors: kInvalidArgument E-ARG-001 (unknown key, wrong type), E-ARG-002.
[[nodiscard]] Result<MarkersOptions> markers_options_from_json(const Json& json);

}  // namespace cw
