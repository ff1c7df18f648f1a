// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/count_options.h"

#include "core/api/option_json.h"

#include <string_view>

namespace cw {

Result<> check_counts_place(const std::string& counts) {
  constexpr std::string_view kLayer = "layer:";
  const bool is_layer = counts.starts_with(kLayer) && counts.size() > kLayer.size();
  if (counts != "auto" && counts != "X" && counts != "raw" && !is_layer) {
    return option_error("--counts", counts, "auto, X, raw or layer:NAME");
  }
  return {};
}

Result<> check_count_options(const std::string& counts, const std::string& gene_ids, const std::string& species) {
  CW_TRY(check_counts_place(counts));
  if (gene_ids.empty()) return option_error("--gene-ids", gene_ids, "auto, index or a column of the gene table");
  if (species != "auto" && species != "human" && species != "mouse") {
    return option_error("--species", species, "auto, human or mouse");
  }
  return {};
}

}  // namespace cw
