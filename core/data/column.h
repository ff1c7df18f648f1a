// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cw {

enum class ColumnKind { kString, kCategorical, kInteger, kReal, kBoolean };

/// "string", "categorical", "integer", "real", "boolean": the words of `inspect --json`.
[[nodiscard]] std::string_view name_of(ColumnKind kind) noexcept;

/// One named column of a cell or gene table: exactly one of the value vectors is filled, as `kind` says.
/// Missing values: code -1 for categoricals, NaN for reals, `missing[i] != 0` for the others (empty = none missing).
struct Column {
  std::string name;
  ColumnKind kind = ColumnKind::kString;
  std::vector<std::string> strings;
  std::vector<std::int32_t> codes;      ///< index into `categories`, -1 = missing
  std::vector<std::string> categories;  ///< in the order of the file
  bool ordered = false;                 ///< categories have a meaningful order
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  std::vector<std::uint8_t> booleans;
  std::vector<std::uint8_t> missing;

  [[nodiscard]] std::int64_t size() const noexcept;
  [[nodiscard]] bool is_missing(std::int64_t row) const noexcept;
  /// The value as text, "" where missing. Whole reals print without decimals ("1", not "1.0").
  [[nodiscard]] std::string text(std::int64_t row) const;
  [[nodiscard]] std::int64_t num_missing() const noexcept;
  /// The rows named, in that order.
  [[nodiscard]] Column take(std::span<const std::int64_t> rows) const;

  [[nodiscard]] static Column of_strings(std::string name, std::vector<std::string> values);
  [[nodiscard]] static Column of_integers(std::string name, std::vector<std::int64_t> values);
  [[nodiscard]] static Column of_reals(std::string name, std::vector<double> values);
  [[nodiscard]] static Column of_codes(std::string name, std::vector<std::int32_t> codes,
                                       std::vector<std::string> categories);
};

/// The column as a categorical: unchanged if it is one, else its distinct texts sorted (numbers by value).
[[nodiscard]] Column as_categorical(const Column& column);

}  // namespace cw
