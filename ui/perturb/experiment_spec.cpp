// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/experiment_spec.h"

#include <algorithm>

namespace cw::ui {
namespace {

constexpr const char* kYes = "yes";

Error missing(const char* what) { return Error{ErrorCode::kInvalidArgument, "E-UI-401", what}; }

Error gone(const Group& group) {
  const std::string name = group.label().toStdString();
  return Error{ErrorCode::kNotFound, "E-UI-402",
               group.kind == Group::Kind::kSelection
                   ? "there is no selection called '" + name + "' in the project any more; choose another group"
                   : "no cell has '" + name + "' in the column '" + group.column.toStdString() +
                         "' any more; choose another group"};
}

bool in_file(const Dataset& dataset, const std::string& column) {
  const auto& columns = dataset.info.cell_columns;
  return std::any_of(columns.begin(), columns.end(), [&](const ColumnInfo& info) { return info.name == column; });
}

/// Collects the columns that the engine cannot find in the file.
class Labels {
 public:
  explicit Labels(const SpecSources& sources) : sources_(sources) {}
  [[nodiscard]] bool is_empty() const { return columns_.empty(); }

  /// A column of the data set that the file does not have (joined, renamed): the engine is given a copy.
  void need(const std::string& column) {
    if (column.empty() || in_file(*sources_.dataset, column)) return;
    const bool known = std::any_of(columns_.begin(), columns_.end(), [&](const Column& c) { return c.name == column; });
    if (const Column* found = sources_.dataset->cells.find(column); found != nullptr && !known) {
      columns_.push_back(as_categorical(*found));
    }
  }
  void add(Column column) { columns_.push_back(std::move(column)); }
  [[nodiscard]] Table take() {
    Table table;
    table.index_name = "cell";
    table.index = sources_.dataset->cells.index;
    table.columns = std::move(columns_);
    return table;
  }

 private:
  const SpecSources& sources_;
  std::vector<Column> columns_;
};

/// The states in the order start, goal, alternatives.
QList<Group> states_of(const Experiment& e) {
  QList<Group> states;
  if (e.start && e.goal) states << *e.start << *e.goal << e.alternatives;
  return states;
}

bool is_one_column(const QList<Group>& groups) {
  return std::all_of(groups.begin(), groups.end(), [&](const Group& group) {
    return group.kind == Group::Kind::kColumnValue && group.column == groups.first().column;
  });
}

/// The states as a column of labels; cells that are in more than one state get none.
Result<Column> state_column(const QList<Group>& states, const SpecSources& sources) {
  std::vector<std::int32_t> codes(static_cast<std::size_t>(sources.dataset->num_cells()), -1);
  std::vector<std::uint8_t> twice(codes.size(), 0);
  std::vector<std::string> names;
  for (const Group& group : states) {
    const auto mask = mask_of(group, sources);
    if (mask.empty()) return gone(group);
    for (std::size_t i = 0; i < mask.size(); ++i) {
      if (mask[i] == 0) continue;
      if (codes[i] >= 0) twice[i] = 1;
      codes[i] = static_cast<std::int32_t>(names.size());
    }
    names.push_back(group.label().toStdString());
  }
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (twice[i] != 0) codes[i] = -1;
  }
  return Column::of_codes(kStateLabel, std::move(codes), std::move(names));
}

Result<> add_states(const Experiment& e, const SpecSources& sources, Labels& labels, PerturbOptions& options) {
  const QList<Group> states = states_of(e);
  if (states.isEmpty()) return {};
  if (is_one_column(states)) {
    options.state_column = states.first().column.toStdString();
    labels.need(options.state_column);
  } else {
    CW_ASSIGN(Column column, state_column(states, sources));
    labels.add(std::move(column));
    options.state_column = kStateLabel;
  }
  options.start = e.start->value.toStdString();
  options.goal = e.goal->value.toStdString();
  for (const Group& group : e.alternatives) options.alternatives.push_back(group.value.toStdString());
  return {};
}

Result<> add_filter(const Experiment& e, const SpecSources& sources, Labels& labels, PerturbOptions& options) {
  QList<Group> filter = e.filter;
  // Without a goal there are no states: START says which cells are changed.
  if (e.start && !e.goal) filter << *e.start;
  std::vector<std::uint8_t> keep;
  for (const Group& group : filter) {
    if (group.kind == Group::Kind::kColumnValue) {
      options.filter[group.column.toStdString()].push_back(group.value.toStdString());
      labels.need(group.column.toStdString());
      continue;
    }
    const auto mask = mask_of(group, sources);
    if (mask.empty()) return gone(group);
    if (keep.empty()) keep.assign(mask.size(), 0);
    for (std::size_t i = 0; i < mask.size(); ++i) keep[i] = keep[i] | mask[i];
  }
  if (!keep.empty()) {
    std::vector<std::int32_t> codes;
    for (const std::uint8_t one : keep) codes.push_back(one != 0 ? 0 : -1);
    labels.add(Column::of_codes(kKeepLabel, std::move(codes), {kYes}));
    options.filter[kKeepLabel] = {kYes};
  }
  return {};
}

void add_donors(const Experiment& e, const SpecSources& sources, Labels& labels, PerturbOptions& options) {
  if (sources.donorColumn.empty()) return;
  const Column* donors = sources.dataset->cells.find(sources.donorColumn);
  if (donors == nullptr) return;
  options.donor_column = sources.donorColumn;
  labels.need(sources.donorColumn);
  if (e.excludedDonors.isEmpty()) return;
  auto& allowed = options.filter[sources.donorColumn];
  const std::vector<std::string> before = allowed;
  allowed.clear();
  for (const std::string& donor : as_categorical(*donors).categories) {
    const bool kept = before.empty() || std::find(before.begin(), before.end(), donor) != before.end();
    if (kept && !e.excludedDonors.contains(QString::fromStdString(donor))) allowed.push_back(donor);
  }
}

Result<> add_requests(const Experiment& e, PerturbOptions& options) {
  const auto ids_of = [](const Well& well) {
    std::vector<std::string> ids;
    for (const WellGene& gene : well.genes) ids.push_back(gene.ensemblId.toStdString());
    return ids;
  };
  for (const WellId kind : kAllWells) {
    const Well& well = e.well(kind);
    if (kind == WellId::kAnchor || well.isEmpty()) continue;
    options.requests.push_back({word_of(kind), well.all ? std::vector<std::string>{"all"} : ids_of(well)});
  }
  if (options.requests.empty()) return missing("the bench holds no genes; drop genes onto Delete, or choose all genes");
  const QString how = effective_how(e);
  if (how.isEmpty()) return missing("say how the genes are changed: each alone, together, or in pairs");
  options.how = how.toStdString();
  if (how == QLatin1String("anchor")) options.anchor = ids_of(e.well(WellId::kAnchor)).front();
  options.quartiles = e.quartiles;
  const bool named = num_named(e) > 0 && !has_all(e);
  options.null_count = named ? e.nullCount : 0;
  return {};
}

}  // namespace

std::vector<std::uint8_t> mask_of(const Group& group, const SpecSources& sources) {
  if (!sources.dataset) return {};
  const auto size = static_cast<std::size_t>(sources.dataset->num_cells());
  if (group.kind == Group::Kind::kSelection) {
    const auto rows = sources.selections.find(group.value);
    if (rows == sources.selections.end()) return {};
    std::vector<std::uint8_t> mask(size, 0);
    for (const std::int64_t row : rows->second) {
      if (row >= 0 && static_cast<std::size_t>(row) < size) mask[static_cast<std::size_t>(row)] = 1;
    }
    return mask;
  }
  const Column* column = sources.dataset->cells.find(group.column.toStdString());
  if (column == nullptr) return {};
  const Column values = as_categorical(*column);
  const auto found = std::find(values.categories.begin(), values.categories.end(), group.value.toStdString());
  if (found == values.categories.end()) return {};
  const auto code = static_cast<std::int32_t>(found - values.categories.begin());
  std::vector<std::uint8_t> mask(size, 0);
  for (std::size_t i = 0; i < size; ++i) mask[i] = values.codes[i] == code ? 1 : 0;
  return mask;
}

Result<ExperimentSpec> spec_of(const Experiment& e, const SpecSources& sources) {
  if (!sources.dataset) return missing("no data are open; open a file first");
  if (sources.model.empty()) return missing("there is no model; choose one");
  if (e.goal && !e.start) return missing("START is empty; drop the group of cells there that is to be changed");
  ExperimentSpec spec;
  PerturbOptions& options = spec.options;
  options.input = sources.dataset->path.string();
  options.model = sources.model.string();
  options.dictionary = sources.dictionary;
  CW_TRY(add_requests(e, options));
  Labels labels(sources);
  CW_TRY(add_states(e, sources, labels, options));
  CW_TRY(add_filter(e, sources, labels, options));
  add_donors(e, sources, labels, options);
  options.max_cells = e.maxCells;
  options.seed = e.seed;
  options.layer = e.layer.toStdString();
  options.method = e.method.toStdString();
  if (!labels.is_empty()) spec.labels = labels.take();
  return spec;
}

}  // namespace cw::ui
