// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/search_space.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace cw {
namespace {

// What decides how well a run learns from the data it has. Data, split, metric and seed stay as they are: trials must
// be judged on the same cells, and the split is drawn from the seed.
constexpr std::array<std::string_view, 15> kSearchable{
    "learning_rate", "weight_decay",     "warmup_share", "warmup_steps",   "schedule",
    "freeze_layers", "train_embeddings", "lora_rank",    "hidden_dropout", "attention_dropout",
    "batch_size",    "epochs",           "clip",         "class_weights",  "focal_gamma"};

Error not_a_setting(const std::string& text, const std::string& what) {
  return {ErrorCode::kInvalidArgument, "E-SRC-001",
          "--search is '" + text + "': " + what +
              "; write NAME=LOW:HIGH, NAME=LOW:HIGH:log or NAME=A,B,C, for example learning_rate=1e-5:1e-3:log"};
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (;;) {
    const auto end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string::npos) return parts;
    begin = end + 1;
  }
}

std::optional<double> number_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (*end != '\0' || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// A word as the option is; nothing where it cannot be.
std::optional<Json> typed(const Json& like, const std::string& word) {
  if (like.is_string()) return word.empty() ? std::nullopt : std::optional<Json>(word);
  if (like.is_boolean()) {
    if (word == "true" || word == "yes") return Json(true);
    if (word == "false" || word == "no") return Json(false);
    return std::nullopt;
  }
  const auto number = number_of(word);
  if (!number) return std::nullopt;
  if (!like.is_number_integer()) return Json(*number);
  if (*number != std::round(*number)) return std::nullopt;
  return Json(static_cast<std::int64_t>(*number));
}

Result<SearchSetting> range_of(const Json& like, const std::string& text, SearchSetting setting,
                               const std::string& values) {
  const auto parts = split(values, ':');
  const bool log = parts.size() == 3 && parts[2] == "log";
  const auto low = number_of(parts[0]);
  const auto high = number_of(parts[1]);
  if (!like.is_number()) return not_a_setting(text, "this setting is no number, so it has no range");
  if ((parts.size() != 2 && !log) || !low || !high) return not_a_setting(text, "not a range");
  if (*low > *high || (log && *low <= 0.0)) {
    return not_a_setting(text, log ? "a range on the logarithm begins above 0 and does not fall"
                                   : "the lower end is above the upper one");
  }
  setting.low = *low;
  setting.high = *high;
  setting.logarithmic = log;
  setting.whole = like.is_number_integer();
  if (setting.whole && (*low != std::round(*low) || *high != std::round(*high))) {
    return not_a_setting(text, "this setting takes whole numbers");
  }
  return setting;
}

}  // namespace

Result<SearchSetting> parse_search_setting(const Json& options, const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return not_a_setting(text, "a name, = and values are missing");
  SearchSetting setting;
  setting.name = text.substr(0, equals);
  std::replace(setting.name.begin(), setting.name.end(), '-', '_');
  const std::string values = text.substr(equals + 1);
  const bool known = std::find(kSearchable.begin(), kSearchable.end(), setting.name) != kSearchable.end();
  if (!known || !options.contains(setting.name)) {
    std::string list;
    for (const auto name : kSearchable) list += (list.empty() ? "" : ", ") + std::string(name);
    return Error{ErrorCode::kInvalidArgument, "E-SRC-002",
                 "--search is '" + text + "': '" + setting.name +
                     "' is not searched, because it is no setting of the training, or trials could not be compared; " +
                     "choose among " + list};
  }
  const Json& like = options[setting.name];
  if (values.find(':') != std::string::npos) return range_of(like, text, std::move(setting), values);
  setting.choices = split(values, ',');
  for (const auto& word : setting.choices) {
    if (!typed(like, word)) return not_a_setting(text, "'" + word + "' is no value of this setting");
  }
  return setting;
}

Json with_settings(Json options, const Json& settings) {
  for (const auto& [name, value] : settings.items()) {
    if (value.is_string() && options.contains(name)) {
      if (auto word = typed(options[name], value.get<std::string>())) {
        options[name] = std::move(*word);
        continue;
      }
    }
    options[name] = value;
  }
  return options;
}

std::vector<Json> extremes_of(const SearchSetting& setting) {
  std::vector<Json> values(setting.choices.begin(), setting.choices.end());
  if (!values.empty()) return values;
  for (const double end : {setting.low, setting.high}) {
    values.push_back(setting.whole ? Json(static_cast<std::int64_t>(end)) : Json(end));
  }
  return values;
}

}  // namespace cw
