// SPDX-License-Identifier: GPL-3.0-or-later
// The part of cuBLASLt's C interface that is used, declared here because its header comes only with a library of
// several hundred megabytes. Names and values are those of cublasLt.h 12 and 13.
#pragma once
#include <cstddef>
#include <cstdint>

namespace cw::cuda::lt {

using Status = int;  ///< cublasStatus_t: 0 is success
struct Context;      ///< cublasLtHandle_t points to it; likewise below
struct MatmulDesc;
struct MatrixLayout;
struct MatmulPreference;

inline constexpr int kFloat = 0;          ///< CUDA_R_32F
inline constexpr int kBFloat16 = 14;      ///< CUDA_R_16BF
inline constexpr int kComputeFloat = 68;  ///< CUBLAS_COMPUTE_32F: never TF32
inline constexpr int kAsItLies = 0;       ///< CUBLAS_OP_N
inline constexpr int kTransposed = 1;     ///< CUBLAS_OP_T

inline constexpr int kDescTransA = 3;       ///< CUBLASLT_MATMUL_DESC_TRANSA, int32
inline constexpr int kDescTransB = 4;       ///< CUBLASLT_MATMUL_DESC_TRANSB, int32
inline constexpr int kDescEpilogue = 7;     ///< CUBLASLT_MATMUL_DESC_EPILOGUE, uint32
inline constexpr int kDescBiasPointer = 8;  ///< CUBLASLT_MATMUL_DESC_BIAS_POINTER, const void*

inline constexpr std::uint32_t kEpilogueDefault = 1;
inline constexpr std::uint32_t kEpilogueRelu = 2;
inline constexpr std::uint32_t kEpilogueBias = 4;

inline constexpr int kPreferenceWorkspaceBytes = 1;    ///< CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, uint64
inline constexpr int kPreferenceReductionSchemes = 3;  ///< CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, uint32

/// CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, uint32; B, C and D follow. cuBLASLt takes 256 for granted otherwise.
inline constexpr int kPreferenceAlignmentA = 5;

/// cublasLtMatmulAlgo_t.
struct Algorithm {
  std::uint64_t data[8];
};

/// cublasLtMatmulHeuristicResult_t.
struct Heuristic {
  Algorithm algorithm;
  std::size_t workspace_bytes;
  Status state;
  float waves;
  int reserved[4];
};
static_assert(sizeof(Heuristic) == 96);

using Create = Status (*)(Context**);
using Destroy = Status (*)(Context*);
using DescCreate = Status (*)(MatmulDesc**, int compute_type, int scale_type);
using DescDestroy = Status (*)(MatmulDesc*);
using DescSetAttribute = Status (*)(MatmulDesc*, int attribute, const void* value, std::size_t bytes);
using LayoutCreate = Status (*)(MatrixLayout**, int type, std::uint64_t rows, std::uint64_t columns,
                                std::int64_t leading);
using LayoutDestroy = Status (*)(MatrixLayout*);
using PreferenceCreate = Status (*)(MatmulPreference**);
using PreferenceDestroy = Status (*)(MatmulPreference*);
using PreferenceSetAttribute = Status (*)(MatmulPreference*, int attribute, const void* value, std::size_t bytes);
using GetHeuristic = Status (*)(Context*, MatmulDesc*, MatrixLayout* a, MatrixLayout* b, MatrixLayout* c,
                                MatrixLayout* d, MatmulPreference*, int requested, Heuristic* results, int* found);
using Matmul = Status (*)(Context*, MatmulDesc*, const void* alpha, const void* a, MatrixLayout*, const void* b,
                          MatrixLayout*, const void* beta, const void* c, MatrixLayout*, void* d, MatrixLayout*,
                          const Algorithm*, void* workspace, std::size_t workspace_bytes, void* stream);

}  // namespace cw::cuda::lt
