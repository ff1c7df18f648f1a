// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/h5ad_reader.h"

#include "core/io/h5ad_matrix.h"
#include "core/io/h5ad_table.h"
#include "core/io/hdf5_array.h"
#include "core/io/hdf5_compound.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <new>

namespace cw {
namespace {

constexpr std::string_view kLayerPrefix = "layer:";

// Sizes come from the file, so memory that they ask for may not be there; that must not end the program.
template <class Work>
auto guarded(const std::string& file, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
  } catch (const std::length_error&) {
  }
  return Error{ErrorCode::kOutOfMemory, "E-H5-015", file + ": there is not enough memory for what the file holds"};
}

class GuardedBlocks : public CellBlockReader {
 public:
  GuardedBlocks(std::string file, std::unique_ptr<CellBlockReader> inner)
      : file_(std::move(file)), inner_(std::move(inner)) {}
  Result<> next(CellBlock& block, std::int64_t max_cells) override {
    return guarded(file_, [&] { return inner_->next(block, max_cells); });
  }
  Result<> seek(std::int64_t cell) override { return inner_->seek(cell); }

 private:
  std::string file_;
  std::unique_ptr<CellBlockReader> inner_;
};

class H5adReader : public DatasetReader {
 public:
  static Result<std::unique_ptr<DatasetReader>> open(const std::filesystem::path& path);

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return info_; }

  [[nodiscard]] Result<std::vector<std::string>> cell_names() override {
    return guarded(root_.file(), [&] { return cells_.index(); });
  }

  [[nodiscard]] Result<Column> cell_column(std::string_view name) override {
    return guarded(root_.file(), [&] { return cells_.column(name); });
  }

  [[nodiscard]] Result<Table> genes(std::string_view where) override {
    return guarded(root_.file(), [&]() -> Result<Table> {
      CW_ASSIGN(const H5adTable table, H5adTable::open(root_, where == "raw" ? raw_genes_ : "var"));
      return table.read();
    });
  }

  [[nodiscard]] Result<std::unique_ptr<CellBlockReader>> open_matrix(std::string_view where) override;
  [[nodiscard]] Result<DenseArray> embedding(std::string_view name) override;

 private:
  H5adReader(H5Node root, H5adTable cells) : root_(std::move(root)), cells_(std::move(cells)) {}
  Result<> describe();
  Result<> describe_raw();
  Result<> describe_layers();
  Result<> add_matrix(const std::string& path, const std::string& where, std::int64_t num_genes);
  void describe_embeddings();
  Result<DenseArray> read_embedding(const std::string& name) const;

  H5Node root_;
  H5adTable cells_;
  DatasetInfo info_;
  std::string raw_genes_ = "raw/var";
  std::map<std::string, std::string, std::less<>> path_of_matrix_;
};

// HDF5 files that are no h5ad are told apart by what lies at their root.
Result<> refuse_other_formats(const H5Node& root) {
  const auto refuse = [&](const std::string& what) {
    return Error{ErrorCode::kUnsupported, "E-H5-016", root.file() + ": " + what};
  };
  if (root.has("mod") && root.text_attribute("encoding-type").value_or("MuData") == "MuData") {
    return refuse("is a multimodal h5mu file; save its gene expression alone, for example mdata.mod['rna'].write()");
  }
  if (root.has("obs") && root.has("var")) return {};
  if (root.has("row_attrs") && root.has("col_attrs")) return refuse("is a loom file; give it the ending .loom");
  if (root.has("matrix/barcodes")) return refuse("is a 10x Genomics file; give it the ending .h5");
  const bool has_one = root.has("obs") || root.has("var");
  return refuse(has_one ? "lacks one of the tables obs and var, so it is no complete h5ad file; write it again"
                        : "is an HDF5 file but no h5ad: it has no tables obs and var");
}

Result<std::unique_ptr<DatasetReader>> H5adReader::open(const std::filesystem::path& path) {
  CW_ASSIGN(H5Node root, H5Node::open_file(path));
  CW_TRY(refuse_other_formats(root));
  CW_ASSIGN(H5adTable cells, H5adTable::open(root, "obs"));
  std::unique_ptr<H5adReader> reader(new H5adReader(std::move(root), std::move(cells)));
  reader->info_.path = path;
  reader->info_.format = "h5ad";
  CW_TRY(reader->describe());
  return std::unique_ptr<DatasetReader>(std::move(reader));
}

Result<> H5adReader::describe() {
  info_.num_cells = cells_.num_rows();
  info_.cell_columns = cells_.columns();
  info_.notes = cells_.notes();
  CW_ASSIGN(const H5adTable genes, H5adTable::open(root_, "var"));
  info_.num_genes = genes.num_rows();
  info_.gene_columns = genes.columns();
  info_.notes.insert(info_.notes.end(), genes.notes().begin(), genes.notes().end());
  if (root_.has("X")) CW_TRY(add_matrix("X", "X", info_.num_genes));
  CW_TRY(describe_raw());
  CW_TRY(describe_layers());
  describe_embeddings();
  if (info_.matrices.empty()) info_.notes.emplace_back("the file holds no expression matrix");
  return {};
}

Result<> H5adReader::describe_raw() {
  // anndata 0.5 and 0.6 called them "raw.X" and "raw.var"
  const bool old = root_.has("raw.X") && root_.has("raw.var");
  if (!old && !(root_.has("raw/X") && root_.has("raw/var"))) return {};
  raw_genes_ = old ? "raw.var" : "raw/var";
  CW_ASSIGN(const H5adTable genes, H5adTable::open(root_, raw_genes_));
  return add_matrix(old ? "raw.X" : "raw/X", "raw", genes.num_rows());
}

Result<> H5adReader::describe_layers() {
  if (!root_.has("layers")) return {};
  CW_ASSIGN(const H5Node layers, root_.open("layers"));
  if (!layers.is_group()) return {};
  CW_ASSIGN(const std::vector<std::string> names, layers.children());
  for (const auto& name : names) {
    CW_TRY(add_matrix("layers/" + name, std::string(kLayerPrefix) + name, info_.num_genes));
  }
  return {};
}

Result<> H5adReader::add_matrix(const std::string& path, const std::string& where, std::int64_t num_genes) {
  CW_ASSIGN(const H5Node element, root_.open(path));
  auto found = describe_matrix(element, where);
  if (!found) {
    // an encoding that is not known is no damage: the rest of the file may be what is wanted
    if (found.error().id != "E-H5-011") return found.error();
    info_.notes.push_back(found.error().message + "; it is left out");
    return {};
  }
  if (!found->has_value()) return {};
  const MatrixInfo& matrix = **found;
  if (matrix.num_cells != info_.num_cells || matrix.num_genes != num_genes) {
    return Error{ErrorCode::kParse, "E-H5-012",
                 root_.file() + ": '" + path + "' is " + std::to_string(matrix.num_cells) + " x " +
                     std::to_string(matrix.num_genes) + ", but its tables have " + std::to_string(info_.num_cells) +
                     " cells and " + std::to_string(num_genes) + " genes; the file is damaged"};
  }
  path_of_matrix_[where] = path;
  info_.matrices.push_back(matrix);
  return {};
}

void H5adReader::describe_embeddings() {
  if (!root_.has("obsm")) return;
  const auto embeddings = root_.open("obsm");
  if (!embeddings) return;
  if (embeddings->is_dataset()) {  // one compound dataset in 0.5 and 0.6
    for (const auto& member : describe_members(*embeddings)) {
      if (member.elements == ElementClass::kReal) info_.embeddings.push_back(member.name);
    }
    return;
  }
  const auto names = embeddings->children();
  if (!names) return;
  for (const auto& name : *names) {
    const auto element = embeddings->open(name);
    const auto shape = element ? describe_array(*element) : Result<ArrayShape>(element.error());
    if (shape && shape->is_number() && shape->dims.size() == 2 && shape->dims[0] == info_.num_cells) {
      info_.embeddings.push_back(name);
    }
  }
}

Result<std::unique_ptr<CellBlockReader>> H5adReader::open_matrix(std::string_view where) {
  const auto found = path_of_matrix_.find(where);
  if (found == path_of_matrix_.end()) {
    std::string known;
    for (const auto& matrix : info_.matrices) known += (known.empty() ? "" : ", ") + matrix.where;
    return Error{ErrorCode::kNotFound, "E-IO-013",
                 root_.file() + ": there is no matrix '" + std::string(where) +
                     "'; the file has: " + (known.empty() ? "none" : known)};
  }
  const auto info = std::find_if(info_.matrices.begin(), info_.matrices.end(),
                                 [&](const MatrixInfo& matrix) { return matrix.where == where; });
  return guarded(root_.file(), [&]() -> Result<std::unique_ptr<CellBlockReader>> {
    CW_ASSIGN(H5Node element, root_.open(found->second));
    CW_ASSIGN(auto blocks, cw::open_matrix(std::move(element), *info));
    return std::unique_ptr<CellBlockReader>(std::make_unique<GuardedBlocks>(root_.file(), std::move(blocks)));
  });
}

Result<DenseArray> H5adReader::embedding(std::string_view name) {
  if (std::find(info_.embeddings.begin(), info_.embeddings.end(), name) == info_.embeddings.end()) {
    std::string known;
    for (const auto& other : info_.embeddings) known += (known.empty() ? "" : ", ") + other;
    return Error{ErrorCode::kNotFound, "E-IO-020",
                 root_.file() + ": there is no embedding '" + std::string(name) +
                     "'; the file has: " + (known.empty() ? "none" : known)};
  }
  return guarded(root_.file(), [&] { return read_embedding(std::string(name)); });
}

Result<DenseArray> H5adReader::read_embedding(const std::string& name) const {
  DenseArray array;
  array.num_rows = info_.num_cells;
  CW_ASSIGN(const H5Node embeddings, root_.open("obsm"));
  if (embeddings.is_dataset()) {
    for (const auto& member : describe_members(embeddings)) {
      if (member.name != name) continue;
      CW_ASSIGN(const std::vector<double> values, read_member<double>(embeddings, member));
      array.num_columns = member.width;
      array.values.assign(values.begin(), values.end());
    }
  } else {
    CW_ASSIGN(const H5Node element, embeddings.open(name));
    CW_ASSIGN(array.values, read_numbers<float>(element));
    CW_ASSIGN(const ArrayShape shape, describe_array(element));
    array.num_columns = shape.dims[1];
  }
  if (static_cast<std::int64_t>(array.values.size()) != array.num_rows * array.num_columns) {
    return Error{ErrorCode::kParse, "E-H5-012",
                 root_.file() + ": embedding '" + name + "' does not have one row per cell; the file is damaged"};
  }
  return array;
}

}  // namespace

int H5adReaderFactory::score(const std::filesystem::path& path) const {
  const std::string ending = path.extension().string();
  if (ending == ".h5ad") return 100;
  if (ending == ".h5mu") return 60;  // to refuse it with the reason
  static constexpr std::array<char, 8> kSignature{'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  std::array<char, 8> first{};
  std::ifstream stream(path, std::ios::binary);
  stream.read(first.data(), first.size());
  return stream && first == kSignature ? 20 : 0;
}

Result<std::unique_ptr<DatasetReader>> H5adReaderFactory::open(const std::filesystem::path& path) const {
  return guarded(path.string(), [&] { return H5adReader::open(path); });
}

}  // namespace cw
