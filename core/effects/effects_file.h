// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/effects/effects.h"

#include <filesystem>
#include <functional>
#include <memory>

namespace cw {

/// Name of the result in a run folder, and of the journal that holds the rows while the run is not complete.
inline constexpr const char* kEffectsFileName = "effects.h5";
inline constexpr const char* kEffectsJournalName = "effects.journal";

/// Reads the result of a run, or the part of it that exists so far: of an unfinished run the journal is read.
///
/// effects.h5: attributes `format` = "cellwright-effects", `version`, `provenance` (JSON), `complete`; per row the
/// lists `cell`, `perturbation`, `rank` (int32), `cosine` (float32 [rows, columns]) and, with states, `progress`;
/// tables `perturbations/` (kind, role, partner; token_offsets with tokens, ensembl_ids, symbols), `cells/` (name,
/// source_row, length, state, donor), `states`; with gene effects `genes/` and `gene_effects/`.
class EffectsReader {
 public:
  /// A run folder, an effects.h5 or a journal. Errors: kNotFound and kParse E-EFF-001 (not such a file), kParse
  /// E-EFF-002 (damaged), kUnsupported E-EFF-006 (written by a newer version).
  [[nodiscard]] static Result<EffectsReader> open(const std::filesystem::path& run_folder_or_file);
  EffectsReader(EffectsReader&&) noexcept;
  EffectsReader& operator=(EffectsReader&&) noexcept;
  ~EffectsReader();

  [[nodiscard]] const EffectsHeader& header() const noexcept;
  [[nodiscard]] bool complete() const noexcept;

  /// Gives all rows in order, in pieces that fit the memory. Errors: kParse E-EFF-002, E-EFF-004, those of `on_rows`.
  Result<> for_each(const std::function<Result<>(const EffectRows&)>& on_rows);
  /// Empty where the run has none or is not complete. Errors: kParse E-EFF-002.
  [[nodiscard]] Result<GeneEffects> gene_effects();

 private:
  struct State;
  explicit EffectsReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The whole run in memory. Errors: as `EffectsReader`.
[[nodiscard]] Result<Effects> read_effects(const std::filesystem::path& run_folder_or_file);

/// Only the rows of these perturbations (indices into the header's table), in the order of the file; constant memory
/// in the rest. Errors: as `EffectsReader`.
[[nodiscard]] Result<EffectRows> read_effects_of(EffectsReader& reader, const std::vector<std::int32_t>& perturbations);

/// Writes a whole run at once (imports, tests). Errors: kInvalidArgument E-IO-005 (exists), kIo, kNoSpace, E-EFF-004.
Result<> write_effects(const std::filesystem::path& file, const Effects& effects, bool overwrite);

/// Takes the rows of a run block by block. After `append` returns, the block survives a kill. `finish` turns the
/// journal into effects.h5, so that the file of a resumed run equals that of an uninterrupted one, data set by data
/// set.
class EffectsWriter {
 public:
  /// Begins in `folder` (made if missing), or goes on where a run with the same header stopped.
  /// Errors: kIo, kNoSpace; kInvalidArgument E-EFF-003 where the folder holds another run and `overwrite` is not given.
  [[nodiscard]] static Result<EffectsWriter> open(const std::filesystem::path& folder, const EffectsHeader& header,
                                                  bool overwrite);
  EffectsWriter(EffectsWriter&&) noexcept;
  EffectsWriter& operator=(EffectsWriter&&) noexcept;
  ~EffectsWriter();

  /// Number of blocks that the journal holds: the index of the next one to compute.
  [[nodiscard]] std::int64_t num_blocks() const noexcept;
  /// effects.h5 exists already and is complete.
  [[nodiscard]] bool finished() const noexcept;
  /// Gives the rows of the blocks that exist, in order (to go on with running figures). Errors: kIo, kParse.
  Result<> replay(const std::function<Result<>(const EffectRows&)>& on_rows) const;

  /// Errors: kIo, kNoSpace, E-EFF-004.
  Result<> append(const EffectRows& rows);
  /// Gives effects on genes part by part, in the order of `GeneEffects`.
  using GeneEffectParts = std::function<Result<>(const std::function<Result<>(const GeneEffects&)>& on_part)>;
  /// Writes effects.h5 from the journal, renames it into place and removes the journal. Errors: kIo, kNoSpace, those of
  /// `gene_effects`.
  Result<> finish(const GeneEffectParts& gene_effects = {});

 private:
  struct State;
  explicit EffectsWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cw
