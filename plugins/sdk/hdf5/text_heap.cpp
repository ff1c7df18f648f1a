// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/sdk/hdf5/text_heap.h"

#include <algorithm>
#include <cstring>

namespace cw {
namespace {

constexpr std::size_t kMostCollections = 256;  // kept for the next references; writers fill one after the other
constexpr std::uint64_t kLargestCollection = std::uint64_t{1} << 31U;

}  // namespace

// Objects follow each other: index, reference count, 4 unused bytes, size, content padded to 8 bytes. Index 0 is free
// space and the last one.
bool H5TextHeap::parse(Collection& collection) const {
  const auto& bytes = collection.bytes;
  const std::size_t header = 8 + file_.length_bytes();
  for (std::size_t at = header; bytes.size() - at >= header;) {
    const auto index = static_cast<std::size_t>(little_endian(bytes.data() + at, 2));
    const std::uint64_t size = little_endian(bytes.data() + at + 8, file_.length_bytes());
    if (index == 0) return true;
    at += header;
    if (size > bytes.size() - at) return false;
    if (collection.objects.size() <= index) collection.objects.resize(index + 1);
    collection.objects[index] = {at, static_cast<std::size_t>(size)};
    const std::size_t padded = (static_cast<std::size_t>(size) + 7) / 8 * 8;
    if (padded > bytes.size() - at) return true;
    at += padded;
  }
  return true;
}

const H5TextHeap::Collection* H5TextHeap::collection(std::uint64_t address) {
  if (const auto found = collections_.find(address); found != collections_.end()) return &found->second;
  std::byte header[16];
  if (!file_.read(address, 8 + file_.length_bytes(), header) || std::memcmp(header, "GCOL", 4) != 0) return nullptr;
  const std::uint64_t size = little_endian(header + 8, file_.length_bytes());
  if (size < 8 + file_.length_bytes() || size > std::min(file_.size(), kLargestCollection)) return nullptr;
  Collection fresh;
  fresh.bytes.resize(static_cast<std::size_t>(size));
  if (!file_.read(address, fresh.bytes.size(), fresh.bytes.data()) || !parse(fresh)) return nullptr;
  if (collections_.size() >= kMostCollections) collections_.clear();
  return &collections_.emplace(address, std::move(fresh)).first->second;
}

bool H5TextHeap::text(const std::byte* reference, std::string_view& text) {
  const auto length = static_cast<std::size_t>(little_endian(reference, 4));
  const std::uint64_t address = little_endian(reference + 4, file_.address_bytes());
  const auto index = static_cast<std::size_t>(little_endian(reference + 4 + file_.address_bytes(), 4));
  text = {};
  if (length == 0 || address == 0) return true;  // an empty or never written text
  const Collection* heap = collection(address);
  if (heap == nullptr || index >= heap->objects.size()) return false;
  const Object& object = heap->objects[index];
  if (object.offset == 0 || object.size < length) return false;
  text = {reinterpret_cast<const char*>(heap->bytes.data() + object.offset), length};
  text = text.substr(0, text.find('\0'));
  return true;
}

}  // namespace cw
