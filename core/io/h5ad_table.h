// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/dataset_reader.h"
#include "core/data/table.h"
#include "core/io/hdf5_compound.h"
#include "core/io/hdf5_node.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// A table (`obs`, `var`) as any anndata version from 0.5 on wrote it, known by its columns and read column by column.
///
/// Layouts   a compound dataset whose categories lie in `uns/NAME_categories` (0.5, 0.6); a group with categories in
///           `__categories` or behind a reference (0.7); a group of encoded columns (0.8 and later).
class H5adTable {
 public:
  /// `root` holds the table as `name` ("obs", "raw/var") and, for old files, `uns`.
  /// Errors: kParse E-H5-003 (missing), E-H5-004, E-H5-011 (no table layout that is known).
  [[nodiscard]] static Result<H5adTable> open(const H5Node& root, std::string_view name);

  [[nodiscard]] std::int64_t num_rows() const noexcept { return num_rows_; }
  [[nodiscard]] const std::vector<ColumnInfo>& columns() const noexcept { return columns_; }
  /// Columns that are there but cannot be read, each as a sentence.
  [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return notes_; }
  /// Name of the index; "_index" and "index" mean none.
  [[nodiscard]] const std::string& index_name() const noexcept { return index_name_; }

  /// Errors: kParse E-H5-005, E-H5-012 (another length than the table).
  [[nodiscard]] Result<std::vector<std::string>> index() const;
  /// Errors: kNotFound E-DATA-001, naming the columns; kParse E-H5-005, E-H5-011, E-H5-012, E-H5-013 (damaged codes).
  [[nodiscard]] Result<Column> column(std::string_view name) const;
  /// Index and all columns.
  [[nodiscard]] Result<Table> read() const;
  /// True if the file already has the layout of 0.8 and later, so that columns can be added in place.
  [[nodiscard]] bool is_modern() const noexcept { return modern_; }

 private:
  H5adTable(H5Node root, H5Node node) : root_(std::move(root)), node_(std::move(node)) {}
  Result<> describe_group();
  Result<> describe_compound();
  [[nodiscard]] std::optional<ColumnInfo> describe_column(const std::string& name);
  Result<Column> read_group_column(const std::string& name) const;
  Result<Column> read_compound_column(const std::string& name) const;
  [[nodiscard]] std::optional<std::string> compound_categories(const std::string& name) const;
  [[nodiscard]] Error wrong_length(std::string_view what, std::int64_t length) const;

  H5Node root_;
  H5Node node_;
  std::int64_t num_rows_ = 0;
  std::string index_name_;
  std::string index_field_;
  std::vector<ColumnInfo> columns_;
  std::vector<MemberShape> members_;  // compound layout only
  std::vector<std::string> notes_;
  bool modern_ = false;
};

/// Writes `table` as a data frame of anndata 0.8 and later. Errors: kIo, kNoSpace, kShape (columns of other lengths).
Result<> write_table(const H5Node& parent, std::string_view name, const Table& table);

/// Writes one column below a data frame group (the caller keeps `column-order`). Errors: as `write_table`.
Result<> write_column(const H5Node& frame, const Column& column);

/// Reads a data frame below `parent`. Errors: as H5adTable.
[[nodiscard]] Result<Table> read_table(const H5Node& parent, std::string_view name);

}  // namespace cw
