// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/evaluate/splits.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// What a classifier called the validation cells each time it was validated: `replay/step-000000123.csv` with cell,
/// true, predicted and probability, one file per validation, each complete or absent (docs/files.md).
class ReplayLog {
 public:
  /// `names` of all cells of the design, `rows` the validation cells.
  ReplayLog(std::filesystem::path folder, const SplitDesign& design, const std::vector<std::string>& names,
            std::vector<std::int64_t> rows);
  /// Errors: kIo, kNoSpace.
  [[nodiscard]] Result<> write(std::int64_t step, const std::vector<std::int32_t>& calls,
                               const std::vector<double>& certainty) const;
  /// Forgets those of an earlier run.
  void clear() const;

 private:
  std::filesystem::path folder_;
  std::vector<std::string> classes_, cells_, truth_;
};

}  // namespace cw
