// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/result_export.h"

#include "core/base/files.h"
#include "core/io/text_records.h"
#include "core/ranking/run_stats.h"

#include <charconv>
#include <fstream>
#include <functional>

namespace cw::ui {
namespace {

/// A field of the CSV as JSON: numbers as numbers, "" as null.
Json value_of(std::string_view field) {
  if (field.empty()) return Json();
  double number = 0.0;
  const auto [end, problem] = std::from_chars(field.data(), field.data() + field.size(), number);
  if (problem == std::errc() && end == field.data() + field.size()) return number;
  return std::string(field);
}

/// Reads the list back and gives its rows one by one; the first has the names.
Result<> for_each_row(const std::filesystem::path& csv,
                      const std::function<void(const std::vector<std::string_view>&)>& row) {
  CW_ASSIGN(TextRecords records, TextRecords::open(csv));
  std::string_view record;
  std::vector<std::string_view> fields;
  std::vector<std::string> unquoted;
  for (;;) {
    CW_ASSIGN(const bool more, records.next(record));
    if (!more) return {};
    split_record(record, ',', fields, unquoted);
    row(fields);
  }
}

Result<> write_tsv(const std::filesystem::path& csv, const std::filesystem::path& file) {
  std::string text;
  CW_TRY(for_each_row(csv, [&](const std::vector<std::string_view>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) text += '\t';
      for (const char c : fields[i]) text += c == '\t' || c == '\n' ? ' ' : c;
    }
    text += '\n';
  }));
  CW_ASSIGN(PendingOutput output, PendingOutput::create(file, true));
  std::ofstream stream(output.path(), std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) return error_from_errno("writing", file.string());
  return output.commit();
}

Result<> write_rows_json(const std::filesystem::path& csv, const std::filesystem::path& file, const Json& provenance) {
  Json rows = Json::array();
  std::vector<std::string> names;
  CW_TRY(for_each_row(csv, [&](const std::vector<std::string_view>& fields) {
    if (names.empty()) {
      names.assign(fields.begin(), fields.end());
      return;
    }
    Json row = Json::object();
    for (std::size_t i = 0; i < std::min(names.size(), fields.size()); ++i) {
      const bool is_text = names[i] == "gene" || names[i] == "ensembl_id" || names[i] == "flags";
      row[names[i]] = is_text ? Json(std::string(fields[i])) : value_of(fields[i]);
    }
    rows.push_back(std::move(row));
  }));
  return write_json(file, {{"provenance", provenance}, {"rows", std::move(rows)}});
}

}  // namespace

Result<Json> export_list(const std::filesystem::path& run, const std::filesystem::path& file, bool published,
                         JobContext& context) {
  const std::string suffix = file.extension().string();
  StatsOptions options;
  options.runs = {run.string()};
  options.columns = published ? "upstream" : "cellwright";
  options.overwrite = true;  // the file dialog has asked
  if (suffix == ".csv") {
    options.output = file.string();
    return run_stats(options, context);
  }
  if (suffix != ".tsv" && suffix != ".xlsx" && suffix != ".json") {
    return Error{ErrorCode::kUnsupported, "E-UI-404",
                 file.string() + ": lists are written as .csv, .tsv, .xlsx or .json; choose one of these endings"};
  }
  CW_ASSIGN(const auto scratch, make_scratch_folder(std::filesystem::temp_directory_path()));
  options.output = (scratch / "ranked.csv").string();
  if (suffix == ".xlsx") options.xlsx = file.string();
  auto written = [&]() -> Result<Json> {
    CW_ASSIGN(Json summary, run_stats(options, context));
    CW_ASSIGN(const Json provenance, read_json(options.output + ".provenance.json"));
    if (suffix == ".tsv") CW_TRY(write_tsv(options.output, file));
    if (suffix == ".json") CW_TRY(write_rows_json(options.output, file, provenance));
    CW_TRY(write_json(file.string() + ".provenance.json", provenance));
    return summary;
  }();
  std::error_code ignored;
  std::filesystem::remove_all(scratch, ignored);
  return written;
}

Result<Json> export_result(const std::filesystem::path& run, const std::filesystem::path& folder, JobContext& context) {
  StatsOptions options;
  options.runs = {run.string()};
  options.output = (folder / "list.csv").string();
  options.xlsx = (folder / "list.xlsx").string();
  return run_stats(options, context);
}

Result<std::filesystem::path> make_result_folder(const std::filesystem::path& parent, const std::string& title) {
  constexpr int kMost = 1000;
  std::string name;
  for (const char c : title) {
    if (std::string_view("/\\:*?\"<>|").find(c) == std::string_view::npos) name += c;
  }
  if (name.empty() || name.front() == '.') name = "Result";
  std::error_code problem;
  std::filesystem::create_directories(parent, problem);
  for (int number = 1; !problem && number < kMost; ++number) {
    const std::filesystem::path folder = parent / (number == 1 ? name : name + " " + std::to_string(number));
    if (std::filesystem::create_directory(folder, problem)) return folder;
  }
  return Error{ErrorCode::kIo, "E-UI-410",
               parent.string() + ": no folder for the result can be made there" +
                   (problem ? " (" + problem.message() + ")" : std::string()) +
                   "; choose another place with “Save as…”"};
}

}  // namespace cw::ui
