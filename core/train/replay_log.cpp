// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/replay_log.h"

#include "core/io/table_writers.h"

#include <cstdio>

namespace cw {

ReplayLog::ReplayLog(std::filesystem::path folder, const SplitDesign& design, const std::vector<std::string>& names,
                     std::vector<std::int64_t> rows)
    : folder_(std::move(folder)), classes_(design.classes) {
  for (const std::int64_t row : rows) {
    const auto cell = static_cast<std::size_t>(row);
    cells_.push_back(names[cell]);
    truth_.push_back(design.classes[static_cast<std::size_t>(design.labels[cell])]);
  }
}

Result<> ReplayLog::write(std::int64_t step, const std::vector<std::int32_t>& calls,
                          const std::vector<double>& certainty) const {
  std::vector<std::string> called;
  for (const std::int32_t call : calls) called.push_back(classes_[static_cast<std::size_t>(call)]);
  char name[32];
  std::snprintf(name, sizeof name, "step-%012lld.csv", static_cast<long long>(step));
  std::error_code status;
  std::filesystem::create_directories(folder_, status);  // writing into it says what is wrong
  std::vector<Column> columns;
  columns.push_back(Column::of_strings("cell", cells_));
  columns.push_back(Column::of_strings("true", truth_));
  columns.push_back(Column::of_strings("predicted", std::move(called)));
  columns.push_back(Column::of_reals("probability", certainty));
  return write_csv(folder_ / name, columns, true);
}

void ReplayLog::clear() const {
  std::error_code ignored;  // files that stay are written over
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace cw
