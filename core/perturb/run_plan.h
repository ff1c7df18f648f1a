// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/perturb_options.h"
#include "core/effects/effects.h"
#include "core/perturb/gene_requests.h"
#include "core/perturb/rank_list.h"
#include "core/tokenize/dictionary.h"
#include "core/tokenize/tokenized_cells.h"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace cw {

/// Consecutive (cell, perturbation) pairs in the order of the run: cells first_cell .. end_cell, of the first one the
/// units from `first_unit` on, of the last one those below `end_unit`.
struct PlanBlock {
  std::int64_t first_cell = 0;
  std::int64_t first_unit = 0;
  std::int64_t last_cell = 0;  ///< inclusive
  std::int64_t end_unit = 0;   ///< one past the last unit of `last_cell`
  std::int64_t num_units = 0;
  double work = 0.0;  ///< floating point operations, roughly
};

/// What a forward pass costs: linear and attention part, per token list.
struct PassCost {
  double per_token = 0.0;       ///< operations per token
  double per_token_pair = 0.0;  ///< operations per pair of tokens
  [[nodiscard]] double of(std::int64_t length) const noexcept {
    const auto n = static_cast<double>(length);
    return n * per_token + n * n * per_token_pair;
  }
};

/// Everything that a run will compute, before it computes: which perturbations there are, in which cells each is
/// defined, in which order the cells are visited and how the work is cut into blocks. Immutable; thread safe.
class RunPlan {
 public:
  /// `rows`: cells in the order of the visit. Random controls follow the perturbation they stand in for
  /// (PerturbOptions::null_count; beyond 4): genes of nearest median relative rank in these cells.
  /// Errors: kRefused E-PRT-003 (nothing applies to any cell).
  [[nodiscard]] static Result<RunPlan> make(const PerturbOptions& options, const ResolvedRequests& requests,
                                            const Dictionary& dictionary, const TokenizedCells& cells,
                                            std::vector<std::int64_t> rows, const RankLimits& limits);

  [[nodiscard]] const std::vector<Perturbation>& perturbations() const noexcept { return perturbations_; }
  [[nodiscard]] const RankChange& change_of(std::int32_t perturbation) const noexcept {
    return changes_[static_cast<std::size_t>(perturbation)];
  }
  /// Whether a perturbation was asked for as one of "all" genes.
  [[nodiscard]] bool is_of_all(std::int32_t perturbation) const noexcept {
    return of_all_[static_cast<std::size_t>(perturbation)];
  }
  [[nodiscard]] const RankLimits& limits() const noexcept { return limits_; }
  [[nodiscard]] const TokenizedCells& cells() const noexcept { return cells_; }
  /// Row of the token file of each cell of the run, in the order of the visit.
  [[nodiscard]] const std::vector<std::int64_t>& rows() const noexcept { return rows_; }
  [[nodiscard]] std::int64_t num_cells() const noexcept { return static_cast<std::int64_t>(rows_.size()); }
  [[nodiscard]] std::int64_t num_units() const noexcept { return num_units_; }
  /// Number of cells in which each perturbation is computed.
  [[nodiscard]] const std::vector<std::int64_t>& cells_of_perturbations() const noexcept { return cells_of_; }

  /// Perturbations that are computed in a cell, given its tokens, each once, in a fixed order.
  [[nodiscard]] std::vector<std::int32_t> units_of(std::span<const std::int32_t> tokens) const;

  /// The work in pieces that take seconds: at most `most_units` units and `most_work` operations, at least one unit.
  [[nodiscard]] std::vector<PlanBlock> blocks(const PassCost& cost, std::int64_t most_units, double most_work) const;

 private:
  /// How the perturbations of one request are found in a cell.
  struct Rule {
    bool all = false;
    bool needs_anchor = false;                ///< only in cells in which the anchor alone is defined
    std::int32_t anchor = -1;                 ///< index of the anchor alone
    std::vector<std::int32_t> single_of;      ///< all: by token, -1 = none
    std::vector<std::int32_t> pair_of;        ///< all, with anchor: by token
    std::vector<std::int32_t> perturbations;  ///< listed ones
  };

  std::int32_t add(const Dictionary& dictionary, const RankChange& change, std::vector<std::int32_t> tokens,
                   std::string role, std::int32_t partner = -1);
  void add_all(const ResolvedRequest& request, std::int32_t anchor, const Dictionary& dictionary,
               const std::vector<std::int32_t>& seen);
  void add_listed(const ResolvedRequest& request, const std::string& how, std::int32_t anchor,
                  const Dictionary& dictionary);
  void add_controls(const PerturbOptions& options, const Dictionary& dictionary);
  [[nodiscard]] bool applies(std::int32_t perturbation, std::span<const std::int32_t> tokens,
                             const std::vector<std::int32_t>& position_of) const;
  void count_units();

  TokenizedCells cells_;
  std::vector<std::int64_t> rows_;
  RankLimits limits_;
  std::vector<Perturbation> perturbations_;
  std::vector<RankChange> changes_;
  std::vector<bool> of_all_;
  std::map<std::pair<std::string, std::vector<std::int32_t>>, std::int32_t> index_of_;
  std::vector<Rule> rules_;
  std::vector<std::int64_t> units_per_cell_;
  std::vector<std::int64_t> cells_of_;
  std::int64_t num_units_ = 0;
  std::int64_t num_tokens_ = 0;
};

/// Seeded random order in which every prefix holds the donors in about the same shares as the whole (beyond 7).
[[nodiscard]] std::vector<std::int64_t> balanced_order(const std::vector<std::int64_t>& rows,
                                                       const std::vector<std::string>& donor_of_row,
                                                       std::uint64_t seed);

}  // namespace cw
