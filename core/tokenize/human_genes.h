// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/tokenize/name_table.h"

#include <memory>
#include <optional>
#include <string_view>

namespace cw {

/// What is known of human genes apart from any vocabulary (resources/dictionaries/human_*.tsv): whether a name means
/// a gene at all, which one, and its biotype.
class HumanGenes {
 public:
  /// Errors: kNotFound, kIo, kParse E-DICT-002 (a damaged installation).
  [[nodiscard]] static Result<std::shared_ptr<const HumanGenes>> load();

  /// Present Ensembl id of `name`: an upper-case id without version, retired id, symbol or alias.
  [[nodiscard]] std::optional<std::string_view> ensembl_id(std::string_view name) const noexcept;
  /// Present symbol of an id, "" if it has none or is unknown.
  [[nodiscard]] std::string_view symbol(std::string_view ensembl_id) const noexcept;
  /// "protein_coding", "lncRNA", ..., "" if unknown (GENCODE biotypes).
  [[nodiscard]] std::string_view biotype(std::string_view ensembl_id) const noexcept;
  [[nodiscard]] const NameTable& names() const noexcept { return names_; }

 private:
  [[nodiscard]] std::string_view field_of(std::string_view ensembl_id, std::size_t field) const noexcept;

  NameTable genes_;
  NameTable names_;
};

}  // namespace cw
