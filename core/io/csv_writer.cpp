// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/io/table_writers.h"

#include <cerrno>
#include <fstream>

namespace cw {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20U;

Result<> check_lengths(std::span<const Column> columns, std::int64_t rows) {
  for (const auto& column : columns) {
    if (column.size() == rows) continue;
    return Error{ErrorCode::kShape, "E-CSV-007",
                 "column '" + column.name + "' has " + std::to_string(column.size()) + " values, the others have " +
                     std::to_string(rows)};
  }
  return {};
}

// `index` is written before the columns if it is not null.
Result<> write_rows(const std::filesystem::path& path, const std::vector<std::string>* index,
                    const std::string& index_name, std::span<const Column> columns, std::int64_t rows, bool overwrite) {
  CW_TRY(check_lengths(columns, rows));
  CW_ASSIGN(PendingOutput output, PendingOutput::create(path, overwrite));
  {
    errno = 0;
    std::ofstream stream(output.path(), std::ios::binary);
    std::string text;
    const auto separate = [&](bool first) { text += first ? "" : ","; };
    if (index != nullptr) append_csv_field(text, index_name);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      separate(i == 0 && index == nullptr);
      append_csv_field(text, columns[i].name);
    }
    text += '\n';
    for (std::int64_t row = 0; row < rows; ++row) {
      if (index != nullptr) append_csv_field(text, (*index)[static_cast<std::size_t>(row)]);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        separate(i == 0 && index == nullptr);
        append_csv_field(text, columns[i].text(row));
      }
      text += '\n';
      if (text.size() >= kBufferBytes) {
        stream.write(text.data(), static_cast<std::streamsize>(text.size()));
        text.clear();
      }
    }
    stream.write(text.data(), static_cast<std::streamsize>(text.size()));
    stream.flush();
    if (!stream) return error_from_errno("writing", path.string());
  }
  return output.commit();
}

}  // namespace

void append_csv_field(std::string& line, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    line += text;
    return;
  }
  line += '"';
  for (const char c : text) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

Result<> write_csv(const std::filesystem::path& path, std::span<const Column> columns, bool overwrite) {
  return write_rows(path, nullptr, "", columns, columns.empty() ? 0 : columns.front().size(), overwrite);
}

Result<> write_csv(const std::filesystem::path& path, const Table& table, bool overwrite) {
  return write_rows(path, &table.index, table.index_name, table.columns, table.num_rows(), overwrite);
}

}  // namespace cw
