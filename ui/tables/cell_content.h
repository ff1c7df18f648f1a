// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/data_table/table_content.h"
#include "ui/document/dataset.h"

namespace cw::ui {

/// The cells of a data set with all their columns, which are shared, not copied. May run on any thread.
[[nodiscard]] TableContentPtr cell_content(const DatasetPtr& dataset);

}  // namespace cw::ui
