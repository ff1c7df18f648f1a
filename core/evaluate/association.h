// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/table.h"
#include "core/evaluate/splits.h"

namespace cw {

/// Cramer's V of two labellings, with Bergsma's correction for small samples (2013, doi:10.1016/j.jkss.2012.10.002): 0
/// = unrelated, 1 = each tells the other. Rows where either is -1 do not count. NaN where one of them is constant.
[[nodiscard]] double cramers_v(std::span<const std::int32_t> a, std::span<const std::int32_t> b);

/// A column that goes along with the label.
struct Association {
  std::string column;
  double v = 0.0;
  std::int64_t values = 0;  ///< distinct values
  bool confounded = false;  ///< v of 0.5 or more: a model may learn this column instead of the label
};

/// `columns`, or, if empty, all that are named like a technical one (batch, protocol, library, lane, ...) and hold 2 to
/// 100 values. The strongest first. The group column is not among them: what it does to a split, the split removes.
/// Errors: kNotFound (a column named).
[[nodiscard]] Result<std::vector<Association>> label_associations(const SplitDesign& design, const Table& cells,
                                                                  const std::vector<std::string>& columns);

}  // namespace cw
