// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/hf_dataset/arrow_writer.h"

#include "plugins/hf_dataset/flat_builder.h"
#include "plugins/hf_dataset/hf_features.h"

#include <algorithm>
#include <cerrno>

namespace cw {
namespace {

using Field = FlatBuilder::Field;
using Reference = FlatBuilder::Reference;

// numbers of Message.fbs and Schema.fbs
constexpr std::int16_t kMetadataV5 = 4;
constexpr std::uint8_t kSchemaHeader = 1;
constexpr std::uint8_t kRecordBatchHeader = 3;
constexpr std::uint8_t kTypeInt = 2;
constexpr std::uint8_t kTypeFloat = 3;
constexpr std::uint8_t kTypeUtf8 = 5;
constexpr std::uint8_t kTypeBool = 6;
constexpr std::uint8_t kTypeList = 12;
constexpr std::int16_t kDoublePrecision = 2;
constexpr std::uint8_t kYes = 1;

Reference integer_type(FlatBuilder& builder, std::int32_t bits) {
  return builder.table({Field::number<std::int32_t>(0, bits), Field::number<std::uint8_t>(1, kYes)});
}

Reference field_of(FlatBuilder& builder, const std::string& name, std::uint8_t kind, Reference type,
                   const std::vector<Reference>& children) {
  const Reference name_reference = builder.text(name);
  const Reference children_reference = builder.vector_of_references(children);
  return builder.table({Field::reference(0, name_reference), Field::number<std::uint8_t>(1, kYes),
                        Field::number<std::uint8_t>(2, kind), Field::reference(3, type),
                        Field::reference(5, children_reference)});
}

Reference column_field(FlatBuilder& builder, const Column& column) {
  switch (column.kind) {
    case ColumnKind::kInteger:
      return field_of(builder, column.name, kTypeInt, integer_type(builder, 64), {});
    case ColumnKind::kReal:
      return field_of(builder, column.name, kTypeFloat,
                      builder.table({Field::number<std::int16_t>(0, kDoublePrecision)}), {});
    case ColumnKind::kBoolean:
      return field_of(builder, column.name, kTypeBool, builder.table({}), {});
    case ColumnKind::kString:
    case ColumnKind::kCategorical:
      break;
  }
  return field_of(builder, column.name, kTypeUtf8, builder.table({}), {});
}

std::string message_of(FlatBuilder& builder, std::uint8_t kind, Reference header, std::size_t body_size) {
  return builder.finish(builder.table({Field::number<std::int16_t>(0, kMetadataV5),
                                       Field::number<std::uint8_t>(1, kind), Field::reference(2, header),
                                       Field::number<std::int64_t>(3, static_cast<std::int64_t>(body_size))}));
}

std::string schema_message(const std::vector<Column>& columns, const std::string& features_json) {
  FlatBuilder builder;
  std::vector<Reference> fields;
  const Reference item = field_of(builder, "item", kTypeInt, integer_type(builder, 32), {});
  fields.push_back(field_of(builder, kTokensColumn, kTypeList, builder.table({}), {item}));
  fields.push_back(field_of(builder, kLengthColumn, kTypeInt, integer_type(builder, 64), {}));
  for (const auto& column : columns) fields.push_back(column_field(builder, column));
  const Reference key = builder.text("huggingface");
  const Reference value = builder.text(features_json);
  const Reference entry = builder.table({Field::reference(0, key), Field::reference(1, value)});
  const Reference metadata = builder.vector_of_references({entry});
  const Reference list = builder.vector_of_references(fields);
  const Reference schema = builder.table({Field::reference(1, list), Field::reference(2, metadata)});
  return message_of(builder, kSchemaHeader, schema, 0);
}

/// The buffers of one record batch and what its message says about them.
class BatchBody {
 public:
  template <class T>
  void add(const std::vector<T>& values) {
    add_bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));  // NOLINT: bytes of numbers
  }
  void add_bytes(const char* data, std::size_t size) {
    buffers_.emplace_back(static_cast<std::int64_t>(body_.size()), static_cast<std::int64_t>(size));
    body_.append(data, size);
    body_.append((8 - body_.size() % 8) % 8, '\0');
  }
  /// The node of a column and its validity bits, left out where nothing is missing.
  void begin_column(std::int64_t rows, const std::vector<bool>& missing = {}) {
    nodes_.emplace_back(rows, std::count(missing.begin(), missing.end(), true));
    add_bits(nodes_.back().second == 0 ? std::vector<bool>() : missing, true);
  }
  void add_bits(const std::vector<bool>& values, bool inverted = false) {
    std::string bits((values.size() + 7) / 8, '\0');
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != inverted) bits[i / 8] = static_cast<char>(bits[i / 8] | (1 << (i % 8)));
    }
    add_bytes(bits.data(), bits.size());
  }
  [[nodiscard]] std::string message(std::int64_t rows) const {
    FlatBuilder builder;
    const Reference buffers = builder.vector_of_pairs(buffers_);
    const Reference nodes = builder.vector_of_pairs(nodes_);
    const Reference batch =
        builder.table({Field::number<std::int64_t>(0, rows), Field::reference(1, nodes), Field::reference(2, buffers)});
    return message_of(builder, kRecordBatchHeader, batch, body_.size());
  }
  [[nodiscard]] const std::string& body() const noexcept { return body_; }

 private:
  std::string body_;
  std::vector<std::pair<std::int64_t, std::int64_t>> buffers_;
  std::vector<std::pair<std::int64_t, std::int64_t>> nodes_;
};

void add_tokens(BatchBody& body, const TokenBlock& block, std::int64_t begin, std::int64_t end) {
  const auto first = block.offsets[static_cast<std::size_t>(begin)];
  std::vector<std::int32_t> offsets;
  std::vector<std::int64_t> lengths;
  for (auto row = static_cast<std::size_t>(begin); row <= static_cast<std::size_t>(end); ++row) {
    offsets.push_back(static_cast<std::int32_t>(block.offsets[row] - first));
    if (row > static_cast<std::size_t>(begin)) lengths.push_back(offsets.back() - offsets[offsets.size() - 2]);
  }
  const std::vector<std::int32_t> tokens(block.tokens.begin() + static_cast<std::ptrdiff_t>(first),
                                         block.tokens.begin() + static_cast<std::ptrdiff_t>(first) + offsets.back());
  body.begin_column(end - begin);
  body.add(offsets);
  body.begin_column(offsets.back());
  body.add(tokens);
  body.begin_column(end - begin);
  body.add(lengths);
}

void add_column(BatchBody& body, const Column& column, std::int64_t first, std::int64_t rows) {
  std::vector<bool> missing(static_cast<std::size_t>(rows));
  // NaN stays NaN: whether it meant "missing" is not known
  for (std::int64_t i = 0; i < rows && column.kind != ColumnKind::kReal; ++i) {
    missing[static_cast<std::size_t>(i)] = column.is_missing(first + i);
  }
  body.begin_column(rows, missing);
  const auto at = static_cast<std::ptrdiff_t>(first);
  const auto end = static_cast<std::ptrdiff_t>(first + rows);
  if (column.kind == ColumnKind::kInteger) {
    body.add(std::vector<std::int64_t>(column.integers.begin() + at, column.integers.begin() + end));
  } else if (column.kind == ColumnKind::kReal) {
    body.add(std::vector<double>(column.reals.begin() + at, column.reals.begin() + end));
  } else if (column.kind == ColumnKind::kBoolean) {
    body.add_bits(std::vector<bool>(column.booleans.begin() + at, column.booleans.begin() + end));
  } else {
    std::string letters;
    std::vector<std::int32_t> offsets{0};
    for (std::int64_t i = 0; i < rows; ++i) {
      letters += column.text(first + i);
      offsets.push_back(static_cast<std::int32_t>(letters.size()));
    }
    body.add(offsets);
    body.add_bytes(letters.data(), letters.size());
  }
}

}  // namespace

Result<ArrowWriter> ArrowWriter::create(const std::filesystem::path& path, const std::vector<Column>& columns,
                                        const std::string& features_json) {
  ArrowWriter writer;
  writer.path_ = path;
  errno = 0;
  writer.stream_.open(path, std::ios::binary);
  if (!writer.stream_) return error_from_errno("writing", path.string());
  CW_TRY(writer.write_message(schema_message(columns, features_json), {}));
  return writer;
}

Result<> ArrowWriter::write_message(const std::string& metadata, const std::string& body) {
  const std::uint32_t prefix[2] = {0xFFFFFFFF, static_cast<std::uint32_t>(metadata.size())};
  errno = 0;
  stream_.write(reinterpret_cast<const char*>(prefix), sizeof prefix);  // NOLINT: bytes of two numbers
  stream_.write(metadata.data(), static_cast<std::streamsize>(metadata.size()));
  stream_.write(body.data(), static_cast<std::streamsize>(body.size()));
  num_bytes_ += sizeof prefix + metadata.size() + body.size();
  if (!stream_) return error_from_errno("writing", path_.string());
  return {};
}

Result<> ArrowWriter::write_batch(const TokenBlock& block, std::int64_t begin, std::int64_t end,
                                  const std::vector<Column>& columns, std::int64_t first_row) {
  BatchBody body;
  add_tokens(body, block, begin, end);
  for (const auto& column : columns) add_column(body, column, first_row, end - begin);
  return write_message(body.message(end - begin), body.body());
}

Result<> ArrowWriter::finish() {
  CW_TRY(write_message({}, {}));
  stream_.close();
  if (!stream_) return error_from_errno("writing", path_.string());
  return {};
}

}  // namespace cw
