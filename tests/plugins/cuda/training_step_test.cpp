// SPDX-License-Identifier: GPL-3.0-or-later
// Whole training steps of a small masked-gene model made of the GPU's kernels alone, under emulation, against the
// training of the CPU: the kernels are complete, their shapes fit each other, and their dropout is that of the CPU. The
// products of matrices, cuBLASLt's on a GPU, are loops here.
//
// Limits: in 5 steps of AdamW every loss, and after them every tensor, differs by less than 1e-5 of its largest value.
#include "core/train/masked_model.h"
#include "core/train/optimiser.h"
#include "plugins/cuda/kernels/all_kernels.cuh"
#include "tests/plugins/cuda/kernel_case.h"

#include <map>
#include <string>

namespace cw::cuda {
namespace {

using Floats = std::vector<float>;

ModelConfig small_config() {
  ModelConfig config;
  config.architecture = "BertForMaskedLM";
  config.vocab_size = 61;
  config.max_positions = 48;
  config.hidden = 32;
  config.layers = 2;
  config.heads = 2;
  config.ffn = 64;
  config.type_vocab = 2;
  config.hidden_dropout = 0.1;
  config.attention_dropout = 0.1;
  config.layer_norm_eps = 1e-12;
  config.initializer_range = 0.2;
  config.hidden_act = "relu";
  return config;
}

MaskedBatch batch_of_step(std::int64_t step) {
  MaskedBatch batch;
  for (const std::int64_t length : {1, 2, 31, 33}) {
    for (std::int64_t i = 0; i < length; ++i) {
      if ((i + step) % 4 == 0) {
        batch.masked_rows.push_back(batch.num_tokens());
        batch.targets.push_back((i * 17 + length + step) % 61);
      }
      batch.tokens.push_back((i * 29 + length + 7 * step) % 61);  // the padding token too
      batch.positions.push_back(i);
    }
    batch.offsets.push_back(batch.num_tokens());
  }
  return batch;
}

std::vector<std::int32_t> narrow(const std::vector<std::int64_t>& values) { return {values.begin(), values.end()}; }

struct Matrix {
  const Floats& values;
  std::size_t rows, columns;  ///< as they lie there
  bool transposed = false;

  [[nodiscard]] float at(std::size_t i, std::size_t j) const {
    return transposed ? values[j * columns + i] : values[i * columns + j];
  }
};

/// out = a b + kept out + bias, then max(0, .).
void multiply(const Matrix& a, const Matrix& b, Floats& out, float kept = 0.0F, const float* bias = nullptr,
              bool relu = false) {
  const std::size_t rows = a.transposed ? a.columns : a.rows;
  const std::size_t depth = a.transposed ? a.rows : a.columns;
  const std::size_t columns = b.transposed ? b.rows : b.columns;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      float sum = bias == nullptr ? 0.0F : bias[j];
      for (std::size_t k = 0; k < depth; ++k) sum += a.at(i, k) * b.at(k, j);
      float& value = out[i * columns + j];
      value = sum + (kept == 0.0F ? 0.0F : kept * value);
      if (relu) value = std::max(0.0F, value);
    }
  }
}

/// Parameters with gradients and optimiser state, and the kernels on them, as a trainer on a GPU would call them.
class StepOnDevice {
 public:
  StepOnDevice(const ModelConfig& config, const Parameters& parameters) : c_(config) {
    for (std::size_t i = 0; i < parameters.all().size(); ++i) {
      const auto& [name, value] = parameters.all()[i];
      Trained& t = trained_[name];
      t.values.assign(value.const_data_ptr<float>(), value.const_data_ptr<float>() + value.numel());
      t.decays = parameters.groups()[parameters.place_of(i)->group].decays;
      t.gradients = t.first = t.second = Floats(t.values.size());
    }
  }

  /// Loss of the batch; leaves its gradients.
  double loss(const MaskedBatch& batch, std::uint64_t key, double scale) {
    for (auto& [name, t] : trained_) std::fill(t.gradients.begin(), t.gradients.end(), 0.0F);
    key_ = key;
    num_rules_ = 0;
    rows_ = static_cast<std::size_t>(batch.num_tokens());
    offsets_ = narrow(batch.offsets);
    embed(narrow(batch.tokens), narrow(batch.positions));
    layers_.assign(static_cast<std::size_t>(c_.layers), {});
    for (std::size_t i = 0; i < layers_.size(); ++i) forward(i);
    const double result = predict(batch, scale);
    for (std::size_t i = layers_.size(); i-- > 0;) backward(i);
    embed_backward(narrow(batch.tokens), narrow(batch.positions));
    return result;
  }

  void update(const AdamWRule& rule, double rate, std::int64_t step, double clip) {
    std::vector<double> squares;
    for (auto& [name, t] : trained_) {
      squares.push_back(0.0);
      emulated::run_kernel(cw_squares, {{1}, {kSquareThreads}, 64},
                           SquaresArguments{t.gradients.data(), &squares.back(), count_of(t.gradients)});
    }
    float factor = 0.0F;
    emulated::run_kernel(
        cw_clip, {{1}, {kWarp}, 0},
        ClipArguments{squares.data(), nullptr, &factor, static_cast<std::int64_t>(squares.size()), clip});
    for (auto& [name, t] : trained_) {
      AdamWArguments a{};
      a.values = t.values.data();
      a.gradients = t.gradients.data();
      a.first_moment = t.first.data();
      a.second_moment = t.second.data();
      a.gradient_factor = &factor;
      a.count = count_of(t.values);
      AdamWRule own = rule;
      if (!t.decays) own.weight_decay = 0.0;
      set_rule(own, rate, step, a);
      emulated::run_kernel(cw_adamw, {{blocks_for(a.count, kElementsPerBlock)}, {kElementThreads}, 0}, a);
    }
  }

  [[nodiscard]] const Floats& values(const std::string& name) const { return trained_.at(name).values; }

 private:
  struct Trained {
    Floats values, gradients, first, second;
    bool decays = false;
  };
  /// LayerNorm(dropout(x) + residual) and what its backward pass needs.
  struct Normed {
    Floats sum, mean_rstd, y;
    Dropout dropout{};
  };
  struct Layer {
    Floats input, projection, qkv, log_sums, context, inner;
    Normed attended, output;
    Dropout dropout{};
  };

  static std::int64_t count_of(const Floats& values) { return static_cast<std::int64_t>(values.size()); }
  [[nodiscard]] std::size_t hidden() const { return static_cast<std::size_t>(c_.hidden); }
  [[nodiscard]] emulated::LaunchShape row_shape(std::size_t rows) const {
    return {{blocks_for(static_cast<std::int64_t>(rows), kRowsPerBlock)}, {kRowThreads}, 0};
  }

  // As EncoderPass gives its layers their keys.
  Dropout next_rule(double probability) {
    ++num_rules_;
    return dropout_of(scramble(key_ ^ scramble(num_rules_)), static_cast<float>(probability), 0);
  }

  Normed norm(const std::string& name, const Floats& x, const Floats* residual, double probability) {
    const std::size_t rows = x.size() / hidden();
    Normed n{Floats(x.size()), Floats(2 * rows), Floats(x.size()), next_rule(probability)};
    NormForwardArguments a{};
    a.x = x.data();
    a.residual = residual == nullptr ? nullptr : residual->data();
    a.weight = trained_.at(name + ".weight").values.data();
    a.bias = trained_.at(name + ".bias").values.data();
    a.sum = n.sum.data();
    a.mean_rstd = n.mean_rstd.data();
    a.y = n.y.data();
    a.rows = static_cast<std::int64_t>(rows);
    a.width = static_cast<std::int32_t>(c_.hidden);
    a.eps = static_cast<float>(c_.layer_norm_eps);
    a.dropout = n.dropout;
    emulated::run_kernel(cw_norm_forward_float, row_shape(rows), a);
    return n;
  }

  /// From dy the gradients of x and, if wanted, of the residual.
  void norm_backward(const std::string& name, const Normed& n, const Floats& dy, Floats& dx, Floats* d_residual) {
    const auto rows = static_cast<std::int64_t>(n.mean_rstd.size() / 2);
    const auto width = static_cast<std::int32_t>(c_.hidden);
    dx.resize(dy.size());
    if (d_residual != nullptr) d_residual->resize(dy.size());
    NormBackwardArguments a{n.sum.data(),
                            n.mean_rstd.data(),
                            trained_.at(name + ".weight").values.data(),
                            dy.data(),
                            dx.data(),
                            d_residual == nullptr ? nullptr : d_residual->data(),
                            rows,
                            width,
                            n.dropout};
    emulated::run_kernel(cw_norm_backward_float, row_shape(static_cast<std::size_t>(rows)), a);
    NormColumnSumsArguments sums{n.sum.data(),
                                 n.mean_rstd.data(),
                                 dy.data(),
                                 trained_.at(name + ".weight").gradients.data(),
                                 trained_.at(name + ".bias").gradients.data(),
                                 rows,
                                 rows,
                                 width};
    emulated::run_kernel(cw_norm_column_sums_float,
                         {{blocks_for(width, kColumnsPerBlock), 1}, {kColumnThreads}, 2 * kColumnThreads * 4}, sums);
  }

  void add_column_sums(const Floats& from, std::size_t width, float* to) {
    const auto rows = static_cast<std::int64_t>(from.size() / width);
    ColumnSumsArguments a{from.data(), to, rows, rows, static_cast<std::int32_t>(width), 1};
    emulated::run_kernel(
        cw_column_sums_float,
        {{blocks_for(static_cast<std::int64_t>(width), kColumnsPerBlock), 1}, {kColumnThreads}, kColumnThreads * 4}, a);
  }

  Floats linear(const std::string& name, const Floats& x, bool relu = false) {
    const Trained& weight = trained_.at(name + ".weight");
    const Trained& bias = trained_.at(name + ".bias");
    const std::size_t outputs = bias.values.size();
    const std::size_t inputs = weight.values.size() / outputs;
    const std::size_t rows = x.size() / inputs;
    Floats y(rows * outputs);
    multiply({x, rows, inputs}, {weight.values, outputs, inputs, true}, y, 0.0F, bias.values.data(), relu);
    return y;
  }

  /// Gradients of weight and bias; adds that of x to dx times `kept`.
  void linear_backward(const std::string& name, const Floats& x, const Floats& dy, Floats& dx, float kept = 0.0F) {
    Trained& weight = trained_.at(name + ".weight");
    Trained& bias = trained_.at(name + ".bias");
    const std::size_t outputs = bias.values.size();
    const std::size_t inputs = weight.values.size() / outputs;
    const std::size_t rows = x.size() / inputs;
    dx.resize(x.size());
    multiply({dy, rows, outputs}, {weight.values, outputs, inputs}, dx, kept);
    multiply({dy, rows, outputs, true}, {x, rows, inputs}, weight.gradients);
    add_column_sums(dy, outputs, bias.gradients.data());
  }

  void relu_backward(const Floats& y, Floats& dy) {
    emulated::run_kernel(cw_relu_backward_float, {{blocks_for(count_of(y), kElementsPerBlock)}, {kElementThreads}, 0},
                         ActivationBackwardArguments{y.data(), dy.data(), dy.data(), count_of(y)});
  }

  void dropout(Floats& x, const Dropout& rule) {
    emulated::run_kernel(cw_row_dropout_float, row_shape(rows_),
                         RowDropoutArguments{x.data(), x.data(), static_cast<std::int64_t>(rows_),
                                             static_cast<std::int32_t>(c_.hidden), rule});
  }

  void embed(const std::vector<std::int32_t>& tokens, const std::vector<std::int32_t>& positions) {
    Floats sum(rows_ * hidden());
    emulated::run_kernel(
        cw_embedding_sum_float, row_shape(rows_),
        EmbeddingSumArguments{tokens.data(), positions.data(), values("bert.embeddings.word_embeddings.weight").data(),
                              values("bert.embeddings.position_embeddings.weight").data(),
                              values("bert.embeddings.token_type_embeddings.weight").data(), sum.data(),
                              static_cast<std::int64_t>(rows_), static_cast<std::int32_t>(c_.hidden)});
    embedded_ = norm("bert.embeddings.LayerNorm", sum, nullptr, 0.0);
    embedding_dropout_ = next_rule(c_.hidden_dropout);
    state_ = embedded_.y;
    dropout(state_, embedding_dropout_);
  }

  static std::string layer_name(std::size_t i) { return "bert.encoder.layer." + std::to_string(i) + "."; }

  AttentionArguments attention(const Layer& layer, const std::vector<AttentionTile>& tiles) {
    AttentionArguments a{};
    a.q = layer.qkv.data();
    a.k = layer.qkv.data() + hidden();
    a.v = layer.qkv.data() + 2 * hidden();
    a.log_sums = const_cast<float*>(layer.log_sums.data());
    a.tiles = tiles.data();
    a.query_offsets = a.key_offsets = offsets_.data();
    a.q_stride = a.kv_stride = 3 * c_.hidden;
    a.out_stride = c_.hidden;
    a.heads = static_cast<std::int32_t>(c_.heads);
    a.head_width = static_cast<std::int32_t>(c_.hidden / c_.heads);
    a.scale = 1.44269504F / std::sqrt(static_cast<float>(a.head_width));
    a.dropout = layer.dropout;
    return a;
  }

  [[nodiscard]] emulated::LaunchShape attention_launch(const std::vector<AttentionTile>& tiles,
                                                       const AttentionShape& shape) const {
    return {{static_cast<unsigned>(tiles.size()), static_cast<unsigned>(c_.heads)},
            {static_cast<unsigned>(shape.threads)},
            shape.shared_bytes};
  }

  void forward(std::size_t i) {
    Layer& layer = layers_[i];
    const std::string name = layer_name(i);
    layer.input = state_;
    Floats bias;
    for (const char* part : {"query", "key", "value"}) {
      const Floats& weight = values(name + "attention.self." + part + ".weight");
      const Floats& own_bias = values(name + "attention.self." + part + ".bias");
      layer.projection.insert(layer.projection.end(), weight.begin(), weight.end());
      bias.insert(bias.end(), own_bias.begin(), own_bias.end());
    }
    layer.qkv.resize(rows_ * 3 * hidden());
    multiply({state_, rows_, hidden()}, {layer.projection, 3 * hidden(), hidden(), true}, layer.qkv, 0.0F, bias.data());
    layer.dropout = next_rule(c_.attention_dropout);
    layer.context.resize(rows_ * hidden());
    layer.log_sums.resize(rows_ * static_cast<std::size_t>(c_.heads));
    const AttentionShape shape = plain_attention_shape(32);
    const std::vector<AttentionTile> tiles = attention_tiles(offsets_, offsets_, shape.queries);
    AttentionArguments a = attention(layer, tiles);
    a.out = layer.context.data();
    emulated::run_kernel(cw_attend_dropping32_float, attention_launch(tiles, shape), a);
    layer.attended = norm(name + "attention.output.LayerNorm", linear(name + "attention.output.dense", layer.context),
                          &state_, c_.hidden_dropout);
    layer.inner = linear(name + "intermediate.dense", layer.attended.y, true);
    layer.output = norm(name + "output.LayerNorm", linear(name + "output.dense", layer.inner), &layer.attended.y,
                        c_.hidden_dropout);
    state_ = layer.output.y;
  }

  void backward(std::size_t i) {
    Layer& layer = layers_[i];
    const std::string name = layer_name(i);
    Floats dx;
    Floats d_attended;
    Floats d_inner;
    norm_backward(name + "output.LayerNorm", layer.output, d_state_, dx, &d_attended);
    linear_backward(name + "output.dense", layer.inner, dx, d_inner);
    relu_backward(layer.inner, d_inner);
    linear_backward(name + "intermediate.dense", layer.attended.y, d_inner, d_attended, 1.0F);
    norm_backward(name + "attention.output.LayerNorm", layer.attended, d_attended, dx, &d_state_);
    Floats d_context;
    linear_backward(name + "attention.output.dense", layer.context, dx, d_context);
    const Floats d_qkv = attention_backward(layer, d_context);
    multiply({d_qkv, rows_, 3 * hidden()}, {layer.projection, 3 * hidden(), hidden()}, d_state_, 1.0F);
    Floats d_projection(layer.projection.size());
    multiply({d_qkv, rows_, 3 * hidden(), true}, {layer.input, rows_, hidden()}, d_projection);
    Floats d_bias(3 * hidden());
    add_column_sums(d_qkv, 3 * hidden(), d_bias.data());
    std::size_t part = 0;
    for (const char* what : {"query", "key", "value"}) {
      Floats& weight = trained_.at(name + "attention.self." + what + ".weight").gradients;
      Floats& bias = trained_.at(name + "attention.self." + what + ".bias").gradients;
      std::copy_n(d_projection.begin() + static_cast<std::ptrdiff_t>(part * weight.size()), weight.size(),
                  weight.begin());
      std::copy_n(d_bias.begin() + static_cast<std::ptrdiff_t>(part * bias.size()), bias.size(), bias.begin());
      ++part;
    }
  }

  Floats attention_backward(const Layer& layer, const Floats& d_context) {
    Floats products(layer.log_sums.size());
    const auto heads = static_cast<std::int32_t>(c_.heads);
    emulated::run_kernel(cw_attention_products_float, row_shape(products.size()),
                         AttentionProductsArguments{layer.context.data(), d_context.data(), products.data(),
                                                    static_cast<std::int64_t>(rows_), c_.hidden, heads,
                                                    static_cast<std::int32_t>(c_.hidden) / heads});
    const AttentionShape shape = attention_gradient_shape(32);
    const std::vector<AttentionTile> tiles = attention_tiles(offsets_, offsets_, shape.queries);
    Floats d_qkv(layer.qkv.size());
    AttentionGradientArguments g{};
    g.forward = attention(layer, tiles);
    g.d_out = d_context.data();
    g.products = products.data();
    g.dq = d_qkv.data();
    g.dk = d_qkv.data() + hidden();
    g.dv = d_qkv.data() + 2 * hidden();
    g.dq_stride = g.dkv_stride = 3 * c_.hidden;
    emulated::run_kernel(cw_query_gradient32_float, attention_launch(tiles, shape), g);
    emulated::run_kernel(cw_key_gradient32_float, attention_launch(tiles, shape), g);
    return d_qkv;
  }

  /// The head at the masked rows, its loss, and the gradient of the last layer's rows in d_state_.
  double predict(const MaskedBatch& batch, double scale) {
    const std::vector<std::int32_t> masked = narrow(batch.masked_rows);
    const std::vector<std::int32_t> targets = narrow(batch.targets);
    const std::size_t count = masked.size();
    Floats x(count * hidden());
    emulated::run_kernel(cw_gather_rows, row_shape(count),
                         GatherRowsArguments{state_.data(), masked.data(), x.data(), static_cast<std::int64_t>(count),
                                             static_cast<std::int32_t>(c_.hidden) * 4});
    const Floats t = linear("cls.predictions.transform.dense", x, true);
    const Normed y = norm("cls.predictions.transform.LayerNorm", t, nullptr, 0.0);
    Trained& words = trained_.at("bert.embeddings.word_embeddings.weight");
    Trained& bias = trained_.at("cls.predictions.bias");
    const auto vocabulary = static_cast<std::size_t>(c_.vocab_size);
    constexpr std::size_t kRowsAtOnce = 7;  // all logits are never there at once
    Floats dy(y.y.size());
    double total = 0.0;
    for (std::size_t first = 0; first < count; first += kRowsAtOnce) {
      const std::size_t rows = std::min(kRowsAtOnce, count - first);
      const auto begin = y.y.begin() + static_cast<std::ptrdiff_t>(first * hidden());
      const Floats of_rows(begin, begin + static_cast<std::ptrdiff_t>(rows * hidden()));
      Floats logits(rows * vocabulary);
      multiply({of_rows, rows, hidden()}, {words.values, vocabulary, hidden(), true}, logits, 0.0F, bias.values.data());
      std::vector<double> losses(rows);
      emulated::run_kernel(cw_cross_entropy, {{static_cast<unsigned>(rows)}, {kLossThreads}, 64},
                           CrossEntropyArguments{logits.data(), nullptr, targets.data() + first, losses.data(),
                                                 static_cast<std::int32_t>(vocabulary), static_cast<float>(scale)});
      for (const double loss : losses) total += loss;
      Floats d_rows(of_rows.size());
      multiply({logits, rows, vocabulary}, {words.values, vocabulary, hidden()}, d_rows);
      std::copy(d_rows.begin(), d_rows.end(), dy.begin() + static_cast<std::ptrdiff_t>(first * hidden()));
      multiply({logits, rows, vocabulary, true}, {of_rows, rows, hidden()}, words.gradients, 1.0F);
      add_column_sums(logits, vocabulary, bias.gradients.data());
    }
    Floats dt;
    Floats dx;
    norm_backward("cls.predictions.transform.LayerNorm", y, dy, dt, nullptr);
    relu_backward(t, dt);
    linear_backward("cls.predictions.transform.dense", x, dt, dx);
    d_state_.assign(state_.size(), 0.0F);
    add_to_rows(dx, rows_by_id(masked, -1), d_state_);
    return total * scale;
  }

  void add_to_rows(const Floats& from, const RowsById& rows, Floats& to) {
    LookUpGradientArguments a{from.data(),
                              rows.ids.data(),
                              rows.starts.data(),
                              rows.rows.data(),
                              to.data(),
                              static_cast<std::int64_t>(rows.ids.size()),
                              static_cast<std::int32_t>(c_.hidden)};
    emulated::run_kernel(cw_look_up_gradient_float, row_shape(rows.ids.size()), a);
  }

  void embed_backward(const std::vector<std::int32_t>& tokens, const std::vector<std::int32_t>& positions) {
    dropout(d_state_, embedding_dropout_);
    Floats d_sum;
    norm_backward("bert.embeddings.LayerNorm", embedded_, d_state_, d_sum, nullptr);
    add_to_rows(d_sum, rows_by_id(tokens, static_cast<std::int32_t>(c_.pad_token)),
                trained_.at("bert.embeddings.word_embeddings.weight").gradients);
    add_to_rows(d_sum, rows_by_id(positions, -1), trained_.at("bert.embeddings.position_embeddings.weight").gradients);
    add_column_sums(d_sum, hidden(), trained_.at("bert.embeddings.token_type_embeddings.weight").gradients.data());
  }

  ModelConfig c_;
  std::map<std::string, Trained> trained_;
  std::uint64_t key_ = 0;
  std::uint64_t num_rules_ = 0;
  std::size_t rows_ = 0;
  std::vector<std::int32_t> offsets_;
  Floats state_, d_state_;
  Normed embedded_;
  Dropout embedding_dropout_{};
  std::vector<Layer> layers_;
};

TEST(TrainingStep, FiveStepsOfTheKernelsAreFiveStepsOfTheCpu) {
  const ModelConfig config = small_config();
  Parameters parameters = Parameters::allocate(config);
  parameters.initialise(config, 42);
  StepOnDevice device(config, parameters);
  // A large epsilon: the gradient of the key's bias is 0 but for rounding, which AdamW would blow up to whole steps.
  const AdamWRule rule{0.9, 0.999, 1e-3, 0.01};
  AdamW adam;
  adam.epsilon = rule.epsilon;
  adam.weight_decay = rule.weight_decay;
  SingleProcess alone;
  const Floats at_first = device.values("bert.encoder.layer.1.output.dense.weight");
  for (std::int64_t step = 0; step < 5; ++step) {
    const MaskedBatch batch = batch_of_step(step);
    const double scale = 1.0 / static_cast<double>(batch.targets.size());
    const std::uint64_t key = 900 + static_cast<std::uint64_t>(step);
    parameters.zero_gradients();
    const at::Tensor loss = masked_lm_loss(config, parameters, batch, DropoutDraw{true, key}, scale, Workers{1});
    loss.backward();
    EXPECT_NEAR(device.loss(batch, key, scale), loss.item<double>(), 1e-5 * loss.item<double>()) << "step " << step;
    ASSERT_TRUE(clip_gradients(parameters, 0.5, alone).ok());
    adam.update(parameters, 1e-2, step + 1);
    device.update(rule, 1e-2, step + 1, 0.5);
  }
  for (const Parameter& p : parameters.all()) {
    const std::span<const float> expected(p.value.const_data_ptr<float>(), static_cast<std::size_t>(p.value.numel()));
    float largest = 1e-2F;  // of the key's bias, which stays at 0 but for rounding
    for (const float value : expected) largest = std::max(largest, std::abs(value));
    EXPECT_LE(largest_difference(device.values(p.name), expected), 1e-5F * largest) << p.name;
  }
  EXPECT_GT(largest_difference(device.values("bert.encoder.layer.1.output.dense.weight"), at_first), 1e-3F)
      << "the weights were trained";
}

}  // namespace
}  // namespace cw::cuda
