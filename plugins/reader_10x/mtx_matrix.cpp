// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/reader_10x/mtx_matrix.h"

#include <algorithm>
#include <charconv>

namespace cw {
namespace {

constexpr std::int64_t kEntriesToCheck = 1'000'000;
constexpr std::size_t kEntriesAtOnce = 65'536;

/// Takes the next word off the front of `line`.
std::string_view take_word(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
  const std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
  const std::string_view word = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return word;
}

template <class T>
bool parse_number(std::string_view word, T& value) {
  const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), value);
  return !word.empty() && status == std::errc() && end == word.data() + word.size();
}

std::string lower(std::string text) {
  for (char& letter : text) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  return text;
}

Error bad_header(const std::filesystem::path& path, ErrorCode code, const std::string& what) {
  return {code, "E-10X-007", path.string() + ": " + what};
}

}  // namespace

Result<MtxHeader> read_mtx_header(GzipLines& lines, const std::filesystem::path& path) {
  MtxHeader header;
  std::string_view line;
  CW_ASSIGN(const bool any, lines.next(line));
  if (!any || !line.starts_with("%%MatrixMarket")) {
    return bad_header(path, ErrorCode::kParse, "not a Matrix Market file: it does not begin with %%MatrixMarket");
  }
  const std::string kind = lower(std::string(line));
  header.integer = kind.find(" integer") != std::string::npos;
  const bool real = kind.find(" real") != std::string::npos || kind.find(" double") != std::string::npos;
  const bool readable = kind.find(" coordinate") != std::string::npos && kind.find(" general") != std::string::npos;
  if (!readable || (!header.integer && !real)) {
    return bad_header(path, ErrorCode::kUnsupported,
                      "is '" + std::string(line) + "'; Cell Ranger writes 'matrix coordinate integer general'");
  }
  do {
    CW_ASSIGN(const bool more, lines.next(line));
    if (!more) return bad_header(path, ErrorCode::kParse, "ends before its sizes; copy or download it again");
  } while (line.starts_with('%') || line.find_first_not_of(" \t") == std::string_view::npos);
  const bool sizes = parse_number(take_word(line), header.num_rows) &&
                     parse_number(take_word(line), header.num_columns) &&
                     parse_number(take_word(line), header.num_stored);
  const bool plausible = header.num_rows >= 0 && header.num_rows <= INT32_MAX && header.num_columns >= 0 &&
                         header.num_columns <= INT32_MAX && header.num_stored >= 0;
  if (!sizes || !plausible) {
    return bad_header(path, ErrorCode::kParse,
                      "line " + std::to_string(lines.line_number()) + " does not give rows, columns and entries");
  }
  return header;
}

namespace {

/// A file whose entries are not in the order of the cells.
class MtxEntries : public ColumnSource {
 public:
  explicit MtxEntries(std::unique_ptr<MtxMatrix> matrix) : matrix_(std::move(matrix)) {}
  [[nodiscard]] std::int64_t num_cells() const override { return matrix_->num_cells(); }
  Result<> visit(const Visit& visit) override { return matrix_->visit(visit); }

 private:
  std::unique_ptr<MtxMatrix> matrix_;
};

}  // namespace

MtxMatrix::MtxMatrix(std::filesystem::path path, bool cells_in_rows, std::vector<std::int32_t> gene_of_feature,
                     GzipLines lines)
    : path_(std::move(path)),
      cells_in_rows_(cells_in_rows),
      gene_of_feature_(std::move(gene_of_feature)),
      lines_(std::move(lines)) {}

Result<std::unique_ptr<CellBlockReader>> MtxMatrix::open(const std::filesystem::path& path, bool cells_in_rows,
                                                         std::vector<std::int32_t> gene_of_feature) {
  CW_ASSIGN(GzipLines lines, GzipLines::open(path));
  std::unique_ptr<MtxMatrix> matrix(new MtxMatrix(path, cells_in_rows, std::move(gene_of_feature), std::move(lines)));
  CW_TRY(matrix->restart());
  CW_ASSIGN(const bool in_order, matrix->begins_in_order());
  CW_TRY(matrix->restart());
  if (!in_order) return read_by_panels(std::make_unique<MtxEntries>(std::move(matrix)));
  return std::unique_ptr<CellBlockReader>(std::move(matrix));
}

Error MtxMatrix::broken(const std::string& what) const {
  return {ErrorCode::kParse, "E-10X-008",
          path_.string() + ": line " + std::to_string(lines_.line_number()) + ": " + what};
}

Result<> MtxMatrix::restart() {
  CW_ASSIGN(lines_, GzipLines::open(path_));
  CW_ASSIGN(header_, read_mtx_header(lines_, path_));
  num_cells_ = cells_in_rows_ ? header_.num_rows : header_.num_columns;
  entries_read_ = 0;
  next_cell_ = 0;
  ahead_.reset();
  return {};
}

Result<std::optional<MtxMatrix::Entry>> MtxMatrix::read_entry() {
  std::string_view line;
  for (;;) {
    CW_ASSIGN(const bool more, lines_.next(line));
    if (!more) {
      if (entries_read_ != header_.num_stored) {
        return broken("the file ends after " + std::to_string(entries_read_) + " of " +
                      std::to_string(header_.num_stored) + " entries; copy or download it again");
      }
      return std::optional<Entry>();
    }
    if (line.find_first_not_of(" \t") != std::string_view::npos) break;
  }
  std::int64_t row = 0;
  std::int64_t column = 0;
  Entry entry;
  if (!parse_number(take_word(line), row) || !parse_number(take_word(line), column) ||
      !parse_number(take_word(line), entry.value)) {
    return broken("is not 'row column value'");
  }
  if (row < 1 || row > header_.num_rows || column < 1 || column > header_.num_columns) {
    return broken("row " + std::to_string(row) + ", column " + std::to_string(column) + " lies outside the matrix of " +
                  std::to_string(header_.num_rows) + " by " + std::to_string(header_.num_columns));
  }
  if (++entries_read_ > header_.num_stored) return broken("more entries than the head of the file says");
  entry.cell = (cells_in_rows_ ? row : column) - 1;
  entry.gene = gene_of_feature_[static_cast<std::size_t>((cells_in_rows_ ? column : row) - 1)];
  return std::optional<Entry>(entry);
}

Result<bool> MtxMatrix::begins_in_order() {
  std::int64_t last = -1;
  bool repeats = false;  // in the order of genes, the first gene may go on for as long as there are cells
  for (std::int64_t i = 0; i < kEntriesToCheck || !repeats; ++i) {
    CW_ASSIGN(const std::optional<Entry> entry, read_entry());
    if (!entry) break;
    if (entry->cell < last) return false;
    repeats = repeats || entry->cell == last;
    last = entry->cell;
  }
  return true;
}

Result<> MtxMatrix::visit(const ColumnSource::Visit& visit) {
  CW_TRY(restart());
  std::vector<std::uint32_t> cells;
  std::vector<float> values;
  std::int32_t gene = -1;  // of the entries that wait, which follow each other in the file
  const auto hand_on = [&] {
    if (!cells.empty()) visit(static_cast<std::uint32_t>(gene), cells, values);
    cells.clear();
    values.clear();
  };
  for (;;) {
    CW_ASSIGN(const std::optional<Entry> entry, read_entry());
    if (!entry || entry->gene != gene || cells.size() == kEntriesAtOnce) hand_on();
    if (!entry) return {};
    gene = entry->gene;
    if (gene < 0 || entry->value == 0) continue;
    cells.push_back(static_cast<std::uint32_t>(entry->cell));
    values.push_back(entry->value);
  }
}

Result<> MtxMatrix::next(CellBlock& block, std::int64_t max_cells) {
  block.clear(next_cell_);
  const std::int64_t end = std::min(num_cells_, next_cell_ + std::max<std::int64_t>(max_cells, 0));
  for (; next_cell_ < end; ++next_cell_) {
    for (;;) {
      if (!ahead_) {
        CW_ASSIGN(ahead_, read_entry());
      }
      if (!ahead_ || ahead_->cell > next_cell_) break;
      if (ahead_->cell < next_cell_) {
        return broken("cell " + std::to_string(ahead_->cell + 1) +
                      " comes again after later ones; sort the entries by cell (column), or save the data as h5ad");
      }
      if (ahead_->gene >= 0 && ahead_->value != 0) {
        block.genes.push_back(static_cast<std::uint32_t>(ahead_->gene));
        block.values.push_back(ahead_->value);
      }
      ahead_.reset();
    }
    block.offsets.push_back(block.genes.size());
  }
  return {};
}

Result<> MtxMatrix::seek(std::int64_t cell) {
  const std::int64_t target = std::clamp<std::int64_t>(cell, 0, num_cells_);
  if (target < next_cell_) CW_TRY(restart());
  CellBlock passed_over;
  while (next_cell_ < target) CW_TRY(next(passed_over, std::min<std::int64_t>(target - next_cell_, 1000)));
  return {};
}

}  // namespace cw
