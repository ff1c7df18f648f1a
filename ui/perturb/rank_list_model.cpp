// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/rank_list_model.h"

#include "ui/common/drag_data.h"
#include "ui/theme/numbers.h"

#include <QMimeData>
#include <algorithm>

namespace cw::ui {

void RankListModel::setGenes(const Json& genes) {
  beginResetModel();
  original_.clear();
  touched_.clear();
  for (const Json& gene : genes) {
    Gene one;
    one.token = gene.value("token", -1);
    one.symbol = QString::fromStdString(gene.value("symbol", std::string()));
    one.ensemblId = QString::fromStdString(gene.value("ensembl_id", std::string()));
    if (one.symbol.isEmpty()) one.symbol = one.ensemblId;
    one.origin = static_cast<int>(original_.size());
    original_.push_back(one);
  }
  genes_ = original_;
  endResetModel();
}

void RankListModel::reset() {
  beginResetModel();
  genes_ = original_;
  touched_.clear();
  endResetModel();
  Q_EMIT changedByHand(-1);
}

void RankListModel::touch(const Gene& gene) {
  const auto same = [&](const Gene& other) { return other.token == gene.token; };
  if (std::none_of(touched_.begin(), touched_.end(), same)) touched_.push_back(gene);
}

bool RankListModel::moveGene(int from, int to) {
  const int last = rowCount() - 1;
  if (from < 0 || from > last) return false;
  to = std::clamp(to, 0, last);
  if (to == from) return false;
  beginMoveRows({}, from, from, {}, to > from ? to + 1 : to);
  const auto begin = genes_.begin();
  if (to > from) {
    std::rotate(begin + from, begin + from + 1, begin + to + 1);
  } else {
    std::rotate(begin + to, begin + from, begin + from + 1);
  }
  endMoveRows();
  touch(genes_[static_cast<std::size_t>(to)]);
  Q_EMIT dataChanged(index(0), index(last));
  Q_EMIT changedByHand(to);
  return true;
}

bool RankListModel::takeOut(int row) {
  if (row < 0 || row >= rowCount() || rowCount() < 2) return false;
  beginRemoveRows({}, row, row);
  const Gene gene = genes_[static_cast<std::size_t>(row)];
  genes_.erase(genes_.begin() + row);
  endRemoveRows();
  touch(gene);
  Q_EMIT changedByHand(-1);
  return true;
}

int RankListModel::find(const QString& word) const {
  const auto it = std::find_if(genes_.begin(), genes_.end(), [&](const Gene& gene) {
    return gene.symbol.compare(word, Qt::CaseInsensitive) == 0 ||
           gene.ensemblId.compare(word, Qt::CaseInsensitive) == 0;
  });
  return it == genes_.end() ? -1 : static_cast<int>(it - genes_.begin());
}

Json RankListModel::tokens() const {
  Json list = Json::array();
  for (const Gene& gene : genes_) list.push_back(gene.token);
  return list;
}

Json RankListModel::changed() const {
  Json list = Json::array();
  for (const Gene& gene : touched_) list.push_back(gene.token);
  return list;
}

QStringList RankListModel::changes() const {
  QStringList lines;
  for (const Gene& gene : touched_) {
    const int now = find(gene.ensemblId);
    lines << (now < 0 ? tr("%1: out").arg(gene.symbol)
                      : tr("%1: place %2 → %3").arg(gene.symbol, count_text(gene.origin + 1), count_text(now + 1)));
  }
  return lines;
}

int RankListModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(genes_.size());
}

QVariant RankListModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const Gene& gene = genes_[static_cast<std::size_t>(index.row())];
  const bool touched =
      std::any_of(touched_.begin(), touched_.end(), [&](const Gene& one) { return one.token == gene.token; });
  switch (role) {
    case Qt::DisplayRole:
      return QStringLiteral("%1   %2").arg(count_text(index.row() + 1), gene.symbol);
    case Qt::ToolTipRole:
      return tr("%1, place %2 in the cell as it is").arg(gene.ensemblId, count_text(gene.origin + 1));
    case Qt::AccessibleTextRole:
      return tr("%1, place %2").arg(gene.symbol, count_text(index.row() + 1));
    case kOrigin:
      return gene.origin;
    case kChanged:
      return touched;
    case kSymbol:
      return gene.symbol;
    default:
      return {};
  }
}

Qt::ItemFlags RankListModel::flags(const QModelIndex& index) const {
  const Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
  return index.isValid() ? flags | Qt::ItemIsDragEnabled : flags | Qt::ItemIsDropEnabled;
}

QStringList RankListModel::mimeTypes() const { return {QLatin1String(kGenesMime)}; }

QMimeData* RankListModel::mimeData(const QModelIndexList& indexes) const {
  GeneDrag drag;
  for (const QModelIndex& index : indexes) {
    const Gene& gene = genes_[static_cast<std::size_t>(index.row())];
    drag.ensemblIds << gene.ensemblId;
    drag.symbols << gene.symbol;
  }
  drag.origin = QStringLiteral("rankMicroscope");
  return mime_of(drag).release();
}

bool RankListModel::canDropMimeData(const QMimeData* data, Qt::DropAction, int, int, const QModelIndex&) const {
  const auto genes = data != nullptr ? genes_of(*data) : std::nullopt;
  return genes && genes->ensemblIds.size() == 1 && find(genes->ensemblIds.first()) >= 0;
}

bool RankListModel::dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
                                 const QModelIndex& parent) {
  if (!canDropMimeData(data, action, row, column, parent)) return false;
  const int from = find(genes_of(*data)->ensemblIds.first());
  const int to = parent.isValid() ? parent.row() : row < 0 ? rowCount() - 1 : row > from ? row - 1 : row;
  moveGene(from, to);
  return false;  // it was moved here: the view must not take the row out again
}

}  // namespace cw::ui
