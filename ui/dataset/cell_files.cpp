// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dataset/cell_files.h"

#include "core/io/h5ad_cells_writer.h"
#include "core/tokenize/cell_columns.h"
#include "core/tokenize/data_formats.h"

#include <QCoreApplication>
#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

namespace cw::ui {
namespace {

constexpr double kSecondsPerStep = 0.15;

struct Prepared {
  std::unique_ptr<H5adCellsWriter> writer;
  CellFile file;
};

using Prepare = std::function<Result<Prepared>(JobContext&)>;

// Touched in the files lane only, one step after the other.
struct Work {
  Prepare prepare;
  Prepared prepared;
  CellFileStop stop;
};

void go_on(Background& background, QObject* receiver, std::shared_ptr<Work> work, CellFileDone done,
           Background::Progress progress) {
  struct Step {
    bool complete = false;
    double fraction = 0.0;
  };
  background.run<Step>(
      Background::Lane::kFiles, receiver,
      [work](JobContext& context) -> Result<Step> {
        if (work->stop.isCancelled()) return cancelled_error("writing the cells");
        if (!work->prepared.writer) {
          CW_ASSIGN(work->prepared, work->prepare(context));
          return Step{false, 0.02};
        }
        CW_ASSIGN(const bool complete, work->prepared.writer->step(kSecondsPerStep, context));
        return Step{complete, work->prepared.writer->fraction()};
      },
      [&background, receiver, work, done, progress](Result<Step> step) {
        if (!step) {
          work->prepared.writer.reset();
          return done(step.error());
        }
        if (progress) progress(step->fraction, QCoreApplication::translate("CellFiles", "Writing cells"));
        if (step->complete) return done(work->prepared.file);
        go_on(background, receiver, work, done, progress);
      });
}

CellFileStop start(Background& background, QObject* receiver, Prepare prepare, CellFileDone done,
                   Background::Progress progress) {
  auto work = std::make_shared<Work>();
  work->prepare = std::move(prepare);
  work->stop = CellFileStop::make();
  go_on(background, receiver, work, std::move(done), std::move(progress));
  return work->stop;
}

std::vector<std::int64_t> rows_of(const CellSelectionPtr& cells, std::int64_t all) {
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < all; ++i) {
    if (!cells || cells->mask[static_cast<std::size_t>(i)] != 0) rows.push_back(i);
  }
  return rows;
}

DenseArray coordinates(const CellMap& map, const std::vector<std::int64_t>& rows) {
  DenseArray array{static_cast<std::int64_t>(rows.size()), map.dimensions, {}};
  for (const std::int64_t row : rows) {
    for (std::int64_t d = 0; d < map.dimensions; ++d) {
      array.values.push_back(map.points[static_cast<std::size_t>(row * map.dimensions + d)]);
    }
  }
  return array;
}

Result<Prepared> prepare_subset(const DatasetPtr& dataset, const CellSelectionPtr& cells,
                                const std::filesystem::path& path, JobContext& context) {
  CW_ASSIGN(auto reader, data_formats().open_dataset(dataset->path));
  const auto rows = rows_of(cells, dataset->num_cells());
  H5adContent content;
  content.cells = dataset->cells.take(rows);
  CW_ASSIGN(content.genes, reader->genes(dataset->counts_where));
  for (const CellMapPtr& map : dataset->maps) {
    const std::string key =
        map->key.startsWith(QLatin1String("X_")) ? map->key.toStdString() : "X_" + map->name.toLower().toStdString();
    content.embeddings.emplace_back(key, coordinates(*map, rows));
  }
  content.uns = {{"cellwright", {{"source", dataset->path.string()}, {"counts", dataset->counts_where}}}};
  Prepared prepared;
  prepared.file = {path, content.cells.num_rows(), content.genes.num_rows(), {}};
  std::vector<CellsSource> sources(1);
  sources[0].reader = std::move(reader);
  sources[0].where = dataset->counts_where;
  if (cells) sources[0].keep = cells->mask;
  CW_ASSIGN(prepared.writer, H5adCellsWriter::create(path, content, std::move(sources), true, context));
  return prepared;
}

// What a gene of one file is found by in the others.
std::string key_of(const DatasetGene& gene) { return gene.ensembl_id.empty() ? gene.name : gene.ensembl_id; }

Result<Table> merged_cells(const std::vector<DatasetPtr>& parts) {
  Table all;
  std::vector<std::int32_t> codes;
  std::vector<std::string> names;
  for (const DatasetPtr& part : parts) {
    std::string name = part->path.stem().string();
    for (int i = 2; std::find(names.begin(), names.end(), name) != names.end(); ++i) {
      name = part->path.stem().string() + "-" + std::to_string(i);
    }
    codes.insert(codes.end(), static_cast<std::size_t>(part->num_cells()), static_cast<std::int32_t>(names.size()));
    names.push_back(name);
    if (names.size() == 1) {
      all = part->cells;
    } else {
      append_rows(all, part->cells);
    }
  }
  // the same barcode in two files is two cells
  std::unordered_set<std::string> seen;
  bool repeats = false;
  for (const std::string& name : all.index) repeats = !seen.insert(name).second || repeats;
  if (repeats) {
    for (std::size_t i = 0; i < all.index.size(); ++i) {
      all.index[i] += "-" + names[static_cast<std::size_t>(codes[i])];
    }
  }
  all.set(Column::of_codes(all.find("batch") ? "batch_file" : "batch", std::move(codes), std::move(names)));
  return all;
}

Result<Prepared> prepare_merge(const std::vector<std::filesystem::path>& files, const std::filesystem::path& path,
                               JobContext& context) {
  std::vector<DatasetPtr> parts;
  for (const auto& file : files) {
    CW_ASSIGN(auto part, load_dataset(file, context));
    if (part->counts_where.empty()) {
      return Error{ErrorCode::kRefused, "E-UI-222",
                   file.string() + " holds no raw counts, so it cannot be merged; open it alone to see why"};
    }
    parts.push_back(std::move(part));
  }
  std::map<std::string, int> files_with;
  for (const DatasetPtr& part : parts) {
    std::set<std::string> keys;
    for (const DatasetGene& gene : part->genes) keys.insert(key_of(gene));
    for (const auto& key : keys) ++files_with[key];
  }
  H5adContent content;
  std::map<std::string, std::int32_t> place;
  std::vector<std::string> symbols;
  for (const DatasetGene& gene : parts.front()->genes) {
    const std::string key = key_of(gene);
    if (files_with[key] != static_cast<int>(parts.size()) || place.contains(key)) continue;
    place.emplace(key, static_cast<std::int32_t>(place.size()));
    content.genes.index.push_back(key);
    symbols.push_back(gene.symbol);
  }
  if (place.empty()) {
    return Error{ErrorCode::kRefused, "E-UI-221",
                 "the files have no gene in common, so they cannot be merged; check that they are of one species"};
  }
  content.genes.columns.push_back(Column::of_strings("symbol", std::move(symbols)));
  CW_ASSIGN(content.cells, merged_cells(parts));
  Json names = Json::array();
  for (const auto& file : files) names.push_back(file.string());
  content.uns = {{"cellwright", {{"merged", std::move(names)}}}};
  Prepared prepared;
  prepared.file = {path, content.cells.num_rows(), content.genes.num_rows(), {}};
  std::vector<CellsSource> sources;
  for (const DatasetPtr& part : parts) {
    CellsSource source;
    CW_ASSIGN(source.reader, data_formats().open_dataset(part->path));
    source.where = part->counts_where;
    std::int64_t left_out = 0;
    for (const DatasetGene& gene : part->genes) {
      const auto it = place.find(key_of(gene));
      source.gene_from.push_back(it == place.end() ? -1 : it->second);
      left_out += it == place.end() ? 1 : 0;
    }
    prepared.file.genes_left_out.push_back(left_out);
    sources.push_back(std::move(source));
  }
  CW_ASSIGN(prepared.writer, H5adCellsWriter::create(path, content, std::move(sources), true, context));
  return prepared;
}

}  // namespace

CellFileStop write_cells(Background& background, QObject* receiver, const DatasetPtr& dataset,
                         const CellSelectionPtr& cells, const std::filesystem::path& path, CellFileDone done,
                         Background::Progress progress) {
  return start(
      background, receiver,
      [dataset, cells, path](JobContext& context) { return prepare_subset(dataset, cells, path, context); },
      std::move(done), std::move(progress));
}

CellFileStop merge_files(Background& background, QObject* receiver, const std::vector<std::filesystem::path>& files,
                         const std::filesystem::path& path, CellFileDone done, Background::Progress progress) {
  return start(
      background, receiver, [files, path](JobContext& context) { return prepare_merge(files, path, context); },
      std::move(done), std::move(progress));
}

}  // namespace cw::ui
