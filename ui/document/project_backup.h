// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"

#include <QString>
#include <filesystem>

class QSqlDatabase;

namespace cw::ui {

/// Copies of a project's database, so that damage to it costs minutes of work and not the project. Each function opens
/// the database on a connection of its own and may run on any thread.

/// Sets a connection up for reading only; on a disk that cannot be written to too, where SQLite could not make the
/// files it shares with writers.
void set_read_only(QSqlDatabase& database, const std::filesystem::path& file);

/// Names of the two backups beside the database, the newer one first: "project.backup-1.sqlite".
[[nodiscard]] std::filesystem::path backup_path(const std::filesystem::path& folder, int number);

/// Why the database cannot be used ("" = it can): looks at every page, so only for files of a project's size.
[[nodiscard]] QString damage_of(const std::filesystem::path& database);

/// Writes a consistent copy as the newer backup; the one before becomes the older. Errors: kIo E-PRJ-006.
Result<> back_up_project(const std::filesystem::path& folder);

/// Puts the newest sound backup in the place of a damaged database, which is kept beside it under another name.
/// Returns what was done as a sentence; "" where there is no sound backup, and then nothing was changed.
/// Errors: kIo E-PRJ-006.
[[nodiscard]] Result<QString> recover_project(const std::filesystem::path& folder, const QString& damage);

/// Copies a project with everything in its folder to a new one; paths into the old folder are turned into paths into
/// the new one. Errors: kInvalidArgument E-PRJ-007 (exists), kIo, kNoSpace, kCancelled.
Result<> copy_project(const std::filesystem::path& from, const std::filesystem::path& to, JobContext& context);

}  // namespace cw::ui
