// SPDX-License-Identifier: GPL-3.0-or-later
// Jobs on the bundled cells and the demonstration model, for tests of what starts and follows jobs.
#pragma once
#include "core/api/embed_options.h"
#include "core/api/perturb_options.h"
#include "core/jobs/job_spec.h"

#include <filesystem>

namespace cw::ui {

/// Twenty cells: a second or two.
inline JobSpec small_embedding(const std::filesystem::path& folder) {
  EmbedOptions options;
  options.input = CW_SOURCE_DIR "/resources/example/pbmc3k_half_a.h5ad";
  options.model = CW_SOURCE_DIR "/resources/models/demo";
  options.max_cells = 20;
  options.output = (folder / "cells.h5ad").string();
  return new_job("embed", to_json(options));
}

/// Takes minutes to the end: only its beginning is of interest.
inline JobSpec long_run(const std::filesystem::path& folder) {
  PerturbOptions options;
  options.input = CW_SOURCE_DIR "/resources/example/pbmc3k_half_a.h5ad";
  options.model = CW_SOURCE_DIR "/resources/models/demo";
  options.output = folder.string();
  options.requests = {PerturbRequest{"delete", {"all"}}};
  options.max_cells = 200;
  return new_job("perturb", to_json(options));
}

}  // namespace cw::ui
