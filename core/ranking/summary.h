// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/ranking/cellwright_table.h"

#include <string>

namespace cw {

/// One line over a ranked list: agreement with the baseline, hits, donors, whether it is stable.
/// "4 of 812 perturbations at FDR 0.05 · 6 donors · Spearman with the baseline 0.62 (0.57 to 0.66) · stable".
[[nodiscard]] std::string summary_line(const RankingSummary& summary);

/// The same figures for programs; NaN as null.
[[nodiscard]] Json to_json(const RankingSummary& summary);

/// A ranked list in plain words, as Markdown: what stands on top, how far to trust it, and what it is not. For readers
/// who know the biology and not the statistics.
[[nodiscard]] std::string describe_ranking(const Ranking& ranking, std::int64_t num_named = 10);

}  // namespace cw
