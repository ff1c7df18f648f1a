// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/data_table/row_order.h"
#include "ui/data_table/table_content.h"
#include "ui/results/run_result.h"

namespace cw::ui {

/// The ranked list as a table on screen: rank, gene, effect with its interval, FDR, donors, comparison with genes of
/// the same rank, baseline, cells, flags; then everything else the list has.
[[nodiscard]] TableContentPtr result_table(const RunResult& result);

/// The filters that stand ready: FDR < 0.05 and donors >= 80 %; those whose column says nothing in this run are left
/// out.
[[nodiscard]] std::vector<RowFilter> result_filters(const RunResult& result, double fdr);

}  // namespace cw::ui
