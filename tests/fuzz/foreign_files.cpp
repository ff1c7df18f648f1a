// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/foreign_files.h"

#include "core/api/embed_options.h"
#include "core/api/map_options.h"
#include "core/api/markers_options.h"
#include "core/api/medians_options.h"
#include "core/api/perturb_options.h"
#include "core/api/pretrain_options.h"
#include "core/api/stats_options.h"
#include "core/api/tokenize_options.h"
#include "core/effects/effects_file.h"
#include "core/effects/upstream_pickles.h"
#include "core/jobs/event_log.h"
#include "core/jobs/job_folder.h"
#include "core/tokenize/data_formats.h"
#include "core/tokenize/token_file.h"
#include "core/weights/model_folder.h"
#include "tests/core/io/read_everything.h"

namespace cw::fuzz {
namespace {

namespace fs = std::filesystem;

void read_data(const fs::path& path) {
  const auto reader = data_formats().open_dataset(path);
  if (reader.ok()) test::read_everything(**reader);
}

void read_tokens(const fs::path& path) {
  const auto cells = TokenizedCells::open(path);
  if (!cells.ok()) return;
  std::vector<std::int32_t> tokens;
  for (std::int64_t cell = 0; cell < cells->num_cells(); ++cell) {
    cells->copy_tokens(cell, tokens);
    for (const auto& column : cells->cells().columns) static_cast<void>(column.text(cell));
  }
}

void read_results(const fs::path& path) {
  if (!holds_upstream_pickles(path)) {
    static_cast<void>(read_effects(path).ok());
    return;
  }
  std::vector<DictionaryEntry> entries = {{"<pad>", 0, 0.0, ""}, {"<mask>", 1, 0.0, ""}};
  for (std::int32_t token = 2; token < 100; ++token) {
    entries.push_back({"ENSG" + std::to_string(token), token, 1.0, ""});
  }
  const auto dictionary = Dictionary::from_entries("fuzz", std::move(entries), 2048);
  if (dictionary.ok()) static_cast<void>(import_upstream_pickles(path, **dictionary).ok());
}

void read_model(const fs::path& path) {
  const auto model = open_model_folder(path);
  if (!model.ok()) return;
  for (const auto& tensor : model->weights->tensors()) {
    std::vector<float> values(static_cast<std::size_t>(tensor.num_elements()));
    static_cast<void>(copy_as_float32(tensor, values).ok());
  }
}

void read_job(const fs::path& path) {
  const auto folder = JobFolder::open(path);
  if (!folder.ok()) return;
  static_cast<void>(folder->state().ok());
  static_cast<void>(EventReader(folder->events_path()).poll().ok());
  const Json& options = folder->spec().options;
  static_cast<void>(embed_options_from_json(options).ok());
  static_cast<void>(map_options_from_json(options).ok());
  static_cast<void>(markers_options_from_json(options).ok());
  static_cast<void>(medians_options_from_json(options).ok());
  static_cast<void>(perturb_options_from_json(options).ok());
  static_cast<void>(pretrain_options_from_json(options).ok());
  static_cast<void>(stats_options_from_json(options).ok());
  static_cast<void>(tokenize_options_from_json(options).ok());
}

std::vector<fs::path> make_tokens(const fs::path& folder) {
  const fs::path path = folder / "small.tokens.h5";
  Table cells;
  cells.index = {"a", "b", "c"};
  cells.columns = {Column::of_strings("state", {"ill", "healthy", "ill"}), Column::of_integers("donor", {1, 2, 2})};
  TokensInfo info{"v1", std::string(64, 'a'), 2048, false, Json{{"files", Json::array()}}};
  auto writer = TokenFileWriter::create(path, 25'426, true);
  for (std::int32_t first = 2; writer.ok() && first < 5; ++first) {
    static_cast<void>(writer->append(std::vector<std::int32_t>{first, 70, 300, 25'000}, 4).ok());
  }
  if (!writer.ok() || !writer->finish(cells, info).ok()) return {};
  return {path};
}

std::vector<fs::path> make_results(const fs::path& folder) {
  EffectsHeader header;
  header.perturbations = {{"delete", {5}, {"ENSG5"}, {"FIVE"}, "single", -1},
                          {"delete", {7, 9}, {"ENSG7", "ENSG9"}, {"SEVEN", ""}, "group", -1}};
  header.cells = {{"a", 0, 4, "ill", "d1"}, {"b", 3, 4, "ill", "d2"}};
  header.states = {"ill", "healthy"};
  header.genes = {{5, "ENSG5", "FIVE"}, {7, "ENSG7", "SEVEN"}};
  header.provenance = {{"options", {{"seed", 42}}}};
  EffectRows rows;
  rows.cell = {0, 0, 1};
  rows.perturbation = {0, 1, 1};
  rows.cosine = {0.1F, -0.1F, 0.2F, 0.0F, 0.3F, -0.2F};
  rows.progress = {0.1F, 0.2F, 0.3F};
  rows.rank = {2, 0, -1};
  for (const bool finished : {false, true}) {
    auto writer = EffectsWriter::open(folder / (finished ? "finished" : "running"), header, true);
    if (!writer.ok() || !writer->append(rows).ok() || !writer->append(rows).ok()) return {};
    const GeneEffects genes{{1}, {7}, {0.5F}, {0.1F}, {2}};
    if (finished && !writer->finish([&](const auto& on_part) { return on_part(genes); }).ok()) return {};
  }
  return {folder / "finished" / kEffectsFileName, folder / "running" / kEffectsJournalName};
}

std::vector<fs::path> make_dictionaries(const fs::path& folder) {
  const auto write = [&](const char* name, const std::string& text) {
    std::error_code ignored;
    fs::create_directories((folder / name).parent_path(), ignored);
    return write_file_atomically(folder / name, text).ok();
  };
  const bool made =
      write("tsv/tokens.tsv",
            "token\tid\tmedian\tsymbol\n0\t<pad>\t\t\n1\t<mask>\t\t\n2\tENSG00000136574\t3.5\tGATA4\n") &&
      write("tsv/dictionary.json", R"({"name": "mine", "model_input_size": 2048})") &&
      write("json/token_dictionary.json", R"({"<pad>": 0, "<mask>": 1, "ENSG00000136574": 2, "ENSG00000141510": 3})") &&
      write("json/gene_median.json", R"({"ENSG00000136574": 3.5, "ENSG00000141510": 0.25})");
  if (!made) return {};
  return {folder / "tsv", folder / "json"};
}

std::vector<fs::path> make_job(const fs::path& folder) {
  TokenizeOptions options;
  options.inputs = {"cells.h5ad"};
  options.output = "cells.tokens.h5";
  const auto job = JobFolder::create(folder / "job", new_job("tokenize", to_json(options)), true);
  if (!job.ok()) return {};
  auto events = EventWriter::open(job->events_path());
  JobState state;
  state.phase = JobPhase::kRunning;
  state.process = 1;
  if (!events.ok() || !events->append("started", {{"kind", "tokenize"}}).ok() ||
      !events->append("progress", {{"done", 1}, {"total", 2}, {"phase", "Tokenizing cells"}}).ok() ||
      !job->write_state(state).ok()) {
    return {};
  }
  return {job->path()};
}

}  // namespace

const std::vector<FileKind>& file_kinds() {
  static const std::vector<FileKind> kinds = {
      {"data", read_data, {}},
      {"tokens", read_tokens, make_tokens},
      {"effects", read_results, make_results},
      {"model", read_model, {}},
      {"dictionary", [](const fs::path& path) { static_cast<void>(Dictionary::load(path).ok()); }, make_dictionaries},
      {"job", read_job, make_job},
  };
  return kinds;
}

}  // namespace cw::fuzz
