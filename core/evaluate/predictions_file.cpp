// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/predictions_file.h"

#include "core/evaluate/splits.h"
#include "core/io/text_records.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

namespace cw {
namespace {

constexpr double kSumTolerance = 1e-3;
constexpr std::string_view kProbability = "p_";

/// A file read as text, column by column; numbers where asked for.
class Rows {
 public:
  static Result<Rows> open(const std::filesystem::path& path) {
    CW_ASSIGN(auto records, TextRecords::open(path));
    Rows rows(path.string(), std::move(records));
    std::string_view record;
    CW_ASSIGN(const bool has_header, rows.records_.next(record));
    const std::string header = has_header ? std::string(record) : "";
    CW_ASSIGN(rows.more_, rows.records_.next(record));
    rows.delimiter_ = rows.more_ ? detect_delimiter(header, record) : 0;
    if (rows.delimiter_ == 0) {
      return Error{ErrorCode::kParse, "E-EVA-016",
                   rows.file_ +
                       ": is no table of predictions: it needs a header with cell, the true class and p_CLASS "
                       "columns, and a row per cell"};
    }
    split_record(header, rows.delimiter_, rows.fields_, rows.unquoted_);
    for (const auto field : rows.fields_) rows.names_.emplace_back(field);
    split_record(record, rows.delimiter_, rows.fields_, rows.unquoted_);
    return rows;
  }

  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  /// Place of a column, -1 where there is none.
  [[nodiscard]] int place(std::string_view name) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    return found == names_.end() ? -1 : static_cast<int>(found - names_.begin());
  }
  [[nodiscard]] Error no_column(const std::string& what) const {
    std::string known;
    for (const auto& name : names_) known += (known.empty() ? "" : ", ") + name;
    return {ErrorCode::kParse, "E-EVA-016", file_ + ": there is no " + what + "; the columns are " + known};
  }
  [[nodiscard]] bool more() const noexcept { return more_; }
  /// Errors: E-EVA-016.
  [[nodiscard]] Result<> check() const {
    if (fields_.size() == names_.size()) return {};
    return Error{ErrorCode::kParse, "E-EVA-016",
                 file_ + ": line " + std::to_string(records_.line()) + " has " + std::to_string(fields_.size()) +
                     " fields, the header has " + std::to_string(names_.size())};
  }
  [[nodiscard]] std::string text(int place) const {
    return place < 0 ? "" : std::string(fields_[static_cast<std::size_t>(place)]);
  }
  /// Errors: E-EVA-017.
  [[nodiscard]] Result<double> number(int place) const {
    double value = 0.0;
    const auto field = fields_[static_cast<std::size_t>(place)];
    if (parse_number(field, delimiter_, value) && std::isfinite(value)) return value;
    return Error{ErrorCode::kParse, "E-EVA-017",
                 file_ + ": line " + std::to_string(records_.line()) + " holds '" + std::string(field) + "' in '" +
                     names_[static_cast<std::size_t>(place)] + "', where a number is needed"};
  }
  Result<> next() {
    std::string_view record;
    CW_ASSIGN(more_, records_.next(record));
    if (more_) split_record(record, delimiter_, fields_, unquoted_);
    return {};
  }

 private:
  Rows(std::string file, TextRecords records) : file_(std::move(file)), records_(std::move(records)) {}

  std::string file_;
  TextRecords records_;
  bool more_ = false;
  char delimiter_ = 0;
  std::vector<std::string> names_;
  std::vector<std::string_view> fields_;
  std::vector<std::string> unquoted_;
};

/// Names in the order of their first row, with a number each.
class Numbering {
 public:
  std::int32_t operator()(const std::string& name) {
    if (name.empty()) return -1;
    const auto [found, is_new] = number_of_.emplace(name, static_cast<std::int32_t>(names_.size()));
    if (is_new) names_.push_back(name);
    return found->second;
  }
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  std::map<std::string, std::int32_t> number_of_;
  std::vector<std::string> names_;
};

Result<int> truth_place(const Rows& rows, const std::string& wanted) {
  if (!wanted.empty()) {
    const int place = rows.place(wanted);
    if (place < 0) return rows.no_column("column '" + wanted + "' for the true class");
    return place;
  }
  for (const auto* name : {"true", "truth", "label", "true_label"}) {
    if (const int place = rows.place(name); place >= 0) return place;
  }
  return rows.no_column("column 'true' (or truth, label) with the true class; name it with --true");
}

Result<int> group_place(const Rows& rows, const std::string& wanted) {
  if (wanted == "none") return -1;
  if (wanted != "auto") {
    const int place = rows.place(wanted);
    if (place < 0) return rows.no_column("column '" + wanted + "' of donors");
    return place;
  }
  for (std::size_t i = 0; i < rows.names().size(); ++i) {
    if (names_donors(rows.names()[i])) return static_cast<int>(i);
  }
  return -1;
}

/// Where the columns of a file of predictions are.
struct Places {
  int truth = -1, group = -1, fold = -1, predicted = -1;
  std::vector<int> probabilities;
};

Result<Places> find_places(const Rows& rows, const PredictionsLayout& layout) {
  Places places;
  CW_ASSIGN(places.truth, truth_place(rows, layout.truth));
  CW_ASSIGN(places.group, group_place(rows, layout.genes.empty() ? layout.group : layout.genes));
  places.fold = rows.place("fold");
  places.predicted = rows.place("predicted");
  return places;
}

struct Unknown {
  std::map<std::string, std::int64_t> rows_of;

  [[nodiscard]] std::string text(const std::vector<std::string>& classes) const {
    std::string unknown, known;
    for (const auto& [name, count] : rows_of) {
      unknown += (unknown.empty() ? "'" : ", '") + name + "' (" + std::to_string(count) + ")";
    }
    for (const auto& name : classes) known += (known.empty() ? "'" : ", '") + name + "'";
    return "true classes that the model does not know: " + unknown + "; it knows " + known;
  }
};

/// Class names and scores of files that only say what was predicted: 1 for that class.
void scores_of_words(Predictions& predictions, const std::vector<std::string>& predicted,
                     const std::vector<std::string>& truth) {
  std::set<std::string> names(predicted.begin(), predicted.end());
  names.insert(truth.begin(), truth.end());
  names.erase("");
  predictions.classes.assign(names.begin(), names.end());
  const auto number = [&](const std::string& name) {
    return std::lower_bound(predictions.classes.begin(), predictions.classes.end(), name) - predictions.classes.begin();
  };
  predictions.probabilities = false;
  predictions.scores.assign(predicted.size() * predictions.classes.size(), 0.0);
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    if (!predicted[i].empty()) {
      predictions.scores[i * predictions.classes.size() + static_cast<std::size_t>(number(predicted[i]))] = 1.0;
    }
  }
}

bool sum_to_one(const Predictions& predictions) {
  for (std::int64_t i = 0; i < predictions.num_rows(); ++i) {
    double sum = 0.0;
    for (std::int64_t c = 0; c < predictions.num_classes(); ++c) {
      const double p = predictions.row(i)[c];
      if (p < 0.0 || p > 1.0 + kSumTolerance) return false;
      sum += p;
    }
    if (std::abs(sum - 1.0) > kSumTolerance) return false;
  }
  return true;
}

Result<std::int32_t> fold_number(const Rows& rows, int place) {
  if (place < 0 || rows.text(place).empty()) return -1;
  CW_ASSIGN(const double value, rows.number(place));
  return static_cast<std::int32_t>(value);
}

/// True classes as numbers; those that the model does not know are counted.
Unknown number_truths(Predictions& predictions, const std::vector<std::string>& truth) {
  Unknown unknown;
  for (const auto& name : truth) {
    const auto found = std::find(predictions.classes.begin(), predictions.classes.end(), name);
    const bool known = found != predictions.classes.end();
    if (!known && !name.empty()) ++unknown.rows_of[name];
    predictions.truth.push_back(known ? static_cast<std::int32_t>(found - predictions.classes.begin()) : -1);
  }
  return unknown;
}

}  // namespace

Result<Predictions> read_predictions(const std::filesystem::path& path, const PredictionsLayout& layout,
                                     JobContext& ctx) {
  CW_ASSIGN(auto rows, Rows::open(path));
  CW_ASSIGN(auto places, find_places(rows, layout));
  Predictions predictions;
  for (std::size_t i = 0; i < rows.names().size(); ++i) {
    if (!rows.names()[i].starts_with(kProbability)) continue;
    places.probabilities.push_back(static_cast<int>(i));
    predictions.classes.push_back(rows.names()[i].substr(kProbability.size()));
  }
  if (places.probabilities.size() < 2 && places.predicted < 0) {
    return rows.no_column("pair of columns p_CLASS with probabilities, and no column 'predicted'");
  }
  const bool words_only = places.probabilities.size() < 2;
  Numbering groups;
  std::vector<std::string> truth, predicted;
  while (rows.more()) {
    CW_TRY(rows.check());
    truth.push_back(rows.text(places.truth));
    if (words_only) predicted.push_back(rows.text(places.predicted));
    for (const int place : places.probabilities) {
      if (words_only) break;
      CW_ASSIGN(const double p, rows.number(place));
      predictions.scores.push_back(p);
    }
    predictions.names.push_back(rows.text(0));
    if (places.group >= 0) predictions.groups.push_back(groups(rows.text(places.group)));
    CW_ASSIGN(const auto fold, fold_number(rows, places.fold));
    if (places.fold >= 0) predictions.folds.push_back(fold);
    CW_TRY(rows.next());
  }
  predictions.group_names = groups.names();
  if (words_only) scores_of_words(predictions, predicted, truth);
  const Unknown unknown = number_truths(predictions, truth);
  if (!unknown.rows_of.empty()) {
    const std::string text = rows.file() + ": " + unknown.text(predictions.classes);
    if (!layout.leave_out_unknown) {
      return Error{ErrorCode::kRefused, "E-EVA-018",
                   text + "; give both the same names, or leave these cells out (--leave-out-unknown)"};
    }
    ctx.warn("W-EVA-008", text + "; their cells are left out");
  }
  if (!words_only && !sum_to_one(predictions)) {
    predictions.probabilities = false;
    ctx.warn("W-EVA-007", rows.file() +
                              ": the p_ columns of a row do not sum to 1, so they are taken as scores: there is "
                              "no calibration");
  }
  if (!layout.genes.empty()) {
    if (!predictions.probabilities) {
      return Error{ErrorCode::kRefused, "E-EVA-017",
                   rows.file() + ": figures per gene need probabilities in the p_ columns, one row per gene and cell"};
    }
    for (double& p : predictions.scores) p = std::log(std::max(p, 1e-12));
    predictions.unit = "occurrences";
    predictions.group_unit = "genes";
  }
  return predictions;
}

Result<NumberPredictions> read_number_predictions(const std::filesystem::path& path, const PredictionsLayout& layout) {
  CW_ASSIGN(auto rows, Rows::open(path));
  CW_ASSIGN(const auto places, find_places(rows, layout));
  if (places.predicted < 0) return rows.no_column("column 'predicted'");
  NumberPredictions result;
  Numbering groups;
  while (rows.more()) {
    CW_TRY(rows.check());
    if (!rows.text(places.truth).empty()) {
      CW_ASSIGN(const double truth, rows.number(places.truth));
      CW_ASSIGN(const double predicted, rows.number(places.predicted));
      result.names.push_back(rows.text(0));
      result.truth.push_back(truth);
      result.predicted.push_back(predicted);
      if (places.group >= 0) result.groups.push_back(groups(rows.text(places.group)));
      CW_ASSIGN(const auto fold, fold_number(rows, places.fold));
      if (places.fold >= 0) result.folds.push_back(fold);
    }
    CW_TRY(rows.next());
  }
  return result;
}

}  // namespace cw
