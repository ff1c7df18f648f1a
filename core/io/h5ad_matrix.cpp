// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/h5ad_matrix.h"

#include "core/data/column_panels.h"
#include "core/io/hdf5_array.h"
#include "core/io/hdf5_rows.h"

#include <algorithm>
#include <limits>
#include <span>

namespace cw {
namespace {

constexpr std::int64_t kBlockValues = std::int64_t{1} << 21U;  // values handed out at once, at most
constexpr std::int64_t kPieceValues = std::int64_t{1} << 16U;
constexpr std::size_t kDenseBytes = std::size_t{64} << 20U;  // of a dense matrix in memory
constexpr std::int64_t kMostGenes = std::numeric_limits<std::uint32_t>::max();

std::string place(const H5Node& node) { return node.file() + ": '" + node.path() + "'"; }

Error contradiction(const H5Node& matrix, const std::string& what) {
  return {ErrorCode::kParse, "E-H5-010",
          place(matrix) + " contradicts itself: " + what + "; the file is damaged, write or download it again"};
}

struct SparseShape {
  std::string encoding;  // "csr" or "csc"
  std::int64_t rows = 0, columns = 0;
};

// The attributes of anndata 0.7 and later, else those of 0.5 and 0.6.
Result<SparseShape> sparse_shape(const H5Node& group) {
  SparseShape result;
  result.encoding = group.text_attribute("encoding-type").value_or("");
  if (result.encoding.empty()) result.encoding = group.text_attribute("h5sparse_format").value_or("");
  result.encoding = result.encoding.substr(0, result.encoding.find('_'));
  auto shape = group.integers_attribute("shape");
  if (shape.empty()) shape = group.integers_attribute("h5sparse_shape");
  if (result.encoding != "csr" && result.encoding != "csc") {
    return Error{ErrorCode::kParse, "E-H5-011",
                 place(group) + " is a group without a matrix layout that is known (csr or csc)"};
  }
  if (shape.size() != 2 || shape[0] < 0 || shape[1] < 0 || shape[0] > kMostGenes || shape[1] > kMostGenes) {
    return contradiction(group, "its shape is missing or impossible");
  }
  result.rows = shape[0];
  result.columns = shape[1];
  return result;
}

Result<ArrayShape> describe_vector(const H5Node& group, const char* name) {
  CW_ASSIGN(const H5Node node, group.open(name));
  CW_ASSIGN(ArrayShape shape, describe_array(node));
  const bool is_index = std::string_view(name) != "data";
  if (!shape.is_number() || shape.dims.size() != 1 || (is_index && shape.elements != ElementClass::kInteger)) {
    return contradiction(group, std::string("'") + name + "' is not a list of numbers");
  }
  return shape;
}

Result<std::int64_t> index_at(H5RowReader& indptr, std::int64_t row) {
  CW_ASSIGN(const std::byte* bytes, indptr.rows(row, 1));
  std::int64_t value = 0;
  convert_scalars(indptr.kind(), bytes, 1, &value);
  return value;
}

Result<MatrixInfo> describe_sparse(const H5Node& group) {
  CW_ASSIGN(const SparseShape shape, sparse_shape(group));
  CW_ASSIGN(const ArrayShape data, describe_vector(group, "data"));
  CW_ASSIGN(const ArrayShape indices, describe_vector(group, "indices"));
  CW_ASSIGN(const ArrayShape indptr, describe_vector(group, "indptr"));
  if (data.num_rows() != indices.num_rows()) {
    return contradiction(
        group, std::to_string(data.num_rows()) + " values but " + std::to_string(indices.num_rows()) + " indices");
  }
  const std::int64_t major = shape.encoding == "csr" ? shape.rows : shape.columns;
  if (indptr.num_rows() != major + 1) {
    return contradiction(group, "indptr has " + std::to_string(indptr.num_rows()) + " entries, its shape wants " +
                                    std::to_string(major + 1));
  }
  CW_ASSIGN(const H5Node indptr_node, group.open("indptr"));
  CW_ASSIGN(H5RowReader reader, H5RowReader::open(indptr_node, 1));
  CW_ASSIGN(const std::int64_t first, index_at(reader, 0));
  CW_ASSIGN(const std::int64_t last, index_at(reader, major));
  if (first != 0 || last < 0 || last > data.num_rows()) {
    return contradiction(group, "indptr runs from " + std::to_string(first) + " to " + std::to_string(last) +
                                    ", but there are " + std::to_string(data.num_rows()) + " values");
  }
  MatrixInfo info;
  info.dtype = data.dtype;
  info.encoding = shape.encoding;
  info.num_cells = shape.rows;
  info.num_genes = shape.columns;
  info.num_stored = last;
  return info;
}

// The three arrays of a compressed matrix, read together in pieces of the major axis.
class SparseArrays {
 public:
  static Result<SparseArrays> open(const H5Node& group, std::int64_t num_minor, std::int64_t num_stored,
                                   std::size_t window_bytes = H5RowReader::kWindowBytes) {
    CW_ASSIGN(const H5Node indptr, group.open("indptr"));
    CW_ASSIGN(const H5Node indices, group.open("indices"));
    CW_ASSIGN(const H5Node data, group.open("data"));
    CW_ASSIGN(H5RowReader indptr_reader, H5RowReader::open(indptr));
    CW_ASSIGN(H5RowReader index_reader, H5RowReader::open(indices, window_bytes));
    CW_ASSIGN(H5RowReader data_reader, H5RowReader::open(data, window_bytes));
    return SparseArrays(place(group), std::move(indptr_reader), std::move(index_reader), std::move(data_reader),
                        num_minor, num_stored);
  }

  // Bounds of `count` rows of the major axis, checked never to fall and to stay inside the data: [count + 1].
  Result<const std::vector<std::int64_t>*> bounds(std::int64_t first, std::int64_t count) {
    CW_ASSIGN(const std::byte* bytes, indptr_.rows(first, count + 1));
    bounds_.resize(static_cast<std::size_t>(count) + 1);
    convert_scalars(indptr_.kind(), bytes, bounds_.size(), bounds_.data());
    std::int64_t before = 0;
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
      if (bounds_[i] < before || bounds_[i] > num_stored_) {
        return Error{ErrorCode::kParse, "E-H5-010",
                     place_ + ": indptr " + std::to_string(first + static_cast<std::int64_t>(i)) + " is " +
                         std::to_string(bounds_[i]) + ", outside " + std::to_string(before) + " to " +
                         std::to_string(num_stored_) + "; the file is damaged, write or download it again"};
      }
      before = bounds_[i];
    }
    return &bounds_;
  }

  // Entries [begin, begin + count) of indices and data; every index is checked.
  Result<> entries(std::int64_t begin, std::int64_t count, std::vector<std::uint32_t>& indices,
                   std::vector<float>& values) {
    indices.resize(static_cast<std::size_t>(count));
    values.resize(static_cast<std::size_t>(count));
    // in pieces that stay in the processor's cache between being read and converted
    for (std::int64_t done = 0; done < count; done += kPieceValues) {
      const std::int64_t piece = std::min(kPieceValues, count - done);
      CW_ASSIGN(const std::byte* index_bytes, index_reader_.rows(begin + done, piece));
      CW_ASSIGN(const std::byte* value_bytes, data_reader_.rows(begin + done, piece));
      const auto from = static_cast<std::size_t>(done);
      const auto size = static_cast<std::size_t>(piece);
      const bool inside = with_scalar(index_reader_.kind(), [&](auto sample) {
        return convert_indices<decltype(sample)>(index_bytes, static_cast<std::uint64_t>(num_minor_),
                                                 std::span(indices).subspan(from, size));
      });
      if (!inside) return outside(begin + done, size, index_bytes);
      convert_scalars(data_reader_.kind(), value_bytes, size, values.data() + from);
    }
    return {};
  }

 private:
  SparseArrays(std::string where, H5RowReader indptr, H5RowReader index_reader, H5RowReader data_reader,
               std::int64_t num_minor, std::int64_t num_stored)
      : place_(std::move(where)),
        indptr_(std::move(indptr)),
        index_reader_(std::move(index_reader)),
        data_reader_(std::move(data_reader)),
        num_minor_(num_minor),
        num_stored_(num_stored) {}

  // False if any index is not below `limit`; negative ones count as huge.
  template <class S>
  static bool convert_indices(const std::byte* bytes, std::uint64_t limit, std::span<std::uint32_t> indices) {
    std::uint64_t largest = 0;
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const auto index = static_cast<std::uint64_t>(static_cast<std::int64_t>(scalar_at<S>(bytes, i)));
      largest = std::max(largest, index);
      indices[i] = static_cast<std::uint32_t>(index);
    }
    return indices.empty() || largest < limit;
  }

  [[nodiscard]] Error outside(std::int64_t begin, std::size_t size, const std::byte* bytes) const {
    std::vector<std::int64_t> indices(size);
    convert_scalars(index_reader_.kind(), bytes, size, indices.data());
    const auto bad = std::find_if(indices.begin(), indices.end(),
                                  [&](std::int64_t index) { return index < 0 || index >= num_minor_; });
    return {ErrorCode::kParse, "E-H5-009",
            place_ + ": entry " + std::to_string(begin + (bad - indices.begin())) + " has the index " +
                std::to_string(bad == indices.end() ? -1 : *bad) + ", outside 0 to " + std::to_string(num_minor_ - 1) +
                "; the file is damaged, write or download it again"};
  }

  std::string place_;
  H5RowReader indptr_, index_reader_, data_reader_;
  std::int64_t num_minor_, num_stored_;
  std::vector<std::int64_t> bounds_;
};

class CsrReader : public CellBlockReader {
 public:
  CsrReader(SparseArrays arrays, const MatrixInfo& info) : arrays_(std::move(arrays)), num_cells_(info.num_cells) {}

  Result<> next(CellBlock& block, std::int64_t max_cells) override {
    block.clear(cell_);
    const std::int64_t count = std::min(std::max<std::int64_t>(1, max_cells), num_cells_ - cell_);
    if (count <= 0) return {};
    CW_ASSIGN(const std::vector<std::int64_t>* bounds, arrays_.bounds(cell_, count));
    std::size_t rows = 1;
    const auto wanted = static_cast<std::size_t>(count);
    while (rows < wanted && (*bounds)[rows + 1] - bounds->front() <= kBlockValues) ++rows;
    CW_TRY(arrays_.entries(bounds->front(), (*bounds)[rows] - bounds->front(), block.genes, block.values));
    set_offsets(block, *bounds, rows);
    cell_ += static_cast<std::int64_t>(rows);
    return {};
  }

  Result<> seek(std::int64_t cell) override {
    cell_ = std::clamp<std::int64_t>(cell, 0, num_cells_);
    return {};
  }

 private:
  // Cuts the values into rows, dropping stored zeros.
  static void set_offsets(CellBlock& block, const std::vector<std::int64_t>& bounds, std::size_t rows) {
    const bool any_zero = std::find(block.values.begin(), block.values.end(), 0.0F) != block.values.end();
    std::size_t kept = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      const auto to = static_cast<std::size_t>(bounds[row + 1] - bounds[0]);
      if (any_zero) {
        for (auto i = static_cast<std::size_t>(bounds[row] - bounds[0]); i < to; ++i) {
          if (block.values[i] == 0.0F) continue;
          block.genes[kept] = block.genes[i];
          block.values[kept++] = block.values[i];
        }
      }
      block.offsets.push_back(any_zero ? kept : to);
    }
    block.genes.resize(block.offsets.back());
    block.values.resize(block.offsets.back());
  }

  SparseArrays arrays_;
  std::int64_t num_cells_;
  std::int64_t cell_ = 0;
};

class CscSource : public ColumnSource {
 public:
  CscSource(H5Node matrix, SparseArrays arrays, const MatrixInfo& info)
      : matrix_(std::move(matrix)), arrays_(std::move(arrays)), info_(info) {}

  [[nodiscard]] std::int64_t num_cells() const override { return info_.num_cells; }

  Result<> visit(const Visit& visit) override {
    return visit_genes(arrays_, [&](std::uint32_t gene, std::int64_t begin, std::int64_t end) -> Result<> {
      for (; begin < end; begin += kBlockValues) {
        CW_TRY(arrays_.entries(begin, std::min(kBlockValues, end - begin), cells_, values_));
        visit(gene, cells_, values_);
      }
      return {};
    });
  }

  // The cells of a gene are nearly always in order, so that the first ones are found at its beginning.
  Result<> visit_first(std::int64_t count, const Visit& visit) override {
    if (count >= info_.num_cells) return this->visit(visit);
    CW_ASSIGN(SparseArrays arrays, SparseArrays::open(matrix_, info_.num_cells, info_.num_stored, kFirstBytes));
    return visit_genes(arrays, [&](std::uint32_t gene, std::int64_t begin, std::int64_t end) -> Result<> {
      std::int64_t before = -1;  // the largest cell so far, while they are in order
      for (std::int64_t wanted = kFirstEntries; begin < end && before < count;
           wanted = std::min(wanted * 4, kBlockValues)) {
        CW_TRY(arrays.entries(begin, std::min(wanted, end - begin), cells_, values_));
        visit(gene, cells_, values_);
        begin += static_cast<std::int64_t>(cells_.size());
        const bool in_order =
            before < static_cast<std::int64_t>(cells_.front()) && std::is_sorted(cells_.begin(), cells_.end());
        before = in_order ? static_cast<std::int64_t>(cells_.back()) : -1;
      }
      return {};
    });
  }

 private:
  static constexpr std::size_t kFirstBytes = std::size_t{64} << 10U;
  static constexpr std::int64_t kFirstEntries = 4096;

  // Calls `work(gene, begin, end)` with the entries of every gene.
  template <class Work>
  Result<> visit_genes(SparseArrays& arrays, const Work& work) const {
    constexpr std::int64_t kGenesAtOnce = 4096;
    for (std::int64_t first = 0; first < info_.num_genes; first += kGenesAtOnce) {
      const std::int64_t count = std::min(kGenesAtOnce, info_.num_genes - first);
      CW_ASSIGN(const std::vector<std::int64_t>* checked, arrays.bounds(first, count));
      const std::vector<std::int64_t> bounds = *checked;
      for (std::size_t gene = 0; gene < static_cast<std::size_t>(count); ++gene) {
        CW_TRY(
            work(static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(gene), bounds[gene], bounds[gene + 1]));
      }
    }
    return {};
  }

  H5Node matrix_;
  SparseArrays arrays_;
  MatrixInfo info_;
  std::vector<std::uint32_t> cells_;
  std::vector<float> values_;
};

class DenseReader : public CellBlockReader {
 public:
  explicit DenseReader(H5RowReader rows) : rows_(std::move(rows)) {}

  Result<> next(CellBlock& block, std::int64_t max_cells) override {
    block.clear(cell_);
    const auto columns = static_cast<std::size_t>(rows_.num_columns());
    const std::int64_t most = std::max<std::int64_t>(1, kBlockValues / std::max<std::int64_t>(1, rows_.num_columns()));
    const std::int64_t count = std::min({std::max<std::int64_t>(1, max_cells), most, rows_.num_rows() - cell_});
    if (count <= 0) return {};
    CW_ASSIGN(const std::byte* bytes, rows_.rows(cell_, count));
    with_scalar(rows_.kind(), [&](auto sample) {
      using S = decltype(sample);
      for (std::size_t row = 0; row < static_cast<std::size_t>(count); ++row) {
        for (std::size_t column = 0; column < columns; ++column) {
          const S value = scalar_at<S>(bytes, row * columns + column);
          if (value == S{}) continue;
          block.genes.push_back(static_cast<std::uint32_t>(column));
          block.values.push_back(static_cast<float>(value));
        }
        block.offsets.push_back(block.genes.size());
      }
    });
    cell_ += count;
    return {};
  }

  Result<> seek(std::int64_t cell) override {
    cell_ = std::clamp<std::int64_t>(cell, 0, rows_.num_rows());
    return {};
  }

 private:
  H5RowReader rows_;
  std::int64_t cell_ = 0;
};

}  // namespace

Result<std::optional<MatrixInfo>> describe_matrix(const H5Node& element, std::string where) {
  MatrixInfo info;
  const std::string encoding = element.text_attribute("encoding-type").value_or("");
  if (encoding == "null") return std::optional<MatrixInfo>{};
  if (element.is_group()) {
    CW_ASSIGN(info, describe_sparse(element));
  } else {
    CW_ASSIGN(const ArrayShape shape, describe_array(element));
    if (!shape.is_number() || shape.dims.empty() || shape.dims.size() > 2) {
      return Error{ErrorCode::kParse, "E-H5-011",
                   place(element) + " is no matrix of numbers (it holds " + shape.dtype + " values in " +
                       std::to_string(shape.dims.size()) + " dimensions)"};
    }
    info.dtype = shape.dtype;
    info.encoding = "dense";
    info.num_cells = shape.dims[0];
    info.num_genes = shape.dims.size() == 2 ? shape.dims[1] : 1;  // old anndata dropped the axis of a single gene
    if (info.num_genes > kMostGenes || info.num_cells > kMostGenes)
      return contradiction(element, "its shape is impossible");
  }
  info.where = std::move(where);
  return std::optional(std::move(info));
}

Result<std::unique_ptr<CellBlockReader>> open_matrix(H5Node element, const MatrixInfo& info) {
  if (info.encoding == "dense") {
    CW_ASSIGN(H5RowReader rows, H5RowReader::open(element, kDenseBytes));
    return std::unique_ptr<CellBlockReader>(std::make_unique<DenseReader>(std::move(rows)));
  }
  const bool by_cell = info.encoding == "csr";
  CW_ASSIGN(SparseArrays arrays,
            SparseArrays::open(element, by_cell ? info.num_genes : info.num_cells, info.num_stored));
  if (by_cell) return std::unique_ptr<CellBlockReader>(std::make_unique<CsrReader>(std::move(arrays), info));
  return read_by_panels(std::make_unique<CscSource>(std::move(element), std::move(arrays), info));
}

}  // namespace cw
