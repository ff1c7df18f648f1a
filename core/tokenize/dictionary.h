// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/tokenize/human_genes.h"
#include "core/tokenize/name_table.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// One line of a token dictionary.
struct DictionaryEntry {
  std::string key;         ///< Ensembl id, or a special token: "<pad>", "<mask>", "<cls>", "<eos>"
  std::int32_t token = 0;  ///< from 0, unique
  double median = 0.0;     ///< non-zero median over the corpus, counts per 10,000; genes only
  std::string symbol;      ///< "" where unknown
};

/// A vocabulary of genes with the medians that rank value encoding divides by. Immutable; shared between threads.
///
/// Source   Theodoris et al. 2023 (v1: 25,424 genes, length 2048), Chen et al. 2024 (v2: 20,271 genes, length 4096).
class Dictionary {
 public:
  /// "v1", "v2", or a folder or file of one's own: tokens.tsv[.gz] as `cellwright medians` writes it, JSON, or the
  /// pickles of the published code. Errors: kNotFound E-DICT-001, kParse E-DICT-002..005, kIo.
  [[nodiscard]] static Result<std::shared_ptr<const Dictionary>> load(const std::string& name_or_folder);
  /// Errors: kParse E-DICT-003 (no <pad> or <mask>), E-DICT-004 (tokens repeat), E-DICT-005 (gene without median).
  [[nodiscard]] static Result<std::shared_ptr<const Dictionary>> from_entries(const std::string& name,
                                                                              std::vector<DictionaryEntry> entries,
                                                                              std::int32_t model_input_size);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// The vocabulary hash: SHA-256 over the lines "token<TAB>key<LF>" in the order of tokens. Two dictionaries with the
  /// same hash give a token the same meaning; their medians may differ.
  [[nodiscard]] const std::string& sha256() const noexcept { return sha256_; }
  /// One more than the largest token: rows of a model's embedding table.
  [[nodiscard]] std::int64_t num_tokens() const noexcept { return static_cast<std::int64_t>(entries_.size()); }
  [[nodiscard]] std::int64_t num_genes() const noexcept { return num_genes_; }
  /// Tokens of the longest cell, special tokens included: 2048 (v1), 4096 (v2).
  [[nodiscard]] std::int32_t model_input_size() const noexcept { return model_input_size_; }
  [[nodiscard]] std::int32_t pad() const noexcept { return pad_; }
  [[nodiscard]] std::int32_t mask() const noexcept { return mask_; }
  [[nodiscard]] std::optional<std::int32_t> cls() const noexcept { return cls_; }
  [[nodiscard]] std::optional<std::int32_t> eos() const noexcept { return eos_; }
  /// Cells begin with <cls> and end with <eos>.
  [[nodiscard]] bool has_special_tokens() const noexcept { return cls_.has_value() && eos_.has_value(); }

  [[nodiscard]] bool is_gene(std::int32_t token) const noexcept;
  /// Ensembl id, the word itself for a special token, "" for a number that is no token.
  [[nodiscard]] const std::string& ensembl_id(std::int32_t token) const noexcept;
  /// Symbol, else what `ensembl_id` gives.
  [[nodiscard]] const std::string& symbol(std::int32_t token) const noexcept;
  /// Counts per 10,000; NaN for what is no gene.
  [[nodiscard]] double median(std::int32_t token) const noexcept;

  /// Token of exactly this Ensembl id (upper case, no version).
  [[nodiscard]] std::optional<std::int32_t> token_of(std::string_view ensembl_id) const noexcept;
  /// Token of an upper-case symbol, alias, or an id that was retired or given since.
  [[nodiscard]] std::optional<std::int32_t> token_of_name(std::string_view upper_name) const noexcept;
  /// Token of a key of the mapping published with the dictionary, which --match-upstream uses (behaviour spec 1.3).
  [[nodiscard]] std::optional<std::int32_t> token_by_published_mapping(std::string_view key) const noexcept;
  /// What a user typed: symbol, alias or Ensembl id with or without version, any case.
  /// Errors: kNotFound E-DICT-006, with similar names, or saying that the gene exists but is not in this vocabulary.
  [[nodiscard]] Result<std::int32_t> resolve(std::string_view user_text) const;

 private:
  [[nodiscard]] static Result<std::shared_ptr<Dictionary>> assemble(const std::string& name,
                                                                    std::vector<DictionaryEntry> entries,
                                                                    std::int32_t model_input_size);
  Result<> take_entries(std::vector<DictionaryEntry> entries);
  Result<> index_keys();
  /// Place in `slots_` of the key, or the free one where it would be.
  [[nodiscard]] std::size_t slot_of(std::string_view key) const noexcept;
  [[nodiscard]] Error unknown_gene(std::string_view user_text, const std::string& upper) const;

  std::string name_;
  std::string sha256_;
  std::vector<DictionaryEntry> entries_;   ///< by token; an empty key is a gap
  std::vector<std::int32_t> slots_;        ///< tokens by the hash of their keys, open addressing
  NameTable names_;                        ///< NAME, token, token by the published mapping; of v1 and v2
  std::shared_ptr<const HumanGenes> any_;  ///< instead of `names_` for a dictionary of one's own
  std::int64_t num_genes_ = 0;
  std::int32_t model_input_size_ = 0;
  std::int32_t pad_ = 0;
  std::int32_t mask_ = 1;
  std::optional<std::int32_t> cls_;
  std::optional<std::int32_t> eos_;
};

/// "ENSG00000139618.17" -> "ENSG00000139618"; other text unchanged. Symbols may contain dots, so only Ensembl ids
/// count.
[[nodiscard]] std::string_view without_version(std::string_view id) noexcept;

/// Refuses data of one vocabulary for a model (or file) of another.
/// Errors: kRefused E-DICT-007 "vocabulary hash mismatch", with both names.
[[nodiscard]] Result<> require_same_vocabulary(std::string_view what, std::string_view name, std::string_view sha256,
                                               std::string_view other, std::string_view other_name,
                                               std::string_view other_sha256);

/// The published dictionary with as many tokens as a model has embedding rows: 25,426 is v1, 20,275 v2.
/// Errors: kNotFound E-DICT-008 for any other number.
[[nodiscard]] Result<std::shared_ptr<const Dictionary>> dictionary_for_vocabulary_size(std::int64_t num_tokens);

}  // namespace cw
