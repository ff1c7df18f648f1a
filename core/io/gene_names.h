// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <span>
#include <string>

namespace cw {

/// What a list of names looks like: shares in [0, 1] of the names.
struct NameEvidence {
  double ensembl = 0;   ///< Ensembl gene ids of any species, with or without version
  double known = 0;     ///< symbols of genes that nearly every data set has (housekeeping, ribosomal, mitochondrial)
  double barcodes = 0;  ///< eight or more letters A, C, G, T in a row
  double symbols = 0;   ///< short words such as gene symbols are, barcodes excepted
  [[nodiscard]] bool says_genes() const noexcept { return ensembl > 0.3 || known > 0.002; }
};

/// Looks at no more than about 20,000 names, spread over the list.
[[nodiscard]] NameEvidence name_evidence(std::span<const std::string> names);

}  // namespace cw
