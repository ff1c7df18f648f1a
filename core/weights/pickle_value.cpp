// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/pickle_value.h"

#include "core/base/check.h"

#include <cstring>

namespace cw {
namespace {

template <class T>
double as_double(const std::byte* address) noexcept {
  T value;
  std::memcpy(&value, address, sizeof value);
  return static_cast<double>(value);
}

}  // namespace

std::string_view name_of(PickleKind kind) noexcept {
  switch (kind) {
    case PickleKind::kNone:
      return "None";
    case PickleKind::kBoolean:
      return "a truth value";
    case PickleKind::kInteger:
      return "a whole number";
    case PickleKind::kReal:
      return "a number";
    case PickleKind::kText:
      return "a text";
    case PickleKind::kBytes:
      return "bytes";
    case PickleKind::kBigInteger:
      return "a very large number";
    case PickleKind::kTuple:
      return "a tuple";
    case PickleKind::kList:
      return "a list";
    case PickleKind::kDictionary:
      return "a dictionary";
    case PickleKind::kArray:
      return "an array";
    case PickleKind::kTensor:
      return "a tensor";
    case PickleKind::kType:
      break;
  }
  return "a type";
}

double PickleArray::real_at(std::size_t place) const noexcept {
  const std::byte* address = bytes.data() + place * static_cast<std::size_t>(width);
  if (type_code == 'f') {
    if (width == 8) return as_double<double>(address);
    if (width == 4) return as_double<float>(address);
    return element_at(TensorRef{{}, DType::kFloat16, {1}, {address, 2}}, 0);
  }
  const bool is_signed = type_code == 'i';
  switch (width) {
    case 1:
      return is_signed ? as_double<std::int8_t>(address) : as_double<std::uint8_t>(address);
    case 2:
      return is_signed ? as_double<std::int16_t>(address) : as_double<std::uint16_t>(address);
    case 4:
      return is_signed ? as_double<std::int32_t>(address) : as_double<std::uint32_t>(address);
    default:
      return is_signed ? as_double<std::int64_t>(address) : as_double<std::uint64_t>(address);
  }
}

PickleKind PickleValue::kind() const noexcept { return document_->nodes_[node_].kind; }

std::optional<std::int64_t> PickleValue::integer() const noexcept {
  const auto& node = document_->nodes_[node_];
  if (node.kind != PickleKind::kInteger && node.kind != PickleKind::kBoolean) return std::nullopt;
  return node.integer;
}

std::optional<double> PickleValue::real() const noexcept {
  const auto& node = document_->nodes_[node_];
  if (node.kind == PickleKind::kReal) return node.real;
  if (const auto whole = integer()) return static_cast<double>(*whole);
  return std::nullopt;
}

std::optional<std::string_view> PickleValue::text() const noexcept {
  const auto& node = document_->nodes_[node_];
  if (node.kind != PickleKind::kText) return std::nullopt;
  return std::string_view(node.text, node.size);
}

std::string_view PickleValue::bytes() const noexcept {
  const auto& node = document_->nodes_[node_];
  if (node.kind != PickleKind::kBytes && node.kind != PickleKind::kBigInteger) return {};
  return {node.text, node.size};
}

std::size_t PickleValue::size() const noexcept {
  const auto& node = document_->nodes_[node_];
  switch (node.kind) {
    case PickleKind::kTuple:
    case PickleKind::kList:
      return document_->containers_[node.index].size();
    case PickleKind::kDictionary:
      return document_->containers_[node.index].size() / 2;
    default:
      return 0;
  }
}

PickleValue PickleValue::at(std::size_t place) const {
  CW_ASSERT(!is(PickleKind::kDictionary) && place < size());
  return {document_, document_->containers_[document_->nodes_[node_].index][place]};
}

PickleValue PickleValue::key(std::size_t place) const {
  CW_ASSERT(is(PickleKind::kDictionary) && place < size());
  return {document_, document_->containers_[document_->nodes_[node_].index][2 * place]};
}

PickleValue PickleValue::value(std::size_t place) const {
  CW_ASSERT(is(PickleKind::kDictionary) && place < size());
  return {document_, document_->containers_[document_->nodes_[node_].index][2 * place + 1]};
}

std::optional<PickleValue> PickleValue::find(std::string_view wanted) const {
  if (!is(PickleKind::kDictionary)) return std::nullopt;
  for (std::size_t i = size(); i-- > 0;) {
    if (key(i).text() == wanted) return value(i);
  }
  return std::nullopt;
}

const PickleArray* PickleValue::array() const noexcept {
  const auto& node = document_->nodes_[node_];
  return node.kind == PickleKind::kArray ? &document_->arrays_[node.index] : nullptr;
}

const PickleTensor* PickleValue::tensor() const noexcept {
  const auto& node = document_->nodes_[node_];
  return node.kind == PickleKind::kTensor ? &document_->tensors_[node.index] : nullptr;
}

}  // namespace cw
