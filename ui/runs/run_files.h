// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/search/search_record.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cw::ui {

/// A state of a run that can be gone on from.
struct RunCheckpoint {
  std::int64_t step = 0;
  std::uint64_t bytes = 0;
  bool kept = false;  ///< stays however many newer ones come
  std::filesystem::path folder;
};

/// How often cells of a true class (row) were called a class (column).
struct ConfusionMatrix {
  std::vector<std::string> classes;
  std::vector<std::int64_t> counts;  ///< [classes * classes]
  [[nodiscard]] std::int64_t at(std::size_t truth, std::size_t predicted) const {
    return counts[truth * classes.size() + predicted];
  }
};

/// What lies in the folder of a run.
struct RunFiles {
  Json options;                            ///< of the job
  std::vector<RunCheckpoint> checkpoints;  ///< newest first
  std::int64_t best_step = -1;             ///< with the best validation so far, -1 = none
  std::filesystem::path model;             ///< folder of the finished model, "" = none yet
  std::uint64_t model_bytes = 0;
  Json evaluation;            ///< of the test cells beside baselines (core/evaluate/comparison.h), null = none
  ConfusionMatrix confusion;  ///< of the test cells, empty = none
  std::vector<std::filesystem::path> replay;  ///< calls of the validation cells, one file per validation, in order
  std::optional<SearchRecord> search;  ///< of a search: its trials; model, evaluation and confusion are the best one's
};
using RunFilesPtr = std::shared_ptr<const RunFiles>;

/// Errors: kNotFound E-JOB-004 (no job there), kParse. Parts that are not there yet are empty.
[[nodiscard]] Result<RunFilesPtr> read_run_files(const std::filesystem::path& folder);

/// Counts the columns "true" and "predicted" of predictions.csv. Errors: those of reading the file.
[[nodiscard]] Result<ConfusionMatrix> read_confusion(const std::filesystem::path& predictions);

}  // namespace cw::ui
