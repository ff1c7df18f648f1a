// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/document/dataset.h"

#include <QStringList>

namespace cw::ui {

/// Columns of a data set that groups can be made from: categories, at most 500 of them; those that are called like cell
/// types, conditions or clusters come first, those that most cells lack last.
[[nodiscard]] QStringList label_columns(const Dataset& dataset);

}  // namespace cw::ui
