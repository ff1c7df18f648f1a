// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <set>
#include <string>
#include <string_view>

namespace cw {

/// Reads the fields of an options struct out of a job specification, strictly: a key of a wrong type, or one that
/// nobody asked for, is an error that names it. Missing keys keep the default.
///
///     OptionReader reader(json, "embed");
///     reader.read("layer", options.layer);
///     CW_TRY(reader.finish());
class OptionReader {
 public:
  OptionReader(const Json& json, std::string_view kind) : json_(json), kind_(kind) {}

  /// Strings, numbers, booleans, std::vector and std::map of them.
  template <class T>
  void read(std::string_view key, T& target);

  /// The first problem met, or an unknown key. Errors: kInvalidArgument E-ARG-001.
  [[nodiscard]] Result<> finish() const;

 private:
  void note_problem(std::string_view key, std::string_view problem);

  const Json& json_;
  std::string kind_;
  std::set<std::string, std::less<>> known_;
  std::string problem_;
};

template <class T>
void OptionReader::read(std::string_view key, T& target) {
  known_.emplace(key);
  if (!json_.is_object()) return;
  const auto found = json_.find(key);
  if (found == json_.end() || found->is_null()) return;
  try {
    target = found->template get<T>();
  } catch (const Json::exception& wrong_type) {
    note_problem(key, wrong_type.what());
  }
}

/// All fields of an options struct as a JSON object. `fields(options, field)` calls field(key, value) for each of them.
template <class Options, class Fields>
[[nodiscard]] Json write_fields(const Options& options, const Fields& fields) {
  Json json = Json::object();
  fields(options, [&json](const char* key, const auto& value) { json[key] = value; });
  return json;
}

/// The opposite, by the rules of OptionReader. Errors: kInvalidArgument E-ARG-001.
template <class Options, class Fields>
[[nodiscard]] Result<Options> read_fields(const Json& json, std::string_view kind, const Fields& fields) {
  Options options;
  OptionReader reader(json, kind);
  fields(options, [&reader](const char* key, auto& value) { reader.read(key, value); });
  CW_TRY(reader.finish());
  return options;
}

/// Error for an option out of range: "--layer is 9; expected 0 to 6". Code kInvalidArgument, id E-ARG-002.
[[nodiscard]] Error option_error(std::string_view option, std::string_view given, std::string_view expected);

/// Whether a number lies in [lowest, highest]; NaN does not. Errors: as option_error.
[[nodiscard]] Result<> check_range(std::string_view option, double value, double lowest, double highest);

}  // namespace cw
