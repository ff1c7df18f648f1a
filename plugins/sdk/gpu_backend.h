// SPDX-License-Identifier: GPL-3.0-or-later
// What libcellwright_cuda.so gives the engine: a C interface of plain structs, because the library is loaded at run
// time and shares no C++ types with the engine. Functions return 1, or 0 with `error` filled.
#pragma once
#include <cstdint>

namespace cw {

inline constexpr std::int32_t kGpuInterfaceVersion = 1;
inline constexpr const char* kGpuInterfaceSymbol = "cw_gpu_interface";
inline constexpr const char* kGpuLibrary = "libcellwright_cuda.so";

struct GpuError {
  std::int32_t code;  ///< an ErrorCode
  char id[16];        ///< "E-DEV-006"
  char message[1000];
};

struct GpuDescription {
  char name[96];
  std::int64_t total_bytes;
  std::int64_t free_bytes;
  std::int32_t capability;  ///< 80 for compute capability 8.0
  std::int32_t multiprocessors;
};

/// Parameters of one layer as in LayerWeights: float32 on the host, row-major, [out, in]. Only read by create_encoder.
struct GpuLayer {
  const float *query_weight, *query_bias, *key_weight, *key_bias, *value_weight, *value_bias;
  const float *attention_output_weight, *attention_output_bias, *attention_norm_weight, *attention_norm_bias;
  const float *intermediate_weight, *intermediate_bias, *output_weight, *output_bias;
  const float *output_norm_weight, *output_norm_bias;
};

struct GpuModel {
  std::int64_t vocabulary, max_positions, hidden, heads, ffn, num_layers;
  float norm_eps;
  std::int32_t bfloat16;  ///< 1: weights and activations in bf16, sums in float
  const float *word_embeddings, *position_embeddings, *type_embeddings;
  const float *embedding_norm_weight, *embedding_norm_bias;
  const GpuLayer* layers;  ///< [num_layers]
};

/// One pass over a packed batch. Inputs are tokens (then `from` is 0) or rows of hidden_states[from].
struct GpuPass {
  const std::int32_t* tokens;     ///< [rows], or null
  const std::int32_t* positions;  ///< [rows], with tokens
  const float* hidden;            ///< [rows, hidden], or null
  const std::int64_t* offsets;    ///< [cells + 1]
  std::int64_t cells;
  std::int64_t rows;
  std::int32_t from, to;        ///< layers
  std::int32_t first_row_only;  ///< 1: out is [cells, hidden], row 0 of every cell; from < to
  float* out;                   ///< [rows, hidden] of hidden_states[to]
};

/// Attention alone: queries against the keys and values of the same cells.
struct GpuAttention {
  const float* queries;               ///< [query rows, hidden]; or equal to `projected`: its own queries
  const std::int64_t* query_offsets;  ///< [cells + 1]
  const float* projected;             ///< [rows, 3 hidden]: queries (not read), keys, values
  const std::int64_t* offsets;        ///< [cells + 1]
  std::int64_t cells;
  float* out;  ///< [query rows, hidden]
};

struct GpuEncoder;

struct GpuInterface {
  std::int32_t version;  ///< kGpuInterfaceVersion
  /// How many GPUs there are. Errors: E-DEV-004 (no driver or no GPU), E-DEV-009 (driver too old).
  std::int32_t (*num_devices)(std::int32_t* count, GpuError* error);
  /// Errors: E-DEV-005 (no such GPU), E-DEV-006.
  std::int32_t (*describe)(std::int32_t device, GpuDescription* description, GpuError* error);
  /// Copies the model to a GPU. Errors: also E-DEV-007 (no cuBLASLt), E-DEV-008 (memory), E-DEV-009 (GPU too old).
  std::int32_t (*create_encoder)(std::int32_t device, const GpuModel* model, GpuEncoder** encoder, GpuError* error);
  void (*destroy_encoder)(GpuEncoder* encoder);

  // From any thread; calls of one encoder follow each other. Errors: E-DEV-006, E-DEV-008.
  std::int32_t (*run)(GpuEncoder* encoder, const GpuPass* pass, GpuError* error);
  /// out [rows, 3 hidden] = queries, keys, values of hidden [rows, hidden].
  std::int32_t (*project)(GpuEncoder* encoder, std::int32_t layer, const float* hidden, std::int64_t rows, float* out,
                          GpuError* error);
  std::int32_t (*attend)(GpuEncoder* encoder, const GpuAttention* attention, GpuError* error);
  /// out [rows, hidden] = the rest of the layer from its attention's result and its input.
  std::int32_t (*finish)(GpuEncoder* encoder, std::int32_t layer, const float* context, const float* hidden,
                         std::int64_t rows, float* out, GpuError* error);
};

}  // namespace cw

/// The library's only symbol.
extern "C" const cw::GpuInterface* cw_gpu_interface();
