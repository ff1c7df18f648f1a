// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/model/encoder.h"
#include "core/perturb/run_plan.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace cw {

/// What is computed of each cell: which hidden state, all of its rows or only the first (<cls>).
struct ReadOut {
  int layer = 0;
  bool first_row_only = false;
};

/// Operations of one pass up to the layer that is read.
[[nodiscard]] PassCost pass_cost(const ModelConfig& config, int layer) noexcept;

/// One cell as it is, with what its perturbed versions share.
///
/// A token has few possible inputs to the first layer: its place in the list moves by at most one when one gene is
/// taken out or put in front. Those inputs, and their queries, keys and values, are computed once per cell for each
/// shift.
class OriginalCell {
 public:
  struct FirstLayer {
    at::Tensor hidden;  ///< [L, D]
    at::Tensor qkv;     ///< [L, 3 D]; undefined where the embedding layer is read
  };

  OriginalCell(std::vector<std::int32_t> tokens, FirstLayer unshifted, at::Tensor read_out)
      : tokens_(std::move(tokens)), read_out_(std::move(read_out)) {
    shifted_.emplace(0, std::move(unshifted));
  }

  [[nodiscard]] const std::vector<std::int32_t>& tokens() const noexcept { return tokens_; }
  /// [L, D] or [1, D]: the layer that is read.
  [[nodiscard]] const at::Tensor& read_out() const noexcept { return read_out_; }
  /// Memory of what is kept of the cell now.
  [[nodiscard]] std::int64_t num_bytes() const;

 private:
  friend class VariantForward;
  std::vector<std::int32_t> tokens_;
  at::Tensor read_out_;
  std::map<int, FirstLayer> shifted_;
};

/// A token list to compute that derives from a cell.
struct Variant {
  OriginalCell* cell = nullptr;
  std::vector<std::int32_t> tokens;
};

/// The read-outs of several token lists, one after the other.
struct ReadOuts {
  at::Tensor rows;                    ///< [T, D], or [number of lists, D] where only first rows are read
  std::vector<std::int64_t> offsets;  ///< list i owns rows offsets[i] .. offsets[i + 1]

  [[nodiscard]] const float* of(std::size_t list) const {
    return rows.const_data_ptr<float>() + offsets[list] * rows.size(1);
  }
  [[nodiscard]] std::int64_t num_rows(std::size_t list) const { return offsets[list + 1] - offsets[list]; }
};

/// Runs cells and their perturbed versions through an encoder, up to the layer that is read. Results do not depend on
/// what else is in a call. A cancel is seen within milliseconds.
/// Errors   kCancelled; memory running out is thrown: call through guard_torch.
class VariantForward {
 public:
  VariantForward(const Encoder& encoder, ReadOut read_out)
      : encoder_(encoder), read_out_(read_out), cost_(pass_cost(encoder.config(), read_out.layer)) {}

  /// Errors: kCancelled.
  [[nodiscard]] Result<std::vector<OriginalCell>> originals(std::vector<std::vector<std::int32_t>> cells,
                                                            JobContext& ctx) const;
  /// Errors: kCancelled.
  [[nodiscard]] Result<ReadOuts> run(std::span<const Variant> variants, JobContext& ctx) const;

  [[nodiscard]] const PassCost& cost() const noexcept { return cost_; }
  [[nodiscard]] const Encoder& encoder() const noexcept { return encoder_; }
  [[nodiscard]] const ReadOut& read_out() const noexcept { return read_out_; }

 private:
  struct FirstInputs;
  [[nodiscard]] OriginalCell::FirstLayer first_layer(const PackedBatch& batch, const JobContext* watch = nullptr) const;
  const OriginalCell::FirstLayer& shifted(OriginalCell& cell, int shift) const;
  [[nodiscard]] FirstInputs gather(std::span<const Variant> variants, const JobContext& ctx) const;
  [[nodiscard]] Result<ReadOuts> finish(at::Tensor hidden, const at::Tensor& qkv, std::vector<std::int64_t> offsets,
                                        JobContext& ctx) const;

  const Encoder& encoder_;
  ReadOut read_out_;
  PassCost cost_;
};

}  // namespace cw
