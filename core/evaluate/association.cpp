// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/association.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace cw {
namespace {

constexpr double kConfounded = 0.5;
constexpr std::size_t kMostValues = 100;

bool sounds_technical(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const auto* word : {"batch", "protocol", "library", "lane", "plate", "chip", "run", "assay", "platform", "tech",
                           "chemistry", "site", "center", "centre", "dataset", "study", "sample"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

double cramers_v(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  std::map<std::pair<std::int32_t, std::int32_t>, double> both;
  std::map<std::int32_t, double> rows, columns;
  double n = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] < 0 || b[i] < 0) continue;
    both[{a[i], b[i]}] += 1.0;
    rows[a[i]] += 1.0;
    columns[b[i]] += 1.0;
    n += 1.0;
  }
  const auto r = static_cast<double>(rows.size());
  const auto k = static_cast<double>(columns.size());
  if (rows.size() < 2 || columns.size() < 2 || n < 2.0) return std::numeric_limits<double>::quiet_NaN();
  double share = 0.0;  // sum of n_ij^2 / (n_i n_j): one more than chi-squared / n
  for (const auto& [pair, count] : both) share += count / rows[pair.first] * count / columns[pair.second];
  const double phi = std::max(0.0, share - 1.0 - (k - 1.0) * (r - 1.0) / (n - 1.0));
  const double r_corrected = r - (r - 1.0) * (r - 1.0) / (n - 1.0);
  const double k_corrected = k - (k - 1.0) * (k - 1.0) / (n - 1.0);
  const double most = std::min(r_corrected, k_corrected) - 1.0;
  return most > 0.0 ? std::min(1.0, std::sqrt(phi / most)) : std::numeric_limits<double>::quiet_NaN();
}

Result<std::vector<Association>> label_associations(const SplitDesign& design, const Table& cells,
                                                    const std::vector<std::string>& columns) {
  std::vector<const Column*> wanted;
  for (const auto& name : columns) {
    CW_ASSIGN(const Column* column, cells.require(name));
    wanted.push_back(column);
  }
  if (columns.empty()) {
    for (const auto& column : cells.columns) {
      if (column.kind == ColumnKind::kReal || column.name == design.label_column ||
          column.name == design.group_column) {
        continue;
      }
      if (sounds_technical(column.name)) wanted.push_back(&column);
    }
  }
  std::vector<Association> result;
  for (const auto* column : wanted) {
    const Column categorical = as_categorical(*column);
    if (columns.empty() && (categorical.categories.size() < 2 || categorical.categories.size() > kMostValues)) continue;
    const double v = cramers_v(design.labels, categorical.codes);
    if (std::isnan(v)) continue;
    result.push_back({column->name, v, static_cast<std::int64_t>(categorical.categories.size()), v >= kConfounded});
  }
  std::stable_sort(result.begin(), result.end(), [](const auto& x, const auto& y) { return x.v > y.v; });
  return result;
}

}  // namespace cw
