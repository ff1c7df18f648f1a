// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/option_json.h"

#include <sstream>

namespace cw {
namespace {

std::string text_of(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

}  // namespace

void OptionReader::note_problem(std::string_view key, std::string_view problem) {
  // "[json.exception.type_error.302] type must be ..." helps nobody before its bracket ends
  if (const auto end = problem.find("] "); problem.substr(0, 6) == "[json." && end != problem.npos) {
    problem.remove_prefix(end + 2);
  }
  if (problem_.empty()) problem_ = "option '" + std::string(key) + "' of " + kind_ + ": " + std::string(problem);
}

Result<> OptionReader::finish() const {
  std::string problem = problem_;
  if (!json_.is_object()) problem = "the options of " + kind_ + " are not a JSON object";
  if (problem.empty()) {
    for (const auto& [key, value] : json_.items()) {
      if (known_.find(key) == known_.end()) {
        problem = "unknown option '" + key + "' of " + kind_;
        break;
      }
    }
  }
  if (problem.empty()) return {};
  return Error{ErrorCode::kInvalidArgument, "E-ARG-001", problem + "; 'cellwright " + kind_ + " --help' lists them"};
}

Error option_error(std::string_view option, std::string_view given, std::string_view expected) {
  return {ErrorCode::kInvalidArgument, "E-ARG-002",
          std::string(option) + " is " + std::string(given) + "; expected " + std::string(expected)};
}

Result<> check_range(std::string_view option, double value, double lowest, double highest) {
  if (value >= lowest && value <= highest) return {};
  return option_error(option, text_of(value), text_of(lowest) + " to " + text_of(highest));
}

}  // namespace cw
