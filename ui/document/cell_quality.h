// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/io/gene_index.h"

#include <QString>
#include <array>
#include <optional>
#include <vector>

namespace cw::ui {

/// What is counted of every cell, whatever columns its file has.
enum class CellQuality { kCounts, kGenes, kMitochondrial };
inline constexpr std::array kCellQualities{CellQuality::kCounts, CellQuality::kGenes, CellQuality::kMitochondrial};

/// "counts", "genes", "mitochondrial": for views that are kept.
[[nodiscard]] QString word_of(CellQuality quality);
[[nodiscard]] std::optional<CellQuality> quality_of(const QString& word);
/// "Counts per cell" and so on; the mitochondrial share is a percentage of the counts.
[[nodiscard]] QString title_of(CellQuality quality);
/// One number per cell.
[[nodiscard]] std::vector<float> values_of(const CountSums& sums, CellQuality quality);

}  // namespace cw::ui
