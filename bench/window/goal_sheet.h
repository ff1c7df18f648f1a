// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <string>
#include <vector>

namespace cw::ui {

/// The window's goals beside what was measured: printed line by line as they come, kept as JSON.
class GoalSheet {
 public:
  /// A value that should be `must` at most. `number` is that of the list of goals in bench/README.md.
  void at_most(const std::string& number, const std::string& what, double value, const std::string& unit, double must);
  void at_least(const std::string& number, const std::string& what, double value, const std::string& unit, double must);
  /// A value that belongs to the picture and has no goal.
  void note(const std::string& what, double value, const std::string& unit);
  /// Something could not be measured; counts as fallen short.
  void failed(const std::string& number, const std::string& what, const std::string& why);

  [[nodiscard]] Json to_json() const;
  [[nodiscard]] bool all_pass() const noexcept { return short_ == 0; }

 private:
  void add(const std::string& number, const std::string& what, double value, const std::string& unit, double must,
           bool more);

  Json rows_ = Json::array();
  int short_ = 0;
};

}  // namespace cw::ui
