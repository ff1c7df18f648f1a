// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/tensor.h"

#include <bit>
#include <cstring>
#include <limits>

namespace cw {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor files are little endian and are mapped as they are");

template <class T>
T load(const std::byte* address) noexcept {
  T value;
  std::memcpy(&value, address, sizeof value);
  return value;
}

float float_from_bfloat16(std::uint16_t bits) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

float float_from_float16(std::uint16_t bits) noexcept {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16U;
  const std::uint32_t exponent = (bits >> 10U) & 0x1FU;
  const std::uint32_t fraction = bits & 0x3FFU;
  if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F800000U | (fraction << 13U));
  if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112U) << 23U) | (fraction << 13U));
  const float magnitude = static_cast<float>(fraction) * 0x1p-24F;  // subnormal: fraction times 2^-24, exact
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
}

/// Calls `use(value)` with the value in its own type.
template <class Use>
auto with_value(DType dtype, const std::byte* address, Use&& use) noexcept {
  switch (dtype) {
    case DType::kFloat16:
      return use(float_from_float16(load<std::uint16_t>(address)));
    case DType::kBFloat16:
      return use(float_from_bfloat16(load<std::uint16_t>(address)));
    case DType::kFloat32:
      return use(load<float>(address));
    case DType::kFloat64:
      return use(load<double>(address));
    case DType::kInt8:
      return use(load<std::int8_t>(address));
    case DType::kUInt8:
      return use(load<std::uint8_t>(address));
    case DType::kInt16:
      return use(load<std::int16_t>(address));
    case DType::kInt32:
      return use(load<std::int32_t>(address));
    case DType::kInt64:
      return use(load<std::int64_t>(address));
    case DType::kBool:
      break;
  }
  return use(static_cast<std::uint8_t>(load<std::uint8_t>(address) != 0));
}

}  // namespace

std::size_t size_of(DType dtype) noexcept {
  switch (dtype) {
    case DType::kFloat64:
    case DType::kInt64:
      return 8;
    case DType::kFloat32:
    case DType::kInt32:
      return 4;
    case DType::kFloat16:
    case DType::kBFloat16:
    case DType::kInt16:
      return 2;
    case DType::kInt8:
    case DType::kUInt8:
    case DType::kBool:
      break;
  }
  return 1;
}

std::string_view name_of(DType dtype) noexcept {
  switch (dtype) {
    case DType::kFloat16:
      return "float16";
    case DType::kBFloat16:
      return "bfloat16";
    case DType::kFloat32:
      return "float32";
    case DType::kFloat64:
      return "float64";
    case DType::kInt8:
      return "int8";
    case DType::kUInt8:
      return "uint8";
    case DType::kInt16:
      return "int16";
    case DType::kInt32:
      return "int32";
    case DType::kInt64:
      return "int64";
    case DType::kBool:
      break;
  }
  return "bool";
}

bool is_floating_point(DType dtype) noexcept {
  return dtype == DType::kFloat16 || dtype == DType::kBFloat16 || dtype == DType::kFloat32 || dtype == DType::kFloat64;
}

std::int64_t TensorRef::num_elements() const noexcept {
  return static_cast<std::int64_t>(bytes.size() / size_of(dtype));
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const auto size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

Result<std::size_t> byte_size(DType dtype, std::span<const std::int64_t> shape) {
  std::int64_t total = static_cast<std::int64_t>(size_of(dtype));
  for (const auto size : shape) {
    if (size < 0 || __builtin_mul_overflow(total, size, &total)) {
      return Error{ErrorCode::kParse, "E-WGT-001",
                   "the shape " + shape_text(shape) + " is not a possible tensor shape"};
    }
  }
  return static_cast<std::size_t>(total);
}

Result<> copy_as_float32(const TensorRef& tensor, std::span<float> out) {
  const auto count = static_cast<std::size_t>(tensor.num_elements());
  if (out.size() != count) {
    return Error{ErrorCode::kShape, "E-WGT-002",
                 tensor.name + ": holds " + std::to_string(count) + " values, expected " + std::to_string(out.size())};
  }
  if (tensor.dtype == DType::kFloat32) {
    if (count > 0) std::memcpy(out.data(), tensor.bytes.data(), tensor.bytes.size());
    return {};
  }
  const std::size_t step = size_of(tensor.dtype);
  for (std::size_t i = 0; i < count; ++i) {
    out[i] =
        with_value(tensor.dtype, tensor.bytes.data() + i * step, [](auto value) { return static_cast<float>(value); });
  }
  return {};
}

double element_at(const TensorRef& tensor, std::size_t place) noexcept {
  return with_value(tensor.dtype, tensor.bytes.data() + place * size_of(tensor.dtype),
                    [](auto value) { return static_cast<double>(value); });
}

}  // namespace cw
