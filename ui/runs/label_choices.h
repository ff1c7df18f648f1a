// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/document/dataset.h"

#include <QStringList>
#include <string>

namespace cw::ui {

/// Columns of the cells that hold numbers: a model can learn them as such (age, dose, day).
[[nodiscard]] QStringList number_columns(const Dataset& dataset);

/// What can be said of a number to learn before any training: its range, how many cells have it.
struct NumberOutlook {
  QString text;
  bool possible = false;  ///< two cells differ in it
};
[[nodiscard]] NumberOutlook number_outlook(const Dataset& dataset, const std::string& column);

}  // namespace cw::ui
