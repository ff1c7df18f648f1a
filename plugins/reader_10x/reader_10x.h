// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/sdk/plugin.h"

#include <memory>

namespace cw {

/// Reads the output of Cell Ranger: HDF5 files (versions 2 and 3) and folders of matrix.mtx, features.tsv (genes.tsv)
/// and barcodes.tsv, plain or gzip. Only features of the type "Gene Expression" are kept; what is left out is said in
/// the notes.
[[nodiscard]] std::unique_ptr<Plugin> make_reader_10x();

}  // namespace cw
