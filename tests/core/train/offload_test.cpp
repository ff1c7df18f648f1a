// SPDX-License-Identifier: GPL-3.0-or-later
// The optimiser state in a file: the same numbers, less memory, nothing left behind.
#include "core/train/keyed_random.h"
#include "core/train/offloaded_state.h"
#include "core/train/optimiser.h"
#include "tests/core/train/pretrain_world.h"

#include <ATen/ops/sum.h>
#include <sys/resource.h>

#include <csignal>
#include <cstring>
#include <fstream>

namespace cw {
namespace {

// 1.1 million elements that decay: more than one piece, and no whole number of them.
ModelConfig wide_config() {
  ModelConfig config;
  config.architecture = kMaskedLm;
  config.vocab_size = 8300;
  config.max_positions = 30;
  config.hidden = 128;
  config.layers = 1;
  config.heads = 2;
  config.ffn = 64;
  return config;
}

void fill_at_random(Parameters& parameters, std::uint64_t step) {
  for (std::size_t g = 0; g < 2; ++g) {
    KeyedRandom random(1, RandomUse::kWeights, {step, g});
    const at::Tensor& gradients = parameters.groups()[g].gradients;
    float* values = static_cast<float*>(gradients.data_ptr());
    for (std::int64_t i = 0; i < gradients.numel(); ++i) values[i] = static_cast<float>(random.normal());
  }
}

bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  return a.numel() == b.numel() && std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) == 0;
}

// Pages of files that are in this process's memory, in kB.
std::int64_t resident_file_pages() {
  std::ifstream status("/proc/self/status");
  std::int64_t sum = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("RssFile:", 0) == 0 || line.rfind("RssShmem:", 0) == 0)
      sum += std::stoll(line.substr(line.find(':') + 1));
  }
  return sum;
}

class Offload : public Pretrain {};

TEST_F(Offload, AnUpdateInPiecesIsTheUpdateBitByBit) {
  const ModelConfig config = wide_config();
  Parameters plain = Parameters::allocate(config);
  Parameters moved = Parameters::allocate(config);
  plain.initialise(config, 3);
  moved.initialise(config, 3);
  ASSERT_GT(plain.groups()[0].values.numel(), AdamW::kPieceElements);
  ASSERT_NE(plain.groups()[0].values.numel() % AdamW::kPieceElements, 0);
  auto state = OffloadedState::move(moved, folder_ / "state");
  ASSERT_TRUE(state.ok()) << state.error().message;
  EXPECT_TRUE(fs::is_empty(folder_ / "state")) << "the file has no name: a kill leaves nothing";
  const AdamW adam{0.9, 0.999, 1e-8, 0.01};
  for (std::int64_t step = 1; step <= 3; ++step) {
    fill_at_random(plain, static_cast<std::uint64_t>(step));
    fill_at_random(moved, static_cast<std::uint64_t>(step));
    adam.update(plain, 1e-3, step);
    adam.update(moved, 1e-3, step, state->get());
  }
  for (std::size_t g = 0; g < 2; ++g) {
    EXPECT_TRUE(same_bits(plain.groups()[g].values, moved.groups()[g].values)) << g;
    EXPECT_TRUE(same_bits(plain.groups()[g].first_moment, moved.groups()[g].first_moment)) << g;
    EXPECT_TRUE(same_bits(plain.groups()[g].second_moment, moved.groups()[g].second_moment)) << g;
  }
}

TEST_F(Offload, ReleasedPagesAreNotInMemoryAndKeepTheirNumbers) {
  Parameters parameters = Parameters::allocate(wide_config());
  const auto state = OffloadedState::move(parameters, folder_);
  ASSERT_TRUE(state.ok()) << state.error().message;
  const auto kilobytes = static_cast<std::int64_t>((*state)->bytes() >> 10U);
  ASSERT_GT(kilobytes, 8000);
  const std::int64_t before = resident_file_pages();
  parameters.groups()[0].first_moment.fill_(2.0F);
  parameters.groups()[0].second_moment.fill_(3.0F);
  EXPECT_GT(resident_file_pages() - before, kilobytes * 9 / 10) << "the look itself";
  (*state)->release();
  EXPECT_LT(resident_file_pages() - before, kilobytes / 10);
  EXPECT_EQ(parameters.groups()[0].first_moment.sum().item<double>(),
            2.0 * static_cast<double>(parameters.groups()[0].first_moment.numel()));
}

TEST_F(Offload, ARunIsTheSameAsWithoutAlsoStoppedAndResumed) {
  Recorder recorder;
  PretrainOptions o = options("memory");
  o.steps = 12;
  o.checkpoint_every = 4;
  run(o, recorder);
  o.out = in("disk");
  o.offload_optimiser = true;
  Recorder stopped;
  stopped.cancel_at_checkpoint = 4;
  JobContext context(&stopped, stopped.cancel);
  ASSERT_FALSE(run_pretrain(o, context).ok());
  o.resume = true;
  Recorder resumed;
  run(o, resumed);
  EXPECT_EQ(weights(in("memory")), weights(in("disk")));
  for (const auto& entry : fs::directory_iterator(folder_ / "disk" / "checkpoints")) {
    EXPECT_EQ(entry.path().filename().string().find("optimiser-state"), std::string::npos);
  }
}

TEST_F(Offload, AFullDiskIsASentence) {
  Parameters parameters = Parameters::allocate(wide_config());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 1U << 20U;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto state = OffloadedState::move(parameters, folder_ / "state");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(state.ok());
  EXPECT_EQ(state.error().id, "E-TRN-014");
  EXPECT_EQ(state.error().code, ErrorCode::kNoSpace);
  parameters.groups()[0].first_moment.fill_(1.0F);  // they are where they were
  EXPECT_TRUE(fs::is_empty(folder_ / "state")) << "nothing is left";
}

TEST_F(Offload, AFolderThatCannotBeIsNamed) {
  Parameters parameters = Parameters::allocate(wide_config());
  std::ofstream(folder_ / "file") << "x";
  const auto state = OffloadedState::move(parameters, folder_ / "file" / "state");
  ASSERT_FALSE(state.ok());
  EXPECT_NE(state.error().message.find("file/state"), std::string::npos) << state.error().message;
}

}  // namespace
}  // namespace cw
