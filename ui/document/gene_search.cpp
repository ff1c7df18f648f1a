// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/gene_search.h"

#include <QSet>
#include <algorithm>

namespace cw::ui {

GeneSearch::GeneSearch(DatasetPtr dataset) : dataset_(std::move(dataset)) {
  if (auto human = HumanGenes::load()) human_ = *human;
  if (auto dictionary = Dictionary::load("v1")) dictionary_ = *dictionary;
  if (!dataset_) return;
  measured_.reserve(dataset_->genes.size());
  for (std::size_t i = 0; i < dataset_->genes.size(); ++i) {
    measured_.push_back(
        {QString::fromStdString(dataset_->genes[i].symbol).toUpper().toStdString(), static_cast<std::int32_t>(i)});
  }
  std::sort(measured_.begin(), measured_.end(), [](const Entry& a, const Entry& b) { return a.upper < b.upper; });
}

GeneHit GeneSearch::hit_of(std::string_view ensembl_id, std::string matched) const {
  GeneHit hit;
  hit.ensembl_id = ensembl_id;
  if (human_) hit.symbol = human_->symbol(ensembl_id);
  if (hit.symbol.empty()) hit.symbol = ensembl_id;
  if (matched != hit.symbol && matched != hit.ensembl_id) hit.matched = std::move(matched);
  if (dataset_) hit.gene_row = dataset_->gene_row(ensembl_id);
  hit.in_vocabulary = dictionary_ && dictionary_->token_of(ensembl_id).has_value();
  return hit;
}

std::optional<GeneHit> GeneSearch::resolve(const QString& word) const {
  if (!human_) return std::nullopt;
  const std::string upper = word.trimmed().toUpper().toStdString();
  const auto id = human_->ensembl_id(without_version(upper));
  if (!id) return std::nullopt;
  return hit_of(*id, upper);
}

QList<GeneHit> GeneSearch::find(const QString& text, int most) const {
  QList<GeneHit> hits;
  const std::string upper = text.trimmed().toUpper().toStdString();
  if (upper.empty()) return hits;
  QSet<QByteArray> seen;
  const auto add = [&](GeneHit hit) {
    const auto key = QByteArray::fromStdString(hit.ensembl_id.empty() ? hit.symbol : hit.ensembl_id);
    if (hits.size() >= most || seen.contains(key)) return;
    seen.insert(key);
    hits.append(std::move(hit));
  };
  const auto add_row = [&](std::int32_t row) {
    const DatasetGene& gene = dataset_->genes[static_cast<std::size_t>(row)];
    add(GeneHit{gene.symbol, gene.ensembl_id, {}, row, gene.token >= 0});
  };
  if (auto exact = resolve(text)) add(*exact);
  auto it = std::lower_bound(measured_.begin(), measured_.end(), upper,
                             [](const Entry& entry, const std::string& name) { return entry.upper < name; });
  for (; it != measured_.end() && it->upper.starts_with(upper) && hits.size() < most; ++it) add_row(it->row);
  if (human_ && upper.size() >= 2) {
    // names of the table are sorted: aliases and genes that the data set lacks, by prefix
    const NameTable& names = human_->names();
    std::int64_t low = 0;
    std::int64_t high = names.size();
    while (low < high) {
      const std::int64_t middle = (low + high) / 2;
      (names.name(middle) < std::string_view(upper) ? low : high) =
          names.name(middle) < std::string_view(upper) ? middle + 1 : middle;
    }
    for (; low < names.size() && names.name(low).starts_with(upper) && hits.size() < most; ++low) {
      const std::string name(names.name(low));
      if (const auto id = human_->ensembl_id(name)) add(hit_of(*id, name));
    }
  }
  for (const Entry& entry : measured_) {
    if (hits.size() >= most) break;
    if (entry.upper.find(upper) != std::string::npos) add_row(entry.row);
  }
  return hits;
}

}  // namespace cw::ui
