// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed/occurrence_table.h"

#include "core/io/table_writers.h"

#include <array>
#include <cerrno>
#include <charconv>

namespace cw {

Result<OccurrenceTable> OccurrenceTable::create(const std::filesystem::path& path, std::int64_t width, bool overwrite) {
  CW_ASSIGN(PendingOutput output, PendingOutput::create(path, overwrite));
  errno = 0;
  std::ofstream stream(output.path(), std::ios::binary);
  if (!stream) return error_from_errno("writing", path.string());
  stream << "Gene,Identifier";
  for (std::int64_t i = 0; i < width; ++i) stream << ',' << i;
  stream << '\n';
  return OccurrenceTable(std::move(output), std::move(stream), width);
}

void OccurrenceTable::add(const CellStates& cell, const std::string& cell_name, const Dictionary& dictionary) {
  std::array<char, 32> number{};
  for (std::size_t i = 0; i < cell.tokens.size(); ++i) {
    std::string line = dictionary.ensembl_id(cell.tokens[i]) + ",";
    append_csv_field(line, cell_name);
    const float* row = cell.rows + static_cast<std::int64_t>(i) * width_;
    for (std::int64_t k = 0; k < width_; ++k) {
      const auto end = std::to_chars(number.data(), number.data() + number.size(), row[k]).ptr;
      line += ',';
      line.append(number.data(), end);
    }
    stream_ << line << '\n';
  }
}

Result<> OccurrenceTable::finish() {
  errno = 0;
  stream_.close();
  if (stream_.fail()) return error_from_errno("writing", output_.target().string());
  return output_.commit();
}

}  // namespace cw
