// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/project_backup.h"

#include "core/base/files.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFileInfo>
#include <QLocale>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QUrl>
#include <QUuid>

namespace cw::ui {
namespace {

namespace fs = std::filesystem;

QString text_of(const fs::path& path) { return QString::fromStdString(path.string()); }

QString quoted(const fs::path& path) {
  return QLatin1Char('\'') + text_of(path).replace(QLatin1Char('\''), QLatin1String("''")) + QLatin1Char('\'');
}

// A connection of its own for one call; `use` gets a query on it and returns what went wrong.
template <class Use>
QString with_database(const fs::path& file, bool readOnly, Use&& use) {
  const QString name = QUuid::createUuid().toString();
  QString wrong;
  {
    QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
    database.setDatabaseName(text_of(file));
    if (readOnly) set_read_only(database, file);
    if (database.open()) {
      QSqlQuery query(database);
      wrong = use(query);
    } else {
      wrong = database.lastError().text();
    }
  }
  QSqlDatabase::removeDatabase(name);
  return wrong;
}

Error failed(const fs::path& file, const QString& why) {
  return {ErrorCode::kIo, "E-PRJ-006",
          file.string() + ": the backup of the project cannot be written (" + why.toStdString() +
              "); check the free space"};
}

Result<> move_file(const fs::path& from, const fs::path& to) {
  std::error_code wrong;
  fs::rename(from, to, wrong);
  if (wrong) return failed(to, QString::fromStdString(wrong.message()));
  return {};
}

}  // namespace

void set_read_only(QSqlDatabase& database, const fs::path& file) {
  if (QFileInfo(text_of(file.parent_path())).isWritable()) {
    database.setDatabaseName(text_of(file));
    database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY"));
    return;
  }
  QUrl name = QUrl::fromLocalFile(text_of(file));
  name.setQuery(QStringLiteral("immutable=1"));
  database.setDatabaseName(name.toString(QUrl::FullyEncoded));
  database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY;QSQLITE_OPEN_URI"));
}

fs::path backup_path(const fs::path& folder, int number) {
  return folder / ("project.backup-" + std::to_string(number) + ".sqlite");
}

QString damage_of(const fs::path& database) {
  return with_database(database, true, [](QSqlQuery& query) {
    if (!query.exec(QStringLiteral("PRAGMA quick_check(1)")) || !query.next()) return query.lastError().text();
    const QString found = query.value(0).toString();
    if (found != QLatin1String("ok")) return found;
    // an empty file is a sound database of nothing: what makes it a project is its tables
    if (!query.exec(QStringLiteral("SELECT count(*) FROM items")) || !query.next()) return query.lastError().text();
    return QString();
  });
}

Result<> back_up_project(const fs::path& folder) {
  const fs::path temporary = folder / "project.backup.tmp";
  std::error_code ignored;
  fs::remove(temporary, ignored);
  const QString wrong = with_database(folder / "project.sqlite", true, [&temporary](QSqlQuery& query) {
    return query.exec(QStringLiteral("VACUUM INTO ") + quoted(temporary)) ? QString() : query.lastError().text();
  });
  if (!wrong.isEmpty()) {
    fs::remove(temporary, ignored);
    return failed(temporary, wrong);
  }
  CW_TRY(sync_to_disk(temporary));
  if (fs::exists(backup_path(folder, 1), ignored)) CW_TRY(move_file(backup_path(folder, 1), backup_path(folder, 2)));
  return move_file(temporary, backup_path(folder, 1));
}

Result<QString> recover_project(const fs::path& folder, const QString& damage) {
  std::error_code ignored;
  for (const int number : {1, 2}) {
    const fs::path backup = backup_path(folder, number);
    if (!fs::exists(backup, ignored) || !damage_of(backup).isEmpty()) continue;
    const QDateTime made = QFileInfo(text_of(backup)).lastModified();
    const std::string stamp = QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-hhmmss")).toStdString();
    const fs::path kept = folder / ("project.damaged-" + stamp + ".sqlite");
    // first a whole copy of the backup under another name: at no time is there neither the old file nor the new one
    const fs::path fresh = folder / "project.recovered.tmp";
    fs::copy_file(backup, fresh, fs::copy_options::overwrite_existing, ignored);
    if (ignored) return failed(fresh, QString::fromStdString(ignored.message()));
    for (const char* part : {"-wal", "-shm"}) {  // they belong to the damaged file and would be played into the new one
      const fs::path log = folder / (std::string("project.sqlite") + part);
      if (fs::exists(log, ignored)) CW_TRY(move_file(log, fs::path(kept.string() + part)));
    }
    CW_TRY(move_file(folder / "project.sqlite", kept));
    CW_TRY(move_file(fresh, folder / "project.sqlite"));
    return QCoreApplication::translate("ProjectStore",
                                       "The project's database was damaged (%1). It was recovered from the backup of "
                                       "%2; the damaged file was kept as %3.")
        .arg(damage, QLocale().toString(made, QLocale::ShortFormat), text_of(kept.filename()));
  }
  return QString();
}

Result<> copy_project(const fs::path& from, const fs::path& to, JobContext& context) {
  std::error_code wrong;
  if (fs::exists(to, wrong) && !fs::is_empty(to, wrong)) {
    return Error{ErrorCode::kInvalidArgument, "E-PRJ-007",
                 to.string() + " exists already and is not empty; choose another name"};
  }
  CW_ASSIGN(PendingOutput output, PendingOutput::create(to, true));
  fs::create_directories(output.path(), wrong);
  if (wrong) return failed(output.path(), QString::fromStdString(wrong.message()));
  for (fs::recursive_directory_iterator it(from, wrong), end; !wrong && it != end; it.increment(wrong)) {
    if (context.cancelled()) return cancelled_error("copying the project");
    const fs::path relative = fs::relative(it->path(), from, wrong);
    const std::string name = relative.string();
    if (name.starts_with("project.")) continue;  // the database is copied as one consistent state below
    if (it->is_directory(wrong)) {
      fs::create_directories(output.path() / relative, wrong);
    } else {
      fs::copy_file(it->path(), output.path() / relative, wrong);
    }
  }
  if (wrong) return failed(output.path(), QString::fromStdString(wrong.message()));
  const fs::path database = output.path() / "project.sqlite";
  QString why = with_database(from / "project.sqlite", true, [&database](QSqlQuery& query) {
    return query.exec(QStringLiteral("VACUUM INTO ") + quoted(database)) ? QString() : query.lastError().text();
  });
  if (why.isEmpty()) {
    why = with_database(database, false, [&from, &to](QSqlQuery& query) {
      query.prepare(QStringLiteral("UPDATE items SET body = replace(body, ?, ?)"));
      query.addBindValue(text_of(from) + QLatin1Char('/'));
      query.addBindValue(text_of(to) + QLatin1Char('/'));
      return query.exec() ? QString() : query.lastError().text();
    });
  }
  if (!why.isEmpty()) return failed(database, why);
  return output.commit();
}

}  // namespace cw::ui
