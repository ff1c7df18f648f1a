// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/data/table.h"
#include "core/tokenize/dictionary.h"
#include "core/tokenize/human_genes.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// How a gene of a file was recognised.
enum class GeneMatch : std::uint8_t {
  kNone,         ///< not a human gene that we know
  kEnsembl,      ///< a present Ensembl id
  kRetiredId,    ///< an Ensembl id that was replaced
  kSymbol,       ///< the present symbol
  kAlias,        ///< an older symbol or another name
  kSpreadsheet,  ///< a symbol that a spreadsheet turned into a date
};

/// Which human gene each row of a gene table is. Independent of any dictionary.
struct GeneMapping {
  std::string where;              ///< "index" or "var/COLUMN"
  std::string kind;               ///< "ensembl", "symbol", "other": what most names are
  std::string species;            ///< "human", "mouse", "unknown", or the prefix of another Ensembl species ("ENSRNOG")
  bool versioned = false;         ///< ids carry versions
  std::vector<std::string> name;  ///< by row: as looked up (upper case, no version, dates undone); "" if empty
  std::vector<std::string> ensembl_id;  ///< by row: present id, "" where unknown
  std::vector<GeneMatch> match;         ///< by row
  std::int64_t num_mapped = 0;
  std::int64_t num_duplicates = 0;             ///< rows beyond the first of the same gene; their counts are summed
  std::string duplicate_example;               ///< the first of them, as written in the file
  std::vector<std::string> unmapped_examples;  ///< up to ten, as written in the file
  std::vector<std::string> damaged_names;      ///< spreadsheet dates that could be several genes or none

  [[nodiscard]] std::int64_t num_rows() const noexcept { return static_cast<std::int64_t>(match.size()); }
  [[nodiscard]] std::int64_t num_matched(GeneMatch kind_of_match) const noexcept;
};

/// Reason and remedy for genes that stand in several rows, or "" if none does: for warning W-GENE-005. `added_up` is
/// false where the published code would rank each row by itself.
[[nodiscard]] std::string repeated_genes_text(const GeneMapping& mapping, bool added_up = true);

/// For people and provenance: where, kind, species, how many mapped and by what, examples of the others (cli 3.1).
[[nodiscard]] Json to_json(const GeneMapping& mapping);

/// Finds human genes by Ensembl id (with or without version), retired id, symbol, alias or spreadsheet date, in any
/// case and mixed in one column.
class GeneMapper {
 public:
  /// Errors: as HumanGenes::load.
  [[nodiscard]] static Result<GeneMapper> create();
  explicit GeneMapper(std::shared_ptr<const HumanGenes> genes) : genes_(std::move(genes)) {}
  [[nodiscard]] const HumanGenes& genes() const noexcept { return *genes_; }

  /// `where`: "auto", "index" or a column of `table`. "auto" takes the place whose recognised genes hold most of the
  /// counts; Ensembl ids win unless they hold less than nine tenths of the best.
  /// `counts`: per gene, of some or all cells; empty = all genes alike.
  /// Errors: kNotFound E-GENE-001 (no such column: lists them), kRefused E-GENE-002 (`species` is "mouse", or the names
  /// are those of a mouse or another species and `species` is not "human"), E-GENE-004 (no genes at all).
  [[nodiscard]] Result<GeneMapping> map(const Table& table, std::string_view where, std::string_view species,
                                        std::span<const double> counts) const;

 private:
  [[nodiscard]] GeneMatch recognise(std::string& name, std::string& ensembl_id) const;
  [[nodiscard]] GeneMapping map_names(std::span<const std::string> names) const;
  void undo_spreadsheet_dates(std::span<const std::string> names, GeneMapping& mapping) const;
  using NameOfRow = std::function<std::string(std::int64_t)>;
  [[nodiscard]] double mapped_share(const NameOfRow& name_of, std::span<const std::int64_t> rows,
                                    std::span<const double> weights, bool& mostly_ids) const;

  std::shared_ptr<const HumanGenes> genes_;
};

/// Token of each gene of a mapping, -1 for genes outside the vocabulary. The dictionary's own names go first, so that a
/// gene whose id changed since the dictionary was made still finds its token.
[[nodiscard]] std::vector<std::int32_t> tokens_of_genes(const GeneMapping& mapping, const Dictionary& dictionary);

/// The published code's rule instead (behaviour spec 1.3): the mapping of the dictionary, no versions, no aliases but
/// its own; `sum_repeated` is false where it would leave rows of the same gene unsummed.
struct PublishedMapping {
  std::vector<std::int32_t> token_of_gene;
  bool sum_repeated = true;
};
[[nodiscard]] PublishedMapping published_tokens_of_genes(std::span<const std::string> ids,
                                                         const Dictionary& dictionary);

/// How many genes and which share of the counts survive each step.
struct GeneSurvival {
  std::int64_t genes = 0;
  std::int64_t mapped = 0;
  std::int64_t in_vocabulary = 0;    ///< rows with a token
  double counts = 0.0;               ///< of the cells seen
  double mapped_share = 0.0;         ///< of counts, 0 to 1
  double vocabulary_share = 0.0;     ///< of counts, 0 to 1
  std::vector<std::string> dropped;  ///< genes without a token that hold most counts: "MALAT1 (lncRNA) 3.1 %"
};
[[nodiscard]] GeneSurvival gene_survival(const GeneMapping& mapping, std::span<const std::string> names,
                                         std::span<const std::int32_t> token_of_gene, std::span<const double> counts,
                                         const HumanGenes& genes);
[[nodiscard]] Json to_json(const GeneSurvival& survival);

/// Refuses a file of which under half of the counts are of recognised genes, unless `force`.
/// Errors: kRefused E-GENE-003, with examples.
[[nodiscard]] Result<> require_mapped_half(const GeneMapping& mapping, const GeneSurvival& survival, bool force);

/// The names that a mapping was made from.
[[nodiscard]] std::vector<std::string> gene_names_at(const Table& table, std::string_view where);

}  // namespace cw
