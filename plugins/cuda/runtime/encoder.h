// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/cuda/runtime/device.h"
#include "plugins/cuda/runtime/products.h"
#include "plugins/sdk/gpu_backend.h"

#include <initializer_list>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace cw::cuda {

/// The encoder of core/model/encoder.h on one GPU. Weights and activations are float or bf16, sums and LayerNorms
/// always float. Rows of all cells lie one after the other; nothing is padded.
///
/// Repeat   equal for an equal batch; attention, LayerNorm and embedding do not depend on the other cells of a batch,
///          but the way cuBLASLt adds up may change with the number of rows.
/// Threads  calls from several threads follow each other.
class DeviceEncoder {
 public:
  /// Errors: those of Device::open and Products::create, kOutOfMemory E-DEV-008.
  [[nodiscard]] static Result<std::unique_ptr<DeviceEncoder>> create(int device, const GpuModel& model);

  // As in GpuInterface.
  Result<> run(const GpuPass& pass);
  Result<> project(int layer, const float* hidden, std::int64_t rows, float* out);
  Result<> attend(const GpuAttention& attention);
  Result<> finish(int layer, const float* context, const float* hidden, std::int64_t rows, float* out);

 private:
  /// A weight matrix [out, in] and its bias.
  struct Linear {
    DeviceMemory weight, bias;
  };
  struct Norm {
    DeviceMemory weight, bias;
  };
  struct Layer {
    Linear projection;  ///< queries, keys and values, one under the other: [3 hidden, hidden]
    Linear attention_output, intermediate, output;
    Norm attention_norm, output_norm;
  };
  /// Offsets of queries and keys of the cells of a batch, and what attention makes of them.
  struct Cells {
    DeviceMemory query_offsets, key_offsets, tiles;
    std::int64_t num_tiles = 0;
  };
  /// The attention kernel for this model's heads.
  struct AttentionChoice {
    const Kernel<AttentionArguments>* kernel = nullptr;
    AttentionShape shape{};
  };

  explicit DeviceEncoder(const GpuModel& model);
  Result<> begin(int device, const GpuModel& model);

  // ---- to and from the GPU
  Result<DeviceMemory> to_gpu(const float* values, std::int64_t count, Number number);
  Result<> rows_to_gpu(const float* values, std::int64_t rows, std::int64_t width, DeviceMemory& to);
  Result<> rows_from_gpu(const DeviceMemory& from, std::int64_t rows, std::int64_t width, float* values);
  Result<> store_numbers(const float* values, std::int64_t count, void* to);
  Result<Linear> linear_to_gpu(std::initializer_list<const float*> weights, std::initializer_list<const float*> biases,
                               std::int64_t outputs, std::int64_t inputs);
  Result<Norm> norm_to_gpu(const float* weight, const float* bias);
  Result<Layer> layer_to_gpu(const GpuLayer& from);
  Result<> cells_to_gpu(std::span<const std::int64_t> query_offsets, std::span<const std::int64_t> key_offsets,
                        Cells& cells);

  // ---- steps, on rows on the GPU
  Result<> reserve_rows(DeviceMemory& memory, std::int64_t rows, std::int64_t width);
  Result<> reserve_layer(std::int64_t rows, std::int64_t attended_rows);
  Result<> embed(const GpuPass& pass);
  Result<> multiply(const void* x, std::int64_t rows, const Linear& linear, std::int64_t first_output,
                    std::int64_t outputs, std::int64_t inputs, bool relu, void* y, std::int64_t y_stride);
  Result<> add_norm(const void* x, const void* residual, const Norm& norm, std::int64_t rows, void* out);
  Result<> attend_rows(const void* queries, std::int64_t query_stride, const void* projected, const Cells& cells,
                       void* context);
  Result<> whole_layer(const Layer& layer, std::int64_t rows, const Cells& cells);
  Result<> take_first_rows(const GpuPass& pass);
  Result<> first_rows_layer(const Layer& layer, const GpuPass& pass);
  Result<> rest_of_layer(const Layer& layer, const void* hidden, std::int64_t rows, void* out);

  std::mutex one_at_a_time_;
  std::shared_ptr<Device> device_;
  std::unique_ptr<Products> products_;
  std::int64_t hidden_, heads_, ffn_;
  float eps_;
  Number number_;
  AttentionChoice attention_;

  DeviceMemory words_, places_, type_;
  Norm embedding_norm_;
  std::vector<Layer> layers_;

  // work space, grows to the largest batch
  DeviceMemory floats_;  ///< what is converted on its way to or from bf16
  DeviceMemory tokens_, positions_, first_;
  DeviceMemory state_, projected_, context_, sum_, inner_, queries_, first_state_;
  Cells cells_, first_cells_;
};

}  // namespace cw::cuda
