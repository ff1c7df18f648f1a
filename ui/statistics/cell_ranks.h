// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/document/dataset.h"

#include <string>
#include <vector>

namespace cw::ui {

/// The beginning of a cell's rank value encoding: what the model reads first.
struct CellRanks {
  struct Gene {
    std::string ensembl_id;
    std::string symbol;
  };
  std::vector<Gene> first;  ///< in order
  std::int64_t length = 0;  ///< of the whole list
};

/// Reads one cell and ranks its genes with a dictionary ("v1", "v2" or a folder). Runs in the files lane.
/// Errors: those of reader and dictionary; kNotFound E-UI-303 where the file has no such cell or no counts.
[[nodiscard]] Result<CellRanks> cell_ranks(const Dataset& dataset, const std::string& dictionary, std::int64_t cell,
                                           std::size_t most);

}  // namespace cw::ui
