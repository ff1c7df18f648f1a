// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// Element types of stored tensors.
enum class DType { kFloat16, kBFloat16, kFloat32, kFloat64, kInt8, kUInt8, kInt16, kInt32, kInt64, kBool };

/// Bytes of one element.
[[nodiscard]] std::size_t size_of(DType dtype) noexcept;

/// "float16", "bfloat16", "float32", ...: the names of PyTorch.
[[nodiscard]] std::string_view name_of(DType dtype) noexcept;

[[nodiscard]] bool is_floating_point(DType dtype) noexcept;

/// A stored tensor, row-major and little endian. `bytes` belongs to whoever made the reference (a TensorFile, a test).
struct TensorRef {
  std::string name;
  DType dtype = DType::kFloat32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;

  [[nodiscard]] std::int64_t num_elements() const noexcept;
};

/// "[25426, 256]".
[[nodiscard]] std::string shape_text(std::span<const std::int64_t> shape);

/// Number of bytes of a tensor of this type and shape. Errors: kParse where a size is negative or the product does not
/// fit 63 bits.
[[nodiscard]] Result<std::size_t> byte_size(DType dtype, std::span<const std::int64_t> shape);

/// The values as float32; exact for float16, bfloat16 and float32, rounded to nearest for the others.
/// Errors: kShape if `out` has another number of elements than the tensor.
Result<> copy_as_float32(const TensorRef& tensor, std::span<float> out);

/// One value as a double, by its place in row-major order.
[[nodiscard]] double element_at(const TensorRef& tensor, std::size_t place) noexcept;

}  // namespace cw
