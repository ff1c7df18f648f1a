// SPDX-License-Identifier: GPL-3.0-or-later
// Every kernel set that this processor can run, against the definition in float64, at sizes that leave remainders in
// rows, columns and depth.
#include "core/model/kernels/kernels.h"

#include "core/model/packed_matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace cw {
namespace {

std::vector<float> random_values(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(count));
  std::generate(values.begin(), values.end(), [&] { return normal(generator); });
  return values;
}

struct LinearCase {
  std::int64_t rows, inputs, outputs;
  bool residual, relu;
};

constexpr LinearCase kLinearCases[] = {
    {13, 70, 100, true, true}, {6, 256, 64, false, false}, {1, 1, 1, true, false}, {97, 600, 17, false, true}};

/// Largest error relative to the spread of the exact results.
double linear_error(const KernelSet& kernels, Precision precision, const LinearCase& size) {
  const auto x = random_values(size.rows * size.inputs, 1);
  const auto weight = random_values(size.outputs * size.inputs, 2);
  const auto bias = random_values(size.outputs, 3);
  const auto residual = random_values(size.rows * size.outputs, 4);
  std::vector<float> y(residual.size());
  const PackedMatrix matrix(weight.data(), bias.data(), size.outputs, size.inputs, precision, kernels);
  const AlignedWords scratch(matrix.scratch_words(size.rows));
  LinearCall call;
  call.x = x.data();
  call.x_stride = size.inputs;
  call.rows = size.rows;
  call.residual = size.residual ? residual.data() : nullptr;
  call.residual_stride = call.y_stride = size.outputs;
  call.relu = size.relu;
  call.y = y.data();
  call.scratch = scratch.data();
  matrix.apply(call);
  double largest = 0.0;
  for (std::int64_t row = 0; row < size.rows; ++row) {
    for (std::int64_t out = 0; out < size.outputs; ++out) {
      const auto at = static_cast<std::size_t>(row * size.outputs + out);
      double sum = bias[static_cast<std::size_t>(out)] + (size.residual ? residual[at] : 0.0F);
      for (std::int64_t in = 0; in < size.inputs; ++in) {
        sum += static_cast<double>(x[static_cast<std::size_t>(row * size.inputs + in)]) *
               weight[static_cast<std::size_t>(out * size.inputs + in)];
      }
      if (size.relu) sum = std::max(0.0, sum);
      largest = std::max(largest, std::abs(sum - static_cast<double>(y[at])));
    }
  }
  return largest / std::sqrt(static_cast<double>(size.inputs));
}

TEST(Kernels, LinearLayersEqualTheDefinitionInEveryPrecision) {
  for (const KernelSet& kernels : kernel_sets()) {
    for (const LinearCase& size : kLinearCases) {
      SCOPED_TRACE(std::string(kernels.name) + " inputs " + std::to_string(size.inputs));
      EXPECT_LT(linear_error(kernels, Precision::kFloat32, size), 5e-6);
      EXPECT_LT(linear_error(kernels, Precision::kBFloat16, size), 2e-2);
      EXPECT_LT(linear_error(kernels, Precision::kInt8, size), 1e-1);
    }
  }
}

TEST(Kernels, RoundedPrecisionsAgreeBetweenProcessors) {
  const KernelSet& best = kernel_sets().front();
  const KernelSet& plain = kernel_sets().back();
  const std::int64_t inputs = 130;
  const std::int64_t outputs = 70;
  const auto x = random_values(inputs, 1);
  const auto weight = random_values(outputs * inputs, 2);
  const auto bias = random_values(outputs, 3);
  for (const Precision precision : {Precision::kBFloat16, Precision::kInt8}) {
    std::vector<std::vector<float>> results;
    for (const KernelSet* kernels : {&best, &plain}) {
      const PackedMatrix matrix(weight.data(), bias.data(), outputs, inputs, precision, *kernels);
      const AlignedWords scratch(matrix.scratch_words(1));
      std::vector<float> y(static_cast<std::size_t>(outputs));
      LinearCall call;
      call.x = x.data();
      call.x_stride = inputs;
      call.rows = 1;
      call.y = y.data();
      call.y_stride = outputs;
      call.scratch = scratch.data();
      matrix.apply(call);
      results.push_back(y);
    }
    // one input on the edge between two 8-bit steps may fall to either side
    const double limit = precision == Precision::kInt8 ? 0.1 : 1e-4;
    for (std::size_t i = 0; i < results[0].size(); ++i) EXPECT_NEAR(results[0][i], results[1][i], limit);
  }
}

double attention_error(void (*kernel)(const AttentionCall&), std::int64_t queries, std::int64_t keys,
                       std::int64_t width, float spread) {
  const std::int64_t stride = width + 5;
  auto q = random_values(queries * stride, 1);
  auto k = random_values(keys * stride, 2);
  const auto v = random_values(keys * stride, 3);
  for (float& value : q) value *= spread;
  for (float& value : k) value *= spread;
  std::vector<float> out(static_cast<std::size_t>(queries * width));
  const AlignedWords scratch(attention_scratch_words(keys, width));
  AttentionCall call;
  call.q = q.data();
  call.k = k.data();
  call.v = v.data();
  call.q_stride = call.kv_stride = stride;
  call.queries = queries;
  call.keys = keys;
  call.head_width = width;
  call.out = out.data();
  call.out_stride = width;
  call.scratch = scratch.data();
  kernel(call);
  double largest = 0.0;
  std::vector<double> weights(static_cast<std::size_t>(keys));
  for (std::int64_t i = 0; i < queries; ++i) {
    for (std::int64_t j = 0; j < keys; ++j) {
      double score = 0.0;
      for (std::int64_t d = 0; d < width; ++d) {
        score += static_cast<double>(q[static_cast<std::size_t>(i * stride + d)]) *
                 k[static_cast<std::size_t>(j * stride + d)];
      }
      weights[static_cast<std::size_t>(j)] = score / std::sqrt(static_cast<double>(width));
    }
    const double highest = *std::max_element(weights.begin(), weights.end());
    double total = 0.0;
    for (double& weight : weights) total += weight = std::exp(weight - highest);
    for (std::int64_t d = 0; d < width; ++d) {
      double sum = 0.0;
      for (std::int64_t j = 0; j < keys; ++j) {
        sum += weights[static_cast<std::size_t>(j)] * v[static_cast<std::size_t>(j * stride + d)];
      }
      largest =
          std::max(largest, std::abs(sum / total - static_cast<double>(out[static_cast<std::size_t>(i * width + d)])));
    }
  }
  return largest;
}

TEST(Kernels, AttentionEqualsTheDefinition) {
  for (const KernelSet& kernels : kernel_sets()) {
    SCOPED_TRACE(kernels.name);
    for (const auto& [queries, keys, width] :
         {std::tuple{1, 1, 32}, {1, 300, 64}, {49, 129, 64}, {101, 257, 32}, {20, 40, 64}, {7, 11, 5}}) {
      EXPECT_LT(attention_error(kernels.attention_float32, queries, keys, width, 1.0F), 2e-6) << keys;
      if (kernels.attention_bfloat16 != nullptr) {
        EXPECT_LT(attention_error(kernels.attention_bfloat16, queries, keys, width, 1.0F), 5e-2) << keys;
      }
    }
    // scores of several hundred: the running maximum has to hold them
    EXPECT_LT(attention_error(kernels.attention_float32, 33, 300, 64, 8.0F), 2e-4);
  }
}

TEST(Kernels, LayerNormEqualsTheDefinitionAlsoFarFromZero) {
  const std::int64_t width = 75;
  auto x = random_values(3 * width, 1);
  for (float& value : x) value += 100.0F;
  const auto weight = random_values(width, 2);
  const auto bias = random_values(width, 3);
  for (const KernelSet& kernels : kernel_sets()) {
    SCOPED_TRACE(kernels.name);
    std::vector<float> out(x.size());
    LayerNormCall call;
    call.x = x.data();
    call.x_stride = call.out_stride = call.width = width;
    call.rows = 3;
    call.weight = weight.data();
    call.bias = bias.data();
    call.eps = 1e-12F;
    call.out = out.data();
    kernels.layer_norm(call);
    for (std::int64_t row = 0; row < 3; ++row) {
      const float* from = x.data() + row * width;
      double mean = 0.0;
      for (std::int64_t i = 0; i < width; ++i) mean += static_cast<double>(from[i]) / static_cast<double>(width);
      double variance = 0.0;
      for (std::int64_t i = 0; i < width; ++i) variance += (from[i] - mean) * (from[i] - mean);
      variance /= static_cast<double>(width);
      for (std::int64_t i = 0; i < width; ++i) {
        const double wanted = (from[i] - mean) / std::sqrt(variance + 1e-12) * weight[static_cast<std::size_t>(i)] +
                              bias[static_cast<std::size_t>(i)];
        EXPECT_NEAR(out[static_cast<std::size_t>(row * width + i)], wanted, 5e-5);
      }
    }
  }
}

}  // namespace
}  // namespace cw
