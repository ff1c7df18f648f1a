// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/embed_cells.h"

#include "core/model/torch_guard.h"

#include <algorithm>

namespace cw {
namespace {

constexpr std::int64_t kBatchesPerWindow = 50;  // cells of similar length meet within a window, which bounds memory

/// One pack through the model.
Result<> run_pack(const Encoder& encoder, const TokenizedCells& cells, std::span<const std::int64_t> rows,
                  std::span<const std::int64_t> members, int layer, bool first_row_only, const JobContext& ctx,
                  const std::function<void(const CellStates&)>& on_cell) {
  PackedBatch batch;
  batch.offsets = {0};
  std::vector<std::int32_t> tokens;
  for (const std::int64_t member : members) {
    cells.copy_tokens(rows[static_cast<std::size_t>(member)], tokens);
    batch.add(tokens);
  }
  CW_TRY(check_batch(batch, encoder.config()));
  const at::Tensor states =
      first_row_only ? encoder.first_rows(batch, layer, &ctx) : encoder.hidden(batch, layer, &ctx);
  if (ctx.cancelled()) return cancelled_error("embedding");
  const float* values = states.const_data_ptr<float>();
  const std::int64_t width = encoder.config().hidden;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::int64_t first = batch.offsets[i];
    const std::int64_t row = first_row_only ? static_cast<std::int64_t>(i) : first;
    on_cell({members[i],
             std::span(batch.tokens)
                 .subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(batch.offsets[i + 1] - first)),
             values + row * width});
  }
  return {};
}

}  // namespace

Result<> for_each_cell(const Encoder& encoder, const TokenizedCells& cells, std::span<const std::int64_t> rows,
                       int layer, bool first_row_only, std::int64_t tokens_per_batch, std::string_view phase,
                       JobContext& ctx, const std::function<void(const CellStates&)>& on_cell) {
  const auto num_cells = static_cast<std::int64_t>(rows.size());
  std::int64_t num_done = 0;
  std::int64_t begin = 0;
  ctx.report(0, num_cells, phase);
  while (begin < num_cells) {
    std::vector<std::int64_t> lengths;
    std::int64_t num_tokens = 0;
    std::int64_t end = begin;
    for (; end < num_cells && num_tokens < kBatchesPerWindow * tokens_per_batch; ++end) {
      lengths.push_back(cells.length(rows[static_cast<std::size_t>(end)]));
      num_tokens += lengths.back();
    }
    for (auto& members : plan_batches(lengths, tokens_per_batch)) {
      for (std::int64_t& member : members) member += begin;
      CW_TRY(guard_torch("embedding cells", [&]() -> Result<> {
        return run_pack(encoder, cells, rows, members, layer, first_row_only, ctx, on_cell);
      }));
      num_done += std::ssize(members);
      ctx.report(num_done, num_cells, phase);
    }
    begin = end;
  }
  return {};
}

void mean_over_genes(const CellStates& cell, bool special_tokens, std::int64_t width, std::span<float> out) {
  const std::size_t skipped = special_tokens ? 1 : 0;
  std::vector<double> sum(static_cast<std::size_t>(width), 0.0);
  for (std::size_t i = skipped; i + skipped < cell.tokens.size(); ++i) {
    const float* row = cell.rows + static_cast<std::int64_t>(i) * width;
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += static_cast<double>(row[k]);
  }
  const auto num_genes = static_cast<double>(cell.tokens.size() - 2 * skipped);
  for (std::size_t k = 0; k < sum.size(); ++k) out[k] = static_cast<float>(sum[k] / num_genes);
}

Result<std::vector<float>> embed_cells(const Encoder& encoder, const TokenizedCells& cells,
                                       std::span<const std::int64_t> rows, int layer, bool cls_mode,
                                       std::int64_t tokens_per_batch, std::string_view phase, JobContext& ctx) {
  const std::int64_t width = encoder.config().hidden;
  const auto step = static_cast<std::size_t>(width);
  std::vector<float> embeddings(rows.size() * step);
  CW_TRY(
      for_each_cell(encoder, cells, rows, layer, cls_mode, tokens_per_batch, phase, ctx, [&](const CellStates& cell) {
        const auto out = std::span(embeddings).subspan(static_cast<std::size_t>(cell.index) * step, step);
        if (cls_mode) {
          std::copy_n(cell.rows, width, out.begin());
        } else {
          mean_over_genes(cell, cells.has_special_tokens(), width, out);
        }
      }));
  return embeddings;
}

}  // namespace cw
