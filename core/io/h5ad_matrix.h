// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/dataset_reader.h"
#include "core/io/hdf5_node.h"

#include <memory>
#include <optional>
#include <string>

namespace cw {

/// Describes a matrix element: a dense array or a sparse group of any anndata version. Checks sizes that cost nothing
/// to check: lengths of indptr, indices and data, first and last entry of indptr. nullopt: empty on purpose (no X).
/// Errors: kParse E-H5-003, E-H5-004, E-H5-010 (sizes that contradict each other), E-H5-011 (no matrix layout known).
[[nodiscard]] Result<std::optional<MatrixInfo>> describe_matrix(const H5Node& element, std::string where);

/// Opens a described matrix for reading front to back.
///
/// CSR       by blocks of rows; indices are checked against the number of genes, indptr must never fall.
/// Dense     by blocks of rows; zeros are dropped.
/// CSC       by panels of cells whose values fit `kPanelBytes`: one pass to count, then one per panel.
/// Errors: as `describe_matrix`, kUnsupported E-H5-006; while reading E-H5-005, E-H5-009 (index outside), E-H5-010.
[[nodiscard]] Result<std::unique_ptr<CellBlockReader>> open_matrix(H5Node element, const MatrixInfo& info);

}  // namespace cw
