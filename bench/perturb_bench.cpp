// SPDX-License-Identifier: GPL-3.0-or-later
// Passes per second of "delete every gene" in cells of random genes: perturb_bench MODEL LENGTH [THREADS] [SECONDS]
// [--cls]
#include "core/perturb/block_runner.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string>

namespace {

double user_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + 1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

cw::Result<> measure(const std::string& folder, std::int64_t length, int threads, double seconds, bool cls) {
  CW_ASSIGN(const cw::ModelFolder opened, cw::open_model_folder(folder));
  cw::EncoderOptions encoder_options;
  encoder_options.num_threads = threads;
  CW_ASSIGN(const auto encoder, cw::Encoder::load(opened, encoder_options));
  CW_ASSIGN(const auto dictionary, cw::dictionary_for_vocabulary_size(opened.config.vocab_size));
  std::vector<std::int32_t> cell(static_cast<std::size_t>(dictionary->num_tokens()) - 4);
  std::iota(cell.begin(), cell.end(), 4);
  std::shuffle(cell.begin(), cell.end(), std::mt19937_64(1));
  cell.resize(static_cast<std::size_t>(length));
  cw::TokensInfo info;
  info.max_length = static_cast<std::int32_t>(opened.config.max_positions);
  const auto cells = cw::TokenizedCells::from_memory({cell}, {}, info);
  cw::PerturbOptions options;
  options.requests = {{"delete", {"all"}}};
  cw::JobContext ctx;
  CW_ASSIGN(const auto requests, cw::resolve_requests(options, *dictionary, ctx));
  CW_ASSIGN(const cw::RunPlan plan,
            cw::RunPlan::make(options, requests, *dictionary, cells, {0}, {false, opened.config.max_positions, false}));
  const int layer = static_cast<int>(opened.config.layers) - 1;
  const cw::VariantForward forward(*encoder, {layer, cls});
  const cw::StateCentroids states;
  const cw::BlockRunner runner(plan, forward, states, {cls, false, false, options.tokens_per_batch});
  const auto blocks = plan.blocks(forward.cost(), 64, 1e13);
  const auto start = std::chrono::steady_clock::now();
  const double user = user_seconds();
  std::int64_t passes = 0;
  double work = 0.0;
  double elapsed = 0.0;
  for (std::size_t i = 0; elapsed < seconds; ++i) {
    const auto& block = blocks[i % blocks.size()];
    CW_ASSIGN([[maybe_unused]] const auto result, runner.run(block, ctx));
    passes += block.num_units;
    work += block.work;
    elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  const double used = user_seconds() - user;
  std::printf("%s, %lld tokens: %.2f passes/s, %.2f per processor second; %.0f GFLOP/s, %.0f per processor\n",
              folder.c_str(), static_cast<long long>(length), static_cast<double>(passes) / elapsed,
              static_cast<double>(passes) / used, work / elapsed * 1e-9, work / used * 1e-9);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("perturb_bench MODEL LENGTH [THREADS] [SECONDS] [--cls]\n", stderr);
    return 2;
  }
  const int threads = argc > 3 ? std::atoi(argv[3]) : 2;
  const double seconds = argc > 4 ? std::atof(argv[4]) : 10.0;
  const bool cls = std::string(argv[argc - 1]) == "--cls";
  const auto result = measure(argv[1], std::atoll(argv[2]), threads, seconds, cls);
  if (!result.ok()) std::fprintf(stderr, "[%s] %s\n", result.error().id.c_str(), result.error().message.c_str());
  return result.ok() ? 0 : 1;
}
