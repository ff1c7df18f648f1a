// SPDX-License-Identifier: GPL-3.0-or-later
// The encoder on a GPU against transformers in float64 (tests/golden/encoder) and against the processor. Registered
// twice: with the emulated driver and cuBLASLt of plugins/cuda/emulation, where all of it must run, and with the
// machine's own (label gpu), where it is skipped if there is none.
//
// Limits: float32 as for the processor (2e-5); bf16, relative to the size of all values, 2e-2 (8 bits in every step).
#include "core/model/encoder.h"

#include "core/base/files.h"
#include "core/model/gpu_library.h"
#include "core/model/torch_guard.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

namespace cw {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(CW_SOURCE_DIR) / "tests/golden/encoder";
const std::filesystem::path kDemoModel = std::filesystem::path(CW_SOURCE_DIR) / "resources/models/demo";
constexpr double kFloatLimit = 2e-5;
constexpr double kBFloat16Limit = 2e-2;

bool is_emulated() { return std::getenv("CELLWRIGHT_EMULATED_GPUS") != nullptr; }

std::shared_ptr<const Encoder> load(const std::filesystem::path& path, const std::string& device,
                                    Precision precision = Precision::kFloat32) {
  auto folder = open_model_folder(path);
  EXPECT_TRUE(folder) << folder.error().message;
  auto encoder = Encoder::load(*folder, {precision, device, 2});
  EXPECT_TRUE(encoder) << encoder.error().message;
  return encoder.ok() ? *encoder : nullptr;
}

/// A test that needs a GPU, real or emulated.
class GpuEncoder : public testing::Test {
 protected:
  void SetUp() override {
    const auto gpu = gpu_interface();
    ASSERT_TRUE(gpu.ok()) << gpu.error().message;
    GpuError error{};
    std::int32_t count = 0;
    const bool there = gpu.value()->num_devices(&count, &error) != 0 && count > 0;
    if (is_emulated()) {
      ASSERT_TRUE(there) << error.message;
    } else if (!there) {
      GTEST_SKIP() << "no GPU here: " << error.message;
    }
  }
};

PackedBatch golden_batch() {
  PackedBatch batch;
  const Json input = Json::parse(read_file(kGolden / "inputs.json").value());
  for (const Json& cell : input["cells"]) batch.add(cell.get<std::vector<std::int32_t>>());
  return batch;
}

PackedBatch cells_of(std::initializer_list<int> lengths) {
  PackedBatch batch;
  for (const int length : lengths) {
    std::vector<std::int32_t> cell;
    for (int i = 0; i < length; ++i) cell.push_back(3 + (i * 37 + length * 101) % 20000);
    batch.add(cell);
  }
  return batch;
}

at::Tensor expected_states(const std::string& model) {
  auto file = TensorFile::open(kGolden / (model + ".expected.safetensors"));
  EXPECT_TRUE(file) << file.error().message;
  const TensorRef* stored = (*file)->find("hidden");
  at::Tensor values = at::empty(stored->shape, at::kFloat);
  EXPECT_TRUE(
      copy_as_float32(*stored, {values.mutable_data_ptr<float>(), static_cast<std::size_t>(values.numel())}).ok());
  return values;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a - b).abs().max().item<double>();
}

double relative_difference(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return ((a - b).norm() / b.norm()).item<double>();
}

TEST_F(GpuEncoder, HiddenStatesOfAllLayersEqualTheReference) {
  for (const std::string model : {"wide", "narrow"}) {
    const auto encoder = load(kGolden / model, "cuda:0");
    ASSERT_NE(encoder, nullptr);
    EXPECT_EQ(encoder->device().rfind("cuda:0 (", 0), 0U) << encoder->device();
    const at::Tensor reference = expected_states(model);
    const PackedBatch batch = golden_batch();
    for (int layer = 0; layer <= static_cast<int>(encoder->config().layers); ++layer) {
      EXPECT_LT(largest_difference(encoder->hidden(batch, layer), reference[layer]), kFloatLimit)
          << model << ", layer " << layer;
    }
  }
}

TEST_F(GpuEncoder, Bfloat16KeepsToTheReferenceWithinItsRounding) {
  for (const std::string model : {"wide", "narrow"}) {
    const auto encoder = load(kGolden / model, "cuda:0", Precision::kBFloat16);
    ASSERT_NE(encoder, nullptr);
    const at::Tensor reference = expected_states(model);
    const int last = static_cast<int>(encoder->config().layers);
    EXPECT_LT(relative_difference(encoder->hidden(golden_batch(), last), reference[last]), kBFloat16Limit) << model;
  }
}

TEST_F(GpuEncoder, TheDemoModelGivesWhatTheProcessorGives) {
  const auto gpu = load(kDemoModel, "cuda:0");
  const auto here = load(kDemoModel, "cpu");
  ASSERT_TRUE(gpu != nullptr && here != nullptr);
  const PackedBatch batch = cells_of({1, 2, 31, 33, 300});
  ASSERT_TRUE(check_batch(batch, here->config()).ok());
  const int last = static_cast<int>(here->config().layers);
  EXPECT_LT(relative_difference(gpu->hidden(batch, last), here->hidden(batch, last)), 1e-5);
  EXPECT_LT(relative_difference(gpu->first_rows(batch, last), here->first_rows(batch, last)), 1e-5);
}

TEST_F(GpuEncoder, FirstRowsAreThoseOfTheWholePass) {
  const auto encoder = load(kGolden / "wide", "cuda:0");
  const PackedBatch batch = golden_batch();
  for (const int layer : {0, 1, 3}) {
    const at::Tensor hidden = encoder->hidden(batch, layer);
    const at::Tensor first = encoder->first_rows(batch, layer);
    for (std::int64_t cell = 0; cell < batch.num_cells(); ++cell) {
      const std::int64_t row = batch.offsets[static_cast<std::size_t>(cell)];
      EXPECT_LT(largest_difference(first[cell], hidden[row]), kFloatLimit) << "layer " << layer << ", cell " << cell;
    }
  }
}

TEST_F(GpuEncoder, PartsOfALayerMakeUpTheLayer) {
  const auto encoder = load(kGolden / "wide", "cuda:0");
  const PackedBatch batch = golden_batch();
  const at::Tensor before = encoder->hidden(batch, 1);
  const at::Tensor qkv = encoder->project_qkv(before, 1);
  const at::Tensor context = encoder->attend(qkv, batch.offsets);
  EXPECT_LT(largest_difference(encoder->finish_layer(context, before, 1), encoder->hidden(batch, 2)), kFloatLimit);
  EXPECT_LT(largest_difference(encoder->continue_from(before, batch.offsets, 1, 3), encoder->hidden(batch, 3)),
            kFloatLimit);
  EXPECT_LT(largest_difference(encoder->first_rows_from(before, batch.offsets, 1, 3), encoder->first_rows(batch, 3)),
            kFloatLimit);
  const at::Tensor queries = qkv.narrow(1, 0, encoder->config().hidden).contiguous();
  EXPECT_LT(largest_difference(encoder->attend_queries(queries, batch.offsets, qkv, batch.offsets), context),
            kFloatLimit);
}

TEST_F(GpuEncoder, PositionsMayBeGiven) {
  const auto gpu = load(kGolden / "narrow", "cuda:0");
  const auto here = load(kGolden / "narrow", "cpu");
  PackedBatch batch = golden_batch();
  for (std::int64_t i = 0; i < batch.num_tokens(); ++i) {
    batch.positions.push_back(static_cast<std::int32_t>((i * 7 + 3) % here->config().max_positions));
  }
  EXPECT_LT(largest_difference(gpu->hidden(batch, 2), here->hidden(batch, 2)), kFloatLimit);
}

TEST_F(GpuEncoder, TheSameBatchGivesTheSameBits) {
  const auto encoder = load(kGolden / "wide", "cuda:0", Precision::kBFloat16);
  const PackedBatch batch = golden_batch();
  EXPECT_TRUE(at::equal(encoder->hidden(batch, 3), encoder->hidden(batch, 3)));
}

TEST_F(GpuEncoder, AutoTakesTheGpu) {
  const auto encoder = load(kGolden / "narrow", "auto");
  EXPECT_EQ(encoder->device().rfind("cuda:0", 0), 0U);
  EXPECT_EQ(encoder->why_no_gpu(), "");
}

TEST_F(GpuEncoder, AGpuThatIsNotThereIsRefused) {
  auto folder = open_model_folder(kGolden / "narrow");
  const auto encoder = Encoder::load(*folder, {Precision::kFloat32, "cuda:99", 1});
  ASSERT_FALSE(encoder.ok());
  EXPECT_EQ(encoder.error().id, "E-DEV-005");
}

TEST_F(GpuEncoder, Int8IsLeftToTheProcessor) {
  auto folder = open_model_folder(kGolden / "narrow");
  EXPECT_EQ(Encoder::load(*folder, {Precision::kInt8, "cuda", 1}).error().id, "E-DEV-010");
  const auto encoder = load(kGolden / "narrow", "auto", Precision::kInt8);
  EXPECT_EQ(encoder->device(), "cpu");
}

}  // namespace
}  // namespace cw
