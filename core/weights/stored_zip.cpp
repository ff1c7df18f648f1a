// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/stored_zip.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace cw {
namespace {

// PKWARE APPNOTE 6.3.9, sections 4.3.7 to 4.3.16
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kCentralSize = 46;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kLocator64Size = 20;
constexpr std::size_t kLongestComment = 65535;
constexpr std::uint16_t kZip64Extra = 1;
constexpr std::uint16_t kEncrypted = 1;

template <class T>
T load(std::span<const std::byte> bytes, std::size_t offset) noexcept {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string text_at(std::span<const std::byte> bytes, std::size_t offset, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return {reinterpret_cast<const char*>(bytes.data()) + offset, size};
}

Error damaged(std::string_view where, const std::string& what) {
  return {ErrorCode::kParse, "E-WGT-007",
          std::string(where) + ": damaged zip archive: " + what + "; download or copy the file again"};
}

/// The part of `bytes` from `offset`, at least `size` long.
Result<std::span<const std::byte>> part(std::span<const std::byte> bytes, std::uint64_t offset, std::uint64_t size,
                                        std::string_view where, const char* what) {
  if (offset > bytes.size() || size > bytes.size() - offset) {
    return damaged(where, std::string(what) + " lies outside the file (is it cut off?)");
  }
  return bytes.subspan(offset);
}

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t entries = 0;
};

Result<Directory> find_directory(std::span<const std::byte> file, std::string_view where) {
  if (file.size() < kEndSize) return damaged(where, "it is too short");
  const std::size_t lowest = file.size() > kEndSize + kLongestComment ? file.size() - kEndSize - kLongestComment : 0;
  std::size_t end = file.size() - kEndSize + 1;
  do {
    if (end-- == lowest) return damaged(where, "its table of contents is missing (is the file cut off?)");
  } while (load<std::uint32_t>(file, end) != kEndSignature);
  if (load<std::uint16_t>(file, end + 4) != 0) {
    return Error{ErrorCode::kUnsupported, "E-WGT-008",
                 std::string(where) + ": zip archives in several parts are not read"};
  }
  Directory directory{load<std::uint32_t>(file, end + 16), load<std::uint16_t>(file, end + 10)};
  if (end < kLocator64Size || load<std::uint32_t>(file, end - kLocator64Size) != kLocator64Signature) return directory;
  const auto end64 = load<std::uint64_t>(file, end - kLocator64Size + 8);
  CW_ASSIGN(const auto record, part(file, end64, kEnd64Size, where, "its table of contents"));
  if (load<std::uint32_t>(record, 0) != kEnd64Signature)
    return damaged(where, "its 64-bit table of contents is missing");
  return Directory{load<std::uint64_t>(record, 48), load<std::uint64_t>(record, 32)};
}

struct Entry {
  std::string name;
  std::uint64_t size = 0;
  std::uint64_t stored_size = 0;
  std::uint64_t offset = 0;
};

/// Replaces the sizes that do not fit 32 bits by those of the entry's extra field.
Result<> apply_zip64(std::span<const std::byte> extra, Entry& entry, std::string_view where) {
  constexpr std::uint64_t kElsewhere = UINT32_MAX;
  while (extra.size() >= 4) {
    const auto id = load<std::uint16_t>(extra, 0);
    const auto size = load<std::uint16_t>(extra, 2);
    extra = extra.subspan(4);
    if (size > extra.size()) break;
    if (id == kZip64Extra) {
      std::span<const std::byte> values = extra.first(size);
      for (std::uint64_t* value : {&entry.size, &entry.stored_size, &entry.offset}) {
        if (*value != kElsewhere) continue;
        if (values.size() < 8) return damaged(where, "the 64-bit sizes of " + entry.name + " are missing");
        *value = load<std::uint64_t>(values, 0);
        values = values.subspan(8);
      }
    }
    extra = extra.subspan(size);
  }
  return {};
}

Result<std::span<const std::byte>> content_of(std::span<const std::byte> file, const Entry& entry,
                                              std::string_view where) {
  CW_ASSIGN(const auto header, part(file, entry.offset, kLocalSize, where, "the header of an entry"));
  const std::size_t name_size = load<std::uint16_t>(header, 26);
  const std::size_t extra_size = load<std::uint16_t>(header, 28);
  if (load<std::uint32_t>(header, 0) != kLocalSignature || header.size() - kLocalSize < name_size + extra_size ||
      text_at(header, kLocalSize, name_size) != entry.name) {
    return damaged(where, "the entry " + entry.name + " is not where the table of contents says");
  }
  const auto data = header.subspan(kLocalSize + name_size + extra_size);
  if (entry.size > data.size()) return damaged(where, "the entry " + entry.name + " is cut off");
  return data.first(entry.size);
}

}  // namespace

bool looks_like_zip(std::span<const std::byte> file) noexcept {
  return file.size() >= 4 && load<std::uint32_t>(file, 0) == kLocalSignature;
}

Result<StoredZip> parse_stored_zip(std::span<const std::byte> file, std::string_view where) {
  CW_ASSIGN(const Directory directory, find_directory(file, where));
  StoredZip zip;
  std::uint64_t offset = directory.offset;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    CW_ASSIGN(const auto record, part(file, offset, kCentralSize, where, "its table of contents"));
    if (load<std::uint32_t>(record, 0) != kCentralSignature) return damaged(where, "its table of contents is broken");
    const std::size_t name_size = load<std::uint16_t>(record, 28);
    const std::size_t extra_size = load<std::uint16_t>(record, 30);
    const std::size_t comment_size = load<std::uint16_t>(record, 32);
    const std::size_t record_size = kCentralSize + name_size + extra_size + comment_size;
    if (record.size() < record_size) return damaged(where, "its table of contents is cut off");
    Entry entry;
    entry.name = text_at(record, kCentralSize, name_size);
    entry.stored_size = load<std::uint32_t>(record, 20);
    entry.size = load<std::uint32_t>(record, 24);
    entry.offset = load<std::uint32_t>(record, 42);
    CW_TRY(apply_zip64(record.subspan(kCentralSize + name_size, extra_size), entry, where));
    const bool encrypted = (load<std::uint16_t>(record, 8) & kEncrypted) != 0;
    if (encrypted || load<std::uint16_t>(record, 10) != 0 || entry.size != entry.stored_size) {
      zip.compressed = entry.name;
      offset += record_size;
      continue;
    }
    CW_ASSIGN(const auto content, content_of(file, entry, where));
    if (!zip.entries.emplace(entry.name, content).second) return damaged(where, "two entries are named " + entry.name);
    offset += record_size;
  }
  return zip;
}

}  // namespace cw
