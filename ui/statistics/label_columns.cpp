// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/statistics/label_columns.h"

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
  std::stable_sort(names.begin(), names.end(),
                   [](const QString& a, const QString& b) { return likelihood(a) < likelihood(b); });
  return names;
}

}  // namespace cw::ui
