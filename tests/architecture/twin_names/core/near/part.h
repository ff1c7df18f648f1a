// SPDX-License-Identifier: GPL-3.0-or-later
// Found: the struct below stands in core/far/part.h too. Not found: an inner type, a forward declaration.
#pragma once

namespace cw {
struct Part {
  struct Piece {};
};
class Whole;
}  // namespace cw
