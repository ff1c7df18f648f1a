// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/hf_dataset/arrow_column.h"

#include <lz4frame.h>
#include <zstd.h>

#include <cstring>

namespace cw {
namespace {

constexpr std::int8_t kLz4Frame = 0;
constexpr std::int8_t kZstd = 1;
// what a buffer may grow to when decompressed: more than any real one, so that a few bytes cannot ask for gigabytes
constexpr std::uint64_t kLargestRatio = 10'000;
constexpr std::int64_t kMostRows = std::int64_t{1} << 40U;
constexpr std::uint64_t kSmallBuffer = std::uint64_t{1} << 20U;

template <class T>
T load_value(std::span<const std::byte> bytes, std::int64_t place) noexcept {
  T value;
  std::memcpy(&value, bytes.data() + static_cast<std::size_t>(place) * sizeof value, sizeof value);
  return value;
}

bool bit(std::span<const std::byte> bytes, std::int64_t place) noexcept {
  return ((bytes[static_cast<std::size_t>(place / 8)] >> static_cast<unsigned>(place % 8)) & std::byte{1}) !=
         std::byte{0};
}

bool decompress(std::int8_t codec, std::span<const std::byte> source, std::vector<std::byte>& target) {
  if (codec == kZstd) {
    return ZSTD_decompress(target.data(), target.size(), source.data(), source.size()) == target.size();
  }
  LZ4F_dctx* context = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) != 0) return false;
  std::size_t written = 0;
  std::size_t read = 0;
  bool good = true;
  while (good && written < target.size() && read < source.size()) {
    std::size_t out = target.size() - written;
    std::size_t in = source.size() - read;
    good = LZ4F_isError(LZ4F_decompress(context, target.data() + written, &out, source.data() + read, &in, nullptr)) ==
               0 &&
           (in > 0 || out > 0);
    written += out;
    read += in;
  }
  LZ4F_freeDecompressionContext(context);
  return good && written == target.size();
}

}  // namespace

struct ArrowColumn::Cursor {
  const ArrowFile& file;
  std::span<const std::byte> body;
  FlatTable batch;
  std::size_t node = 0;
  std::size_t buffer = 0;
  std::int8_t codec = -1;  ///< -1: not compressed

  static Result<Cursor> begin(const ArrowFile& file, const ArrowBatch& content) {
    const auto message = FlatTable::root(content.metadata);
    auto header = message ? message->table(2) : std::nullopt;
    if (content.dictionary >= 0 && header) header = header->table(1);
    if (!header) return file.damaged("a batch without content");
    Cursor cursor{file, content.body, *header};
    if (const auto compression = header->table(3)) {
      cursor.codec = compression->number<std::int8_t>(0, 0);
      if (compression->number<std::int8_t>(1, 0) != 0 || (cursor.codec != kLz4Frame && cursor.codec != kZstd)) {
        return Error{ErrorCode::kUnsupported, "E-HF-002", file.where() + ": compressed in an unknown way"};
      }
    }
    return cursor;
  }

  /// The next buffer, at least `needed` bytes long; decompressed ones are kept in `owned`.
  Result<std::span<const std::byte>> next_buffer(std::uint64_t needed, std::deque<std::vector<std::byte>>& owned) {
    if (buffer >= batch.count(2, sizeof(FlatTable::Pair))) return file.damaged("a batch with too few buffers");
    const auto [offset, length] = batch.pair_at(2, buffer++);
    if (offset < 0 || length < 0 || static_cast<std::uint64_t>(offset) > body.size() ||
        static_cast<std::uint64_t>(length) > body.size() - static_cast<std::uint64_t>(offset)) {
      return file.damaged("a buffer outside its batch");
    }
    std::span<const std::byte> bytes = body.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
    if (codec >= 0 && !bytes.empty()) {
      std::int64_t size = 0;
      if (bytes.size() < sizeof size) return file.damaged("a compressed buffer without its size");
      std::memcpy(&size, bytes.data(), sizeof size);
      bytes = bytes.subspan(sizeof size);
      if (size >= 0) {  // -1: stored as it is, because compressing did not pay
        if (static_cast<std::uint64_t>(size) > kSmallBuffer + kLargestRatio * bytes.size()) {
          return file.damaged("a buffer that would unfold to " + std::to_string(size) + " bytes");
        }
        auto& target = owned.emplace_back(static_cast<std::size_t>(size));
        if (!decompress(codec, bytes, target)) return file.damaged("a buffer that does not decompress");
        bytes = target;
      }
    }
    if (bytes.size() < needed) return file.damaged("a buffer shorter than its rows need");
    return bytes;
  }
};

Result<ArrowColumn> ArrowColumn::load(const ArrowFile& file, const ArrowBatch& batch, std::size_t place) {
  CW_ASSIGN(Cursor cursor, Cursor::begin(file, batch));
  for (std::size_t i = 0; i < place; ++i) {
    if (!file.fields()[i].layout_known()) {
      return Error{ErrorCode::kUnsupported, "E-HF-002",
                   file.where() + ": the column " + file.fields()[i].name + " is of an Arrow type that is not known; " +
                       "remove it with datasets' remove_columns"};
    }
    cursor.node += file.fields()[i].num_nodes();
    cursor.buffer += file.fields()[i].num_buffers();
  }
  CW_ASSIGN(ArrowColumn column, load_from(cursor, file.fields()[place]));
  if (column.size_ != batch.num_rows) return file.damaged("a column of another length than its batch");
  return column;
}

Result<ArrowColumn> ArrowColumn::load_dictionary(const ArrowFile& file, const ArrowBatch& batch,
                                                 const ArrowField& field) {
  CW_ASSIGN(Cursor cursor, Cursor::begin(file, batch));
  ArrowField values = field;
  values.dictionary.reset();
  return load_from(cursor, values);
}

Result<ArrowColumn> ArrowColumn::load_from(Cursor& cursor, const ArrowField& field) {
  ArrowColumn column;
  if (cursor.node >= cursor.batch.count(1, sizeof(FlatTable::Pair)))
    return cursor.file.damaged("a batch with too few nodes");
  const auto [rows, nulls] = cursor.batch.pair_at(1, cursor.node++);
  if (rows < 0 || rows > kMostRows || nulls < 0 || nulls > rows)
    return cursor.file.damaged("a column of " + std::to_string(rows) + " rows");
  column.size_ = rows;
  column.kind_ = field.dictionary ? ArrowKind::kInteger : field.kind;
  if (column.kind_ == ArrowKind::kNull) return column;
  const std::uint64_t validity_bytes = nulls > 0 ? (static_cast<std::uint64_t>(rows) + 7) / 8 : 0;
  CW_ASSIGN(const auto validity, cursor.next_buffer(validity_bytes, column.decompressed_));
  if (nulls > 0) column.validity_ = validity;
  CW_TRY(column.load_values(cursor, field));
  return column;
}

Result<> ArrowColumn::load_values(Cursor& cursor, const ArrowField& field) {
  const auto rows = static_cast<std::uint64_t>(size_);
  bit_width_ = field.dictionary ? field.index_bit_width : field.bit_width;
  is_signed_ = field.dictionary ? field.index_signed : field.is_signed;
  switch (kind_) {
    case ArrowKind::kBoolean:
      bit_width_ = 1;
      [[fallthrough]];
    case ArrowKind::kInteger:
    case ArrowKind::kReal: {
      const bool known = kind_ == ArrowKind::kBoolean || bit_width_ == 32 || bit_width_ == 64 ||
                         (kind_ == ArrowKind::kInteger && (bit_width_ == 8 || bit_width_ == 16));
      if (!known) {
        return Error{
            ErrorCode::kUnsupported, "E-HF-002",
            cursor.file.where() + ": " + field.name + " holds numbers of " + std::to_string(bit_width_) + " bits"};
      }
      const std::uint64_t bytes = rows / 8 * static_cast<std::uint64_t>(bit_width_) +
                                  (rows % 8 * static_cast<std::uint64_t>(bit_width_) + 7) / 8;
      CW_ASSIGN(values_, cursor.next_buffer(bytes, decompressed_));
      return {};
    }
    case ArrowKind::kText:
    case ArrowKind::kLargeText: {
      wide_offsets_ = kind_ == ArrowKind::kLargeText;
      const std::size_t width = wide_offsets_ ? 8 : 4;
      CW_ASSIGN(offsets_, cursor.next_buffer(rows == 0 ? 0 : (rows + 1) * width, decompressed_));
      CW_ASSIGN(values_, cursor.next_buffer(0, decompressed_));
      return load_offsets(cursor, static_cast<std::int64_t>(values_.size()));
    }
    case ArrowKind::kList:
    case ArrowKind::kLargeList: {
      wide_offsets_ = kind_ == ArrowKind::kLargeList;
      const std::size_t width = wide_offsets_ ? 8 : 4;
      CW_ASSIGN(offsets_, cursor.next_buffer(rows == 0 ? 0 : (rows + 1) * width, decompressed_));
      CW_ASSIGN(ArrowColumn items, load_from(cursor, field.children.front()));
      children_.push_back(std::move(items));
      return load_offsets(cursor, children_.front().size_);
    }
    default:
      break;
  }
  return Error{ErrorCode::kUnsupported, "E-HF-002",
               cursor.file.where() + ": the column " + field.name + " is of an Arrow type that is not read"};
}

Result<> ArrowColumn::load_offsets(Cursor& cursor, std::int64_t limit) {
  std::int64_t last = 0;
  for (std::int64_t row = 0; size_ > 0 && row <= size_; ++row) {
    const std::int64_t here = offset(row);
    if (here < last || here > limit) return cursor.file.damaged("lists or texts that point outside their values");
    last = here;
  }
  return {};
}

std::int64_t ArrowColumn::offset(std::int64_t row) const noexcept {
  return wide_offsets_ ? load_value<std::int64_t>(offsets_, row) : load_value<std::int32_t>(offsets_, row);
}

bool ArrowColumn::is_null(std::int64_t row) const noexcept { return !validity_.empty() && !bit(validity_, row); }

std::int64_t ArrowColumn::integer(std::int64_t row) const noexcept {
  // not `signed ? int32 : uint32`: that expression would be unsigned
  const auto as = [&]<class T>(T) { return static_cast<std::int64_t>(load_value<T>(values_, row)); };
  switch (bit_width_) {
    case 8:
      return is_signed_ ? as(std::int8_t{}) : as(std::uint8_t{});
    case 16:
      return is_signed_ ? as(std::int16_t{}) : as(std::uint16_t{});
    case 32:
      return is_signed_ ? as(std::int32_t{}) : as(std::uint32_t{});
    default:
      return as(std::int64_t{});
  }
}

double ArrowColumn::real(std::int64_t row) const noexcept {
  return bit_width_ == 32 ? load_value<float>(values_, row) : load_value<double>(values_, row);
}

bool ArrowColumn::boolean(std::int64_t row) const noexcept { return bit(values_, row); }

std::string_view ArrowColumn::text(std::int64_t row) const noexcept {
  const std::int64_t begin = offset(row);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return {reinterpret_cast<const char*>(values_.data()) + begin, static_cast<std::size_t>(offset(row + 1) - begin)};
}

ArrowColumn::Range ArrowColumn::list(std::int64_t row) const noexcept { return {offset(row), offset(row + 1)}; }

}  // namespace cw
