// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/statistics/label_columns.h"

#include <QHash>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr std::size_t kMostGroups = 500;

int likelihood(const QString& name) {
  static const QStringList words{QStringLiteral("cell_type"), QStringLiteral("celltype"),  QStringLiteral("condition"),
                                 QStringLiteral("disease"),   QStringLiteral("cluster"),   QStringLiteral("leiden"),
                                 QStringLiteral("louvain"),   QStringLiteral("cell_line"), QStringLiteral("label")};
  for (int i = 0; i < words.size(); ++i) {
    if (name.toLower().contains(words[i])) return i;
  }
  return int(words.size());
}

}  // namespace

QStringList label_columns(const Dataset& dataset) {
  QStringList names;
  for (const Column& column : dataset.cells.columns) {
    const bool labels = column.kind == ColumnKind::kCategorical || column.kind == ColumnKind::kBoolean;
    const bool many = column.kind == ColumnKind::kCategorical && column.categories.size() > kMostGroups;
    if (labels && !many) names << QString::fromStdString(column.name);
  }
  // labels that most cells lack make poor groups, whatever their name
  const auto place = [&dataset](const QString& name) {
    const Column& column = *dataset.cells.find(name.toStdString());
    return std::pair(column.num_missing() * 2 > column.size(), likelihood(name));
  };
  QHash<QString, std::pair<bool, int>> places;
  for (const QString& name : names) places.insert(name, place(name));
  std::stable_sort(names.begin(), names.end(),
                   [&places](const QString& a, const QString& b) { return places[a] < places[b]; });
  return names;
}

}  // namespace cw::ui
