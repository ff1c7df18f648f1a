// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace cw {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "cellwright: internal error (a bug): %s does not hold at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace cw
