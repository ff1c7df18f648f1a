// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/number_text.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace cw {
namespace {

std::string printed(const char* format, double value, int decimals) {
  if (!std::isfinite(value)) return "not defined";
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, decimals, value);
  return text.data();
}

}  // namespace

std::string number_text(double value, int decimals) { return printed("%.*f", value, decimals); }

std::string signed_text(double value, int decimals) { return printed("%+.*f", value, decimals); }

}  // namespace cw
