// SPDX-License-Identifier: GPL-3.0-or-later
// libcublasLt.so.13 for machines without a GPU: the functions of runtime/cublas_lt.h as its manual describes them, as
// plain loops: D = epilogue(alpha op(A) op(B) + beta C), matrices stored by columns. With CELLWRIGHT_EMULATED_FAULT its
// products are wrong by a hundredth.
#include "plugins/cuda/runtime/cublas_lt.h"

#include "plugins/cuda/device.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace cw::cuda::lt {

struct Context {};

struct MatmulDesc {
  std::int32_t op_a = kAsItLies;
  std::int32_t op_b = kAsItLies;
  std::uint32_t epilogue = kEpilogueDefault;
  const void* bias = nullptr;
};

struct MatrixLayout {
  int type;
  std::uint64_t rows, columns;
  std::int64_t leading;
};

struct MatmulPreference {
  std::uint64_t workspace_bytes = 0;
  std::uint32_t alignments[4] = {256, 256, 256, 256};
};

namespace {

constexpr Status kSuccess = 0;
constexpr Status kInvalidValue = 7;

float number_at(const void* data, int type, std::uint64_t i) {
  return type == kFloat ? static_cast<const float*>(data)[i] : to_float(static_cast<const BFloat16*>(data)[i]);
}

void store_number(void* data, int type, std::uint64_t i, float value) {
  if (type == kFloat) {
    static_cast<float*>(data)[i] = value;
  } else {
    static_cast<BFloat16*>(data)[i] = from_float<BFloat16>(value);
  }
}

/// op(matrix) by rows of the product's depth, so that the inner loop runs over neighbours.
std::vector<float> along_depth(const void* data, const MatrixLayout& layout, bool depth_is_down) {
  std::vector<float> values(layout.rows * layout.columns);
  for (std::uint64_t column = 0; column < layout.columns; ++column) {
    for (std::uint64_t row = 0; row < layout.rows; ++row) {
      const float value = number_at(data, layout.type, column * static_cast<std::uint64_t>(layout.leading) + row);
      values[depth_is_down ? column * layout.rows + row : row * layout.columns + column] = value;
    }
  }
  return values;
}

float dot(const float* a, const float* b, std::uint64_t count) {
  float parts[16] = {};  // so that the compiler can use vectors
  std::uint64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    for (std::uint64_t k = 0; k < 16; ++k) parts[k] += a[i + k] * b[i + k];
  }
  float sum = 0.0F;
  for (; i < count; ++i) sum += a[i] * b[i];
  for (const float part : parts) sum += part;
  return sum;
}

}  // namespace
// NOLINTBEGIN(readability-identifier-naming): cuBLASLt's names
extern "C" {

Status cublasLtCreate(Context** context) {
  *context = new Context();
  return kSuccess;
}
Status cublasLtDestroy(Context* context) {
  delete context;
  return kSuccess;
}

Status cublasLtMatmulDescCreate(MatmulDesc** desc, int compute_type, int scale_type) {
  if (compute_type != kComputeFloat || scale_type != kFloat) return kInvalidValue;
  *desc = new MatmulDesc();
  return kSuccess;
}
Status cublasLtMatmulDescDestroy(MatmulDesc* desc) {
  delete desc;
  return kSuccess;
}
Status cublasLtMatmulDescSetAttribute(MatmulDesc* desc, int attribute, const void* value, std::size_t bytes) {
  void* to = nullptr;
  std::size_t size = sizeof(std::int32_t);
  if (attribute == kDescTransA) to = &desc->op_a;
  if (attribute == kDescTransB) to = &desc->op_b;
  if (attribute == kDescEpilogue) to = &desc->epilogue;
  if (attribute == kDescBiasPointer) {
    to = &desc->bias;
    size = sizeof(void*);
  }
  if (to == nullptr || bytes != size) return kInvalidValue;
  std::memcpy(to, value, size);
  return kSuccess;
}

Status cublasLtMatrixLayoutCreate(MatrixLayout** layout, int type, std::uint64_t rows, std::uint64_t columns,
                                  std::int64_t leading) {
  if ((type != kFloat && type != kBFloat16) || leading < static_cast<std::int64_t>(rows)) return kInvalidValue;
  *layout = new MatrixLayout{type, rows, columns, leading};
  return kSuccess;
}
Status cublasLtMatrixLayoutDestroy(MatrixLayout* layout) {
  delete layout;
  return kSuccess;
}

Status cublasLtMatmulPreferenceCreate(MatmulPreference** preference) {
  *preference = new MatmulPreference();
  return kSuccess;
}
Status cublasLtMatmulPreferenceDestroy(MatmulPreference* preference) {
  delete preference;
  return kSuccess;
}
Status cublasLtMatmulPreferenceSetAttribute(MatmulPreference* preference, int attribute, const void* value,
                                            std::size_t bytes) {
  if (attribute == kPreferenceReductionSchemes) return bytes == sizeof(std::uint32_t) ? kSuccess : kInvalidValue;
  if (attribute >= kPreferenceAlignmentA && attribute < kPreferenceAlignmentA + 4) {
    if (bytes != sizeof(std::uint32_t)) return kInvalidValue;
    std::memcpy(&preference->alignments[attribute - kPreferenceAlignmentA], value, bytes);
    return kSuccess;
  }
  if (attribute != kPreferenceWorkspaceBytes || bytes != sizeof(preference->workspace_bytes)) return kInvalidValue;
  std::memcpy(&preference->workspace_bytes, value, bytes);
  return kSuccess;
}

Status cublasLtMatmulAlgoGetHeuristic(Context* /*context*/, MatmulDesc* /*desc*/, MatrixLayout* a, MatrixLayout* b,
                                      MatrixLayout* c, MatrixLayout* d, MatmulPreference* preference, int requested,
                                      Heuristic* results, int* found) {
  if (a->type != b->type || c->type != d->type || requested < 1) return kInvalidValue;
  *results = Heuristic{};
  results->workspace_bytes = preference->workspace_bytes;
  // an algorithm for these alignments: matmul refuses others
  for (int i = 0; i < 4; ++i) results->algorithm.data[i] = preference->alignments[i];
  *found = 1;
  return kSuccess;
}

Status cublasLtMatmul(Context* /*context*/, MatmulDesc* desc, const void* alpha, const void* a, MatrixLayout* of_a,
                      const void* b, MatrixLayout* of_b, const void* beta, const void* c, MatrixLayout* of_c, void* d,
                      MatrixLayout* of_d, const Algorithm* algorithm, void* workspace, std::size_t /*bytes*/,
                      void* /*stream*/) {
  const bool a_turned = desc->op_a == kTransposed;
  const bool b_turned = desc->op_b == kTransposed;
  const std::uint64_t depth = a_turned ? of_a->rows : of_a->columns;
  if ((a_turned ? of_a->columns : of_a->rows) != of_d->rows ||
      (b_turned ? of_b->rows : of_b->columns) != of_d->columns || (b_turned ? of_b->columns : of_b->rows) != depth ||
      algorithm == nullptr || workspace == nullptr) {
    return kInvalidValue;
  }
  const void* addresses[] = {a, b, c, d};
  for (int i = 0; i < 4; ++i) {
    if (reinterpret_cast<std::uintptr_t>(addresses[i]) % algorithm->data[i] != 0) return kInvalidValue;
  }
  const bool biased = (desc->epilogue & kEpilogueBias) != 0;
  if (biased && desc->bias == nullptr) return kInvalidValue;
  const std::vector<float> rows_of_a = along_depth(a, *of_a, a_turned);
  const std::vector<float> columns_of_b = along_depth(b, *of_b, !b_turned);
  static const bool faulty = std::getenv("CELLWRIGHT_EMULATED_FAULT") != nullptr;
  const float factor = *static_cast<const float*>(alpha) * (faulty ? 1.01F : 1.0F);
  const float kept = *static_cast<const float*>(beta);
  for (std::uint64_t column = 0; column < of_d->columns; ++column) {
    for (std::uint64_t row = 0; row < of_d->rows; ++row) {
      float value = factor * dot(rows_of_a.data() + row * depth, columns_of_b.data() + column * depth, depth);
      if (kept != 0.0F) {
        value += kept * number_at(c, of_c->type, column * static_cast<std::uint64_t>(of_c->leading) + row);
      }
      if (biased) value += number_at(desc->bias, of_d->type, row);
      if ((desc->epilogue & kEpilogueRelu) != 0) value = std::max(value, 0.0F);
      store_number(d, of_d->type, column * static_cast<std::uint64_t>(of_d->leading) + row, value);
    }
  }
  return kSuccess;
}
}
// NOLINTEND(readability-identifier-naming)

}  // namespace cw::cuda::lt
