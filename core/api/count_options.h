// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <string>

namespace cw {

/// Checks the options that say how a data file is read: `counts` ("auto", "X", "raw" or "layer:NAME"), `gene_ids`
/// ("auto", "index" or a column of the gene table) and `species` ("auto", "human" or "mouse").
/// Errors: kInvalidArgument E-ARG-002.
[[nodiscard]] Result<> check_count_options(const std::string& counts, const std::string& gene_ids,
                                           const std::string& species);

}  // namespace cw
