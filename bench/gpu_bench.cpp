// SPDX-License-Identifier: GPL-3.0-or-later
// gpu_bench MODEL [--device cuda:0] [--length N] [--budget TOKENS] [--rounds N]: tokens per second of whole passes to
// the second-to-last layer, cells of one length, in float32 and bf16, beside what an H200 can reach at that length:
// operations at the measured rate of bf16 products (790 TFLOP/s) and of attention with heads of 64 units (320
// TFLOP/s), or memory at 4.3 TB/s, whichever takes longer. Rows come from and go to the processor's memory, as in a
// job. Ends with 77 where there is no GPU.
#include "core/model/encoder.h"
#include "core/model/torch_guard.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

namespace {

using cw::Precision;

constexpr int kNoGpu = 77;
constexpr double kProductRate = 790e12;
constexpr double kAttentionRate = 320e12;
constexpr double kMemoryRate = 4.3e12;

struct Options {
  std::string model;
  std::string device = "cuda";
  int length = 2048;
  std::int64_t budget = 32768;
  int rounds = 10;
};

/// Tokens per second at the limits of the machine, activations in numbers of `bytes` bytes.
double reachable(const cw::ModelConfig& config, int layers, int length, double bytes) {
  const auto d = static_cast<double>(config.hidden);
  const auto f = static_cast<double>(config.ffn);
  const double products = (8.0 * d * d + 4.0 * d * f) / kProductRate;
  const double attention = 4.0 * length * d / kAttentionRate;
  // what a layer reads and writes of a row: three products in and out, attention, two LayerNorms with their residuals
  const double memory = bytes * (17.0 * d + 2.0 * f) / kMemoryRate;
  return 1.0 / (layers * (std::max(products, memory) + attention));
}

cw::PackedBatch cells_of(const Options& options, const cw::ModelConfig& config) {
  cw::PackedBatch batch;
  std::vector<std::int32_t> cell(static_cast<std::size_t>(options.length));
  for (std::int64_t filled = 0; filled + options.length <= options.budget; filled += options.length) {
    for (std::size_t i = 0; i < cell.size(); ++i) {
      cell[i] = static_cast<std::int32_t>((i * 7919 + static_cast<std::size_t>(filled)) %
                                          static_cast<std::size_t>(config.vocab_size));
    }
    batch.add(cell);
  }
  return batch;
}

double best_seconds(const cw::Encoder& encoder, const cw::PackedBatch& batch, int layer, int rounds) {
  using Clock = std::chrono::steady_clock;
  double best = 1e30;
  for (int round = 0; round <= rounds; ++round) {
    const auto start = Clock::now();
    (void)encoder.hidden(batch, layer);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (round > 0) best = std::min(best, seconds);
  }
  return best;
}

cw::Result<> measure(const Options& options, const cw::ModelFolder& folder) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBFloat16}) {
    CW_ASSIGN(const auto encoder, cw::Encoder::load(folder, {precision, options.device, 0}));
    CW_ASSIGN(const int layer, cw::layer_index(encoder->config(), "second-to-last"));
    const cw::PackedBatch batch = cells_of(options, encoder->config());
    CW_TRY(cw::check_batch(batch, encoder->config()));
    CW_ASSIGN(const double seconds,
              cw::guard_torch("measuring", [&] { return best_seconds(*encoder, batch, layer, options.rounds); }));
    const double rate = static_cast<double>(batch.num_tokens()) / seconds;
    std::printf("%s, %s, %lld tokens in cells of %d: %.0f tokens/s", encoder->device().c_str(),
                std::string(cw::name_of(precision)).c_str(), static_cast<long long>(batch.num_tokens()), options.length,
                rate);
    if (precision == Precision::kBFloat16) {
      const double most = reachable(encoder->config(), layer, options.length, 2.0);
      std::printf(", %.0f %% of the %.0f an H200 can reach", 100.0 * rate / most, most);
    }
    std::printf("\n");
  }
  return {};
}

bool parse(int argc, char** argv, Options& options) {
  if (argc < 2 || argc % 2 != 0) return false;
  options.model = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--device") {
      options.device = argv[i + 1];
    } else if (name == "--length") {
      options.length = std::stoi(argv[i + 1]);
    } else if (name == "--budget") {
      options.budget = std::stoll(argv[i + 1]);
    } else if (name == "--rounds") {
      options.rounds = std::stoi(argv[i + 1]);
    } else {
      return false;
    }
  }
  return options.length > 0 && options.budget >= options.length && options.rounds > 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fprintf(stderr,
                 "usage: gpu_bench MODEL [--device cuda:0] [--length N] [--budget TOKENS] [--rounds N], the budget at "
                 "least one cell\n");
    return 2;
  }
  const auto folder = cw::open_model_folder(options.model);
  const cw::Result<> done = folder.ok() ? measure(options, *folder) : cw::Result<>(folder.error());
  if (done.ok()) return 0;
  std::fprintf(stderr, "[%s] %s\n", done.error().id.c_str(), done.error().message.c_str());
  return done.error().id == "E-DEV-004" || done.error().id == "E-DEV-001" ? kNoGpu : 1;
}
