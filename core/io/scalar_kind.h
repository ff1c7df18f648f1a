// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace cw {

/// Number types as they lie in memory after reading.
enum class ScalarKind { kInt8, kUInt8, kInt16, kUInt16, kInt32, kUInt32, kInt64, kUInt64, kFloat32, kFloat64 };

/// Calls `work(S{})` with a value of the type that `kind` stands for.
template <class Work>
decltype(auto) with_scalar(ScalarKind kind, Work&& work) {
  switch (kind) {
    case ScalarKind::kInt8:
      return work(std::int8_t{});
    case ScalarKind::kUInt8:
      return work(std::uint8_t{});
    case ScalarKind::kInt16:
      return work(std::int16_t{});
    case ScalarKind::kUInt16:
      return work(std::uint16_t{});
    case ScalarKind::kInt32:
      return work(std::int32_t{});
    case ScalarKind::kUInt32:
      return work(std::uint32_t{});
    case ScalarKind::kInt64:
      return work(std::int64_t{});
    case ScalarKind::kUInt64:
      return work(std::uint64_t{});
    case ScalarKind::kFloat32:
      return work(float{});
    case ScalarKind::kFloat64:
      break;
  }
  return work(double{});
}

template <class T>
[[nodiscard]] constexpr ScalarKind scalar_kind() {
  if constexpr (std::is_same_v<T, float>) return ScalarKind::kFloat32;
  if constexpr (std::is_same_v<T, double>) return ScalarKind::kFloat64;
  constexpr bool kSigned = std::is_signed_v<T>;
  if constexpr (sizeof(T) == 1) return kSigned ? ScalarKind::kInt8 : ScalarKind::kUInt8;
  if constexpr (sizeof(T) == 2) return kSigned ? ScalarKind::kInt16 : ScalarKind::kUInt16;
  if constexpr (sizeof(T) == 4) return kSigned ? ScalarKind::kInt32 : ScalarKind::kUInt32;
  return kSigned ? ScalarKind::kInt64 : ScalarKind::kUInt64;
}

/// Bytes of one number.
[[nodiscard]] inline std::size_t scalar_size(ScalarKind kind) {
  return with_scalar(kind, [](auto sample) { return sizeof(sample); });
}

/// Number `index` of an array of S that need not be aligned.
template <class S>
[[nodiscard]] S scalar_at(const std::byte* bytes, std::size_t index) {
  S value;
  std::memcpy(&value, bytes + index * sizeof(S), sizeof(S));
  return value;
}

/// Copies `count` numbers of `kind` to `out`, converted as by static_cast.
template <class T>
void convert_scalars(ScalarKind kind, const std::byte* bytes, std::size_t count, T* out) {
  with_scalar(kind, [&](auto sample) {
    using S = decltype(sample);
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<T>(scalar_at<S>(bytes, i));
  });
}

}  // namespace cw
