// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <string>

namespace cw {

/// Checks which matrix of a data file holds the counts: "auto", "X", "raw" or "layer:NAME".
/// Errors: kInvalidArgument E-ARG-002.
[[nodiscard]] Result<> check_counts_place(const std::string& counts);

/// Checks the options that say how a data file is read: `counts` (as `check_counts_place`), `gene_ids` ("auto", "index"
/// or a column of the gene table) and `species` ("auto", "human" or "mouse"). Errors: kInvalidArgument E-ARG-002.
[[nodiscard]] Result<> check_count_options(const std::string& counts, const std::string& gene_ids,
                                           const std::string& species);

}  // namespace cw
