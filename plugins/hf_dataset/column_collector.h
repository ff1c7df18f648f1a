// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/column.h"
#include "plugins/hf_dataset/arrow_column.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cw {

/// What a column of cells an Arrow column becomes: dictionaries of texts and class labels are categorical; nothing for
/// lists, structures and the like.
[[nodiscard]] std::optional<ColumnKind> column_kind(const ArrowField& field, bool is_class_label);

/// Puts the pieces of a metadata column together, batch by batch.
class ColumnCollector {
 public:
  /// `class_names`: of a ClassLabel column, else empty.
  ColumnCollector(const ArrowField& field, std::vector<std::string> class_names);

  /// Dictionaries do not reach over files.
  void begin_file() { dictionary_.clear(); }
  void add_dictionary(const ArrowColumn& values, bool is_delta);
  /// Errors: kParse (an index outside the dictionary or the classes).
  Result<> add(const ArrowFile& file, const ArrowColumn& values);
  [[nodiscard]] Column take() &&;

 private:
  Result<> add_codes(const ArrowFile& file, const ArrowColumn& values);
  std::int32_t code_of(const std::string& category);

  Column column_;
  bool from_dictionary_;
  std::vector<std::int32_t> dictionary_;  ///< category of each dictionary entry
  std::map<std::string, std::int32_t> known_;
};

}  // namespace cw
