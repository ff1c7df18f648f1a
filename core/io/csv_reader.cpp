// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/csv_reader.h"

#include "core/base/files.h"
#include "core/data/column_panels.h"
#include "core/data/scratch_file.h"
#include "core/io/csv_layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>

namespace cw {
namespace {

constexpr std::size_t kBlockValues = std::size_t{1} << 21U;

// The rows of the matrix as numbers, front to back.
class CsvRows {
 public:
  CsvRows(std::filesystem::path path, std::shared_ptr<const CsvLayout> layout)
      : path_(std::move(path)), layout_(std::move(layout)) {}

  [[nodiscard]] std::int64_t row() const noexcept { return row_; }
  [[nodiscard]] std::int64_t num_rows() const noexcept { return static_cast<std::int64_t>(layout_->row_names.size()); }
  [[nodiscard]] std::int64_t num_columns() const noexcept {
    return static_cast<std::int64_t>(layout_->numeric_fields.size());
  }

  // Moves before `row`; going back means reading from the beginning.
  Result<> seek(std::int64_t row) {
    if (!records_ || row < row_) CW_TRY(rewind());
    while (row_ < row) CW_TRY(next_record());
    return {};
  }

  // Calls `take(column, value)` for every value of the next row that is not zero.
  template <class Take>
  Result<> next(Take&& take) {
    if (!records_) CW_TRY(rewind());
    CW_TRY(next_record());
    split_record(record_, layout_->delimiter, fields_, unquoted_);
    if (fields_.size() != layout_->num_fields) return wrong_length();
    for (std::size_t i = 0; i < layout_->numeric_fields.size(); ++i) {
      double value = 0;
      const std::string_view field = fields_[layout_->numeric_fields[i]];
      if (!parse_number(field, layout_->delimiter, value)) return no_number(i, field);
      if (value != 0) take(static_cast<std::uint32_t>(i), static_cast<float>(value));
    }
    return {};
  }

  // The texts of one field, all rows.
  Result<std::vector<std::string>> texts(std::size_t field) {
    std::vector<std::string> result;
    CW_TRY(rewind());
    while (row_ < num_rows()) {
      CW_TRY(next_record());
      split_record(record_, layout_->delimiter, fields_, unquoted_);
      if (fields_.size() != layout_->num_fields) return wrong_length();
      result.emplace_back(fields_[field]);
    }
    return result;
  }

 private:
  Result<> rewind() {
    CW_ASSIGN(TextRecords records, TextRecords::open(path_));
    CW_TRY(skip_csv_header(records, record_));
    records_.emplace(std::move(records));
    row_ = 0;
    return {};
  }

  Result<> next_record() {
    CW_ASSIGN(const bool more, records_->next(record_));
    ++row_;
    if (!more || row_ > num_rows()) {
      return Error{ErrorCode::kParse, "E-CSV-006",
                   path_.string() + ": the file has changed since it was opened; open it again"};
    }
    return {};
  }

  [[nodiscard]] std::string place() const {
    return path_.string() + ", line " + std::to_string(records_->line()) + " ('" +
           layout_->row_names[static_cast<std::size_t>(row_ - 1)] + "')";
  }

  [[nodiscard]] Error wrong_length() const {
    return {ErrorCode::kParse, "E-CSV-006",
            place() + ": has " + std::to_string(fields_.size()) + " fields, the first row has " +
                std::to_string(layout_->num_fields) + "; the file is cut off, or a quote is missing"};
  }

  [[nodiscard]] Error no_number(std::size_t column, std::string_view field) const {
    return {ErrorCode::kParse, "E-CSV-005",
            place() + ": '" + std::string(field.substr(0, 40)) + "' in column '" + layout_->column_names[column] +
                "' is no number; correct it, or remove the column"};
  }

  std::filesystem::path path_;
  std::shared_ptr<const CsvLayout> layout_;
  std::optional<TextRecords> records_;
  std::int64_t row_ = 0;
  std::string_view record_;
  std::vector<std::string_view> fields_;
  std::vector<std::string> unquoted_;
};

class CsvCells : public CellBlockReader {
 public:
  explicit CsvCells(CsvRows rows) : rows_(std::move(rows)) {}

  Result<> next(CellBlock& block, std::int64_t max_cells) override {
    CW_TRY(rows_.seek(cell_));
    block.clear(cell_);
    while (cell_ < rows_.num_rows() && block.num_cells() < std::max<std::int64_t>(1, max_cells) &&
           block.genes.size() < kBlockValues) {
      CW_TRY(rows_.next([&](std::uint32_t gene, float value) {
        block.genes.push_back(gene);
        block.values.push_back(value);
      }));
      block.offsets.push_back(block.genes.size());
      ++cell_;
    }
    return {};
  }

  Result<> seek(std::int64_t cell) override {
    cell_ = std::clamp<std::int64_t>(cell, 0, rows_.num_rows());
    return {};
  }

 private:
  CsvRows rows_;
  std::int64_t cell_ = 0;
};

// Genes in rows. The text is parsed once; later passes read the values other than zero from a scratch file.
class CsvGenes : public ColumnSource {
 public:
  explicit CsvGenes(CsvRows rows) : rows_(std::move(rows)) {}

  [[nodiscard]] std::int64_t num_cells() const override { return rows_.num_columns(); }

  Result<> visit(const Visit& visit) override { return complete_ ? replay(visit) : parse(visit); }

 private:
  Result<> parse(const Visit& visit) {
    CW_ASSIGN(scratch_, ScratchFile::create());
    counts_.clear();
    CW_TRY(rows_.seek(0));
    for (std::int64_t gene = 0; gene < rows_.num_rows(); ++gene) {
      cells_.clear();
      values_.clear();
      CW_TRY(rows_.next([&](std::uint32_t cell, float value) {
        cells_.push_back(cell);
        values_.push_back(value);
      }));
      counts_.push_back(static_cast<std::uint32_t>(cells_.size()));
      CW_TRY(scratch_.write(cells_.data(), cells_.size() * sizeof(cells_[0])));
      CW_TRY(scratch_.write(values_.data(), values_.size() * sizeof(values_[0])));
      visit(static_cast<std::uint32_t>(gene), cells_, values_);
    }
    complete_ = true;
    return {};
  }

  Result<> replay(const Visit& visit) {
    CW_TRY(scratch_.rewind());
    for (std::size_t gene = 0; gene < counts_.size(); ++gene) {
      cells_.resize(counts_[gene]);
      values_.resize(counts_[gene]);
      CW_TRY(scratch_.read(cells_.data(), cells_.size() * sizeof(cells_[0])));
      CW_TRY(scratch_.read(values_.data(), values_.size() * sizeof(values_[0])));
      visit(static_cast<std::uint32_t>(gene), cells_, values_);
    }
    return {};
  }

  CsvRows rows_;
  ScratchFile scratch_;
  bool complete_ = false;
  std::vector<std::uint32_t> counts_;  // values per gene
  std::vector<std::uint32_t> cells_;
  std::vector<float> values_;
};

class CsvReader : public DatasetReader {
 public:
  CsvReader(std::filesystem::path path, CsvLayout layout)
      : layout_(std::make_shared<const CsvLayout>(std::move(layout))) {
    info_.path = std::move(path);
    info_.format = "csv";
    const auto rows = static_cast<std::int64_t>(layout_->row_names.size());
    const auto columns = static_cast<std::int64_t>(layout_->column_names.size());
    info_.num_cells = layout_->cells_in_rows ? rows : columns;
    info_.num_genes = layout_->cells_in_rows ? columns : rows;
    info_.matrices.push_back({"X", "text", "dense", info_.num_cells, info_.num_genes, -1});
    auto& described = layout_->cells_in_rows ? info_.cell_columns : info_.gene_columns;
    for (const auto& name : layout_->annotation_names) described.push_back({name, ColumnKind::kString, -1});
    info_.notes.push_back(layout_->note);
  }

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return info_; }

  [[nodiscard]] Result<std::vector<std::string>> cell_names() override {
    return layout_->cells_in_rows ? layout_->row_names : layout_->column_names;
  }

  [[nodiscard]] Result<Column> cell_column(std::string_view name) override {
    for (std::size_t i = 0; layout_->cells_in_rows && i < layout_->annotation_names.size(); ++i) {
      if (layout_->annotation_names[i] == name) return annotation(i);
    }
    Table headings;
    for (const auto& column : info_.cell_columns) headings.columns.push_back(Column::of_strings(column.name, {}));
    return headings.require(name).error().in(info_.path.string());
  }

  [[nodiscard]] Result<Table> genes(std::string_view where) override {
    CW_TRY(check(where));
    Table genes;
    genes.index = layout_->cells_in_rows ? layout_->column_names : layout_->row_names;
    for (std::size_t i = 0; !layout_->cells_in_rows && i < layout_->annotation_names.size(); ++i) {
      CW_ASSIGN(Column column, annotation(i));
      genes.columns.push_back(std::move(column));
    }
    return genes;
  }

  [[nodiscard]] Result<std::unique_ptr<CellBlockReader>> open_matrix(std::string_view where) override {
    CW_TRY(check(where));
    CsvRows rows(info_.path, layout_);
    if (!layout_->cells_in_rows) return read_by_panels(std::make_unique<CsvGenes>(std::move(rows)));
    return std::unique_ptr<CellBlockReader>(std::make_unique<CsvCells>(std::move(rows)));
  }

  [[nodiscard]] Result<DenseArray> embedding(std::string_view name) override {
    return Error{ErrorCode::kNotFound, "E-IO-020",
                 info_.path.string() + ": there is no embedding '" + std::string(name) + "'; a text file has none"};
  }

 private:
  [[nodiscard]] Result<> check(std::string_view where) const {
    if (where == "X") return {};
    return Error{ErrorCode::kNotFound, "E-IO-013",
                 info_.path.string() + ": there is no matrix '" + std::string(where) + "'; the file has: X"};
  }

  [[nodiscard]] Result<Column> annotation(std::size_t i) const {
    CsvRows rows(info_.path, layout_);
    CW_ASSIGN(auto texts, rows.texts(layout_->annotation_fields[i]));
    return Column::of_strings(layout_->annotation_names[i], std::move(texts));
  }

  std::shared_ptr<const CsvLayout> layout_;
  DatasetInfo info_;
};

}  // namespace

int CsvReaderFactory::score(const std::filesystem::path& path) const {
  std::error_code status;
  if (!std::filesystem::is_regular_file(path, status)) return 0;
  auto name = path.filename();
  if (name.extension() == ".gz") name = name.stem();
  const std::string ending = name.extension().string();
  if (ending == ".csv" || ending == ".tsv") return 70;
  return ending == ".txt" || ending == ".tab" ? 40 : 0;
}

Result<std::unique_ptr<DatasetReader>> CsvReaderFactory::open(const std::filesystem::path& path) const {
  CW_ASSIGN(CsvLayout layout, read_csv_layout(path));
  return std::unique_ptr<DatasetReader>(std::make_unique<CsvReader>(path, std::move(layout)));
}

}  // namespace cw
