// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/window/goal_sheet.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <thread>

namespace cw::ui {

void GoalSheet::add(const std::string& number, const std::string& what, double value, const std::string& unit,
                    double must, bool more) {
  const bool passes = more ? value >= must : value <= must;
  short_ += passes ? 0 : 1;
  std::printf("%-4s %-66s %9.1f %-4s %s %6.0f  %s\n", number.c_str(), what.c_str(), value, unit.c_str(),
              more ? ">=" : "<=", must, passes ? "pass" : "falls short");
  std::fflush(stdout);
  rows_.push_back({{"number", number},
                   {"what", what},
                   {"measured", value},
                   {"unit", unit},
                   {more ? "at_least" : "at_most", must},
                   {"passes", passes}});
}

void GoalSheet::at_most(const std::string& number, const std::string& what, double value, const std::string& unit,
                        double must) {
  add(number, what, value, unit, must, false);
}

void GoalSheet::at_least(const std::string& number, const std::string& what, double value, const std::string& unit,
                         double must) {
  add(number, what, value, unit, must, true);
}

void GoalSheet::note(const std::string& what, double value, const std::string& unit) {
  std::printf("     %-66s %9.1f %s\n", what.c_str(), value, unit.c_str());
  std::fflush(stdout);
  rows_.push_back({{"what", what}, {"measured", value}, {"unit", unit}});
}

void GoalSheet::failed(const std::string& number, const std::string& what, const std::string& why) {
  ++short_;
  std::printf("%-4s %-66s not measured: %s\n", number.c_str(), what.c_str(), why.c_str());
  rows_.push_back({{"number", number}, {"what", what}, {"passes", false}, {"why", why}});
}

Json GoalSheet::to_json() const {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return {{"machine", host.data()}, {"processors", std::thread::hardware_concurrency()}, {"goals", rows_}};
}

}  // namespace cw::ui
