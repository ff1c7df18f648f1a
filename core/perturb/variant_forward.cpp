// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/variant_forward.h"

#include "core/base/parallel.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace cw {
namespace {

// Stands for "not in the cell": such rows are computed anew, as those that moved by more than one place.
constexpr int kNoShift = 2;
// A whole table of shifted rows pays from this many perturbed versions of a cell on.
constexpr std::int64_t kVersionsThatShare = 3;

at::Tensor new_rows(std::int64_t rows, std::int64_t width) {
  return at::empty({rows, width}, at::TensorOptions().dtype(at::kFloat));
}

/// The rows of parts [begin, end) as tensors of their own.
at::Tensor rows_of(const at::Tensor& tensor, std::int64_t begin, std::int64_t end) {
  return tensor.defined() ? tensor.narrow(0, begin, end - begin).clone() : at::Tensor();
}

}  // namespace

PassCost pass_cost(const ModelConfig& config, int layer) noexcept {
  const auto d = static_cast<double>(config.hidden);
  const auto f = static_cast<double>(config.ffn);
  PassCost cost;
  cost.per_token = 2.0 * (4.0 * d * d + 2.0 * d * f) * layer + 20.0 * d;
  // scores and weighted sums, and the exponentials beside them
  cost.per_token_pair = (4.0 * d + 20.0 * static_cast<double>(config.heads)) * layer;
  return cost;
}

std::int64_t OriginalCell::num_bytes() const {
  const auto bytes_of = [](const at::Tensor& tensor) {
    return tensor.defined() ? static_cast<std::int64_t>(tensor.nbytes()) : 0;
  };
  std::int64_t bytes = bytes_of(read_out_);
  for (const auto& [shift, inputs] : shifted_) bytes += bytes_of(inputs.hidden) + bytes_of(inputs.qkv);
  return bytes;
}

/// Inputs of the first layer for some lists, in pack order.
struct VariantForward::FirstInputs {
  at::Tensor hidden;
  at::Tensor qkv;
  std::vector<std::int64_t> offsets{0};
};

OriginalCell::FirstLayer VariantForward::first_layer(const PackedBatch& batch, const JobContext* watch) const {
  OriginalCell::FirstLayer inputs;
  inputs.hidden = encoder_.embed_tokens(batch);
  if (read_out_.layer > 0) inputs.qkv = encoder_.project_qkv(inputs.hidden, 0, watch);
  return inputs;
}

const OriginalCell::FirstLayer& VariantForward::shifted(OriginalCell& cell, int shift) const {
  const auto found = cell.shifted_.find(shift);
  if (found != cell.shifted_.end()) return found->second;
  PackedBatch batch;
  batch.add(cell.tokens_);
  const auto last = static_cast<std::int32_t>(encoder_.config().max_positions) - 1;
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(cell.tokens_.size()); ++i) {
    batch.positions.push_back(std::clamp(i + shift, 0, last));  // rows that fall off either end are never used
  }
  return cell.shifted_.emplace(shift, first_layer(batch)).first->second;
}

Result<ReadOuts> VariantForward::finish(at::Tensor hidden, const at::Tensor& qkv, std::vector<std::int64_t> offsets,
                                        JobContext& ctx) const {
  const int layer = read_out_.layer;
  // where only first rows are read, the last layer is computed for them alone
  const int whole_layers = read_out_.first_row_only ? layer - 1 : layer;
  if (whole_layers > 0) {
    hidden = encoder_.finish_layer(encoder_.attend(qkv, offsets, &ctx), hidden, 0, &ctx);
    if (whole_layers > 1) hidden = encoder_.continue_from(hidden, offsets, 1, whole_layers, &ctx);
  }
  if (ctx.cancelled()) return cancelled_error("perturbation");
  ReadOuts result;
  if (!read_out_.first_row_only) {
    result.rows = std::move(hidden);
    result.offsets = std::move(offsets);
    return result;
  }
  if (layer > 0) {
    result.rows = encoder_.first_rows_from(hidden, offsets, layer - 1, layer, &ctx);
    if (ctx.cancelled()) return cancelled_error("perturbation");
  } else {
    result.rows = new_rows(static_cast<std::int64_t>(offsets.size()) - 1, encoder_.config().hidden);
    for (std::int64_t i = 0; i < result.rows.size(0); ++i) {
      result.rows[i].copy_(hidden[offsets[static_cast<std::size_t>(i)]]);
    }
  }
  result.offsets.resize(offsets.size());
  std::iota(result.offsets.begin(), result.offsets.end(), 0);
  return result;
}

Result<std::vector<OriginalCell>> VariantForward::originals(std::vector<std::vector<std::int32_t>> cells,
                                                            JobContext& ctx) const {
  PackedBatch batch;
  batch.offsets = {0};
  for (const auto& cell : cells) batch.add(cell);
  CW_TRY(check_batch(batch, encoder_.config()));
  const OriginalCell::FirstLayer inputs = first_layer(batch, &ctx);
  CW_ASSIGN(const ReadOuts read_outs, finish(inputs.hidden, inputs.qkv, batch.offsets, ctx));
  std::vector<OriginalCell> result;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::int64_t begin = batch.offsets[i];
    const std::int64_t end = batch.offsets[i + 1];
    OriginalCell::FirstLayer own{rows_of(inputs.hidden, begin, end), rows_of(inputs.qkv, begin, end)};
    result.emplace_back(std::move(cells[i]), std::move(own),
                        rows_of(read_outs.rows, read_outs.offsets[i], read_outs.offsets[i + 1]));
  }
  return result;
}

VariantForward::FirstInputs VariantForward::gather(std::span<const Variant> variants, const JobContext& ctx) const {
  FirstInputs inputs;
  for (const Variant& variant : variants) {
    inputs.offsets.push_back(inputs.offsets.back() + static_cast<std::int64_t>(variant.tokens.size()));
  }
  const std::int64_t num_rows = inputs.offsets.back();
  const std::int64_t d = encoder_.config().hidden;
  const bool with_qkv = read_out_.layer > 0;
  std::vector<const float*> hidden_of(static_cast<std::size_t>(num_rows), nullptr);
  std::vector<const float*> qkv_of(static_cast<std::size_t>(num_rows), nullptr);
  std::map<const OriginalCell*, std::int64_t> versions;
  for (const Variant& variant : variants) ++versions[variant.cell];
  std::unordered_map<std::int32_t, std::int32_t> place_of;  // in the unperturbed cell
  const OriginalCell* placed = nullptr;
  PackedBatch fresh;  // rows that no table has; one per "cell", with their positions
  fresh.offsets = {0};
  std::vector<std::size_t> fresh_rows;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    OriginalCell& cell = *variants[v].cell;
    if (placed != &cell) {
      place_of.clear();
      for (std::size_t i = 0; i < cell.tokens().size(); ++i) {
        place_of.emplace(cell.tokens()[i], static_cast<std::int32_t>(i));
      }
      placed = &cell;
    }
    const bool shares = versions[&cell] >= kVersionsThatShare;
    for (std::size_t i = 0; i < variants[v].tokens.size(); ++i) {
      const auto row = static_cast<std::size_t>(inputs.offsets[v]) + i;
      const auto found = place_of.find(variants[v].tokens[i]);
      const int shift = found == place_of.end() ? kNoShift : static_cast<int>(i) - found->second;
      if (shift == 0 || (shares && (shift == 1 || shift == -1))) {
        const OriginalCell::FirstLayer& table = shifted(cell, shift);
        hidden_of[row] = table.hidden.const_data_ptr<float>() + found->second * d;
        if (with_qkv) qkv_of[row] = table.qkv.const_data_ptr<float>() + found->second * 3 * d;
      } else {
        fresh.tokens.push_back(variants[v].tokens[i]);
        fresh.positions.push_back(static_cast<std::int32_t>(i));
        fresh_rows.push_back(row);
      }
    }
  }
  OriginalCell::FirstLayer computed;
  if (!fresh_rows.empty()) {
    // the encoder's first steps work row by row, so all of them may pass as one cell
    fresh.offsets.push_back(static_cast<std::int64_t>(fresh_rows.size()));
    computed = first_layer(fresh, &ctx);
    for (std::size_t i = 0; i < fresh_rows.size(); ++i) {
      const auto place = static_cast<std::int64_t>(i);
      hidden_of[fresh_rows[i]] = computed.hidden.const_data_ptr<float>() + place * d;
      if (with_qkv) qkv_of[fresh_rows[i]] = computed.qkv.const_data_ptr<float>() + place * 3 * d;
    }
  }
  inputs.hidden = new_rows(num_rows, d);
  if (with_qkv) inputs.qkv = new_rows(num_rows, 3 * d);
  float* hidden = inputs.hidden.mutable_data_ptr<float>();
  float* qkv = with_qkv ? inputs.qkv.mutable_data_ptr<float>() : nullptr;
  parallel_for(0, num_rows, 256, encoder_.num_threads(), [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t row = begin; row < end; ++row) {
      const auto i = static_cast<std::size_t>(row);
      std::copy_n(hidden_of[i], d, hidden + row * d);
      if (with_qkv) std::copy_n(qkv_of[i], 3 * d, qkv + row * 3 * d);
    }
  });
  return inputs;
}

Result<ReadOuts> VariantForward::run(std::span<const Variant> variants, JobContext& ctx) const {
  if (ctx.cancelled()) return cancelled_error("perturbation");
  FirstInputs inputs = gather(variants, ctx);
  return finish(std::move(inputs.hidden), inputs.qkv, std::move(inputs.offsets), ctx);
}

}  // namespace cw
