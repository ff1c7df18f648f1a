// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <QAbstractListModel>
#include <QString>
#include <vector>

namespace cw::ui {

/// One cell as its list of genes, the most unusual one first; genes can be moved and taken out.
class RankListModel : public QAbstractListModel {
  Q_OBJECT
 public:
  struct Gene {
    std::int32_t token = -1;
    QString symbol;
    QString ensemblId;
    int origin = -1;  ///< place in the cell as it is
  };
  enum Role { kOrigin = Qt::UserRole, kChanged, kSymbol };

  using QAbstractListModel::QAbstractListModel;

  /// `genes` of the warm engine's answer to `cell`: the cell as it is.
  void setGenes(const Json& genes);
  /// Back to the cell as it is.
  void reset();
  /// To place `to` (0 = front), the others close up; false where nothing changes.
  bool moveGene(int from, int to);
  bool takeOut(int row);
  [[nodiscard]] int find(const QString& word) const;

  [[nodiscard]] const std::vector<Gene>& genes() const noexcept { return genes_; }
  /// Tokens in order, and those that were moved or taken out by hand, in the order in which it was done.
  [[nodiscard]] Json tokens() const;
  [[nodiscard]] Json changed() const;
  [[nodiscard]] QStringList changes() const;  ///< "STAT1: 12 to 1", "ISG15: out"
  [[nodiscard]] bool isChanged() const noexcept { return !touched_.empty(); }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
  [[nodiscard]] Qt::DropActions supportedDropActions() const override { return Qt::MoveAction | Qt::CopyAction; }
  [[nodiscard]] QStringList mimeTypes() const override;
  [[nodiscard]] QMimeData* mimeData(const QModelIndexList& indexes) const override;
  bool canDropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
                       const QModelIndex& parent) const override;
  bool dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
                    const QModelIndex& parent) override;

 Q_SIGNALS:
  /// The order is another one; `row` = where the gene went, -1 where it was taken out.
  void changedByHand(int row);

 private:
  void touch(const Gene& gene);

  std::vector<Gene> genes_;
  std::vector<Gene> original_;
  std::vector<Gene> touched_;
};

}  // namespace cw::ui
