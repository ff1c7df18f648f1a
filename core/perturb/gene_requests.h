// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/perturb_options.h"
#include "core/base/job_context.h"
#include "core/perturb/rank_list.h"
#include "core/tokenize/dictionary.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// One request with its genes looked up.
struct ResolvedRequest {
  RankChange change;
  bool all = false;                               ///< every gene that a cell has
  std::vector<std::vector<std::int32_t>> groups;  ///< genes perturbed together; one group per gene set of a GMT file
};

/// What the user asked for, in tokens. Unknown genes are left out.
struct ResolvedRequests {
  std::vector<ResolvedRequest> requests;
  std::int32_t anchor = -1;          ///< token of PerturbOptions::anchor, -1 = none
  std::vector<std::string> unknown;  ///< what the user named and the vocabulary does not have
};

/// Looks the genes of all requests up before anything runs. `@FILE` is a text file (names separated by blanks, commas,
/// semicolons or lines; `#` begins a comment), a CSV (the column ensembl_id, gene_name, symbol, gene or genes, else the
/// first) or a GMT file (a gene set per line). Genes named twice count once. Unknown ones are listed in one warning,
/// W-PRT-001. Errors: kNotFound E-PRT-001 (no known gene is left in a request), E-PRT-002 (file without genes), the
/// anchor's as Dictionary::resolve; those of reading the file.
[[nodiscard]] Result<ResolvedRequests> resolve_requests(const PerturbOptions& options, const Dictionary& dictionary,
                                                        JobContext& ctx);

}  // namespace cw
