// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/packed_functions.h"

#include "core/base/check.h"
#include "core/base/parallel.h"
#include "core/train/product.h"
#include "core/train/scratch.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/threshold_backward.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace cw {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::Variable;
using torch::autograd::variable_list;

constexpr std::int64_t kRowsPerPiece = 256;

// What a backward pass needs beside tensors.
struct Kept : torch::CustomClassHolder {
  Workers workers;
  DropoutRule dropout;
  CellOffsets offsets;
};

void keep(AutogradContext* ctx, const Workers& workers, const DropoutRule& dropout = {}, CellOffsets offsets = {}) {
  auto kept = c10::make_intrusive<Kept>();
  kept->workers = workers;
  kept->dropout = dropout;
  kept->offsets = std::move(offsets);
  ctx->saved_data["kept"] = c10::IValue::make_capsule(std::move(kept));
}

// For the backward pass, which ends here after a cancel.
c10::intrusive_ptr<Kept> kept_by(AutogradContext* ctx) {
  auto kept = c10::static_intrusive_pointer_cast<Kept>(ctx->saved_data["kept"].toCapsule());
  kept->workers.check();
  return kept;
}

Operand operand(const at::Tensor& matrix) { return {matrix.const_data_ptr<float>(), matrix.size(1), 1}; }
Operand transposed(const at::Tensor& matrix) { return {matrix.const_data_ptr<float>(), 1, matrix.size(1)}; }

Product product_into(const at::Tensor& c, const Operand& a, const Operand& b, std::int64_t inner) {
  Product p;
  p.a = a;
  p.b = b;
  p.c = c.data_ptr<float>();
  p.c_stride = c.size(1);
  p.rows = c.size(0);
  p.columns = c.size(1);
  p.inner = inner;
  return p;
}

struct LinearFunction : Function<LinearFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& weight, const Variable& bias,
                          bool relu, const Workers& workers) {
    workers.check();
    at::Tensor y = at::empty({x.size(0), weight.size(0)}, x.options());
    Product p = product_into(y, operand(x), transposed(weight), x.size(1));
    p.bias = bias.const_data_ptr<float>();
    p.relu = relu;
    multiply(p, workers);
    ctx->save_for_backward({x, weight, relu ? y : at::Tensor()});
    keep(ctx, workers);
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const auto kept = kept_by(ctx);
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor& weight = saved[1];
    at::Tensor dy = gradients[0].contiguous();
    if (saved[2].defined()) dy = at::threshold_backward(dy, saved[2], 0);
    at::Tensor dx;
    if (ctx->needs_input_grad(0)) {
      dx = at::empty_like(x);
      multiply(product_into(dx, operand(dy), operand(weight), dy.size(1)), kept->workers);
    }
    at::Tensor d_weight;
    if (ctx->needs_input_grad(1)) {
      d_weight = at::empty_like(weight);
      multiply(product_into(d_weight, transposed(dy), operand(x), dy.size(0)), kept->workers);
    }
    return {dx, d_weight, ctx->needs_input_grad(2) ? at::sum(dy, 0) : Variable(), Variable(), Variable()};
  }
};

// Every head of every cell, longest cells first so that the threads finish together.
template <class Work>
void for_each_head(const std::vector<std::int64_t>& offsets, std::int64_t num_heads, const Workers& workers,
                   const Work& work) {
  const auto num_cells = static_cast<std::int64_t>(offsets.size()) - 1;
  std::vector<std::int64_t> order(static_cast<std::size_t>(num_cells));
  for (std::int64_t c = 0; c < num_cells; ++c) order[static_cast<std::size_t>(c)] = c;
  const auto length = [&](std::int64_t c) {
    return offsets[static_cast<std::size_t>(c) + 1] - offsets[static_cast<std::size_t>(c)];
  };
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return length(a) > length(b); });
  parallel_for(0, num_cells * num_heads, 1, workers.num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end && !workers.stopped(); ++i) {
      const std::int64_t cell = order[static_cast<std::size_t>(i / num_heads)];
      if (length(cell) > 0) work(offsets[static_cast<std::size_t>(cell)], length(cell), i % num_heads);
    }
  });
}

// Rows of one head differ from those of another by their place in the batch times the number of heads.
AttentionHead head_at(const float* qkv, std::int64_t hidden, std::int64_t num_heads, std::int64_t first_row,
                      std::int64_t length, std::int64_t head, DropoutRule dropout) {
  AttentionHead h;
  h.width = hidden / num_heads;
  h.row_stride = 3 * hidden;
  h.length = length;
  h.q = qkv + first_row * h.row_stride + head * h.width;
  h.k = h.q + hidden;
  h.v = h.k + hidden;
  h.scale = 1.0F / std::sqrt(static_cast<float>(h.width));
  dropout.key ^= static_cast<std::uint64_t>((dropout.first_row + first_row) * num_heads + head) * 0xd1342543de82ef95ULL;
  h.dropout = dropout;
  return h;
}

struct AttentionFunction : Function<AttentionFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& qkv, const CellOffsets& offsets, std::int64_t num_heads,
                          const DropoutRule& dropout, const Workers& workers) {
    workers.check();
    const std::int64_t tokens = qkv.size(0);
    const std::int64_t hidden = qkv.size(1) / 3;
    at::Tensor output = at::empty({tokens, hidden}, qkv.options());
    at::Tensor log_sums = at::empty({num_heads, tokens}, qkv.options());
    const TrainKernels& kernels = train_kernels();
    for_each_head(*offsets, num_heads, workers, [&](auto first, auto length, auto head) {
      const AttentionHead h = head_at(qkv.const_data_ptr<float>(), hidden, num_heads, first, length, head, dropout);
      kernels.attention_forward(h, output.data_ptr<float>() + first * hidden + head * h.width, hidden,
                                log_sums.data_ptr<float>() + head * tokens + first,
                                scratch_floats(kernels.attention_scratch(length, h.width)));
    });
    ctx->save_for_backward({qkv, output, log_sums});
    keep(ctx, workers, dropout, offsets);
    return output;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor& qkv = saved[0];
    const at::Tensor& output = saved[1];
    const at::Tensor& log_sums = saved[2];
    const at::Tensor d_output = gradients[0].contiguous();
    const auto kept = kept_by(ctx);
    const std::int64_t tokens = qkv.size(0);
    const std::int64_t hidden = output.size(1);
    const std::int64_t num_heads = log_sums.size(0);
    at::Tensor d_qkv = at::empty_like(qkv);
    const TrainKernels& kernels = train_kernels();
    for_each_head(*kept->offsets, num_heads, kept->workers, [&](auto first, auto length, auto head) {
      const AttentionHead h =
          head_at(qkv.const_data_ptr<float>(), hidden, num_heads, first, length, head, kept->dropout);
      const std::int64_t place = first * hidden + head * h.width;
      AttentionGradient g;
      g.output = output.const_data_ptr<float>() + place;
      g.d_output = d_output.const_data_ptr<float>() + place;
      g.log_sum_exp = log_sums.const_data_ptr<float>() + head * tokens + first;
      g.output_stride = hidden;
      g.dq = d_qkv.data_ptr<float>() + first * h.row_stride + head * h.width;
      g.dk = g.dq + hidden;
      g.dv = g.dk + hidden;
      kernels.attention_backward(h, g, scratch_floats(kernels.attention_scratch(length, h.width)));
    });
    return {d_qkv, Variable(), Variable(), Variable(), Variable()};
  }
};

NormRows norm_rows(std::int64_t width, std::int64_t first, std::int64_t count, const DropoutRule& dropout) {
  NormRows rows;
  rows.width = width;
  rows.first_row = dropout.first_row + first;
  rows.num_rows = count;
  rows.dropout = dropout;
  return rows;
}

template <class Work>
void for_row_pieces(std::int64_t num_rows, const Workers& workers, const Work& work) {
  parallel_for(0, num_rows, kRowsPerPiece, workers.num_threads, [&](std::int64_t begin, std::int64_t end, int) {
    if (!workers.stopped()) work(begin, end);
  });
}

struct NormFunction : Function<NormFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& residual, const Variable& weight,
                          const Variable& bias, double epsilon, const DropoutRule& dropout, const Workers& workers) {
    workers.check();
    const std::int64_t width = x.size(1);
    CW_ASSERT(width % 16 == 0);
    at::Tensor sum = at::empty_like(x);
    at::Tensor y = at::empty_like(x);
    at::Tensor mean_rstd = at::empty({x.size(0), 2}, x.options());
    for_row_pieces(x.size(0), workers, [&](std::int64_t begin, std::int64_t end) {
      NormRows rows = norm_rows(width, begin, end - begin, dropout);
      rows.epsilon = static_cast<float>(epsilon);
      rows.weight = weight.const_data_ptr<float>();
      const std::int64_t place = begin * width;
      train_kernels().norm_forward(rows, x.const_data_ptr<float>() + place, residual.const_data_ptr<float>() + place,
                                   bias.const_data_ptr<float>(), sum.data_ptr<float>() + place,
                                   mean_rstd.data_ptr<float>() + 2 * begin, y.data_ptr<float>() + place);
    });
    ctx->save_for_backward({sum, mean_rstd, weight});
    keep(ctx, workers, dropout);
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor& sum = saved[0];
    const at::Tensor& weight = saved[2];
    const at::Tensor dy = gradients[0].contiguous();
    const std::int64_t width = sum.size(1);
    const auto kept = kept_by(ctx);
    at::Tensor dx = at::empty_like(sum);
    at::Tensor d_residual = at::empty_like(sum);
    // One partial sum per piece of rows, added in order: the same bits for any number of threads.
    const std::int64_t num_pieces = (sum.size(0) + kRowsPerPiece - 1) / kRowsPerPiece;
    at::Tensor partial = at::zeros({2, num_pieces, width}, sum.options());
    for_row_pieces(sum.size(0), kept->workers, [&](std::int64_t begin, std::int64_t end) {
      NormRows rows = norm_rows(width, begin, end - begin, kept->dropout);
      rows.weight = weight.const_data_ptr<float>();
      const std::int64_t place = begin * width;
      float* d_weight = partial.data_ptr<float>() + begin / kRowsPerPiece * width;
      train_kernels().norm_backward(rows, sum.const_data_ptr<float>() + place,
                                    saved[1].const_data_ptr<float>() + 2 * begin, dy.const_data_ptr<float>() + place,
                                    dx.data_ptr<float>() + place, d_residual.data_ptr<float>() + place, d_weight,
                                    d_weight + num_pieces * width);
    });
    const at::Tensor totals = at::sum(partial, 1);
    return {dx, d_residual, totals[0], totals[1], Variable(), Variable(), Variable()};
  }
};

at::Tensor apply_dropout(const at::Tensor& x, const DropoutRule& dropout, const Workers& workers) {
  at::Tensor y = at::empty_like(x);
  const std::int64_t width = x.size(1);
  for_row_pieces(x.size(0), workers, [&](std::int64_t begin, std::int64_t end) {
    train_kernels().dropout(norm_rows(width, begin, end - begin, dropout), x.const_data_ptr<float>() + begin * width,
                            y.data_ptr<float>() + begin * width);
  });
  return y;
}

struct DropoutFunction : Function<DropoutFunction> {
  static Variable forward(AutogradContext* ctx, const Variable& x, const DropoutRule& dropout, const Workers& workers) {
    keep(ctx, workers, dropout);
    return apply_dropout(x, dropout, workers);
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const auto kept = kept_by(ctx);
    return {apply_dropout(gradients[0].contiguous(), kept->dropout, kept->workers), Variable(), Variable()};
  }
};

}  // namespace

at::Tensor packed_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, bool relu,
                         const Workers& workers) {
  return LinearFunction::apply(x.contiguous(), weight, bias, relu, workers);
}

at::Tensor packed_attention(const at::Tensor& qkv, const CellOffsets& offsets, std::int64_t num_heads,
                            const DropoutRule& dropout, const Workers& workers) {
  return AttentionFunction::apply(qkv, offsets, num_heads, dropout, workers);
}

at::Tensor dropout_add_norm(const at::Tensor& x, const at::Tensor& residual, const at::Tensor& weight,
                            const at::Tensor& bias, double epsilon, const DropoutRule& dropout,
                            const Workers& workers) {
  return NormFunction::apply(x.contiguous(), residual.contiguous(), weight, bias, epsilon, dropout, workers);
}

at::Tensor row_dropout(const at::Tensor& x, const DropoutRule& dropout, const Workers& workers) {
  if (dropout.probability <= 0.0F) return x;
  return DropoutFunction::apply(x.contiguous(), dropout, workers);
}

}  // namespace cw
