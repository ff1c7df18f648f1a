// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/perturb_options.h"
#include "core/data/table.h"
#include "ui/document/dataset.h"
#include "ui/perturb/experiment.h"

#include <map>
#include <optional>

namespace cw::ui {

/// What an experiment needs from outside to become a specification. All of it may be used off the window's thread.
struct SpecSources {
  DatasetPtr dataset;
  std::filesystem::path model;
  std::string dictionary;                                   ///< "" = the model's own
  std::string donorColumn;                                  ///< "" = not known
  std::map<QString, std::vector<std::int64_t>> selections;  ///< rows of the named selections, by name
};

/// 1 for the cells of a group. Empty where the column or the selection is gone.
[[nodiscard]] std::vector<std::uint8_t> mask_of(const Group& group, const SpecSources& sources);

struct ExperimentSpec {
  PerturbOptions options;       ///< `output` and `labels` still to be set by who runs it
  std::optional<Table> labels;  ///< to be written as CSV and named in `options.labels`
};

inline constexpr const char* kStateLabel = "cellwright_state";
inline constexpr const char* kKeepLabel = "cellwright_keep";

/// The specification that `cellwright perturb` would make of the same: states by their column where all of them are
/// values of one column of the file, else by a table of labels. Cells in start and in goal belong to neither.
/// Errors: kInvalidArgument E-UI-401 (what is missing on the bench), kNotFound E-UI-402 (a group that is gone).
[[nodiscard]] Result<ExperimentSpec> spec_of(const Experiment& experiment, const SpecSources& sources);

}  // namespace cw::ui
