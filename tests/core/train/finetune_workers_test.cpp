// SPDX-License-Identifier: GPL-3.0-or-later
// `finetune --processes` with the real engine program, of whose processes some are killed.
#include "core/train/checkpoint.h"
#include "tests/core/train/finetune_world.h"
#include "tests/core/train/worker_watch.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>

namespace cw {
namespace {

class FinetuneWorkers : public Finetune {
 protected:
  void SetUp() override {
    Finetune::SetUp();
    ::setenv("CELLWRIGHT_ENGINE", CW_BIN_DIR "/cellwright-engine", 1);
  }

  FinetuneCellsOptions grouped(const std::string& out) const {
    FinetuneCellsOptions o = cells(out);
    o.batch_size = 4;
    o.epochs = 12.0;
    o.checkpoint_every = 6;
    o.processes = 2;
    o.num_threads = 2;
    o.zero = true;
    o.baselines = false;
    return o;
  }
};

TEST_F(FinetuneWorkers, KillingAnyOfThemLosesNothing) {
  const std::vector<std::string> before = shared_files();
  Recorder whole;
  succeed(grouped("whole"), run_finetune_cells, whole);
  EXPECT_TRUE(whole.warnings.empty()) << whole.warnings[0];

  const FinetuneCellsOptions o = grouped("killed");
  const CheckpointStore checkpoints(fs::path(o.output) / "checkpoints");
  std::atomic<bool> over{false};
  std::atomic<int> kills{0};
  std::thread killer([&] {
    for (std::size_t rank = 0; rank < 2 && !over; ++rank) {
      const auto seen = checkpoints.list();  // a new one: every start of the group makes progress
      const bool moved = comes_true([&] {
        const auto now = checkpoints.list();
        return over || (!now.empty() && (seen.empty() || now[0] != seen[0]));
      });
      const std::vector<pid_t> workers = workers_of(::getpid());
      if (!moved || workers.size() != 2U) continue;
      ::kill(workers[rank], SIGKILL);
      ++kills;
    }
  });
  Recorder recorder;
  const Json summary = succeed(o, run_finetune_cells, recorder);
  over = true;
  killer.join();
  ASSERT_GE(kills, 1);
  ASSERT_GE(recorder.warnings.size(), 1U);
  for (const std::string& warning : recorder.warnings) {
    EXPECT_NE(warning.find("W-COM-001"), std::string::npos) << warning;
    EXPECT_NE(warning.find("signal 9"), std::string::npos) << warning;
  }
  EXPECT_EQ(content("whole/model/model.safetensors"), content("killed/model/model.safetensors"));
  EXPECT_EQ(content("whole/predictions.csv"), content("killed/predictions.csv"));
  EXPECT_GE(summary["test"]["accuracy"].get<double>(), 0.9);
  EXPECT_TRUE(workers_of(::getpid()).empty());
  EXPECT_EQ(shared_files(), before);
}

}  // namespace
}  // namespace cw
