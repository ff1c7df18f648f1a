// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/tokenize/dictionary.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cw {

/// In which order and width the score `x / n * 10000 / median` is computed. The published code's results depend on it
/// in the last digits (reference/README, correction 1), which decides the order of genes with nearly equal scores.
enum class ScoreArithmetic {
  kDivide,             ///< float64 divisions: ours, and the published code's for dense matrices
  kReciprocal,         ///< float64, x * (1/n) * 10000 * (1/median): the published code's for sparse matrices
  kDivideFloat32,      ///< float32 until the median: dense float32 matrix and float32 totals
  kReciprocalFloat32,  ///< the same with reciprocals: sparse float32 matrix and float32 totals
};

struct RankOptions {
  std::int32_t max_length = 0;  ///< tokens kept, special tokens included; 0 = the dictionary's
  ScoreArithmetic arithmetic = ScoreArithmetic::kDivide;
  bool sum_repeated = true;  ///< add up genes that share a token; otherwise the token appears once per gene
};

/// Turns the counts of a cell into its rank value encoding: the tokens of its genes by falling score
/// `count / total * 10000 / median`, equal scores by rising token.
///
/// Source   Theodoris et al. 2023, doi:10.1038/s41586-023-06139-9, Methods; behaviour spec 2. Deviation: ties, which
///          the published code leaves to an unstable sort.
/// Repeat   depends on nothing but the cell: not on threads, the order of genes in the file, or other cells.
class RankValueEncoder {
 public:
  /// Space that one thread reuses from cell to cell.
  class Scratch {
   private:
    friend class RankValueEncoder;
    struct Entry {
      double score;
      std::int32_t token;
      std::uint32_t key;
    };
    std::vector<Entry> entries_;
    std::vector<Entry> sorted_;
    std::vector<double> sum_of_token_;
    std::vector<std::int32_t> touched_;
  };

  struct Length {
    std::uint32_t kept = 0;  ///< tokens written
    std::uint32_t full = 0;  ///< tokens before the cell was cut to the maximum
  };

  /// `token_of_gene`: for each row of the gene table its token, -1 for genes outside the vocabulary.
  RankValueEncoder(const Dictionary& dictionary, std::vector<std::int32_t> token_of_gene, const RankOptions& options);

  /// Writes the tokens of one cell to `out`, which has room for `genes.size()` + 2. A cell without genes of the
  /// vocabulary gives {0, 0}. `values` are counts >= 0, `total` > 0.
  Length encode(std::span<const std::uint32_t> genes, std::span<const float> values, double total, Scratch& scratch,
                std::int32_t* out) const;

  [[nodiscard]] std::int32_t max_length() const noexcept { return max_length_; }
  [[nodiscard]] bool has_special_tokens() const noexcept { return cls_ >= 0; }

 private:
  template <ScoreArithmetic kArithmetic>
  void score(std::span<const std::uint32_t> genes, std::span<const float> values, double total, Scratch& scratch) const;
  void sum_repeated_tokens(std::span<const std::uint32_t> genes, std::span<const float> values, Scratch& scratch) const;
  static void sort(Scratch& scratch);

  std::vector<std::int32_t> token_of_gene_;
  std::vector<double> median_of_token_;
  std::vector<double> reciprocal_of_token_;
  std::vector<std::uint8_t> is_repeated_;  ///< by gene row; empty if no token has two genes
  ScoreArithmetic arithmetic_;
  std::int32_t max_length_;
  std::int32_t cls_ = -1;
  std::int32_t eos_ = -1;
};

}  // namespace cw
