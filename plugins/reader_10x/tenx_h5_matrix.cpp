// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/reader_10x/tenx_h5_matrix.h"

#include <algorithm>

namespace cw {
namespace {

constexpr std::int64_t kBlockValues = 4'000'000;  // read at once: bounds the memory whatever `max_cells` is

}  // namespace

TenxH5Matrix::TenxH5Matrix(std::string where, sdk::Hdf5Array data, sdk::Hdf5Array indices)
    : where_(std::move(where)), data_(std::move(data)), indices_(std::move(indices)) {}

Result<std::unique_ptr<CellBlockReader>> TenxH5Matrix::open(const sdk::Hdf5File& file, const std::string& group,
                                                            const DatasetInfo& info,
                                                            std::vector<std::int32_t> gene_of_feature) {
  CW_ASSIGN(sdk::Hdf5Array data, file.array(group + "/data"));
  CW_ASSIGN(sdk::Hdf5Array indices, file.array(group + "/indices"));
  CW_ASSIGN(const sdk::Hdf5Array indptr, file.array(group + "/indptr"));
  CW_ASSIGN(std::vector<std::int64_t> offsets, indptr.integers());
  const bool numbers = data.kind() == ColumnKind::kInteger || data.kind() == ColumnKind::kReal;
  const bool fits = numbers && indices.kind() == ColumnKind::kInteger && data.shape().size() == 1 &&
                    data.shape() == indices.shape() &&
                    static_cast<std::int64_t>(offsets.size()) == info.num_cells + 1 && offsets.front() == 0 &&
                    offsets.back() == static_cast<std::int64_t>(data.shape()[0]) &&
                    std::is_sorted(offsets.begin(), offsets.end());
  if (!fits) {
    return Error{ErrorCode::kParse, "E-10X-003",
                 info.path.string() + ": " + group +
                     ": data, indices, indptr and shape do not fit each other; the "
                     "file is damaged"};
  }
  std::unique_ptr<TenxH5Matrix> matrix(
      new TenxH5Matrix(info.path.string() + ": " + group, std::move(data), std::move(indices)));
  matrix->offsets_ = std::move(offsets);
  matrix->gene_of_feature_ = std::move(gene_of_feature);
  return std::unique_ptr<CellBlockReader>(std::move(matrix));
}

Result<> TenxH5Matrix::next(CellBlock& block, std::int64_t max_cells) {
  block.clear(static_cast<std::int64_t>(next_cell_));
  const std::size_t num_cells = offsets_.size() - 1;
  const std::size_t limit =
      std::min(num_cells, next_cell_ + static_cast<std::size_t>(std::max<std::int64_t>(max_cells, 0)));
  std::size_t end = next_cell_;
  while (end < limit && (end == next_cell_ || offsets_[end + 1] - offsets_[next_cell_] <= kBlockValues)) ++end;
  const std::uint64_t begin = static_cast<std::uint64_t>(offsets_[next_cell_]);
  const std::uint64_t count = static_cast<std::uint64_t>(offsets_[end]) - begin;
  features_.resize(count);
  values_.resize(count);
  CW_TRY(indices_.read({&begin, 1}, {&count, 1}, features_.data()));
  CW_TRY(data_.read({&begin, 1}, {&count, 1}, values_.data()));
  for (std::size_t cell = next_cell_; cell < end; ++cell) {
    for (auto i = static_cast<std::size_t>(offsets_[cell]) - begin;
         i < static_cast<std::size_t>(offsets_[cell + 1]) - begin; ++i) {
      const std::int64_t feature = features_[i];
      if (feature < 0 || feature >= static_cast<std::int64_t>(gene_of_feature_.size())) {
        return Error{ErrorCode::kParse, "E-10X-003",
                     where_ + ": cell " + std::to_string(cell) + " has a count of feature " + std::to_string(feature) +
                         ", there are " + std::to_string(gene_of_feature_.size())};
      }
      const std::int32_t gene = gene_of_feature_[static_cast<std::size_t>(feature)];
      if (gene < 0 || values_[i] == 0) continue;
      block.genes.push_back(static_cast<std::uint32_t>(gene));
      block.values.push_back(values_[i]);
    }
    block.offsets.push_back(block.genes.size());
  }
  next_cell_ = end;
  return {};
}

Result<> TenxH5Matrix::seek(std::int64_t cell) {
  next_cell_ =
      static_cast<std::size_t>(std::clamp<std::int64_t>(cell, 0, static_cast<std::int64_t>(offsets_.size()) - 1));
  return {};
}

}  // namespace cw
