// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

class QTableWidget;
class QWidget;

namespace cw::ui {

class Theme;

inline constexpr int kPageMargin = 8;  ///< around the pages on a run

/// A table to read, row by row; with `theme` its rows have the height of all tables.
[[nodiscard]] QTableWidget* make_grid(const QString& objectName, const QString& name, const Theme* theme,
                                      QWidget* parent);
void put(QTableWidget& table, int row, int column, const QString& text, bool number = false);
void set_headings(QTableWidget& table, const QStringList& titles);

}  // namespace cw::ui
