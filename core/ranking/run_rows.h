// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/effects/effects.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cw {

/// Rows of a run gathered by perturbation; within one in the order of the file, which is that of the visited cells.
/// Arrays "in gathered order" have one value per row and are cut with `of`.
class RunRows {
 public:
  explicit RunRows(const Effects& effects);

  [[nodiscard]] std::int64_t num_perturbations() const noexcept {
    return static_cast<std::int64_t>(offsets_.size()) - 1;
  }
  [[nodiscard]] std::int64_t num_rows() const noexcept { return static_cast<std::int64_t>(rows_.size()); }
  /// Number of cells in which the perturbation was run.
  [[nodiscard]] std::int64_t count(std::int32_t perturbation) const noexcept;
  /// Row numbers of the run.
  [[nodiscard]] std::span<const std::uint32_t> rows_of(std::int32_t perturbation) const noexcept;
  [[nodiscard]] std::span<const std::int32_t> cells_of(std::int32_t perturbation) const noexcept;
  /// The part of an array in gathered order that belongs to a perturbation.
  template <class T>
  [[nodiscard]] std::span<const T> of(const std::vector<T>& gathered, std::int32_t perturbation) const noexcept {
    const auto p = static_cast<std::size_t>(perturbation);
    return {gathered.data() + offsets_[p], gathered.data() + offsets_[p + 1]};
  }
  /// Column `column` of `EffectRows::cosine` in gathered order.
  [[nodiscard]] std::vector<float> gather_cosine(const Effects& effects, std::int64_t column) const;
  /// Any list with one value per row of the run, in gathered order.
  [[nodiscard]] std::vector<float> gather(const std::vector<float>& values) const;

 private:
  std::vector<std::uint64_t> offsets_;  // [perturbations + 1]
  std::vector<std::uint32_t> rows_;
  std::vector<std::int32_t> cells_;
};

/// Doubles of a span of floats, for the functions of core/stats.
[[nodiscard]] std::vector<double> as_doubles(std::span<const float> values);

/// "delete TP53", "overexpress GATA4+TBX5": for messages and the column `perturbation`.
[[nodiscard]] std::string name_of(const Perturbation& perturbation);

/// Symbols of the perturbed genes joined by "+", ids where there is no symbol.
[[nodiscard]] std::string gene_names(const Perturbation& perturbation);

/// Ensembl ids joined by "+".
[[nodiscard]] std::string gene_ids(const Perturbation& perturbation);

/// A run of every gene one at a time ("all" was asked for), so that its genes are each other's controls.
[[nodiscard]] bool is_all_gene_run(const EffectsHeader& header);

/// A run whose genes were chosen by a screen: most of those with rows are the strongest (beyond 6).
[[nodiscard]] bool was_screened(const EffectsHeader& header);

}  // namespace cw
