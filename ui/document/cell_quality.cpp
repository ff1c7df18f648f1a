// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/cell_quality.h"

#include <QCoreApplication>

namespace cw::ui {

QString word_of(CellQuality quality) {
  switch (quality) {
    case CellQuality::kCounts:
      return QStringLiteral("counts");
    case CellQuality::kGenes:
      return QStringLiteral("genes");
    case CellQuality::kMitochondrial:
      break;
  }
  return QStringLiteral("mitochondrial");
}

std::optional<CellQuality> quality_of(const QString& word) {
  for (const CellQuality quality : kCellQualities) {
    if (word == word_of(quality)) return quality;
  }
  return std::nullopt;
}

QString title_of(CellQuality quality) {
  switch (quality) {
    case CellQuality::kCounts:
      return QCoreApplication::translate("CellQuality", "Counts per cell");
    case CellQuality::kGenes:
      return QCoreApplication::translate("CellQuality", "Genes per cell");
    case CellQuality::kMitochondrial:
      break;
  }
  return QCoreApplication::translate("CellQuality", "Mitochondrial %");
}

std::vector<float> values_of(const CountSums& sums, CellQuality quality) {
  if (quality == CellQuality::kCounts) return sums.totals;
  if (quality == CellQuality::kGenes) return {sums.detected.begin(), sums.detected.end()};
  std::vector<float> percent = sums.mitochondrial;
  for (float& value : percent) value *= 100.0F;
  return percent;
}

}  // namespace cw::ui
