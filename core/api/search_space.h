// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <string>
#include <vector>

namespace cw {

/// A setting that is searched, and where.
struct SearchSetting {
  std::string name;                  ///< key of the options
  double low = 0.0, high = 1.0;      ///< range of a number, both ends included
  bool logarithmic = false;          ///< drawn evenly on the logarithm; low above 0
  bool whole = false;                ///< whole numbers only
  std::vector<std::string> choices;  ///< instead of a range: one of these words
};

/// "learning_rate=1e-5:1e-3:log" (a range), "freeze_layers=0:4" (whole numbers, as the option is), "batch_size=8,16" or
/// "schedule=linear,cosine" (one of these). Names may be written as on the command line ("learning-rate").
/// `options` are the options of the job to be searched: they say which settings there are and of what type.
/// Errors: kInvalidArgument E-SRC-001 (not such a text, or a value that the option does not take), E-SRC-002 (a setting
/// that is not searched: it changes the data, the judgement or nothing).
[[nodiscard]] Result<SearchSetting> parse_search_setting(const Json& options, const std::string& text);

/// The options with these settings in them: {"learning_rate": 3e-5, "train_embeddings": "true"}. Words become what the
/// option is: number, truth value or text.
[[nodiscard]] Json with_settings(Json options, const Json& settings);

/// The extremes of a setting, for trying whether the options take them.
[[nodiscard]] std::vector<Json> extremes_of(const SearchSetting& setting);

}  // namespace cw
