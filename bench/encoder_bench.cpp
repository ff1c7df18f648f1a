// SPDX-License-Identifier: GPL-3.0-or-later
// encoder_bench MODEL [--threads N] [--cells N] [--layer NAME] [--budget TOKENS] [--rounds N]: embeds cells with the
// lengths of PBMC (mean 563 tokens) in every precision, beside the matrix-multiply rate of the model's shapes (our
// kernels, LibTorch's MKL and oneDNN). Prints a table and one JSON line. Rates: best round by wall clock, and per
// second of processor time times threads, which is what a machine without other work would give.
#include "core/base/parallel.h"
#include "core/model/encoder.h"
#include "core/model/torch_guard.h"
#include "core/model/torch_runtime.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>

namespace {

using cw::Precision;

struct Options {
  std::string model;
  int threads = 0;
  std::int64_t cells = 64;
  std::string layer = "second-to-last";
  std::int64_t budget = 8192;
  int rounds = 5;
};

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Seconds {
  double wall = 1e30;
  double processor = 1e30;  ///< divided by the number of threads
};

/// One call at its best of `rounds`, after one that is not counted. Short work is repeated within a round: processor
/// time is counted in steps of milliseconds.
Seconds best_of(int rounds, int threads, const std::function<void()>& work) {
  constexpr double kShortestRound = 0.1;
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  work();
  const auto trial = Clock::now();
  work();
  const int calls = std::max(1, static_cast<int>(kShortestRound / std::max(1e-6, since(trial))));
  Seconds best;
  for (int round = 0; round < rounds; ++round) {
    const double processor = processor_seconds();
    const auto start = Clock::now();
    for (int call = 0; call < calls; ++call) work();
    best.wall = std::min(best.wall, since(start) / calls);
    best.processor = std::min(best.processor, (processor_seconds() - processor) / (threads * calls));
  }
  return best;
}

/// Log-normal quantiles around 563 tokens, as the Kang PBMC cells have, at most the model's size.
std::vector<std::int64_t> pbmc_lengths(std::int64_t count, std::int64_t longest) {
  constexpr double kMean = 563.0;
  constexpr double kSpread = 0.35;
  std::vector<std::int64_t> lengths;
  for (std::int64_t i = 0; i < count; ++i) {
    const double u = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    const double normal = std::log(u / (1.0 - u)) / 1.702;  // logistic approximation of the normal quantile
    const double length = kMean * std::exp(kSpread * normal - kSpread * kSpread / 2.0);
    lengths.push_back(std::clamp<std::int64_t>(std::llround(length), 1, longest));
  }
  return lengths;
}

std::vector<cw::PackedBatch> make_batches(const std::vector<std::int64_t>& lengths, const cw::ModelConfig& config,
                                          std::int64_t budget) {
  std::vector<cw::PackedBatch> batches;
  for (const auto& group : cw::plan_batches(lengths, budget)) {
    cw::PackedBatch batch;
    for (const std::int64_t cell : group) {
      std::vector<std::int32_t> tokens(static_cast<std::size_t>(lengths[static_cast<std::size_t>(cell)]));
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto mixed = static_cast<std::int64_t>(i) * 37 + cell * 101;
        tokens[i] = static_cast<std::int32_t>(4 + mixed % (config.vocab_size - 4));
      }
      batch.add(tokens);
    }
    batches.push_back(std::move(batch));
  }
  return batches;
}

struct Shape {
  std::int64_t outputs, inputs;
  [[nodiscard]] double flop(std::int64_t rows) const {
    return 2.0 * static_cast<double>(rows) * static_cast<double>(outputs) * static_cast<double>(inputs);
  }
};

std::vector<Shape> layer_shapes(const cw::ModelConfig& config) {
  return {{3 * config.hidden, config.hidden},
          {config.hidden, config.hidden},
          {config.ffn, config.hidden},
          {config.hidden, config.ffn}};
}

/// All linear layers of one encoder layer with our kernels, blocks of rows over the threads.
double own_rate(const cw::ModelConfig& config, Precision precision, std::int64_t rows, const Options& options) {
  double flop = 0.0;
  double seconds = 0.0;
  for (const Shape& shape : layer_shapes(config)) {
    const at::Tensor weight = at::randn({shape.outputs, shape.inputs});
    const at::Tensor bias = at::randn({shape.outputs});
    const at::Tensor x = at::randn({rows, shape.inputs});
    at::Tensor y = at::empty({rows, shape.outputs});
    const cw::PackedMatrix matrix(weight.const_data_ptr<float>(), bias.const_data_ptr<float>(), shape.outputs,
                                  shape.inputs, precision, cw::best_kernels());
    constexpr std::int64_t kBlock = 96;
    std::vector<cw::AlignedWords> scratch;
    for (int i = 0; i < options.threads; ++i) scratch.emplace_back(matrix.scratch_words(kBlock));
    const Seconds best = best_of(options.rounds, options.threads, [&] {
      cw::parallel_for(0, rows, kBlock, options.threads, [&](std::int64_t begin, std::int64_t end, int worker) {
        cw::LinearCall call;
        call.x = x.const_data_ptr<float>() + begin * shape.inputs;
        call.x_stride = shape.inputs;
        call.rows = end - begin;
        call.y = y.mutable_data_ptr<float>() + begin * shape.outputs;
        call.y_stride = shape.outputs;
        call.scratch = scratch[static_cast<std::size_t>(worker)].data();
        matrix.apply(call);
      });
    });
    flop += shape.flop(rows);
    seconds += best.processor;
  }
  return flop / seconds * 1e-9;
}

/// The same through LibTorch: at::linear, or oneDNN's operator with packed weights.
double library_rate(const cw::ModelConfig& config, at::ScalarType type, bool onednn, std::int64_t rows,
                    const Options& options) {
  const auto pointwise = c10::Dispatcher::singleton().findSchemaOrThrow("mkldnn::_linear_pointwise", "");
  double flop = 0.0;
  double seconds = 0.0;
  for (const Shape& shape : layer_shapes(config)) {
    const at::Tensor weight = at::randn({shape.outputs, shape.inputs}).to(type);
    const at::Tensor bias = at::randn({shape.outputs}).to(type);
    const at::Tensor x = at::randn({rows, shape.inputs}).to(type);
    const Seconds best = best_of(options.rounds, options.threads, [&] {
      if (onednn) {
        torch::jit::Stack stack = {x, weight, bias, "none", c10::List<std::optional<at::Scalar>>(), ""};
        pointwise.callBoxed(&stack);
      } else {
        at::linear(x, weight, bias);
      }
    });
    flop += shape.flop(rows);
    seconds += best.processor;
  }
  return flop / seconds * 1e-9;
}

struct Deviation {
  double cosine = 1.0;   ///< lowest of all cells
  double largest = 0.0;  ///< absolute, of all units of all cells
};

std::vector<at::Tensor> embeddings(const cw::Encoder& encoder, const std::vector<cw::PackedBatch>& batches, int layer) {
  std::vector<at::Tensor> cells;
  for (const cw::PackedBatch& batch : batches) {
    const at::Tensor hidden = encoder.hidden(batch, layer);
    for (std::int64_t cell = 0; cell < batch.num_cells(); ++cell) {
      cells.push_back(
          hidden.narrow(0, batch.offsets[static_cast<std::size_t>(cell)], batch.length(cell)).to(at::kDouble).mean(0));
    }
  }
  return cells;
}

Deviation compare(const std::vector<at::Tensor>& exact, const std::vector<at::Tensor>& other) {
  Deviation deviation;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    deviation.cosine = std::min(deviation.cosine, at::cosine_similarity(exact[i], other[i], 0).item<double>());
    deviation.largest = std::max(deviation.largest, (exact[i] - other[i]).abs().max().item<double>());
  }
  return deviation;
}

cw::Result<> run(const Options& options) {
  CW_ASSIGN(const cw::ModelFolder folder, cw::open_model_folder(options.model));
  CW_ASSIGN(const int layer, cw::layer_index(folder.config, options.layer));
  const cw::ModelConfig& config = folder.config;
  const auto lengths = pbmc_lengths(options.cells, config.max_positions);
  const auto batches = make_batches(lengths, config, options.budget);
  double tokens = 0.0;
  double attention_flop = 0.0;
  for (const std::int64_t length : lengths) {
    tokens += static_cast<double>(length);
    attention_flop += 4.0 * layer * static_cast<double>(length * length * config.hidden);
  }
  double linear_flop = 0.0;
  for (const Shape& shape : layer_shapes(config)) linear_flop += layer * tokens * shape.flop(1);
  const double flop = linear_flop + attention_flop;
  std::printf("%s: %lld cells, %.0f tokens, layer %d, %d threads, kernels %s, attention %.0f %% of %.1f GFLOP\n",
              options.model.c_str(), static_cast<long long>(options.cells), tokens, layer, options.threads,
              cw::best_kernels().name, 100.0 * attention_flop / flop, flop * 1e-9);

  const std::int64_t rows = std::min<std::int64_t>(options.budget, 4096);
  const double mkl = library_rate(config, at::kFloat, false, rows, options);
  const double onednn = library_rate(config, at::kFloat, true, rows, options);
  const double onednn_bf16 = library_rate(config, at::kBFloat16, false, rows, options);
  std::printf("linear layers, %lld rows, GFLOP/s: MKL %.0f, oneDNN %.0f, oneDNN bf16 %.0f\n",
              static_cast<long long>(rows), mkl, onednn, onednn_bf16);
  std::printf("%-5s %9s %9s %10s %8s %9s %9s %7s %12s %10s\n", "", "cells/s", "quiet", "tokens/s", "ms/cell", "GFLOP/s",
              "matmul", "share", "cosine >=", "max |d|");

  cw::Json figures{{"model", options.model},  {"cells", options.cells},           {"tokens", tokens},
                   {"layer", layer},          {"threads", options.threads},       {"mkl_gflops", mkl},
                   {"onednn_gflops", onednn}, {"onednn_bf16_gflops", onednn_bf16}};
  std::vector<at::Tensor> exact;
  for (const Precision precision : {Precision::kFloat32, Precision::kBFloat16, Precision::kInt8}) {
    CW_ASSIGN(const auto encoder, cw::Encoder::load(folder, {precision, "cpu", options.threads}));
    const auto cells = embeddings(*encoder, batches, layer);
    if (precision == Precision::kFloat32) exact = cells;
    const Deviation deviation = compare(exact, cells);
    const Seconds best = best_of(options.rounds, options.threads, [&] {
      for (const cw::PackedBatch& batch : batches) (void)encoder->hidden(batch, layer);
    });
    const double own = own_rate(config, precision, rows, options);
    const double library = precision == Precision::kFloat32    ? std::max(mkl, onednn)
                           : precision == Precision::kBFloat16 ? onednn_bf16
                                                               : 0.0;
    const double matmul = std::max(own, library);
    const double rate = flop / best.processor * 1e-9;
    const double per_second = static_cast<double>(options.cells) / best.wall;
    const double quiet = static_cast<double>(options.cells) / best.processor;
    const std::string name(cw::name_of(precision));
    std::printf("%-5s %9.1f %9.1f %10.0f %8.2f %9.0f %9.0f %6.0f%% %12.8f %10.2e\n", name.c_str(), per_second, quiet,
                tokens / best.wall, 1e3 / per_second, rate, matmul, 100.0 * rate / matmul, deviation.cosine,
                deviation.largest);
    figures[name] = {{"cells_per_s", per_second},
                     {"cells_per_s_quiet", quiet},
                     {"tokens_per_s", tokens / best.wall},
                     {"gflops", rate},
                     {"own_matmul_gflops", own},
                     {"matmul_gflops", matmul},
                     {"share", rate / matmul},
                     {"lowest_cosine", deviation.cosine},
                     {"largest_difference", deviation.largest}};
  }
  std::cout << figures.dump() << "\n";
  return {};
}

Options parse(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    const auto value = [&] { return i + 1 < count ? std::string(arguments[++i]) : std::string(); };
    if (name == "--threads") {
      options.threads = std::stoi(value());
    } else if (name == "--cells") {
      options.cells = std::stoll(value());
    } else if (name == "--layer") {
      options.layer = value();
    } else if (name == "--budget") {
      options.budget = std::stoll(value());
    } else if (name == "--rounds") {
      options.rounds = std::stoi(value());
    } else {
      options.model = name;
    }
  }
  options.threads = cw::effective_threads(options.threads);
  return options;
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = parse(count, arguments);
  if (options.model.empty()) {
    std::cerr << "usage: encoder_bench MODEL [--threads N] [--cells N] [--layer NAME] [--budget TOKENS] [--rounds N]\n";
    return 2;
  }
  cw::configure_torch(options.threads);
  const auto done = cw::guard_torch("measuring", [&] { return run(options); });
  if (done) return 0;
  std::cerr << "error [" << done.error().id << "] " << done.error().message << "\n";
  return cw::exit_code(done.error().code);
}
