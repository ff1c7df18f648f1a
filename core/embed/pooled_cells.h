// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/embed/embed_cells.h"

namespace cw {

/// What the classifier of a model of cells sees of each row asked for, row-major [rows, D]: the last layer, pooled as
/// the configuration says. Errors: as for_each_cell.
[[nodiscard]] Result<std::vector<float>> pool_cells(const Encoder& encoder, const TokenizedCells& cells,
                                                    std::span<const std::int64_t> rows, std::int64_t tokens_per_batch,
                                                    std::string_view phase, JobContext& ctx);

}  // namespace cw
