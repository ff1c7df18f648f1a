// SPDX-License-Identifier: GPL-3.0-or-later
// Parity with transformers in float64 (tests/golden/encoder/make.py). Limits: the table of the reference hand-out, ten
// times the distance of PyTorch's float32 from float64.
#include "core/model/encoder.h"

#include "core/base/files.h"
#include "core/model/torch_guard.h"
#include "core/model/torch_runtime.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <string>

namespace cw {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(CW_SOURCE_DIR) / "tests/golden/encoder";
constexpr double kHiddenLimit = 2e-5;
constexpr double kEmbeddingLimit = 5e-6;
constexpr double kAttentionLimit = 1e-6;
constexpr double kLogitsLimit = 3e-5;
constexpr double kLossLimit = 1e-5;

std::shared_ptr<const Encoder> load(const std::string& name, EncoderOptions options = {}) {
  auto folder = open_model_folder(kGolden / name);
  EXPECT_TRUE(folder) << folder.error().message;
  options.device = "cpu";  // a GPU has tests of its own: tests/plugins/cuda/encoder_test.cpp
  auto encoder = Encoder::load(*folder, options);
  EXPECT_TRUE(encoder) << encoder.error().message;
  return *encoder;
}

Json inputs() { return Json::parse(read_file(kGolden / "inputs.json").value()); }

PackedBatch golden_batch() {
  PackedBatch batch;
  const Json input = inputs();
  for (const Json& cell : input["cells"]) batch.add(cell.get<std::vector<std::int32_t>>());
  EXPECT_EQ(batch.num_cells(), 3);
  return batch;
}

at::Tensor expected(const std::string& model, const std::string& name) {
  auto file = TensorFile::open(kGolden / (model + ".expected.safetensors"));
  EXPECT_TRUE(file) << file.error().message;
  const TensorRef* stored = (*file)->find(name);
  EXPECT_NE(stored, nullptr) << name;
  at::Tensor values = at::empty(stored->shape, at::kFloat);
  EXPECT_TRUE(
      copy_as_float32(*stored, {values.mutable_data_ptr<float>(), static_cast<std::size_t>(values.numel())}).ok());
  return values;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

at::Tensor rows_of(const at::Tensor& rows, const PackedBatch& batch, std::int64_t cell) {
  return rows.narrow(0, batch.offsets[static_cast<std::size_t>(cell)], batch.length(cell));
}

class EncoderParity : public testing::TestWithParam<std::string> {};

TEST_P(EncoderParity, HiddenStatesOfAllLayersEqualTheReference) {
  const auto encoder = load(GetParam());
  const PackedBatch batch = golden_batch();
  ASSERT_TRUE(check_batch(batch, encoder->config()).ok());
  const at::Tensor reference = expected(GetParam(), "hidden");
  for (int layer = 0; layer <= static_cast<int>(encoder->config().layers); ++layer) {
    EXPECT_LT(largest_difference(encoder->hidden(batch, layer), reference[layer]), kHiddenLimit) << "layer " << layer;
  }
}

TEST_P(EncoderParity, CellEmbeddingsEqualTheReference) {
  const auto encoder = load(GetParam());
  const PackedBatch batch = golden_batch();
  const int layer = layer_index(encoder->config(), "second-to-last").value();
  const at::Tensor ours = encoder->hidden(batch, layer);
  const at::Tensor reference = expected(GetParam(), "hidden")[layer];
  for (std::int64_t cell = 0; cell < batch.num_cells(); ++cell) {
    const at::Tensor mean = rows_of(ours, batch, cell).to(at::kDouble).mean(0);
    const at::Tensor wanted = rows_of(reference, batch, cell).to(at::kDouble).mean(0);
    EXPECT_LT(largest_difference(mean, wanted), kEmbeddingLimit);
    EXPECT_GE(at::cosine_similarity(mean, wanted, 0).item<double>(), 1.0 - 1e-10);
  }
}

TEST_P(EncoderParity, AttentionProbabilitiesEqualTheReferenceAndSumToOne) {
  const auto encoder = load(GetParam());
  const PackedBatch batch = golden_batch();
  const auto cell = inputs()["attention_cell"].get<std::size_t>();
  const at::Tensor reference = expected(GetParam(), "attention");
  for (int layer = 0; layer < static_cast<int>(encoder->config().layers); ++layer) {
    const at::Tensor ours = encoder->attention_probabilities(batch, layer)[cell];
    EXPECT_LT(largest_difference(ours, reference[layer]), kAttentionLimit);
    EXPECT_LT((ours.to(at::kDouble).sum(-1) - 1.0).abs().max().item<double>(), kAttentionLimit);
  }
}

TEST_P(EncoderParity, MaskedLmLogitsAndLossOfChosenRowsEqualTheReference) {
  const auto encoder = load(GetParam());
  const Json input = inputs();
  const auto rows = input["masked_rows"].get<std::vector<std::int64_t>>();
  const auto labels = input["masked_labels"].get<std::vector<std::int64_t>>();
  const at::Tensor last = encoder->hidden(golden_batch(), static_cast<int>(encoder->config().layers));
  const at::Tensor logits = encoder->heads().masked_lm_logits(last.index_select(0, at::tensor(rows)));
  EXPECT_LT(largest_difference(logits, expected(GetParam(), "masked_lm_logits")), kLogitsLimit);
  EXPECT_NEAR(cross_entropy(logits, labels), expected(GetParam(), "masked_lm_loss").item<double>(), kLossLimit);
}

INSTANTIATE_TEST_SUITE_P(BothHeadWidths, EncoderParity, testing::Values("wide", "narrow"),
                         [](const auto& parameter) { return parameter.param; });

TEST(Encoder, CellClassLogitsAndLossEqualTheReference) {
  const auto encoder = load("narrow-cell");
  const int last = static_cast<int>(encoder->config().layers);
  const at::Tensor logits = encoder->heads().cell_logits(encoder->first_rows(golden_batch(), last));
  EXPECT_LT(largest_difference(logits, expected("narrow", "cell_logits")), kLogitsLimit);
  const auto labels = inputs()["cell_labels"].get<std::vector<std::int64_t>>();
  EXPECT_NEAR(cross_entropy(logits, labels), expected("narrow", "cell_loss").item<double>(), kLossLimit);
}

TEST(Encoder, GeneClassLogitsAndLossEqualTheReference) {
  const auto encoder = load("narrow-gene");
  const int last = static_cast<int>(encoder->config().layers);
  const at::Tensor logits = encoder->heads().gene_logits(encoder->hidden(golden_batch(), last));
  EXPECT_LT(largest_difference(logits, expected("narrow", "gene_logits")), kLogitsLimit);
  const auto labels = inputs()["gene_labels"].get<std::vector<std::int64_t>>();
  EXPECT_NEAR(cross_entropy(logits, labels), expected("narrow", "gene_loss").item<double>(), kLossLimit);
}

TEST(Encoder, GivesTheSameBitsWhateverElseIsInTheBatchAndHoweverManyThreads) {
  const PackedBatch batch = golden_batch();
  const auto encoder = load("wide", {.num_threads = 1});
  const at::Tensor together = encoder->hidden(batch, 3);
  EXPECT_TRUE(at::equal(together, load("wide", {.num_threads = 3})->hidden(batch, 3)));
  for (std::int64_t cell = 0; cell < batch.num_cells(); ++cell) {
    PackedBatch alone;
    alone.add({batch.tokens.data() + batch.offsets[static_cast<std::size_t>(cell)],
               static_cast<std::size_t>(batch.length(cell))});
    EXPECT_TRUE(at::equal(encoder->hidden(alone, 3), rows_of(together, batch, cell))) << "cell " << cell;
  }
}

TEST(Encoder, FirstRowsAreThoseOfTheHiddenState) {
  const auto encoder = load("wide");
  const PackedBatch batch = golden_batch();
  for (int layer = 0; layer <= 3; ++layer) {
    const at::Tensor hidden = encoder->hidden(batch, layer);
    const at::Tensor first = encoder->first_rows(batch, layer);
    for (std::int64_t cell = 0; cell < batch.num_cells(); ++cell) {
      EXPECT_TRUE(at::equal(first[cell], rows_of(hidden, batch, cell)[0])) << "layer " << layer << " cell " << cell;
    }
  }
}

TEST(Encoder, PartsOfALayerMakeTheLayer) {
  const auto encoder = load("narrow");
  const PackedBatch batch = golden_batch();
  const at::Tensor before = encoder->hidden(batch, 1);
  const at::Tensor qkv = encoder->project_qkv(before, 1);
  const at::Tensor context = encoder->attend(qkv, batch.offsets);
  EXPECT_TRUE(at::equal(encoder->finish_layer(context, before, 1), encoder->hidden(batch, 2)));
  EXPECT_TRUE(at::equal(encoder->continue_from(before, batch.offsets, 1, 3), encoder->hidden(batch, 3)));
  const at::Tensor queries = qkv.narrow(1, 0, encoder->config().hidden).contiguous();
  EXPECT_TRUE(at::equal(encoder->attend_queries(queries, batch.offsets, qkv, batch.offsets), context));
}

TEST(Encoder, TakesGivenPositions) {
  const auto encoder = load("narrow");
  PackedBatch batch = golden_batch();
  const at::Tensor standard = encoder->hidden(batch, 2);
  for (std::int64_t cell = 0; cell < batch.num_cells(); ++cell) {
    for (std::int64_t i = 0; i < batch.length(cell); ++i) batch.positions.push_back(static_cast<std::int32_t>(i));
  }
  EXPECT_TRUE(at::equal(encoder->hidden(batch, 2), standard));
  batch.positions[1] = 7;
  EXPECT_GT(largest_difference(encoder->hidden(batch, 2), standard), 1e-3);
}

TEST(Encoder, LowerPrecisionsStayCloseButAreNotFloat32) {
  const PackedBatch batch = golden_batch();
  const at::Tensor exact = load("wide")->hidden(batch, 2).to(at::kDouble);
  for (const auto& [precision, lowest_cosine] : {std::pair{Precision::kBFloat16, 0.9999}, {Precision::kInt8, 0.999}}) {
    const at::Tensor rounded = load("wide", {.precision = precision})->hidden(batch, 2).to(at::kDouble);
    EXPECT_GT(at::cosine_similarity(rounded, exact, 1).min().item<double>(), lowest_cosine) << name_of(precision);
    EXPECT_GT(largest_difference(rounded, exact), 1e-4) << name_of(precision);
  }
}

TEST(Encoder, ComputesNoLayerAfterACancel) {
  const auto encoder = load("wide");
  const PackedBatch batch = golden_batch();
  const JobContext running;
  EXPECT_TRUE(at::equal(encoder->hidden(batch, 3, &running), encoder->hidden(batch, 3)));
  const JobContext cancelled;
  cancelled.request_cancel();
  EXPECT_TRUE(at::equal(encoder->hidden(batch, 3, &cancelled), encoder->embed_tokens(batch)));
}

TEST(Encoder, RefusesDevicesThatItCannotUse) {
  auto folder = open_model_folder(kGolden / "wide");
  ASSERT_TRUE(folder);
  for (const char* name : {"tpu", "cuda:", "cuda:x", "cuda:-1", "cuda:0 "}) {
    EXPECT_EQ(Encoder::load(*folder, {.device = name}).error().id, "E-DEV-002") << name;
  }
  EXPECT_TRUE(Encoder::load(*folder, {.device = "auto"}).ok());
}

TEST(TorchGuard, TurnsExceptionsIntoErrorsAndPassesValues) {
  const auto value = guard_torch("adding", [] { return 3; });
  EXPECT_EQ(*value, 3);
  const auto wrong_shape = guard_torch("multiplying", [] { return at::matmul(at::zeros({2, 3}), at::zeros({2, 3})); });
  ASSERT_FALSE(wrong_shape);
  EXPECT_EQ(wrong_shape.error().code, ErrorCode::kInternal);
  EXPECT_EQ(wrong_shape.error().id, "E-MOD-090");
  const auto too_large = guard_torch("allocating", [] { return at::empty({std::int64_t{1} << 48}); });
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().code, ErrorCode::kOutOfMemory);
  EXPECT_EQ(too_large.error().id, "E-DEV-003");
}

}  // namespace
}  // namespace cw
