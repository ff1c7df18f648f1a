// SPDX-License-Identifier: GPL-3.0-or-later
// What parity tests of training share: a file of tests/golden with a model, batches, losses, gradients and weights
// after steps of AdamW, all made in float64.
#pragma once
#include "core/train/encoder_pass.h"
#include "core/train/optimiser.h"
#include "core/weights/tensor_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace cw {

constexpr double kGradientLimit = 1e-4;  // of the tensor's norm

/// Euclidean distance between expected numbers and a tensor.
inline double distance(const std::vector<double>& expected, const at::Tensor& found) {
  const at::Tensor values = found.contiguous();
  double sum = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double d = static_cast<double>(values.const_data_ptr<float>()[i]) - expected[i];
    sum += d * d;
  }
  return std::sqrt(sum);
}

inline double norm(const std::vector<double>& values) {
  return std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
}

class TrainingGolden : public ::testing::Test {
 protected:
  /// Opens the file and reads the configuration of the model in it.
  void open(const std::string& path) {
    auto file = TensorFile::open(path);
    ASSERT_TRUE(file.ok()) << file.error().message;
    golden_ = *file;
    const auto json = parse_json(golden_->metadata().at("config"), "golden");
    ASSERT_TRUE(json.ok());
    const auto config = model_config_from_json(*json, "golden");
    ASSERT_TRUE(config.ok()) << config.error().message;
    config_ = *config;
  }

  /// The weights before the first step.
  void allocate(const std::vector<PlannedParameter>& list) {
    parameters_ = std::make_unique<Parameters>(Parameters::allocate(list));
    const auto loaded =
        parameters_->load([&](const std::string& name) { return golden_->find("weight." + name); }, "golden");
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  }

  [[nodiscard]] std::vector<double> numbers(const std::string& name) const {
    const TensorRef* ref = golden_->find(name);
    EXPECT_NE(ref, nullptr) << name;
    std::vector<double> out;
    for (std::int64_t i = 0; ref != nullptr && i < ref->num_elements(); ++i) {
      out.push_back(element_at(*ref, static_cast<std::size_t>(i)));
    }
    return out;
  }

  [[nodiscard]] std::vector<std::int64_t> integers(const std::string& name) const {
    const std::vector<double> values = numbers(name);
    return {values.begin(), values.end()};
  }

  [[nodiscard]] double setting(const std::string& name) const { return std::stod(golden_->metadata().at(name)); }

  /// Positions and offsets of the cells of every step.
  void take_cells(TokenRows& rows) const {
    for (const std::int64_t length : integers("lengths")) {
      for (std::int64_t i = 0; i < length; ++i) rows.positions.push_back(i);
      rows.offsets.push_back(static_cast<std::int64_t>(rows.positions.size()));
    }
  }

  /// Of the parameters that are trained, against "gradient.NAME".
  void expect_gradients() const {
    for (const Parameter& p : parameters_->all()) {
      if (!p.value.requires_grad()) continue;
      const std::vector<double> expected = numbers("gradient." + p.name);
      ASSERT_EQ(static_cast<std::int64_t>(expected.size()), p.value.numel()) << p.name;
      if (p.name.find("self.key.bias") != std::string::npos) {
        EXPECT_LE(distance(expected, p.value.grad()), 1e-6) << p.name << ": zero in exact arithmetic";
      } else {
        EXPECT_GT(norm(expected), 0.0) << p.name;
        EXPECT_LE(distance(expected, p.value.grad()), kGradientLimit * norm(expected)) << p.name;
      }
    }
  }

  /// Losses, norms and final weights of the recorded steps. `backward` computes the gradients of a step and returns its
  /// loss.
  template <class Backward>
  void expect_steps(const Backward& backward) {
    const std::vector<double> losses = numbers("losses");
    const std::vector<double> norms = numbers("norms");
    SingleProcess alone;
    AdamW adam;
    adam.weight_decay = setting("decay");
    for (std::size_t step = 0; step < losses.size(); ++step) {
      EXPECT_NEAR(backward(static_cast<int>(step)), losses[step], 5e-4) << "step " << step;
      const auto norm = clip_gradients(*parameters_, 1.0, alone);
      ASSERT_TRUE(norm.ok());
      EXPECT_NEAR(*norm, norms[step], 5e-3 * norms[step]) << "step " << step;
      adam.update(*parameters_, setting("rate"), static_cast<std::int64_t>(step) + 1);
    }
    std::vector<double> differences;
    for (const Parameter& p : parameters_->all()) {
      const std::vector<double> expected = numbers("after." + p.name);
      const at::Tensor value = p.value.detach().contiguous();
      for (std::size_t i = 0; i < expected.size(); ++i) {
        differences.push_back(std::abs(static_cast<double>(value.const_data_ptr<float>()[i]) - expected[i]));
      }
    }
    // Never the largest: AdamW turns a gradient of the size of rounding into a whole step.
    const auto middle = differences.begin() + static_cast<std::ptrdiff_t>(differences.size() / 2);
    std::nth_element(differences.begin(), middle, differences.end());
    EXPECT_LE(*middle, 1e-5);
  }

  std::shared_ptr<const TensorFile> golden_;
  ModelConfig config_;
  std::unique_ptr<Parameters> parameters_;
};

}  // namespace cw
