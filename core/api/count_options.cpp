// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/count_options.h"

#include "core/api/option_json.h"

namespace cw {

Result<> check_count_options(const std::string& counts, const std::string& gene_ids, const std::string& species) {
  if (counts != "auto" && counts != "X" && counts != "raw" && !counts.starts_with("layer:")) {
    return option_error("--counts", counts, "auto, X, raw or layer:NAME");
  }
  if (gene_ids.empty()) return option_error("--gene-ids", gene_ids, "auto, index or a column of the gene table");
  if (species != "auto" && species != "human" && species != "mouse") {
    return option_error("--species", species, "auto, human or mouse");
  }
  return {};
}

}  // namespace cw
