// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace cw {
enum class Part { kFirst };
class Whole {
  struct Piece {};
};
}  // namespace cw
