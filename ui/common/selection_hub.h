// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QObject>
#include <QStringList>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace cw::ui {

/// Cells of the open data set: one byte per row, 1 = selected. Shared, never changed once made.
struct CellSelection {
  std::vector<std::uint8_t> mask;
  std::int64_t count = 0;
  QString name;    ///< "lasso 3", "CD14+ Mono"
  QString origin;  ///< object name of the panel that made it
};
using CellSelectionPtr = std::shared_ptr<const CellSelection>;

[[nodiscard]] CellSelectionPtr make_selection(std::vector<std::uint8_t> mask, QString name, QString origin);

/// Genes by Ensembl id, in the order in which they were picked.
struct GeneSelection {
  QStringList ensemblIds;
  QString name;  ///< of the list it came from, or ""
  QString origin;
};

/// A group of cells: a value of a label column, or a named selection of the project.
struct Group {
  enum class Kind { kColumnValue, kSelection };
  Kind kind = Kind::kColumnValue;
  QString column;  ///< of a column value
  QString value;   ///< of a column value; of a selection its name
  QColor color;
  std::int64_t count = 0;
  [[nodiscard]] bool operator==(const Group& other) const {
    return kind == other.kind && column == other.column && value == other.value;
  }
  [[nodiscard]] QString label() const { return value; }
};

/// The two states of an experiment and its alternatives.
struct GroupChoice {
  std::optional<Group> start;
  std::optional<Group> goal;
  QList<Group> alternatives;
};

/// Which cells, genes and groups are meant right now, for all panels: everyone shows it, nobody owns it. Every change
/// carries its origin, so that a panel can leave its own alone. Changes made with `undoable` go through the document's
/// undo stack (Document::selectCells and so on); panels call those.
class SelectionHub : public QObject {
  Q_OBJECT
 public:
  using QObject::QObject;
  /// nullptr = all cells.
  [[nodiscard]] const CellSelectionPtr& cells() const noexcept { return cells_; }
  [[nodiscard]] const GeneSelection& genes() const noexcept { return genes_; }
  [[nodiscard]] const GroupChoice& groups() const noexcept { return groups_; }

  void setCells(CellSelectionPtr cells);
  void setGenes(GeneSelection genes);
  void setGroups(GroupChoice groups);
  /// The cell, gene or group under the mouse, shown by all panels without being selected; -1 and "" = none.
  void hoverCell(std::int64_t row);
  void hoverGene(const QString& ensemblId);

 Q_SIGNALS:
  void cellsChanged();
  void genesChanged();
  void groupsChanged();
  void cellHovered(std::int64_t row);
  void geneHovered(const QString& ensemblId);

 private:
  CellSelectionPtr cells_;
  GeneSelection genes_;
  GroupChoice groups_;
};

}  // namespace cw::ui
