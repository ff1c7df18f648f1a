// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/hf_dataset/arrow_file.h"

#include <cstring>

namespace cw {
namespace {

constexpr std::uint32_t kContinuation = 0xFFFFFFFF;
constexpr std::string_view kFileMagic("ARROW1\0\0", 8);

// the MessageHeader union of Message.fbs
constexpr std::uint8_t kSchema = 1;
constexpr std::uint8_t kDictionaryBatch = 2;
constexpr std::uint8_t kRecordBatch = 3;

}  // namespace

Error ArrowFile::damaged(const std::string& what) const {
  return {ErrorCode::kParse, "E-HF-001", where_ + ": damaged Arrow file: " + what + "; copy or download it again"};
}

Result<ArrowFile> ArrowFile::open(const std::filesystem::path& path) {
  CW_ASSIGN(MappedFile mapped, MappedFile::open(path));
  auto file = std::make_shared<const MappedFile>(std::move(mapped));
  CW_ASSIGN(ArrowFile arrow, parse(file->bytes(), path.string()));
  arrow.file_ = std::move(file);
  return arrow;
}

Result<ArrowFile> ArrowFile::parse(std::span<const std::byte> bytes, std::string where) {
  ArrowFile arrow;
  arrow.where_ = std::move(where);
  CW_TRY(arrow.scan(bytes));
  return arrow;
}

Result<> ArrowFile::scan(std::span<const std::byte> bytes) {
  std::size_t place = 0;
  if (bytes.size() >= kFileMagic.size() && std::memcmp(bytes.data(), kFileMagic.data(), kFileMagic.size()) == 0) {
    place = kFileMagic.size();
  }
  bool has_schema = false;
  while (place < bytes.size()) {
    const auto rest = [&] { return bytes.size() - place; };
    std::uint32_t size = 0;
    if (rest() < sizeof size) return damaged("it ends in the middle of a message (is it cut off?)");
    std::memcpy(&size, bytes.data() + place, sizeof size);
    place += sizeof size;
    if (size == kContinuation) {  // since Arrow 0.15
      if (rest() < sizeof size) return damaged("it ends in the middle of a message (is it cut off?)");
      std::memcpy(&size, bytes.data() + place, sizeof size);
      place += sizeof size;
    }
    if (size == 0) break;
    if (size > rest())
      return damaged("a message of " + std::to_string(size) + " bytes where " + std::to_string(rest()) +
                     " are left (is it cut off?)");
    const auto metadata = bytes.subspan(place, size);
    place += size;
    const auto message = FlatTable::root(metadata);
    const std::int64_t body_size = message ? message->number<std::int64_t>(3, 0) : -1;
    if (body_size < 0 || static_cast<std::uint64_t>(body_size) > rest()) {
      return damaged("a batch of " + std::to_string(body_size) + " bytes where " + std::to_string(rest()) +
                     " are left (is it cut off?)");
    }
    bool is_schema = false;
    CW_TRY(add_message(metadata, bytes.subspan(place, static_cast<std::size_t>(body_size)), is_schema));
    if (is_schema == has_schema) return damaged("it has no schema first, or two of them");
    has_schema = true;
    place += static_cast<std::size_t>(body_size);
  }
  if (!has_schema) return damaged("it has no schema");
  return {};
}

Result<> ArrowFile::add_message(std::span<const std::byte> metadata, std::span<const std::byte> body, bool& is_schema) {
  const auto message = FlatTable::root(metadata);
  const auto header = message->table(2);
  const auto kind = message->number<std::uint8_t>(1, 0);
  if (!header) return damaged("a message without content");
  is_schema = kind == kSchema;
  if (is_schema) {
    if (header->number<std::int16_t>(0, 0) != 0) {
      return Error{ErrorCode::kUnsupported, "E-HF-002", where_ + ": big-endian Arrow files are not read"};
    }
    auto fields = parse_arrow_schema(*header);
    if (!fields) return damaged("its schema");
    fields_ = std::move(*fields);
    return {};
  }
  if (kind != kRecordBatch && kind != kDictionaryBatch) {
    return Error{ErrorCode::kUnsupported, "E-HF-002", where_ + ": holds Arrow messages that are not record batches"};
  }
  ArrowBatch batch;
  batch.metadata = metadata;
  batch.body = body;
  const auto content = kind == kRecordBatch ? header : header->table(1);
  batch.num_rows = content ? content->number<std::int64_t>(0, 0) : -1;
  if (kind == kDictionaryBatch) {
    batch.dictionary = header->number<std::int64_t>(0, 0);
    batch.is_delta = header->number<std::uint8_t>(2, 0) != 0;
    if (batch.dictionary < 0) return damaged("a dictionary without a number");
  }
  if (batch.num_rows < 0 || batch.num_rows > INT32_MAX)
    return damaged("a batch of " + std::to_string(batch.num_rows) + " rows");
  if (batch.dictionary < 0) num_rows_ += batch.num_rows;
  batches_.push_back(batch);
  return {};
}

int ArrowFile::find(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace cw
