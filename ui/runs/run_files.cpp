// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_files.h"

#include "core/io/label_table.h"
#include "core/jobs/job_folder.h"
#include "core/weights/run_checkpoint.h"

#include <algorithm>
#include <charconv>

namespace cw::ui {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step-";

std::uint64_t size_of(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code status;
  for (fs::recursive_directory_iterator file(folder, status), end; !status && file != end; file.increment(status)) {
    if (file->is_regular_file(status)) bytes += file->file_size(status);
  }
  return bytes;
}

std::vector<RunCheckpoint> checkpoints_in(const fs::path& folder) {
  std::vector<RunCheckpoint> found;
  std::error_code status;
  for (fs::directory_iterator entry(folder, status), end; !status && entry != end; entry.increment(status)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    RunCheckpoint checkpoint;
    const char* digits = name.data() + kPrefix.size();
    const auto [rest, error] = std::from_chars(digits, name.data() + name.size(), checkpoint.step);
    if (error != std::errc() || rest != name.data() + name.size()) continue;  // one that is being written
    checkpoint.folder = entry->path();
    checkpoint.bytes = size_of(checkpoint.folder);
    checkpoint.kept = is_kept_checkpoint(checkpoint.folder);
    found.push_back(std::move(checkpoint));
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.step > b.step; });
  return found;
}

std::int64_t best_step_of(const fs::path& checkpoint) {
  const auto json = read_json(checkpoint / "state.json");
  if (!json || !json->is_object() || !json->contains("state") || !(*json)["state"].is_object()) return -1;
  const Json& best = (*json)["state"].value("best_step", Json());
  return best.is_number_integer() ? best.get<std::int64_t>() : -1;
}

}  // namespace

Result<ConfusionMatrix> read_confusion(const fs::path& predictions) {
  CW_ASSIGN(const Table table, read_label_table(predictions));
  CW_ASSIGN(const Column* truth, table.require("true"));
  CW_ASSIGN(const Column* predicted, table.require("predicted"));
  ConfusionMatrix matrix;
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    for (const Column* column : {truth, predicted}) matrix.classes.push_back(column->text(row));
  }
  std::sort(matrix.classes.begin(), matrix.classes.end());
  matrix.classes.erase(std::unique(matrix.classes.begin(), matrix.classes.end()), matrix.classes.end());
  matrix.counts.assign(matrix.classes.size() * matrix.classes.size(), 0);
  const auto place = [&matrix](const std::string& name) {
    return static_cast<std::size_t>(std::lower_bound(matrix.classes.begin(), matrix.classes.end(), name) -
                                    matrix.classes.begin());
  };
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    ++matrix.counts[place(truth->text(row)) * matrix.classes.size() + place(predicted->text(row))];
  }
  return matrix;
}

namespace {

std::vector<fs::path> replay_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code status;
  for (fs::directory_iterator entry(folder, status), end; !status && entry != end; entry.increment(status)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(kPrefix) && name.ends_with(".csv")) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

Result<RunFilesPtr> read_run_files(const fs::path& folder) {
  CW_ASSIGN(const JobFolder job, JobFolder::open(folder));
  auto files = std::make_shared<RunFiles>();
  files->options = job.spec().options;
  fs::path out = folder;
  if (job.spec().kind == "search") {
    CW_ASSIGN(files->search, load_record(folder));
    out /= "best";
  }
  files->checkpoints = checkpoints_in(out / "checkpoints");
  if (!files->checkpoints.empty()) files->best_step = best_step_of(files->checkpoints.front().folder);
  files->replay = replay_in(out / "replay");
  std::error_code status;
  if (fs::exists(out / "model" / "config.json", status)) {
    files->model = out / "model";
    files->model_bytes = size_of(files->model);
  }
  if (fs::exists(out / "evaluation.json", status)) {
    CW_ASSIGN(files->evaluation, read_json(out / "evaluation.json"));
  }
  if (fs::exists(out / "predictions.csv", status)) {
    CW_ASSIGN(files->confusion, read_confusion(out / "predictions.csv"));
  }
  return RunFilesPtr(std::move(files));
}

}  // namespace cw::ui
