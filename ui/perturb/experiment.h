// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "ui/common/selection_hub.h"

#include <QList>
#include <QString>
#include <array>
#include <optional>

namespace cw::ui {

/// The wells that genes are dropped into, in the order on the bench.
enum class WellId { kDelete, kInhibit, kActivate, kOverexpress, kAnchor };
inline constexpr int kNumWells = 5;
inline constexpr std::array kAllWells{WellId::kDelete, WellId::kInhibit, WellId::kActivate, WellId::kOverexpress,
                                      WellId::kAnchor};

/// "delete", "inhibit", "activate", "overexpress" as PerturbRequest::kind; "anchor".
[[nodiscard]] const char* word_of(WellId kind) noexcept;
/// "Delete", as the window says it.
[[nodiscard]] QString title_of(WellId kind);
/// What happens to the ranked list of a cell, exactly: "Taken out of the cell's list".
[[nodiscard]] QString operation_of(WellId kind, int quartiles);

struct WellGene {
  QString ensemblId;
  QString symbol;
  [[nodiscard]] bool operator==(const WellGene& other) const { return ensemblId == other.ensemblId; }
};

struct Well {
  bool all = false;  ///< every gene that a cell has, instead of `genes`
  QList<WellGene> genes;
  [[nodiscard]] bool isEmpty() const noexcept { return !all && genes.isEmpty(); }
};

/// Genes may be changed together up to this many; more say nothing about any one of them.
inline constexpr qsizetype kMostTogether = 50;
/// More pairs than this are refused; an anchor asks the same of one gene.
inline constexpr qint64 kMostPairs = 20'000;

/// What stands on the bench: a value that is kept in the project and becomes a specification of the engine.
struct Experiment {
  QString id;    ///< of the project's item, "" = not kept yet
  QString name;  ///< given by the user; "" = `title` makes one
  std::optional<Group> start;
  std::optional<Group> goal;
  QList<Group> alternatives;
  QList<Group> filter;  ///< only these cells: groups of one column add up, different columns narrow down
  std::array<Well, kNumWells> wells;
  int quartiles = 1;    ///< inhibit and activate: by so many quarters of the list, 1 to 3
  QString how;          ///< chosen by the user: "each", "together", "pairs", "anchor"; "" = not chosen
  qint64 maxCells = 0;  ///< 0 = all
  quint64 seed = 42;
  QString modelId;  ///< of Document::models(), "" = the active one
  QString layer = QStringLiteral("second-to-last");
  QString method = QStringLiteral("exact");
  int nullCount = 20;  ///< random genes of the same rank for each named one
  QStringList excludedDonors;
  QString runFolder;  ///< of the last run, "" = never run
  QString jobId;
  qint64 position = 0;  ///< order in the queue

  [[nodiscard]] Well& well(WellId kind) noexcept { return wells[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] const Well& well(WellId kind) const noexcept { return wells[static_cast<std::size_t>(kind)]; }
};

[[nodiscard]] Json to_json(const Group& group);
[[nodiscard]] Group group_from_json(const Json& json);
[[nodiscard]] Json to_json(const Experiment& experiment);
/// Fields that are missing or of another type keep their default: a project must open.
[[nodiscard]] Experiment experiment_from_json(const Json& json);

/// "ctrl → stim, delete all", "delete STAT1": the name, or one made from what stands on the bench.
[[nodiscard]] QString title_of(const Experiment& experiment);

struct AddedGenes {
  int added = 0;
  int already = 0;              ///< in this well before
  QList<WellGene> inOtherWell;  ///< added here, and in another well as well: ask what is meant
  QList<WellId> otherWells;     ///< one per gene of `inOtherWell`
};
/// Adds genes to a well, each once. The anchor takes one gene and replaces the one before.
AddedGenes add_genes(Experiment& experiment, WellId kind, const QList<WellGene>& genes);
/// Puts "all detected genes" into a well, in the place of its genes. The anchor takes no "all".
void add_all_genes(Experiment& experiment, WellId kind);

/// Genes that stand in more than one of the four wells (not the anchor).
[[nodiscard]] QList<WellGene> genes_in_two_wells(const Experiment& experiment);

/// Named genes of the four wells together.
[[nodiscard]] qsizetype num_named(const Experiment& experiment);
[[nodiscard]] bool has_all(const Experiment& experiment);
/// Pairs that "all pairs" would make: within each well n (n − 1) / 2.
[[nodiscard]] qint64 num_pairs(const Experiment& experiment);

/// Why a way to combine genes cannot be chosen now; "" = it can.
[[nodiscard]] QString why_not(const Experiment& experiment, const QString& how);
/// The choice of the user while it is possible; else what the wells leave no doubt about; "" = the user must say.
[[nodiscard]] QString effective_how(const Experiment& experiment);
/// Whether the published package refuses this or does something else (docs/science.md, flag "extension").
[[nodiscard]] bool is_extension(const Experiment& experiment);

}  // namespace cw::ui
