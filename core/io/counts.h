// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/data/dataset_reader.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// What a matrix was found to hold, on the cells that were looked at.
enum class ValueKind {
  kCounts,      ///< non-negative integers only
  kLogNormal,   ///< fractions, all small: log1p of normalised counts
  kFractional,  ///< other fractions: scaled, corrected or normalised counts
  kNegative,    ///< a value below zero: scaled or regressed data
  kNotFinite,   ///< NaN or infinity
  kEmpty        ///< no value but zero
};

/// "counts", "log-normalised", ...
[[nodiscard]] std::string_view name_of(ValueKind kind) noexcept;

/// The finding for one matrix.
struct MatrixFinding {
  std::string where;  ///< as MatrixInfo::where
  ValueKind kind = ValueKind::kEmpty;
  std::string reason;  ///< a sentence with the first offending value and its place; "" for counts
  double largest = 0;
  std::int64_t cells_tested = 0;
  bool all_tested = false;        ///< every cell of the file was looked at
  std::vector<double> gene_sums;  ///< [genes] sums of the values above zero of the tested cells
};

/// Where the counts of a file are.
struct CountsReport {
  std::string where;                    ///< the matrix to take, "" if there is none that is safe to take
  std::vector<std::string> candidates;  ///< every matrix that holds non-negative integers
  std::vector<MatrixFinding> matrices;  ///< in the order of the file
  [[nodiscard]] const MatrixFinding* find(std::string_view name) const noexcept;
};

/// Tests every matrix on cells spread over the file (all cells of files up to 4,096, else 8 blocks of 512 from the
/// first to the last, or the first 4,096 of a matrix stored by gene) and chooses X, else raw, else a layer whose name
/// says counts. Layers that are integer by chance
/// ("ambiguous", "spliced") are candidates but never chosen. Errors: those of the reader, kCancelled.
[[nodiscard]] Result<CountsReport> find_counts(DatasetReader& reader, JobContext& ctx);

/// The matrix to read for `--counts requested` ("auto", "X", "raw", "layer:NAME").
/// Errors: kNotFound E-IO-013 (no such matrix, or a file without any); kRefused E-IO-014 (log-normalised), E-IO-015
/// (fractional), E-IO-016 (negative), E-IO-017 (not finite), E-IO-018 (empty), E-IO-019 (only layers that do not say
/// that they are counts), E-IO-022 (no cells): each with the remedy where there is one.
[[nodiscard]] Result<std::string> choose_counts(const DatasetInfo& info, const CountsReport& report,
                                                std::string_view requested);

}  // namespace cw
