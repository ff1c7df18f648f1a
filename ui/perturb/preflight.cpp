// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/preflight.h"

#include "core/tokenize/dictionary.h"
#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <algorithm>
#include <set>

namespace cw::ui {
namespace {

constexpr std::int64_t kFewCells = 20;

QString tr(const char* text) { return QCoreApplication::translate("Preflight", text); }

std::int64_t count_of(const std::vector<std::uint8_t>& mask) {
  return std::count(mask.begin(), mask.end(), std::uint8_t{1});
}

std::set<std::int32_t> donors_in(const std::vector<std::uint8_t>& mask, const Column& donors) {
  std::set<std::int32_t> codes;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] != 0 && donors.codes[i] >= 0) codes.insert(donors.codes[i]);
  }
  return codes;
}

/// Cells that pass the filter: any of the groups of one column, all columns; any of the selections.
std::vector<std::uint8_t> filter_mask(const Experiment& e, const SpecSources& sources) {
  std::vector<std::uint8_t> pass(static_cast<std::size_t>(sources.dataset->num_cells()), 1);
  std::map<QString, std::vector<std::uint8_t>> by_column;
  for (const Group& group : e.filter) {
    const QString key = group.kind == Group::Kind::kSelection ? QString() : group.column;
    const auto mask = mask_of(group, sources);
    if (mask.empty()) continue;
    auto& any = by_column[key];
    if (any.empty()) any.assign(mask.size(), 0);
    for (std::size_t i = 0; i < mask.size(); ++i) any[i] = any[i] | mask[i];
  }
  for (const auto& [column, any] : by_column) {
    for (std::size_t i = 0; i < pass.size(); ++i) pass[i] = pass[i] & any[i];
  }
  return pass;
}

void look_up_genes(const Experiment& e, const SpecSources& sources, BenchFacts& facts) {
  const auto dictionary = Dictionary::load(sources.dictionary.empty() ? "v1" : sources.dictionary);
  if (!dictionary) return;
  for (const DatasetGene& gene : sources.dataset->genes) {
    if (!gene.ensembl_id.empty() && (*dictionary)->token_of(gene.ensembl_id)) ++facts.detectedGenes;
  }
  for (const WellId kind : kAllWells) {
    for (const WellGene& gene : e.well(kind).genes) {
      if (!(*dictionary)->token_of(gene.ensemblId.toStdString())) facts.unknownGenes << gene.symbol;
    }
  }
}

void add_state_checks(const Experiment& e, const BenchFacts& f, QList<Check>& checks) {
  using Level = Check::Level;
  if (f.startGone) {
    checks << Check{Level::kBlocks, tr("START is gone"),
                    tr("The group “%1” is no longer in the data.").arg(e.start->label()), tr("Empty START"),
                    Check::Fix::kClearStart};
  }
  if (f.goalGone) {
    checks << Check{Level::kBlocks, tr("GOAL is gone"),
                    tr("The group “%1” is no longer in the data.").arg(e.goal->label()), tr("Empty GOAL"),
                    Check::Fix::kClearGoal};
  }
  if (e.start && e.goal && *e.start == *e.goal) {
    checks << Check{Level::kBlocks, tr("START is GOAL"), tr("A group cannot move towards itself. Choose another goal."),
                    tr("Empty GOAL"), Check::Fix::kClearGoal};
    return;
  }
  for (const Group& alternative : e.alternatives) {
    if ((e.start && alternative == *e.start) || (e.goal && alternative == *e.goal)) {
      checks << Check{Level::kBlocks,
                      tr("Twice the same group"),
                      tr("“%1” is ALTERNATIVE and START or GOAL.").arg(alternative.label()),
                      {},
                      Check::Fix::kNone};
    }
  }
  if (e.start && !f.startGone && f.changedCells == 0) {
    checks << Check{Level::kBlocks, tr("No cells"), tr("No cell of START passes the filter."),
                    e.excludedDonors.isEmpty() ? QString() : tr("Use all donors"), Check::Fix::kIncludeDonors};
  }
  if (f.inBoth > 0) {
    checks << Check{Level::kWarns,
                    tr("Cells in both"),
                    tr("%1 cells are in START and in GOAL; they count for neither.").arg(count_text(f.inBoth)),
                    {},
                    Check::Fix::kNone};
  }
  const auto few = [&](const std::optional<Group>& group, std::int64_t cells, const QString& where) {
    if (!group || cells == 0 || cells >= kFewCells) return;
    checks << Check{
        Level::kWarns,
        tr("Few cells"),
        tr("%1 has %2 cells. Under 20 the mean of a group is uncertain; take a wider group.").arg(where).arg(cells),
        {},
        Check::Fix::kNone};
  };
  few(e.start, std::min(f.startCells, std::max<std::int64_t>(f.changedCells, 1)), tr("START"));
  few(e.goal, f.goalCells, tr("GOAL"));
}

void add_donor_checks(const Experiment& e, const BenchFacts& f, QList<Check>& checks) {
  using Level = Check::Level;
  if (!e.excludedDonors.isEmpty()) {
    checks << Check{Level::kTells, tr("Donors left out"), e.excludedDonors.join(QStringLiteral(", ")),
                    tr("Use all donors"), Check::Fix::kIncludeDonors};
  }
  if (!e.start || !e.goal) return;
  if (!f.donorsKnown) {
    checks << Check{Level::kTells,
                    tr("Donors not known"),
                    tr("No column says which donor a cell comes from. Cells count as replicates then, and p-values "
                       "speak about these cells only."),
                    {},
                    Check::Fix::kNone};
    return;
  }
  if (f.startDonors == 1 || f.goalDonors == 1) {
    checks << Check{Level::kWarns,
                    tr("One donor"),
                    tr("%1 comes from one donor: what is seen may be that donor and not the group.")
                        .arg(f.startDonors == 1 ? tr("START") : tr("GOAL")),
                    {},
                    Check::Fix::kNone};
  }
  const auto shared = f.sharedDonors.size();
  if (shared == 0 || (f.startDonors == 1 && f.goalDonors == 1)) return;  // one donor is said above
  if (shared == f.startDonors && shared == f.goalDonors) {
    checks << Check{Level::kTells,
                    tr("Paired donors"),
                    tr("All %1 donors are in START and in GOAL: differences between donors cancel.").arg(shared),
                    {},
                    Check::Fix::kNone};
  } else {
    checks << Check{Level::kWarns, tr("Shared donors"),
                    tr("START and GOAL share %1 of %2 and %3 donors, so their difference is partly one within donors.")
                        .arg(shared)
                        .arg(f.startDonors)
                        .arg(f.goalDonors),
                    tr("Leave them out"), Check::Fix::kExcludeDonors};
  }
}

/// 1 for the cells that are changed.
std::vector<std::uint8_t> changed_mask(const Experiment& e, const SpecSources& sources,
                                       const std::vector<std::uint8_t>& start, const std::vector<std::uint8_t>& goal) {
  std::vector<std::uint8_t> changed = filter_mask(e, sources);
  for (std::size_t i = 0; i < start.size(); ++i) changed[i] = changed[i] & start[i];
  for (std::size_t i = 0; i < std::min(start.size(), goal.size()); ++i) {
    if (start[i] != 0 && goal[i] != 0) changed[i] = 0;
  }
  const Column* column = sources.donorColumn.empty() ? nullptr : sources.dataset->cells.find(sources.donorColumn);
  if (column == nullptr || e.excludedDonors.isEmpty()) return changed;
  const Column donors = as_categorical(*column);
  for (std::size_t i = 0; i < changed.size(); ++i) {
    const std::int32_t code = donors.codes[i];
    if (code >= 0 &&
        e.excludedDonors.contains(QString::fromStdString(donors.categories[static_cast<std::size_t>(code)])))
      changed[i] = 0;
  }
  return changed;
}

void count_donors(const Experiment& e, const SpecSources& sources, const std::vector<std::uint8_t>& start,
                  const std::vector<std::uint8_t>& goal, BenchFacts& f) {
  const Column* column = sources.donorColumn.empty() ? nullptr : sources.dataset->cells.find(sources.donorColumn);
  f.donorsKnown = column != nullptr;
  if (column == nullptr) return;
  const Column donors = as_categorical(*column);
  const auto in_start = donors_in(start, donors);
  const auto in_goal = donors_in(goal, donors);
  f.startDonors = static_cast<int>(in_start.size());
  f.goalDonors = static_cast<int>(in_goal.size());
  for (const std::int32_t code : in_start) {
    const QString name = QString::fromStdString(donors.categories[static_cast<std::size_t>(code)]);
    if (in_goal.contains(code) && !e.excludedDonors.contains(name)) f.sharedDonors << name;
  }
  for (const Group& group : e.alternatives) {
    f.alternativeDonors << static_cast<int>(donors_in(mask_of(group, sources), donors).size());
  }
}

}  // namespace

BenchFacts facts_of(const Experiment& e, const SpecSources& sources) {
  BenchFacts f;
  if (!sources.dataset) return f;
  f.hasCounts = !sources.dataset->counts_where.empty();
  look_up_genes(e, sources, f);
  const auto start = e.start ? mask_of(*e.start, sources) : std::vector<std::uint8_t>();
  const auto goal = e.goal ? mask_of(*e.goal, sources) : std::vector<std::uint8_t>();
  f.startGone = e.start && start.empty();
  f.goalGone = e.goal && goal.empty();
  f.startCells = count_of(start);
  f.goalCells = count_of(goal);
  for (std::size_t i = 0; i < std::min(start.size(), goal.size()); ++i) f.inBoth += start[i] != 0 && goal[i] != 0;
  count_donors(e, sources, start, goal, f);
  for (const Group& group : e.alternatives) f.alternativeCells << count_of(mask_of(group, sources));
  f.changedCells = count_of(changed_mask(e, sources, start, goal));
  return f;
}

std::vector<std::int64_t> rows_to_change(const Experiment& e, const SpecSources& sources) {
  if (!sources.dataset) return {};
  const auto start = e.start ? mask_of(*e.start, sources) : std::vector<std::uint8_t>();
  const auto goal = e.goal ? mask_of(*e.goal, sources) : std::vector<std::uint8_t>();
  const auto changed = changed_mask(e, sources, start, goal);
  std::vector<std::int64_t> rows;
  for (std::size_t i = 0; i < changed.size(); ++i) {
    if (changed[i] != 0) rows.push_back(static_cast<std::int64_t>(i));
  }
  return rows;
}

QList<Check> checks_of(const Experiment& e, const BenchFacts& f) {
  using Level = Check::Level;
  QList<Check> checks;
  add_state_checks(e, f, checks);
  if (!f.unknownGenes.isEmpty()) {
    checks << Check{Level::kWarns, tr("Not in the model"),
                    tr("%1: the model has no such genes; they are left out.")
                        .arg(f.unknownGenes.mid(0, 6).join(QStringLiteral(", "))),
                    tr("Take them out"), Check::Fix::kRemoveUnknown};
  }
  if (e.method == QLatin1String("screen")) {
    const bool plain = effective_how(e) == QLatin1String("each") && e.well(WellId::kInhibit).isEmpty() &&
                       e.well(WellId::kActivate).isEmpty() && e.well(WellId::kOverexpress).isEmpty() &&
                       !e.well(WellId::kDelete).isEmpty();
    if (!plain) {
      checks << Check{Level::kBlocks, tr("Screen"),
                      tr("The screen estimates deletions of single genes only. Compute exactly instead."),
                      tr("Compute exactly"), Check::Fix::kComputeExactly};
    }
  }
  add_donor_checks(e, f, checks);
  std::stable_sort(checks.begin(), checks.end(), [](const Check& a, const Check& b) { return a.level < b.level; });
  return checks;
}

QString missing_for_run(const Experiment& e, const BenchFacts& f) {
  if (!f.hasCounts) {
    return tr(
        "This file holds no raw counts, and the model reads genes in the order of their counts. Open a file with "
        "counts.");
  }
  if (num_named(e) == 0 && !has_all(e)) {
    return tr("Your draft needs genes: drop some onto Delete, or press its + and choose all detected genes.");
  }
  if (e.goal && !e.start) return tr("Your draft needs a START group: the cells that are changed.");
  if (effective_how(e).isEmpty()) return tr("Say how: each gene alone, all together, or all pairs.");
  for (const Check& check : checks_of(e, f)) {
    if (check.level == Check::Level::kBlocks) return check.text;
  }
  return {};
}

}  // namespace cw::ui
