// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/table.h"

#include <QList>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace cw::ui {

/// What a map is coloured by, as it is chosen and kept.
struct Coloring {
  enum class Kind { kNothing, kColumn, kGenes, kSelectedGenes, kQuality };
  Kind kind = Kind::kNothing;
  QString column;     ///< of kColumn; of kQuality its word (ui/document/cell_quality.h)
  QStringList genes;  ///< Ensembl ids of kGenes; several = mean of their log-normalised values
  QString name;       ///< as the user sees it: "cell type", "STAT1", "Interferon response"
  [[nodiscard]] bool operator==(const Coloring& other) const {
    return kind == other.kind && column == other.column && genes == other.genes;
  }
};

/// One value per cell to colour by: categories or numbers. Never changed once made.
struct ColorField {
  QString title;
  bool categorical = false;
  QStringList categories;            ///< in the order of the file
  std::vector<int> places;           ///< of the categories among all of the column: what colours go by
  std::vector<std::int64_t> counts;  ///< cells per category
  std::vector<std::int32_t> codes;   ///< [cells] index into categories, -1 = missing
  std::vector<float> values;         ///< [cells] numbers, NaN = missing
  float low = 0.0F;                  ///< range shown at first: of genes 0 to the 99th percentile, else all values
  float high = 1.0F;
  float lowest = 0.0F;  ///< of all numbers
  float highest = 1.0F;
  bool zeroIsNone = false;           ///< of genes: cells without a count are shown like missing ones
  std::int64_t missing = 0;          ///< cells without a value
  std::vector<std::uint32_t> order;  ///< drawing order of the cells: numbers rising, else shuffled; missing first

  [[nodiscard]] std::size_t num_cells() const noexcept { return order.size(); }
  /// The value of a cell as text, "" where missing.
  [[nodiscard]] QString text(std::int64_t cell) const;
};
using ColorFieldPtr = std::shared_ptr<const ColorField>;

/// How a column can be used for colouring.
struct ColumnUse {
  enum class Kind { kCategories, kNumbers, kText };
  QString name;
  Kind kind = Kind::kText;
  int numCategories = 0;
  bool mostlyKnown = true;  ///< at least half of the cells have a value
};
/// Columns with at most 256 different texts (or 24 different whole numbers) are categories, others are numbers; longer
/// lists of texts (names of cells) are neither. One pass over the table: not on the window's thread.
[[nodiscard]] QList<ColumnUse> column_uses(const Table& cells);
/// The column that a new map is coloured by: cell types before clusters before conditions; "" where there is none.
[[nodiscard]] QString best_column(const QList<ColumnUse>& uses);

[[nodiscard]] ColorFieldPtr plain_field(std::int64_t num_cells);
[[nodiscard]] ColorFieldPtr field_of_column(const Column& column, ColumnUse::Kind kind);
/// Numbers per cell that no column holds.
[[nodiscard]] ColorFieldPtr field_of_numbers(const QString& title, std::vector<float> values);
/// Mean over genes of log-normalised values, each [cells]; a single gene is shown as it is.
[[nodiscard]] ColorFieldPtr field_of_genes(const QString& title, std::vector<std::span<const float>> genes);

/// "cell_type" as "cell type".
[[nodiscard]] QString column_words(const QString& column);

}  // namespace cw::ui
