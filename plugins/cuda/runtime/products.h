// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/cuda/runtime/cublas_lt.h"
#include "plugins/cuda/runtime/device.h"

#include <array>
#include <map>
#include <memory>
#include <tuple>

namespace cw::cuda {

/// What numbers are stored as.
enum class Number { kFloat, kBFloat16 };

[[nodiscard]] constexpr std::size_t bytes_of(Number number) noexcept { return number == Number::kFloat ? 4 : 2; }

/// A row-major matrix on the GPU: rows `stride` numbers apart.
struct MatrixRef {
  const void* data = nullptr;
  std::int64_t stride = 0;
  bool transposed = false;  ///< it takes part as the transpose of what lies there
};

/// out [rows, columns] = a [rows, depth] b [depth, columns] + kept * out, + bias, then max(0, .); sums in float.
struct DeviceProduct {
  MatrixRef a, b;  ///< sizes after transposing
  std::int64_t rows = 0, columns = 0, depth = 0;
  Number inputs = Number::kFloat;
  void* out = nullptr;
  std::int64_t out_stride = 0;
  Number outputs = Number::kFloat;
  float kept = 0.0F;
  const void* bias = nullptr;  ///< [columns] of `outputs`, or null
  bool relu = false;
};

/// Matrix products of one GPU, in its stream, by cuBLASLt. Float products are float throughout (no TF32).
class Products {
 public:
  /// Errors: kUnsupported E-DEV-007 (no cuBLASLt), kOutOfMemory E-DEV-008.
  [[nodiscard]] static Result<std::unique_ptr<Products>> create(std::shared_ptr<Device> device);
  ~Products();
  Products(const Products&) = delete;
  Products& operator=(const Products&) = delete;

  /// Errors: kInternal E-DEV-006.
  Result<> multiply(const DeviceProduct& product);

 private:
  /// All that a choice of algorithm depends on.
  using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, bool, bool,
                         Number, Number, std::uint32_t, std::array<std::uint32_t, 4>>;
  struct Functions;
  struct Plan;

  explicit Products(std::shared_ptr<Device> device);
  Result<> begin();
  Result<Plan*> plan_for(const DeviceProduct& product);
  Result<> fill(Plan& plan, const DeviceProduct& product, std::uint32_t epilogue) const;

  std::shared_ptr<Device> device_;
  std::unique_ptr<const Functions> functions_;
  lt::Context* context_ = nullptr;
  DeviceMemory workspace_;
  std::map<Key, std::unique_ptr<Plan>> plans_;
};

}  // namespace cw::cuda
