// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/json.h"
#include "core/base/result.h"

#include <filesystem>

namespace cw::ui {

/// Writes the ranked list of a run with the writers of `cellwright stats`: .csv, .tsv, .xlsx (gene columns as text) or
/// .json, with NAME.provenance.json beside it. `published`: names, order and sorting of the published tables.
/// Runs in the files lane. Errors: those of run_stats and of writing; kUnsupported E-UI-404 (another suffix).
[[nodiscard]] Result<Json> export_list(const std::filesystem::path& run, const std::filesystem::path& file,
                                       bool published, JobContext& context);

/// The ranked list as list.csv and list.xlsx with their provenance, in `folder`, which must be there. The summary of
/// `stats`. Runs in the files lane. Errors as `export_list`.
[[nodiscard]] Result<Json> export_result(const std::filesystem::path& run, const std::filesystem::path& folder,
                                         JobContext& context);

/// Makes a new folder for what leaves a run: `parent`/TITLE, "TITLE 2" where that is taken. Errors: kIo E-UI-410.
[[nodiscard]] Result<std::filesystem::path> make_result_folder(const std::filesystem::path& parent,
                                                               const std::string& title);

}  // namespace cw::ui
