// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/count_block.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <future>

namespace cw {
namespace {

constexpr std::int64_t kFirstCells = 256;
constexpr std::int64_t kMostCells = 8192;
constexpr std::int64_t kValuesPerBlock = 128'000;

std::int64_t next_block_size(const CellBlock& block) {
  const auto values = std::max<std::int64_t>(1, static_cast<std::int64_t>(block.values.size()));
  return std::clamp<std::int64_t>(block.num_cells() * kValuesPerBlock / values, 32, kMostCells);
}

}  // namespace

CellCheck check_counts(std::span<const float> values) noexcept {
  // Above 2^24 every float is whole, so larger values need no test; the conversion would overflow at 2^31.
  constexpr float kAllWhole = 16'777'216.0F;
  CellCheck check;
  unsigned wrong = 0;
  unsigned fraction = 0;
  for (const float value : values) {
    check.sum += static_cast<double>(value);
    wrong |= static_cast<unsigned>(!(value >= 0.0F));
    const float tested = value < kAllWhole ? value : 0.0F;
    fraction |=
        static_cast<unsigned>(static_cast<float>(static_cast<std::int32_t>(tested > 0.0F ? tested : 0.0F)) != tested);
  }
  check.valid = wrong == 0 && std::isfinite(check.sum);
  check.integer = fraction == 0;
  return check;
}

Error bad_count(const DatasetInfo& info, std::string_view where, std::int64_t cell,
                std::span<const std::uint32_t> genes, std::span<const float> values,
                const std::function<std::string(std::uint32_t)>& gene_name) {
  const auto describe = [&](std::size_t i) {
    return info.path.string() + ": " + std::string(where) + " holds " + std::to_string(values[i]) + " at cell " +
           std::to_string(cell + 1) + ", gene " + gene_name(genes[i]);
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      return Error{ErrorCode::kRefused, "E-CNT-002",
                   describe(i) + "; counts are finite numbers: choose the matrix with the raw counts with --counts"};
    }
    if (values[i] < 0.0F) {
      return Error{ErrorCode::kRefused, "E-CNT-001",
                   describe(i) +
                       "; counts are not negative, so this matrix was scaled or regressed: choose the matrix with "
                       "the raw counts with --counts"};
    }
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == std::floor(values[i])) continue;
    return Error{ErrorCode::kRefused, "E-CNT-003",
                 describe(i) +
                     "; counts are whole numbers, so this matrix was normalised or corrected: choose the matrix with "
                     "the raw counts with --counts, or go on with --force"};
  }
  return Error{
      ErrorCode::kRefused, "E-CNT-002",
      info.path.string() + ": the counts of cell " + std::to_string(cell + 1) + " add up to more than a number holds"};
}

Result<> for_each_block(CellBlockReader& matrix, std::int64_t num_cells, std::string_view phase, JobContext& ctx,
                        const std::function<Result<>(const CellBlock&)>& work) {
  std::array<CellBlock, 2> blocks;
  std::int64_t block_size = kFirstCells;
  std::int64_t done = 0;
  ctx.report(0, num_cells, phase);
  std::future<Result<>> working;  // declared last: its destructor waits for the work on `blocks`
  for (std::size_t turn = 0;; turn ^= 1U) {
    if (ctx.cancelled()) return cancelled_error(phase);
    CellBlock& block = blocks[turn];
    CW_TRY(matrix.next(block, block_size));
    if (working.valid()) CW_TRY(working.get());
    if (block.num_cells() == 0) break;
    block_size = next_block_size(block);
    working = std::async(std::launch::async, [&work, &block] { return work(block); });
    done += block.num_cells();
    ctx.report(std::min(done, num_cells - 1), num_cells, phase);
  }
  ctx.report(num_cells, num_cells, phase);
  return {};
}

}  // namespace cw
