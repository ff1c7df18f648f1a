// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/gene_search.h"

#include <QSet>
#include <algorithm>

namespace cw::ui {
namespace {

// The part of a text of sorted lines that begins with the first line not before `name`.
std::string_view lines_from(std::string_view text, std::string_view name) {
  std::size_t low = 0;
  std::size_t high = text.size();
  while (low < high) {  // both always stand at the beginning of a line
    const std::size_t middle = low + (high - low) / 2;
    const std::size_t before = middle == 0 ? std::string_view::npos : text.rfind('\n', middle - 1);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    if (text.substr(begin, name.size()) < name) {
      low = std::min(high, text.find('\n', middle) + 1);
    } else {
      high = begin;
    }
  }
  return text.substr(low);
}

}  // namespace

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
    // aliases and genes that the data set lacks, by prefix
    for (std::string_view rest = lines_from(human_->names().text(), upper); hits.size() < most;) {
      const std::string name(rest.substr(0, rest.find_first_of("\t\n")));
      if (rest.empty() || !name.starts_with(upper)) break;
      rest.remove_prefix(std::min(rest.size(), rest.find('\n') + 1));
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
