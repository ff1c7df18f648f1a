// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/effects/effects.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>

namespace cw {

/// The cosine of one affected gene in one cell under one perturbation.
struct GeneCosine {
  std::int32_t perturbation = 0;
  std::int32_t affected = 0;  ///< token
  float cosine = 0.0F;
};

/// Sums over cells of the cosines of affected genes, in constant memory: values are collected up to a limit, then
/// merged into a sorted file. Sums are integers (fixed point), so their order, the number of threads and interruptions
/// do not change a bit of the result.
///
/// Precision  1 - cosine is kept to 2^-30 (float32 next to 1 resolves 2^-24); up to 2^31 cells.
class GeneEffectTable {
 public:
  static constexpr std::int64_t kMostPairs = 1 << 18;
  /// Begins empty, or goes on with what the folder holds; values of blocks from `num_blocks` on are dropped, because
  /// they will be computed again. `pending_limit`: values kept in memory before a merge (12 bytes each).
  /// Errors: kIo, kNoSpace, kParse E-EFF-002.
  [[nodiscard]] static Result<GeneEffectTable> open(const std::filesystem::path& folder, std::int64_t num_blocks,
                                                    std::int64_t pending_limit = 1 << 24);
  GeneEffectTable(GeneEffectTable&&) noexcept;
  GeneEffectTable& operator=(GeneEffectTable&&) noexcept;
  ~GeneEffectTable();

  /// Adds the values of block `block`, which must be the next one, and makes them survive a kill. Call before the
  /// block's rows are written. Errors: kIo, kNoSpace.
  Result<> append(std::int64_t block, std::span<const GeneCosine> values);
  /// Mean, standard deviation and number of cells of every pair, in parts of at most `most` pairs, in order.
  /// Errors: those of `on_part`.
  Result<> summarise(const std::function<Result<>(const GeneEffects&)>& on_part, std::int64_t most = kMostPairs);
  /// Removes the files, once the result is written.
  void remove_files() noexcept;
  /// Brings everything into the file of sums, which `keep_sums` leaves in the folder when it removes the others: what
  /// `summarise_parts` needs of a part of a run. Errors: kIo, kNoSpace.
  Result<> settle();
  void keep_sums() noexcept;
  /// As `summarise`, over the cells of all parts of a run: folders with their files of sums. Sums are exact, so the
  /// result is that of one run, to the bit. Errors: kParse E-EFF-002 (no such file), those of `on_part`.
  static Result<> summarise_parts(std::span<const std::filesystem::path> folders,
                                  const std::function<Result<>(const GeneEffects&)>& on_part,
                                  std::int64_t most = kMostPairs);

 private:
  struct State;
  explicit GeneEffectTable(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cw
