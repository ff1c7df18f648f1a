// SPDX-License-Identifier: GPL-3.0-or-later
// A cancel is seen inside a batch, in both passes. What is measured is the work of the processors, not the time, and it
// is compared with that of the whole batch: the same on a slow or busy machine.
#include "core/train/masked_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <random>
#include <thread>

namespace cw {
namespace {

constexpr std::int64_t kCells = 4;
constexpr std::int64_t kLength = 1024;
constexpr std::int64_t kVocabulary = 4000;

/// Of all threads of this process.
double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

class Cancel : public ::testing::Test {
 protected:
  void SetUp() override {
    config_.architecture = "BertForMaskedLM";
    config_.vocab_size = kVocabulary;
    config_.max_positions = kLength;
    config_.hidden = 128;
    config_.layers = 4;
    config_.heads = 2;
    config_.ffn = 256;
    parameters_ = std::make_unique<Parameters>(Parameters::allocate(config_));
    parameters_->initialise(config_, 1);
    std::mt19937 random(1);
    for (std::int64_t cell = 0; cell < kCells; ++cell) {
      for (std::int64_t i = 0; i < kLength; ++i) {
        if (random() % 6 == 0) {
          batch_.masked_rows.push_back(static_cast<std::int64_t>(batch_.tokens.size()));
          batch_.targets.push_back(static_cast<std::int64_t>(random() % kVocabulary));
        }
        batch_.tokens.push_back(static_cast<std::int64_t>(random() % kVocabulary));
        batch_.positions.push_back(i);
      }
      batch_.offsets.push_back(static_cast<std::int64_t>(batch_.tokens.size()));
    }
  }

  struct Times {
    double forward = 0.0;
    double whole = 0.0;
  };

  Times pass(const JobContext& context) {
    const double start = processor_seconds();
    Times times;
    try {
      const at::Tensor loss = masked_lm_loss(config_, *parameters_, batch_, {true, 7}, 1.0, {0, &context});
      times.forward = processor_seconds() - start;
      loss.backward();
    } catch (const ComputationStopped&) {
      EXPECT_TRUE(context.cancelled());
    }
    times.whole = processor_seconds() - start;
    return times;
  }

  /// What a pass still computes after a cancel that comes when it has used `used` seconds of the processors.
  double work_after_cancel(double used) {
    const JobContext context;
    const double start = processor_seconds();
    std::atomic<double> asked{-1.0};
    std::atomic<bool> over{false};
    std::thread canceller([&] {
      while (processor_seconds() - start < used && !over) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      asked = processor_seconds();
      context.request_cancel();
    });
    pass(context);
    const double end = processor_seconds();
    over = true;
    canceller.join();
    return std::max(0.0, end - asked.load());
  }

  ModelConfig config_;
  std::unique_ptr<Parameters> parameters_;
  MaskedBatch batch_;
};

TEST_F(Cancel, IsSeenInsideTheForwardAndTheBackwardPass) {
  const JobContext undisturbed;
  pass(undisturbed);
  const Times times = pass(undisturbed);
  // a quarter into the forward pass, and a quarter into the backward pass
  for (const double used : {times.forward / 4, times.forward + (times.whole - times.forward) / 4}) {
    const double rest = (used < times.forward ? times.forward : times.whole) - used;
    const double most = std::max({work_after_cancel(used), work_after_cancel(used), work_after_cancel(used)});
    EXPECT_LT(most, rest / 3) << "of " << times.whole << " s, cancelled after " << used << " s";
  }
}

TEST_F(Cancel, LeavesOutAllWorkThatHasNotBegun) {
  const JobContext undisturbed;
  pass(undisturbed);
  const double whole = pass(undisturbed).whole;
  const JobContext cancelled;
  cancelled.request_cancel();
  EXPECT_LT(pass(cancelled).whole, whole / 20);
  EXPECT_THROW(masked_lm_loss(config_, *parameters_, batch_, {true, 7}, 1.0, {0, &cancelled}), ComputationStopped);
}

}  // namespace
}  // namespace cw
