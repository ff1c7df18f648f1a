// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/human_genes.h"

#include "core/base/files.h"
#include "core/tokenize/packed_text.h"

namespace cw {

Result<std::shared_ptr<const HumanGenes>> HumanGenes::load() {
  CW_ASSIGN(const auto folder, resources_folder());
  auto genes = std::make_shared<HumanGenes>();
  CW_ASSIGN(genes->genes_, NameTable::load(folder / "dictionaries" / "human_genes.tsv"));
  CW_ASSIGN(genes->names_, NameTable::load(folder / "dictionaries" / "human_names.tsv"));
  return std::shared_ptr<const HumanGenes>(std::move(genes));
}

std::optional<std::string_view> HumanGenes::ensembl_id(std::string_view name) const noexcept {
  if (const auto gene = genes_.find(name)) return tab_fields<1>(*gene)[0];
  if (const auto other = names_.find(name)) return tab_fields<2>(*other)[1];
  return std::nullopt;
}

std::string_view HumanGenes::symbol(std::string_view ensembl_id) const noexcept { return field_of(ensembl_id, 1); }

std::string_view HumanGenes::biotype(std::string_view ensembl_id) const noexcept { return field_of(ensembl_id, 2); }

std::string_view HumanGenes::field_of(std::string_view ensembl_id, std::size_t field) const noexcept {
  const auto gene = genes_.find(ensembl_id);
  return gene ? tab_fields<3>(*gene)[field] : std::string_view{};
}

}  // namespace cw
