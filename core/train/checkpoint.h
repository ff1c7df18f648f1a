// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/train/parameters.h"
#include "core/train/training_state.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace cw {

/// The checkpoints of one run: folders `step-000001234` below `checkpoints/`, each complete or absent, because it is
/// written under another name and renamed. The two newest stay, and those that the user keeps
/// (core/weights/run_checkpoint.h); `best` holds the weights of the best validation.
class CheckpointStore {
 public:
  explicit CheckpointStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Complete checkpoints, newest first. What a kill left half-written has another name and is not listed.
  [[nodiscard]] std::vector<std::filesystem::path> list() const;
  /// Writes weights, moments, state and `fingerprint`; then removes older ones (remove_old). While it writes it calls
  /// `release`, where given, many times a second: of an optimiser state in a file. Errors: kIo, kNoSpace.
  Result<> save(const Parameters& parameters, const TrainingState& state, const Json& fingerprint,
                const std::function<void()>& release = {}) const;
  /// Loads the newest checkpoint whose checksums are right; older ones are tried where it is damaged.
  /// Nothing if there is none. Errors: kRefused E-TRN-003 (made with other options: names them), E-TRN-007 (all
  /// damaged), kParse E-TRN-006, kShape E-TRN-005.
  [[nodiscard]] Result<std::optional<TrainingState>> load(Parameters& parameters, const Json& fingerprint,
                                                          JobContext& context) const;
  /// Weights with the lowest validation loss so far. Errors: kIo, kNoSpace.
  Result<> save_best(const Parameters& parameters, std::int64_t step) const;
  /// Errors: kNotFound, kParse, kShape.
  Result<> load_best(Parameters& parameters) const;
  /// Removes what `save` would have removed, had it not been killed before it got there.
  void remove_old() const;
  /// Removes everything. Errors: kIo.
  Result<> clear() const;

 private:
  Result<TrainingState> load_one(const std::filesystem::path& folder, Parameters& parameters,
                                 const Json& fingerprint) const;

  std::filesystem::path folder_;
};

}  // namespace cw
