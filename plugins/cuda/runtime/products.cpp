// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/cuda/runtime/products.h"

#include "plugins/cuda/runtime/shared_library.h"

#include <algorithm>
#include <string>
#include <utility>

namespace cw::cuda {
namespace {

constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20U;
// Batches differ in their number of rows; plans of many sizes are forgotten together.
constexpr std::size_t kMostPlans = 512;

Error not_there(const std::string& why) {
  return {ErrorCode::kUnsupported, "E-DEV-007",
          "the GPU's matrix library cuBLASLt (libcublasLt.so.13 or .12) " + why +
              "; install cuBLAS of CUDA 12 or 13, or name its folder in LD_LIBRARY_PATH, or use --device cpu"};
}

Result<> checked_lt(lt::Status status, const char* doing) {
  if (status == 0) return {};
  return Error{ErrorCode::kInternal, "E-DEV-006",
               std::string(doing) + ": cuBLASLt stopped with status " + std::to_string(status) + "; use --device cpu"};
}

/// How far an address is aligned, at most 256.
std::uint32_t alignment_of(const void* address) {
  const auto bits = reinterpret_cast<std::uintptr_t>(address) | 256U;
  return static_cast<std::uint32_t>(bits & (~bits + 1U));
}

/// Of cuBLASLt's A, B, C and D, and of the bias with the last two.
std::array<std::uint32_t, 4> alignments_of(const DeviceProduct& p) {
  const std::uint32_t out = std::min(alignment_of(p.out), p.bias == nullptr ? 256U : alignment_of(p.bias));
  return {alignment_of(p.b.data), alignment_of(p.a.data), out, out};
}

int type_of(Number number) { return number == Number::kFloat ? lt::kFloat : lt::kBFloat16; }

}  // namespace

struct Products::Functions {
  lt::Create create;
  lt::Destroy destroy;
  lt::DescCreate desc_create;
  lt::DescDestroy desc_destroy;
  lt::DescSetAttribute desc_set;
  lt::LayoutCreate layout_create;
  lt::LayoutDestroy layout_destroy;
  lt::PreferenceCreate preference_create;
  lt::PreferenceDestroy preference_destroy;
  lt::PreferenceSetAttribute preference_set;
  lt::GetHeuristic get_heuristic;
  lt::Matmul matmul;

  [[nodiscard]] bool find(void* library) {
    return find_function(library, "cublasLtCreate", create) && find_function(library, "cublasLtDestroy", destroy) &&
           find_function(library, "cublasLtMatmulDescCreate", desc_create) &&
           find_function(library, "cublasLtMatmulDescDestroy", desc_destroy) &&
           find_function(library, "cublasLtMatmulDescSetAttribute", desc_set) &&
           find_function(library, "cublasLtMatrixLayoutCreate", layout_create) &&
           find_function(library, "cublasLtMatrixLayoutDestroy", layout_destroy) &&
           find_function(library, "cublasLtMatmulPreferenceCreate", preference_create) &&
           find_function(library, "cublasLtMatmulPreferenceDestroy", preference_destroy) &&
           find_function(library, "cublasLtMatmulPreferenceSetAttribute", preference_set) &&
           find_function(library, "cublasLtMatmulAlgoGetHeuristic", get_heuristic) &&
           find_function(library, "cublasLtMatmul", matmul);
  }
};

/// cuBLASLt stores matrices by columns: it computes the transpose, outᵀ = bᵀ aᵀ, where a row-major matrix is its own
/// transpose by columns. Its A is our b, its B our a.
struct Products::Plan {
  explicit Plan(const Functions& all) : functions(all) {}
  ~Plan() {
    for (lt::MatrixLayout* layout : {a, b, out}) {
      if (layout != nullptr) functions.layout_destroy(layout);
    }
    if (desc != nullptr) functions.desc_destroy(desc);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  const Functions& functions;
  lt::MatmulDesc* desc = nullptr;
  lt::MatrixLayout* a = nullptr;
  lt::MatrixLayout* b = nullptr;
  lt::MatrixLayout* out = nullptr;
  lt::Algorithm algorithm{};
};

Products::Products(std::shared_ptr<Device> device) : device_(std::move(device)) {}

Result<std::unique_ptr<Products>> Products::create(std::shared_ptr<Device> device) {
  auto products = std::unique_ptr<Products>(new Products(std::move(device)));
  CW_TRY(products->begin());
  return products;
}

Result<> Products::begin() {
  void* const library = load_first({"libcublasLt.so.13", "libcublasLt.so.12"});
  if (library == nullptr) return not_there("is not on this machine");
  auto functions = std::make_unique<Functions>();
  if (!functions->find(library)) return not_there("lacks functions that it should have");
  functions_ = std::move(functions);
  CW_TRY(checked_lt(functions_->create(&context_), "starting matrix products"));
  CW_ASSIGN(workspace_, device_->allocate(kWorkspaceBytes));
  return {};
}

Products::~Products() {
  plans_.clear();
  if (context_ != nullptr && device_->use().ok()) functions_->destroy(context_);
}

Result<> Products::fill(Plan& plan, const DeviceProduct& p, std::uint32_t epilogue) const {
  const Functions& f = *functions_;
  constexpr const char* kDoing = "planning a matrix product";
  CW_TRY(checked_lt(f.desc_create(&plan.desc, lt::kComputeFloat, lt::kFloat), kDoing));
  const std::int32_t op_a = p.b.transposed ? lt::kTransposed : lt::kAsItLies;
  const std::int32_t op_b = p.a.transposed ? lt::kTransposed : lt::kAsItLies;
  CW_TRY(checked_lt(f.desc_set(plan.desc, lt::kDescTransA, &op_a, sizeof(op_a)), kDoing));
  CW_TRY(checked_lt(f.desc_set(plan.desc, lt::kDescTransB, &op_b, sizeof(op_b)), kDoing));
  CW_TRY(checked_lt(f.desc_set(plan.desc, lt::kDescEpilogue, &epilogue, sizeof(epilogue)), kDoing));
  if (p.bias != nullptr) {
    CW_TRY(checked_lt(f.desc_set(plan.desc, lt::kDescBiasPointer, &p.bias, sizeof(p.bias)), kDoing));
  }
  const auto layout = [&](lt::MatrixLayout** to, Number number, std::int64_t rows, std::int64_t columns,
                          std::int64_t stride) {
    return checked_lt(f.layout_create(to, type_of(number), static_cast<std::uint64_t>(rows),
                                      static_cast<std::uint64_t>(columns), stride),
                      kDoing);
  };
  CW_TRY(layout(&plan.a, p.inputs, p.b.transposed ? p.depth : p.columns, p.b.transposed ? p.columns : p.depth,
                p.b.stride));
  CW_TRY(layout(&plan.b, p.inputs, p.a.transposed ? p.rows : p.depth, p.a.transposed ? p.depth : p.rows, p.a.stride));
  CW_TRY(layout(&plan.out, p.outputs, p.columns, p.rows, p.out_stride));

  lt::MatmulPreference* preference = nullptr;
  CW_TRY(checked_lt(f.preference_create(&preference), kDoing));
  const std::uint64_t workspace = kWorkspaceBytes;
  const std::uint32_t no_split_sums = 0;  // sums of a product in one order, whatever else the GPU does
  lt::Heuristic found{};
  int count = 0;
  lt::Status status = f.preference_set(preference, lt::kPreferenceWorkspaceBytes, &workspace, sizeof(workspace));
  if (status == 0) {
    status = f.preference_set(preference, lt::kPreferenceReductionSchemes, &no_split_sums, sizeof(no_split_sums));
  }
  int attribute = lt::kPreferenceAlignmentA;
  for (const std::uint32_t bytes : alignments_of(p)) {
    if (status == 0) status = f.preference_set(preference, attribute++, &bytes, sizeof(bytes));
  }
  if (status == 0) {
    status = f.get_heuristic(context_, plan.desc, plan.a, plan.b, plan.out, plan.out, preference, 1, &found, &count);
  }
  f.preference_destroy(preference);
  CW_TRY(checked_lt(status, kDoing));
  if (count < 1 || found.state != 0) {
    return Error{ErrorCode::kInternal, "E-DEV-006",
                 "cuBLASLt has no way to multiply " + std::to_string(p.rows) + " x " + std::to_string(p.depth) +
                     " by " + std::to_string(p.depth) + " x " + std::to_string(p.columns) +
                     " numbers; use --device cpu"};
  }
  plan.algorithm = found.algorithm;
  return {};
}

Result<Products::Plan*> Products::plan_for(const DeviceProduct& p) {
  const std::uint32_t relu = p.relu ? lt::kEpilogueRelu : 0;
  const std::uint32_t bias = p.bias != nullptr ? lt::kEpilogueBias : 0;
  const std::uint32_t epilogue = relu + bias == 0 ? lt::kEpilogueDefault : relu + bias;
  const Key key{p.rows,         p.columns,      p.depth,  p.a.stride, p.b.stride, p.out_stride,
                p.a.transposed, p.b.transposed, p.inputs, p.outputs,  epilogue,   alignments_of(p)};
  if (const auto known = plans_.find(key); known != plans_.end()) return known->second.get();
  if (plans_.size() >= kMostPlans) plans_.clear();
  auto plan = std::make_unique<Plan>(*functions_);
  CW_TRY(fill(*plan, p, epilogue));
  return plans_.emplace(key, std::move(plan)).first->second.get();
}

Result<> Products::multiply(const DeviceProduct& p) {
  if (p.rows == 0 || p.columns == 0) return {};
  CW_ASSIGN(Plan* const plan, plan_for(p));
  constexpr const char* kDoing = "multiplying matrices";
  if (p.bias != nullptr) {
    CW_TRY(checked_lt(functions_->desc_set(plan->desc, lt::kDescBiasPointer, &p.bias, sizeof(p.bias)), kDoing));
  }
  const float factor = 1.0F;
  return checked_lt(
      functions_->matmul(context_, plan->desc, &factor, p.b.data, plan->a, p.a.data, plan->b, &p.kept, p.out, plan->out,
                         p.out, plan->out, &plan->algorithm, workspace_.data(), kWorkspaceBytes, device_->stream()),
      kDoing);
}

}  // namespace cw::cuda
