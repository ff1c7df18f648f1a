// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/dataset.h"

#include "core/tokenize/data_formats.h"
#include "core/tokenize/dataset_tokenizer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cw::ui {
namespace {

constexpr std::int64_t kEveryColumn = 200'000;  // cells up to which text that differs from cell to cell is read too

QString map_name(const std::string& key) {
  const QString text = QString::fromStdString(key);
  const QString plain = text.startsWith(QLatin1String("X_")) ? text.mid(2) : text;
  return plain.size() <= 5 ? plain.toUpper() : plain;
}

Result<> read_maps(DatasetReader& reader, DatasetParts& dataset) {
  for (const std::string& key : dataset.info.embeddings) {
    CW_ASSIGN(DenseArray array, reader.embedding(key));
    if (array.num_columns < 2) continue;
    auto map = std::make_shared<CellMap>();
    map->name = map_name(key);
    map->key = QString::fromStdString(key);
    map->note = QStringLiteral("%1, stored in the file").arg(map->name);
    // of a PCA with 50 components only the first three can be shown
    map->dimensions = std::min<std::int64_t>(array.num_columns, 3);
    map->points.reserve(static_cast<std::size_t>(array.num_rows * map->dimensions));
    for (std::int64_t row = 0; row < array.num_rows; ++row) {
      for (std::int64_t d = 0; d < map->dimensions; ++d) {
        map->points.push_back(array.values[static_cast<std::size_t>(row * array.num_columns + d)]);
      }
    }
    dataset.maps.push_back(std::move(map));
  }
  return {};
}

Result<> read_genes(DatasetReader& reader, const LoadOptions& options, DatasetParts& dataset, JobContext& context) {
  CW_ASSIGN(const GeneMapper mapper, GeneMapper::create());
  auto counts = open_counts(reader, mapper, options.counts, options.gene_ids, options.species, context);
  if (!counts) return {};  // a file with a map and labels only can still be looked at; the import sheet says why
  CW_ASSIGN(const auto dictionary, Dictionary::load("v1"));
  const std::vector<std::int32_t> tokens = tokens_of_genes(counts->mapping, *dictionary);
  dataset.counts_where = counts->where;
  dataset.gene_ids = counts->mapping.where;
  for (std::size_t i = 0; i < counts->names.size(); ++i) {
    DatasetGene gene;
    gene.name = counts->names[i];
    gene.ensembl_id = counts->mapping.ensembl_id[i];
    const std::string_view symbol = mapper.genes().symbol(gene.ensembl_id);
    gene.symbol = symbol.empty() ? gene.name : std::string(symbol);
    gene.token = tokens[i];
    dataset.genes.push_back(std::move(gene));
  }
  return {};
}

// Text columns take 30 bytes and more per cell; labels among them become categories, the others are left out of large
// data sets.
Result<std::shared_ptr<const Table>> read_table(DatasetReader& reader, JobContext& context) {
  auto table = std::make_shared<Table>();
  CW_ASSIGN(table->index, reader.cell_names());
  const std::int64_t cells = table->num_rows();
  for (const ColumnInfo& info : reader.info().cell_columns) {
    if (context.cancelled()) return cancelled_error("reading the cells");
    CW_ASSIGN(Column column, reader.cell_column(info.name));
    if (column.kind == ColumnKind::kString) {
      Column categories = as_categorical(column);
      if (static_cast<std::int64_t>(categories.categories.size()) <= std::max<std::int64_t>(50, cells / 4)) {
        column = std::move(categories);
      } else if (cells > kEveryColumn) {
        continue;
      }
    }
    table->columns.push_back(std::move(column));
  }
  return std::shared_ptr<const Table>(std::move(table));
}

}  // namespace

std::int64_t Dataset::gene_row(std::string_view ensembl_id) const noexcept {
  const auto it =
      std::find_if(genes.begin(), genes.end(), [&](const auto& gene) { return gene.ensembl_id == ensembl_id; });
  return it == genes.end() ? -1 : it - genes.begin();
}

Result<DatasetPtr> load_dataset(const std::filesystem::path& path, const LoadOptions& options, JobContext& context) {
  CW_ASSIGN(const auto reader, data_formats().open_dataset(path));
  DatasetParts parts;
  parts.path = path;
  parts.name = QString::fromStdString(path.filename().string());
  parts.info = reader->info();
  parts.species = options.species;
  context.report(0, 4, "Reading the cells");
  CW_ASSIGN(auto table, read_table(*reader, context));
  context.report(1, 4, "Reading maps");
  CW_TRY(read_maps(*reader, parts));
  context.report(2, 4, "Finding counts and genes");
  CW_TRY(read_genes(*reader, options, parts, context));
  context.report(4, 4, "Ready");
  return DatasetPtr(std::make_shared<Dataset>(std::move(parts), std::move(table)));
}

GeneValues gene_values(std::vector<float> counts, std::span<const float> totals) {
  GeneValues values;
  values.normalised.resize(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    values.normalised[i] = counts[i] == 0.0F ? 0.0F : std::log1p(counts[i] / totals[i] * 1e4F);
  }
  values.counts = std::move(counts);
  return values;
}

Result<GeneValues> read_gene(const Dataset& dataset, std::int64_t gene_row, JobContext& context) {
  CW_ASSIGN(const auto reader, data_formats().open_dataset(dataset.path));
  CW_ASSIGN(const auto matrix, reader->open_matrix(dataset.counts_where));
  GeneValues values;
  values.counts.assign(static_cast<std::size_t>(dataset.num_cells()), 0.0F);
  values.normalised = values.counts;
  CellBlock block;
  for (;;) {
    if (context.cancelled()) return cancelled_error("reading a gene");
    CW_TRY(matrix->next(block, 4096));
    if (block.num_cells() == 0) return values;
    for (std::int64_t row = 0; row < block.num_cells(); ++row) {
      const auto genes = block.genes_of(row);
      const auto counts = block.values_of(row);
      const float total = std::accumulate(counts.begin(), counts.end(), 0.0F);
      for (std::size_t i = 0; i < genes.size(); ++i) {
        if (genes[i] != static_cast<std::uint32_t>(gene_row)) continue;
        const auto cell = static_cast<std::size_t>(block.first_cell + row);
        values.counts[cell] += counts[i];
        values.normalised[cell] = std::log1p(values.counts[cell] / total * 1e4F);
      }
    }
    context.report(block.first_cell + block.num_cells(), dataset.num_cells(), "Reading the gene");
  }
}

}  // namespace cw::ui
