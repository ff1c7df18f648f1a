// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

class QSqlDatabase;

namespace cw::ui {

struct ProjectItem;

/// What this program writes; projects of older versions are rewritten when they are opened for writing.
inline constexpr int kProjectVersion = 2;

/// Statement that makes the table of changes that can be undone.
inline constexpr auto kUndoTable =
    "CREATE TABLE undo (number INTEGER PRIMARY KEY, text TEXT NOT NULL, body TEXT NOT NULL)";

/// A selection as version 1 kept it (a list of rows in its body) as version 2 does. Others stay as they are.
void pack_selection(ProjectItem& item);

/// Rewrites the tables of version 1 in one transaction; what went wrong, "" = done. Nothing is changed on failure.
[[nodiscard]] QString migrate_project(QSqlDatabase& database);

}  // namespace cw::ui
