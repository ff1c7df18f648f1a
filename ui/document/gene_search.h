// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/document/dataset.h"

#include <QList>
#include <QString>

namespace cw::ui {

struct GeneHit {
  std::string symbol;
  std::string ensembl_id;
  std::string matched;         ///< the alias or retired symbol that was typed, "" where it is the symbol or id itself
  std::int64_t gene_row = -1;  ///< in the data set, -1 = not measured there
  bool in_vocabulary = false;
};

/// Finds genes by symbol, alias, retired symbol or Ensembl id, in any case: exact before prefix before alias before
/// part of a name; measured genes before others. Built once per data set (a few ms); a search takes well under 5 ms.
class GeneSearch {
 public:
  GeneSearch() = default;
  explicit GeneSearch(DatasetPtr dataset);
  [[nodiscard]] QList<GeneHit> find(const QString& text, int most = 20) const;
  /// The gene that a word means exactly (symbol, alias or id); nothing where it is unknown.
  [[nodiscard]] std::optional<GeneHit> resolve(const QString& word) const;

 private:
  [[nodiscard]] GeneHit hit_of(std::string_view ensembl_id, std::string matched) const;

  DatasetPtr dataset_;
  std::shared_ptr<const Dictionary> dictionary_;
  std::shared_ptr<const HumanGenes> human_;
  struct Entry {
    std::string upper;
    std::int32_t row;
  };
  std::vector<Entry> measured_;  // sorted by name: symbols of the data set
};

}  // namespace cw::ui
