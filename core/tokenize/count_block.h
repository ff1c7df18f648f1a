// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/data/cell_block.h"
#include "core/data/dataset_reader.h"

#include <cstdint>
#include <functional>
#include <span>

namespace cw {

/// Sum of a cell's values, and whether they are counts.
struct CellCheck {
  double sum = 0.0;
  bool valid = true;    ///< finite and not negative
  bool integer = true;  ///< whole numbers
};
[[nodiscard]] CellCheck check_counts(std::span<const float> values) noexcept;

/// The sentence for a cell that `check_counts` found wrong: E-CNT-001 (negative), E-CNT-002 (not finite), E-CNT-003
/// (fraction). `gene_name(row)` names a gene.
[[nodiscard]] Error bad_count(const DatasetInfo& info, std::string_view where, std::int64_t cell,
                              std::span<const std::uint32_t> genes, std::span<const float> values,
                              const std::function<std::string(std::uint32_t)>& gene_name);

/// Passes a matrix from front to back: the next block is read on this thread while `work` has the one before, on
/// another. Blocks hold about half a million values. Errors: those of reader and work, kCancelled.
Result<> for_each_block(CellBlockReader& matrix, std::int64_t num_cells, std::string_view phase, JobContext& ctx,
                        const std::function<Result<>(const CellBlock&)>& work);

}  // namespace cw
