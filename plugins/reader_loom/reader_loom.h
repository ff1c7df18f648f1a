// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/sdk/plugin.h"

#include <memory>

namespace cw {

/// Reads loom files (HDF5; https://linnarssonlab.org/loompy/format): `/matrix` is genes by cells, attributes are
/// columns. Cells are streamed in blocks of columns.
[[nodiscard]] std::unique_ptr<Plugin> make_reader_loom();

}  // namespace cw
