// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <filesystem>

namespace cw {

/// Files of a checkpoint: a folder `step-000001234` below the `checkpoints` of a run.
inline constexpr const char* kCheckpointWeights = "weights.safetensors";
inline constexpr const char* kCheckpointOptimiser = "optimiser.safetensors";
inline constexpr const char* kCheckpointState = "state.json";

/// A checkpoint that is kept stays, however many newer ones come.
[[nodiscard]] bool is_kept_checkpoint(const std::filesystem::path& checkpoint);
/// Errors: kNotFound E-TRN-015 (it is gone), kIo, kNoSpace.
Result<> keep_checkpoint(const std::filesystem::path& checkpoint, bool keep);

/// Makes `run` a run that goes on from this checkpoint alone: it is linked there, or copied to another disk. What was
/// the best of the other run before is not looked back at: it may have come after this checkpoint. Errors: kNotFound
/// E-TRN-015, kParse E-TRN-006 (no state of a checkpoint), kInvalidArgument E-IO-005 (`run` has checkpoints), kIo,
/// kNoSpace.
Result<> branch_from_checkpoint(const std::filesystem::path& checkpoint, const std::filesystem::path& run);

/// Writes the encoder of a checkpoint as a model without a head: what embedding reads. `dictionary` as in the
/// cellwright.json of the model that training started from, null = none there. Errors: kNotFound E-TRN-015, kParse
/// E-TRN-006, kRefused E-TRN-016 (a LoRA run: its changes lie beside the encoder), those of write_model_folder.
Result<> export_checkpoint(const std::filesystem::path& checkpoint, const std::filesystem::path& new_folder,
                           const Json& dictionary);

}  // namespace cw
