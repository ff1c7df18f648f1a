// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/tokenize/dictionary.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// Genes with a class each, as a user gives them.
struct GeneClassList {
  std::vector<std::string> classes;    ///< sorted, unless read otherwise
  std::vector<std::int32_t> tokens;    ///< [genes], rising
  std::vector<std::int32_t> class_of;  ///< [genes] index into `classes`
};

/// In what order classes are numbered.
enum class ClassOrder {
  kByName,
  kAsInFile  ///< as the published package does
};

/// Reads class lists.
///
/// JSON   {"class": ["gene", ...], ...}.
/// GMT    class, description, genes; tab-separated, one class per line.
/// CSV    a header, genes in the first column, and `column` (or one called class or label, or the only other one) with
///        the class of each; or, without such a column, one column per class that says yes, true or 1 for its genes.
/// Genes are symbols, aliases or Ensembl ids. Those the vocabulary lacks are left out by name (W-FIN-004).
/// Errors   kNotFound, kIo, kParse E-FIN-004 (not such a file), kRefused E-FIN-005 (fewer than two classes), E-FIN-006
///          (a gene in two classes).
[[nodiscard]] Result<GeneClassList> read_gene_classes(const std::filesystem::path& path, const std::string& column,
                                                      const Dictionary& dictionary, ClassOrder order, JobContext& ctx);

}  // namespace cw
