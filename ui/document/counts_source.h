// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/document/dataset.h"

#include <string>

namespace cw::ui {

/// What the counts of a data set are read from, as text: a file of another size or time, or another matrix, makes it
/// another. "" where the file is gone. Looks at the disk without reading the file.
[[nodiscard]] std::string counts_source(const Dataset& dataset);

}  // namespace cw::ui
