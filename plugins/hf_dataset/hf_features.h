// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/data/table.h"

#include <string>
#include <vector>

namespace cw {

inline constexpr const char* kTokensColumn = "input_ids";
inline constexpr const char* kLengthColumn = "length";

/// Names of the classes of a column of Hugging Face's type ClassLabel, which is stored as integers; empty for others.
/// `features` as in `dataset_info.json`.
[[nodiscard]] std::vector<std::string> class_names(const Json& features, const std::string& column);

/// The `features` of a token data set with these metadata columns, as datasets 2 to 4 read it.
[[nodiscard]] Json features_of(const std::vector<Column>& columns);

}  // namespace cw
