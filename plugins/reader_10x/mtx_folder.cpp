// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/reader_10x/mtx_folder.h"

#include "plugins/reader_10x/gzip_lines.h"
#include "plugins/reader_10x/mtx_matrix.h"

#include <algorithm>

namespace cw {
namespace {

constexpr std::string_view kMatrixName = "matrix.mtx";

/// What stands before "matrix.mtx" or "matrix.mtx.gz" in a file name; nothing for other names.
std::optional<std::string> prefix_of_matrix(std::string name) {
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  if (!name.ends_with(kMatrixName)) return std::nullopt;
  return name.substr(0, name.size() - kMatrixName.size());
}

std::filesystem::path first_existing(const std::filesystem::path& folder, const std::string& prefix,
                                     std::initializer_list<const char*> names) {
  std::error_code ignored;
  for (const char* name : names) {
    for (const char* ending : {"", ".gz"}) {
      auto path = folder / (prefix + name + ending);
      if (std::filesystem::is_regular_file(path, ignored)) return path;
    }
  }
  return {};
}

std::vector<std::string> split_tabs(std::string_view line) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = line.find('\t', begin);
    parts.emplace_back(line.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

Result<std::vector<std::string>> read_barcodes(const std::filesystem::path& path) {
  CW_ASSIGN(GzipLines lines, GzipLines::open(path));
  std::vector<std::string> barcodes;
  std::string_view line;
  for (;;) {
    CW_ASSIGN(const bool more, lines.next(line));
    if (!more) return barcodes;
    if (!line.empty()) barcodes.emplace_back(line.substr(0, line.find('\t')));
  }
}

Result<TenxFeatures> read_features(const std::filesystem::path& path) {
  CW_ASSIGN(GzipLines lines, GzipLines::open(path));
  TenxFeatures features;
  std::vector<std::string> names;
  std::string_view line;
  std::size_t width = 0;
  for (;;) {
    CW_ASSIGN(const bool more, lines.next(line));
    if (!more) break;
    if (line.empty()) continue;
    const std::vector<std::string> parts = split_tabs(line);
    if (width == 0) width = parts.size();
    if (parts.size() != width && std::min(parts.size(), width) < 3) {
      return Error{ErrorCode::kParse, "E-10X-009",
                   path.string() + ": line " + std::to_string(lines.line_number()) + " has " +
                       std::to_string(parts.size()) + " columns, the first has " + std::to_string(width)};
    }
    features.table.index.push_back(parts[0]);
    if (width >= 2) names.push_back(parts[1]);
    if (width >= 3) features.types.push_back(parts[2]);
  }
  features.table.index_name = "id";
  features.table.columns.push_back(Column::of_strings("id", features.table.index));
  if (width >= 2) features.table.columns.push_back(Column::of_strings("name", std::move(names)));
  if (width >= 3) features.table.columns.push_back(Column::of_strings("feature_type", features.types));
  return features;
}

}  // namespace

std::optional<MtxFiles> find_mtx_files(const std::filesystem::path& path) {
  std::error_code status;
  std::filesystem::path folder = path;
  std::vector<std::string> matrices;
  if (std::filesystem::is_directory(path, status)) {
    for (std::filesystem::directory_iterator entry(path, status), end; !status && entry != end;
         entry.increment(status)) {
      const std::string name = entry->path().filename().string();
      if (prefix_of_matrix(name)) matrices.push_back(name);
    }
    std::sort(matrices.begin(), matrices.end());
  } else if (prefix_of_matrix(path.filename().string()) && std::filesystem::is_regular_file(path, status)) {
    folder = path.parent_path();
    matrices.push_back(path.filename().string());
  }
  if (matrices.empty()) return std::nullopt;
  const std::string prefix = *prefix_of_matrix(matrices.front());
  MtxFiles files;
  files.matrix = folder / matrices.front();
  files.features = first_existing(folder, prefix, {"features.tsv", "genes.tsv"});
  files.barcodes = first_existing(folder, prefix, {"barcodes.tsv"});
  return files;
}

Result<std::unique_ptr<DatasetReader>> MtxFolderReader::open(const std::filesystem::path& path) {
  const auto files = find_mtx_files(path);
  if (!files || !files->complete()) {
    const std::string missing = !files                    ? "matrix.mtx"
                                : files->features.empty() ? "features.tsv or genes.tsv"
                                                          : "barcodes.tsv";
    return Error{ErrorCode::kNotFound, "E-10X-010",
                 path.string() + ": " + missing +
                     " (or the same with .gz) is missing; a Cell Ranger folder holds matrix, "
                     "features and barcodes"};
  }
  auto reader = std::make_unique<MtxFolderReader>();
  reader->files_ = *files;
  reader->info_.path = path;
  reader->info_.format = "10x-mtx";
  CW_ASSIGN(TenxFeatures features, read_features(files->features));
  CW_ASSIGN(reader->barcodes_, read_barcodes(files->barcodes));
  CW_TRY(reader->read_sizes(static_cast<std::int64_t>(features.table.index.size())));
  CW_TRY(reader->choose_genes(std::move(features)));
  reader->info_.matrices.front().num_genes = reader->info_.num_genes;
  return std::unique_ptr<DatasetReader>(std::move(reader));
}

Result<> MtxFolderReader::read_sizes(std::int64_t num_features) {
  CW_ASSIGN(GzipLines lines, GzipLines::open(files_.matrix));
  CW_ASSIGN(const MtxHeader header, read_mtx_header(lines, files_.matrix));
  const auto num_barcodes = static_cast<std::int64_t>(barcodes_.size());
  const bool as_usual = header.num_rows == num_features && header.num_columns == num_barcodes;
  cells_in_rows_ = !as_usual && header.num_rows == num_barcodes && header.num_columns == num_features;
  if (!as_usual && !cells_in_rows_) {
    return Error{ErrorCode::kParse, "E-10X-009",
                 files_.matrix.string() + ": the matrix is " + std::to_string(header.num_rows) + " by " +
                     std::to_string(header.num_columns) + ", but there are " + std::to_string(num_features) +
                     " features and " + std::to_string(num_barcodes) + " barcodes; the files do not belong together"};
  }
  if (cells_in_rows_) info_.notes.emplace_back("the matrix has cells in its rows, unlike Cell Ranger's");
  info_.num_cells = num_barcodes;
  MatrixInfo matrix;
  matrix.where = "X";
  matrix.dtype = header.integer ? "int32" : "float32";
  matrix.encoding = "csr";
  matrix.num_cells = num_barcodes;
  matrix.num_stored = header.num_stored;
  info_.matrices.push_back(std::move(matrix));
  return {};
}

Result<std::unique_ptr<CellBlockReader>> MtxFolderReader::open_matrix(std::string_view where) {
  CW_TRY(require_matrix(where));
  return MtxMatrix::open(files_.matrix, cells_in_rows_, gene_of_feature_);
}

}  // namespace cw
