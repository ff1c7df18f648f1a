// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/torch_checkpoint.h"

#include "core/weights/stored_zip.h"
#include "core/weights/unpickler.h"

#include <cstring>
#include <map>
#include <set>
#include <string>

namespace cw {
namespace {

using Storages = std::map<std::string, std::span<const std::byte>, std::less<>>;

constexpr std::string_view kLegacyMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";  // 0x1950a86a20f9469cfc6c
constexpr std::int64_t kLegacyProtocol = 1001;

Error damaged(std::string_view where, const std::string& what) {
  return {ErrorCode::kParse, "E-WGT-009",
          std::string(where) + ": damaged PyTorch checkpoint: " + what + "; download or copy the file again"};
}

/// First element and one past the last that a view touches; refuses negative strides and views larger than the storage.
Result<> check_view(const PickleTensor& tensor, std::int64_t elements, const std::string& name,
                    std::string_view where) {
  const auto outside = [&] { return damaged(where, "the tensor " + name + " lies outside its storage"); };
  if (tensor.shape.size() != tensor.strides.size() || tensor.offset < 0) return outside();
  std::int64_t last = tensor.offset;
  std::int64_t count = 1;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    std::int64_t reach = 0;
    if (tensor.shape[i] < 0 || tensor.strides[i] < 0 || __builtin_mul_overflow(count, tensor.shape[i], &count)) {
      return outside();
    }
    if (tensor.shape[i] == 0) continue;
    if (__builtin_mul_overflow(tensor.shape[i] - 1, tensor.strides[i], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return outside();
    }
  }
  // `count` above the storage: a view that repeats elements could ask for any amount of memory
  if (count > elements || (count > 0 ? last >= elements : tensor.offset > elements)) return outside();
  return {};
}

bool is_row_major(const PickleTensor& tensor) {
  std::int64_t expected = 1;
  for (std::size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] == 0) return true;
    if (tensor.shape[i] != 1 && tensor.strides[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

std::vector<std::byte> copy_row_major(const PickleTensor& tensor, std::span<const std::byte> storage) {
  const std::size_t width = size_of(tensor.dtype);
  std::size_t count = 1;
  for (const auto extent : tensor.shape) count *= static_cast<std::size_t>(extent);
  std::vector<std::byte> copy(count * width);
  std::vector<std::int64_t> place(tensor.shape.size(), 0);
  std::int64_t source = tensor.offset;
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(copy.data() + i * width, storage.data() + static_cast<std::size_t>(source) * width, width);
    for (std::size_t axis = place.size(); axis-- > 0;) {
      source += tensor.strides[axis];
      if (++place[axis] < tensor.shape[axis]) break;
      source -= tensor.shape[axis] * tensor.strides[axis];
      place[axis] = 0;
    }
  }
  return copy;
}

Result<TorchCheckpoint> collect_tensors(const PickleValue& root, const Storages& storages, std::size_t file_size,
                                        std::string_view where) {
  if (!root.is(PickleKind::kDictionary)) {
    return Error{ErrorCode::kUnsupported, "E-WGT-010",
                 std::string(where) + ": holds " + std::string(name_of(root.kind())) +
                     ", not a dictionary of tensors as pytorch_model.bin does"};
  }
  TorchCheckpoint checkpoint;
  std::set<std::string_view> names;
  std::size_t copied = 0;
  for (std::size_t i = 0; i < root.size(); ++i) {
    const auto name = root.key(i).text();
    const PickleTensor* tensor = root.value(i).tensor();
    if (!name || tensor == nullptr) {
      return Error{ErrorCode::kUnsupported, "E-WGT-010",
                   std::string(where) + ": the entry " + (name ? std::string(*name) : "number " + std::to_string(i)) +
                       " is " + std::string(name_of(root.value(i).kind())) +
                       ", not a tensor; this is not a pytorch_model.bin"};
    }
    const auto storage = storages.find(tensor->storage);
    if (storage == storages.end()) return damaged(where, "the storage of " + std::string(*name) + " is missing");
    const std::size_t width = size_of(tensor->dtype);
    const auto elements = static_cast<std::int64_t>(storage->second.size() / width);
    CW_TRY(check_view(*tensor, elements, std::string(*name), where));
    TensorRef reference;
    reference.name = *name;
    reference.dtype = tensor->dtype;
    reference.shape = tensor->shape;
    CW_ASSIGN(const std::size_t bytes, byte_size(tensor->dtype, tensor->shape));
    if (is_row_major(*tensor)) {
      reference.bytes = storage->second.subspan(static_cast<std::size_t>(tensor->offset) * width, bytes);
    } else {
      copied += bytes;
      if (copied > file_size) return damaged(where, "its tensors are larger than the file");
      reference.bytes = checkpoint.copies.emplace_back(copy_row_major(*tensor, storage->second));
    }
    if (!names.insert(*name).second) return damaged(where, "two tensors are named " + std::string(*name));
    checkpoint.tensors.push_back(std::move(reference));
  }
  return checkpoint;
}

Result<TorchCheckpoint> parse_zip_checkpoint(std::span<const std::byte> file, std::string_view where) {
  CW_ASSIGN(const StoredZip archive, parse_stored_zip(file, where));
  const auto& zip = archive.entries;
  constexpr std::string_view kPickleName = "/data.pkl";
  std::string root;
  for (const auto& [name, content] : zip) {
    if (name.ends_with("/constants.pkl")) {
      return Error{ErrorCode::kUnsupported, "E-WGT-010",
                   std::string(where) + ": a TorchScript program, not a dictionary of tensors; save its state_dict()"};
    }
    if (name.ends_with(kPickleName) && name.find('/') == name.size() - kPickleName.size()) {
      root = name.substr(0, name.size() - kPickleName.size() + 1);
    }
  }
  if (!archive.compressed.empty()) {
    return Error{ErrorCode::kUnsupported, "E-WGT-008",
                 std::string(where) + ": the entry " + archive.compressed +
                     " is compressed or encrypted; checkpoints of PyTorch are neither"};
  }
  if (root.empty()) {
    return Error{ErrorCode::kUnsupported, "E-WGT-010",
                 std::string(where) + ": a zip archive without data.pkl is not a PyTorch checkpoint"};
  }
  if (const auto order = zip.find(root + "byteorder"); order != zip.end()) {
    constexpr std::string_view kLittle = "little";
    if (order->second.size() != kLittle.size() ||
        std::memcmp(order->second.data(), kLittle.data(), kLittle.size()) != 0) {
      return Error{ErrorCode::kUnsupported, "E-WGT-010",
                   std::string(where) + ": written on a big-endian machine; save it again on another one"};
    }
  }
  Storages storages;
  const std::string prefix = root + "data/";
  for (auto entry = zip.lower_bound(prefix); entry != zip.end() && entry->first.starts_with(prefix); ++entry) {
    storages[entry->first.substr(prefix.size())] = entry->second;
  }
  CW_ASSIGN(const PickleDocument document, parse_pickle(zip.at(root + "data.pkl"), std::string(where) + "/data.pkl"));
  return collect_tensors(document.root(), storages, file.size(), where);
}

/// Takes one pickle off the front of `rest`.
Result<PickleDocument> next_pickle(std::span<const std::byte>& rest, std::string_view where) {
  std::size_t consumed = 0;
  CW_ASSIGN(PickleDocument document, parse_pickle(rest, where, {}, &consumed));
  rest = rest.subspan(consumed);
  return document;
}

void collect_widths(const PickleValue& root, std::map<std::string, std::size_t, std::less<>>& width_of) {
  for (std::size_t i = 0; i < root.size(); ++i) {
    const PickleTensor* tensor = root.value(i).tensor();
    if (tensor != nullptr) width_of[std::string(tensor->storage)] = size_of(tensor->dtype);
  }
}

Result<TorchCheckpoint> parse_legacy_checkpoint(std::span<const std::byte> file, std::string_view where) {
  std::span<const std::byte> rest = file;
  CW_ASSIGN(const PickleDocument magic, next_pickle(rest, where));
  if (magic.root().bytes() != kLegacyMagic) {
    return Error{ErrorCode::kUnsupported, "E-WGT-010", std::string(where) + ": a pickle, but not a PyTorch checkpoint"};
  }
  CW_ASSIGN(const PickleDocument protocol, next_pickle(rest, where));
  if (protocol.root().integer() != kLegacyProtocol) return damaged(where, "its protocol is not 1001");
  CW_ASSIGN(const PickleDocument system, next_pickle(rest, where));
  const auto little = system.root().find("little_endian");
  if (little && little->integer() == 0) {
    return Error{ErrorCode::kUnsupported, "E-WGT-010",
                 std::string(where) + ": written on a big-endian machine; save it again on another one"};
  }
  CW_ASSIGN(const PickleDocument content, next_pickle(rest, where));
  CW_ASSIGN(const PickleDocument keys, next_pickle(rest, where));
  if (!content.root().is(PickleKind::kDictionary)) return collect_tensors(content.root(), {}, file.size(), where);
  std::map<std::string, std::size_t, std::less<>> width_of;
  collect_widths(content.root(), width_of);
  Storages storages;
  for (std::size_t i = 0; i < keys.root().size(); ++i) {
    const auto key = keys.root().is(PickleKind::kDictionary) ? std::nullopt : keys.root().at(i).text();
    const auto width = key ? width_of.find(*key) : width_of.end();
    if (width == width_of.end()) return damaged(where, "a storage that no tensor uses");
    std::uint64_t elements = 0;
    if (rest.size() < sizeof elements) return damaged(where, "it ends before storage " + std::string(*key));
    std::memcpy(&elements, rest.data(), sizeof elements);
    rest = rest.subspan(sizeof elements);
    if (elements > rest.size() / width->second) {
      return damaged(where, "storage " + std::string(*key) + " is cut off");
    }
    storages[std::string(*key)] = rest.first(elements * width->second);
    rest = rest.subspan(elements * width->second);
  }
  return collect_tensors(content.root(), storages, file.size(), where);
}

bool looks_like_tar(std::span<const std::byte> file) {
  return file.size() > 262 && std::memcmp(file.data() + 257, "ustar", 5) == 0;
}

}  // namespace

bool looks_like_torch_checkpoint(std::span<const std::byte> file) noexcept {
  const bool pickle = file.size() >= 2 && file[0] == std::byte{0x80} && file[1] <= std::byte{5};
  return pickle || looks_like_zip(file) || looks_like_tar(file);
}

Result<TorchCheckpoint> parse_torch_checkpoint(std::span<const std::byte> file, std::string_view where) {
  if (looks_like_zip(file)) return parse_zip_checkpoint(file, where);
  if (looks_like_tar(file)) {
    return Error{ErrorCode::kUnsupported, "E-WGT-010",
                 std::string(where) + ": the tar form of PyTorch before 0.1.10; load and save it with a newer PyTorch"};
  }
  return parse_legacy_checkpoint(file, where);
}

}  // namespace cw
