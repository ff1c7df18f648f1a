// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/counts.h"

#include "core/base/words.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

namespace cw {
namespace {

constexpr std::int64_t kTestAllCells = 4096;
constexpr std::int64_t kNumBlocks = 8;
constexpr std::int64_t kBlockCells = 512;
constexpr std::int64_t kCellsAtOnce = 128;
constexpr float kAllWhole = 16'777'216;  // 2^24: larger floats have no fraction
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr double kLargestLog = 15;  // log1p of counts per million stays below 13.9
constexpr std::string_view kLayerPrefix = "layer:";

struct Offence {
  float value = 0;
  std::int64_t cell = 0;
  std::uint32_t gene = 0;
};

// What was seen of one matrix: the first value of each kind that counts do not have.
struct Tally {
  std::optional<Offence> not_finite, negative, fractional;
  std::int64_t num_values = 0, num_fractional = 0, num_cells = 0;
  double largest = 0;
  std::vector<double> gene_sums;

  void add(const CellBlock& block) {
    for (std::int64_t row = 0; row < block.num_cells(); ++row) {
      const auto genes = block.genes_of(row);
      const auto values = block.values_of(row);
      if (!add_counts(genes, values)) {
        for (std::size_t i = 0; i < values.size(); ++i) add(values[i], block.first_cell + row, genes[i]);
      }
    }
    num_cells += block.num_cells();
    num_values += static_cast<std::int64_t>(block.values.size());
  }

 private:
  // The usual cell, without a branch per value; false: it holds something else than counts.
  bool add_counts(std::span<const std::uint32_t> genes, std::span<const float> values) {
    float most = 0;
    bool odd = false;
    for (const float value : values) {
      const float whole =
          value >= 0 && value < kAllWhole ? static_cast<float>(static_cast<std::int32_t>(value)) : value;
      odd |= !(value >= 0 && value < kInfinity) || whole != value;
      most = std::max(most, value);
    }
    if (odd) return false;
    largest = std::max(largest, static_cast<double>(most));
    for (std::size_t i = 0; i < values.size(); ++i) gene_sums[genes[i]] += static_cast<double>(values[i]);
    return true;
  }

  void add(float value, std::int64_t cell, std::uint32_t gene) {
    const auto remember = [&](std::optional<Offence>& first) {
      if (!first) first = Offence{value, cell, gene};
    };
    if (!std::isfinite(value)) {
      remember(not_finite);
      return;
    }
    largest = std::max(largest, static_cast<double>(value));
    if (value < 0) remember(negative);
    if (value > 0) gene_sums[gene] += static_cast<double>(value);
    if (value != std::trunc(value)) {
      remember(fractional);
      ++num_fractional;
    }
  }
};

struct Piece {
  std::int64_t first = 0, count = 0;
};

// All cells of small files, else blocks from the first to the last cell; of a matrix that is stored by gene only the
// first cells are at hand.
std::vector<Piece> pieces_of(const MatrixInfo& matrix) {
  if (matrix.num_cells <= kTestAllCells) return {{0, matrix.num_cells}};
  if (matrix.encoding == "csc") return {{0, kTestAllCells}};
  std::vector<Piece> pieces;
  for (std::int64_t i = 0; i < kNumBlocks; ++i) {
    pieces.push_back({(matrix.num_cells - kBlockCells) * i / (kNumBlocks - 1), kBlockCells});
  }
  return pieces;
}

Result<Tally> tally_of(DatasetReader& reader, const MatrixInfo& matrix, const JobContext& ctx) {
  CW_ASSIGN(const auto blocks, reader.open_matrix(matrix.where));
  Tally tally;
  tally.gene_sums.resize(static_cast<std::size_t>(matrix.num_genes), 0.0);
  CellBlock block;
  const bool by_gene = matrix.encoding == "csc";
  for (const Piece& piece : pieces_of(matrix)) {
    CW_TRY(blocks->seek(piece.first));
    for (std::int64_t left = piece.count; left > 0; left -= block.num_cells()) {
      if (ctx.cancelled()) return cancelled_error("looking for the counts");
      CW_TRY(blocks->next(block, by_gene ? left : std::min(left, kCellsAtOnce)));
      if (block.num_cells() == 0) break;
      tally.add(block);
    }
  }
  return tally;
}

ValueKind kind_of(const Tally& tally) {
  if (tally.not_finite) return ValueKind::kNotFinite;
  if (tally.negative) return ValueKind::kNegative;
  if (!tally.fractional) return tally.num_values == 0 ? ValueKind::kEmpty : ValueKind::kCounts;
  // a few odd values among integers are no logarithms
  const bool mostly = tally.num_fractional * 2 > tally.num_values;
  return mostly && tally.largest < kLargestLog ? ValueKind::kLogNormal : ValueKind::kFractional;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.6g", value);
  return text;
}

Result<std::string> reason_of(DatasetReader& reader, const MatrixInfo& matrix, ValueKind kind, const Tally& tally) {
  if (kind == ValueKind::kCounts) return std::string();
  if (kind == ValueKind::kEmpty) {
    if (matrix.num_cells == 0) return matrix.where + " has no cells";
    return matrix.where + (matrix.num_genes == 0 ? " has no genes" : " holds nothing but zeros");
  }
  const Offence& offence = kind == ValueKind::kNotFinite  ? *tally.not_finite
                           : kind == ValueKind::kNegative ? *tally.negative
                                                          : *tally.fractional;
  CW_ASSIGN(const Table genes, reader.genes(matrix.where));
  const std::string gene = offence.gene < genes.index.size() ? genes.index[offence.gene] : "?";
  const std::string example = number(offence.value) + " in cell " + std::to_string(offence.cell + 1) + ", gene " + gene;
  switch (kind) {
    case ValueKind::kNotFinite:
      return matrix.where + " holds values that are no numbers (" + example + ")";
    case ValueKind::kNegative:
      return matrix.where + " holds negative values (" + example + "): scaled or corrected data";
    case ValueKind::kLogNormal:
      return matrix.where + " holds log-normalised values (" + example + "; the largest is " + number(tally.largest) +
             ")";
    default:
      return matrix.where + " holds fractions (" + example + "): normalised, corrected or estimated counts";
  }
}

// Smaller is better; nullopt: the name does not say that the layer holds counts.
std::optional<int> rank_of_layer(std::string_view where) {
  if (!where.starts_with(kLayerPrefix)) return std::nullopt;
  std::string name(where.substr(kLayerPrefix.size()));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (name == "counts") return 0;
  if (name == "raw_counts" || name == "raw" || name == "umi" || name == "umis") return 1;
  if (name.find("count") != std::string::npos || name.find("umi") != std::string::npos) return 2;
  return std::nullopt;
}

std::string chosen_of(const std::vector<std::string>& candidates) {
  for (const char* const preferred : {"X", "raw"}) {
    if (std::find(candidates.begin(), candidates.end(), preferred) != candidates.end()) return preferred;
  }
  std::string best;
  int best_rank = 3;
  for (const auto& candidate : candidates) {
    if (const auto rank = rank_of_layer(candidate); rank && *rank < best_rank) {
      best = candidate;
      best_rank = *rank;
    }
  }
  return best;
}

std::string_view id_of(ValueKind kind) {
  switch (kind) {
    case ValueKind::kLogNormal:
      return "E-IO-014";
    case ValueKind::kFractional:
      return "E-IO-015";
    case ValueKind::kNegative:
      return "E-IO-016";
    case ValueKind::kNotFinite:
      return "E-IO-017";
    default:
      return "E-IO-018";
  }
}

Error refusal(const std::string& file, const MatrixFinding& finding, const CountsReport& report) {
  std::string message = file + ": " + finding.reason;
  if (finding.kind == ValueKind::kEmpty && report.where.empty()) {
    message += "; a filter may have left nothing: get the file from before it";
    return {ErrorCode::kRefused, id_of(finding.kind), message};
  }
  message += ". Raw counts are needed: ";
  if (!report.where.empty()) {
    message += "they are in " + report.where + ", use --counts " + report.where;
  } else {
    message += "this file has none; get the file from before normalisation";
  }
  return {ErrorCode::kRefused, id_of(finding.kind), message};
}

}  // namespace

std::string_view name_of(ValueKind kind) noexcept {
  switch (kind) {
    case ValueKind::kCounts:
      return "counts";
    case ValueKind::kLogNormal:
      return "log-normalised";
    case ValueKind::kFractional:
      return "fractional";
    case ValueKind::kNegative:
      return "negative";
    case ValueKind::kNotFinite:
      return "not finite";
    case ValueKind::kEmpty:
      break;
  }
  return "empty";
}

const MatrixFinding* CountsReport::find(std::string_view name) const noexcept {
  const auto found = std::find_if(matrices.begin(), matrices.end(), [&](const auto& m) { return m.where == name; });
  return found == matrices.end() ? nullptr : &*found;
}

Result<CountsReport> find_counts(DatasetReader& reader, JobContext& ctx) {
  CountsReport report;
  const auto& matrices = reader.info().matrices;
  const auto total = static_cast<std::int64_t>(matrices.size());
  for (const auto& matrix : matrices) {
    ctx.report(static_cast<std::int64_t>(report.matrices.size()), total, "Looking for the counts");
    CW_ASSIGN(Tally tally, tally_of(reader, matrix, ctx));
    MatrixFinding finding;
    finding.where = matrix.where;
    finding.kind = kind_of(tally);
    finding.largest = tally.largest;
    finding.cells_tested = tally.num_cells;
    finding.all_tested = tally.num_cells >= matrix.num_cells;
    CW_ASSIGN(finding.reason, reason_of(reader, matrix, finding.kind, tally));
    finding.gene_sums = std::move(tally.gene_sums);
    if (finding.kind == ValueKind::kCounts) report.candidates.push_back(matrix.where);
    report.matrices.push_back(std::move(finding));
  }
  report.where = chosen_of(report.candidates);
  ctx.report(total, total, "Looking for the counts");
  return report;
}

Result<std::string> choose_counts(const DatasetInfo& info, const CountsReport& report, std::string_view requested) {
  const std::string file = info.path.string();
  if (info.num_cells == 0) {
    return Error{
        ErrorCode::kRefused, "E-IO-022",
        file + ": the file has no cells (it is a table of 0 cells and " + std::to_string(info.num_genes) +
            " genes); check that it is the right file and that no filter removed all cells before it was saved"};
  }
  if (report.matrices.empty()) {
    return Error{ErrorCode::kRefused, "E-IO-013",
                 file + ": the file holds no expression matrix, only " + std::to_string(info.num_cells) +
                     " cells with " + std::to_string(info.embeddings.size()) +
                     " embeddings; get the file with the raw counts"};
  }
  if (!requested.empty() && requested != "auto") {
    const MatrixFinding* finding = report.find(requested);
    if (finding == nullptr) {
      std::vector<std::string> names;
      for (const auto& matrix : report.matrices) names.push_back(matrix.where);
      return Error{ErrorCode::kNotFound, "E-IO-013",
                   file + ": there is no matrix '" + std::string(requested) + "'; the file has: " + listed(names)};
    }
    if (finding->kind != ValueKind::kCounts) return refusal(file, *finding, report);
    return finding->where;
  }
  if (!report.where.empty()) return report.where;
  if (!report.candidates.empty()) {
    return Error{ErrorCode::kRefused, "E-IO-019",
                 file + ": " + report.matrices.front().reason + "; whole numbers are only in " +
                     listed(report.candidates) +
                     ", whose names do not say that they are counts of all reads. If one is, name it: --counts " +
                     report.candidates.front()};
  }
  return refusal(file, report.matrices.front(), report);
}

}  // namespace cw
