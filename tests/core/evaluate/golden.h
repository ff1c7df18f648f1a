// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <string>

namespace cw::test {

/// Reference values of scikit-learn, by tests/golden/evaluate/make.py.
inline const Json& golden() {
  static const Json values = read_json(std::string(CW_SOURCE_DIR) + "/tests/golden/evaluate/golden.json").value();
  return values;
}

}  // namespace cw::test
