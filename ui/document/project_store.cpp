// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/project_store.h"

#include "ui/document/project_backup.h"

#include <QLockFile>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QUuid>
#include <QVariant>

namespace cw::ui {
namespace {

constexpr int kVersion = 1;

QString text_of(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

Error broken(const std::filesystem::path& file, const QString& why) {
  return {
      ErrorCode::kParse, "E-PRJ-002",
      file.string() + ": the project's database cannot be read (" + why.toStdString() +
          "), and there is no sound backup beside it; nothing was changed. Restore the folder from a copy, or start "
          "a new project: your data files and the results in runs/ are not touched"};
}

ProjectItem item_of(const QSqlQuery& query) {
  ProjectItem item;
  item.id = query.value(0).toString();
  item.kind = query.value(1).toString();
  item.name = query.value(2).toString();
  item.position = query.value(4).toLongLong();
  item.body = Json::parse(query.value(3).toString().toStdString(), nullptr, false);
  if (item.body.is_discarded()) item.body = Json::object();
  return item;
}

}  // namespace

ProjectStore::ProjectStore(std::filesystem::path folder)
    : folder_(std::move(folder)), connection_(QUuid::createUuid().toString()) {}

ProjectStore::~ProjectStore() {
  QSqlDatabase::database(connection_, false).close();
  QSqlDatabase::removeDatabase(connection_);
}

Result<std::unique_ptr<ProjectStore>> ProjectStore::open(const std::filesystem::path& folder) {
  std::unique_ptr<ProjectStore> store(new ProjectStore(folder));
  CW_TRY(store->prepare());
  return store;
}

Result<> ProjectStore::lockFolder() {
  std::error_code failed;
  std::filesystem::create_directories(runsFolder(), failed);
  const bool isProject = std::filesystem::exists(folder_ / "project.sqlite");
  if (failed && !isProject) {
    return Error{ErrorCode::kIo, "E-PRJ-001",
                 folder_.string() + ": the project's folder cannot be made (" + failed.message() +
                     "); choose a folder that you may write to"};
  }
  lock_ = std::make_unique<QLockFile>(text_of(folder_ / "project.lock"));
  lock_->setStaleLockTime(0);  // a lock of a process that is gone is taken over, one of a living process never
  if (lock_->tryLock(0)) return {};
  if (lock_->error() == QLockFile::PermissionError && !isProject) {
    return Error{ErrorCode::kIo, "E-PRJ-001",
                 folder_.string() + ": no permission to write; choose a folder that you may write to"};
  }
  readOnly_ = true;  // another window has it, or the disk is read-only
  qint64 process = 0;
  QString host;
  QString program;
  if (lock_->getLockInfo(&process, &host, &program)) owner_ = tr("process %1 on %2").arg(process).arg(host);
  return {};
}

Result<> ProjectStore::checkDatabase(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    if (readOnly_) {
      return Error{ErrorCode::kIo, "E-PRJ-001",
                   file.string() + ": another window is just making this project; try again"};
    }
    return {};
  }
  // a project of a newer version may well have other tables: that is no damage
  int version = 0;
  {
    const QString name = QUuid::createUuid().toString();
    {
      QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
      set_read_only(database, file);
      if (database.open()) {
        QSqlQuery query(database);
        if (query.exec(QStringLiteral("PRAGMA user_version")) && query.next()) version = query.value(0).toInt();
      }
    }
    QSqlDatabase::removeDatabase(name);
  }
  if (version > kVersion) {
    return Error{ErrorCode::kUnsupported, "E-PRJ-003",
                 file.string() + ": written by a newer Cellwright (project version " + std::to_string(version) +
                     ", this program reads up to " + std::to_string(kVersion) + "); update the program"};
  }
  const QString damage = damage_of(file);
  if (damage.isEmpty()) return {};
  if (std::filesystem::file_size(file, ignored) == 0 && !std::filesystem::exists(backup_path(folder_, 1), ignored)) {
    return {};  // made, and killed before its first table: there is nothing to lose
  }
  if (readOnly_) return broken(file, damage);
  CW_ASSIGN(recovery_, recover_project(folder_, damage));
  if (recovery_.isEmpty()) return broken(file, damage);
  return {};
}

Result<> ProjectStore::prepare() {
  CW_TRY(lockFolder());
  const auto file = folder_ / "project.sqlite";
  CW_TRY(checkDatabase(file));
  QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection_);
  database.setDatabaseName(text_of(file));
  if (readOnly_) set_read_only(database, file);
  if (!database.open()) {
    return Error{ErrorCode::kIo, "E-PRJ-001", file.string() + ": " + database.lastError().text().toStdString()};
  }
  if (readOnly_) return {};
  QSqlQuery query(database);
  for (const char* statement :
       {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL",
        "CREATE TABLE IF NOT EXISTS items (id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, "
        "body TEXT NOT NULL, position INTEGER NOT NULL)",
        "CREATE INDEX IF NOT EXISTS items_by_kind ON items (kind, position)",
        "CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)", "PRAGMA user_version=1"}) {
    if (!query.exec(QLatin1String(statement))) return broken(file, query.lastError().text());
  }
  return {};
}

bool ProjectStore::write(const QString& statement, const QVariantList& values) {
  if (readOnly_) {
    Q_EMIT writeRefused();
    return false;
  }
  QSqlQuery query(QSqlDatabase::database(connection_));
  query.prepare(statement);
  for (const auto& value : values) query.addBindValue(value);
  if (query.exec()) return true;
  Q_EMIT writeFailed(query.lastError().text());
  return false;
}

QList<ProjectItem> ProjectStore::items(const QString& kind) const {
  QList<ProjectItem> items;
  QSqlQuery query(QSqlDatabase::database(connection_));
  query.prepare(
      QStringLiteral("SELECT id, kind, name, body, position FROM items WHERE kind = ? ORDER BY position, rowid"));
  query.addBindValue(kind);
  query.exec();
  while (query.next()) items.append(item_of(query));
  return items;
}

std::optional<ProjectItem> ProjectStore::item(const QString& id) const {
  QSqlQuery query(QSqlDatabase::database(connection_));
  query.prepare(QStringLiteral("SELECT id, kind, name, body, position FROM items WHERE id = ?"));
  query.addBindValue(id);
  if (!query.exec() || !query.next()) return std::nullopt;
  return item_of(query);
}

QString ProjectStore::put(ProjectItem item) {
  if (item.id.isEmpty()) item.id = QUuid::createUuid().toString(QUuid::Id128).left(12);
  const QString body = QString::fromStdString(item.body.dump());
  const bool kept =
      write(QStringLiteral(
                "INSERT INTO items (id, kind, name, body, position) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
                "SET kind = excluded.kind, name = excluded.name, body = excluded.body, position = excluded.position"),
            {item.id, item.kind, item.name, body, item.position});
  if (kept) Q_EMIT changed(item.kind);
  return item.id;
}

void ProjectStore::remove(const QString& id) {
  const auto present = item(id);
  if (present && write(QStringLiteral("DELETE FROM items WHERE id = ?"), {id})) Q_EMIT changed(present->kind);
}

QString ProjectStore::value(const QString& key) const {
  QSqlQuery query(QSqlDatabase::database(connection_));
  query.prepare(QStringLiteral("SELECT value FROM settings WHERE key = ?"));
  query.addBindValue(key);
  return query.exec() && query.next() ? query.value(0).toString() : QString();
}

void ProjectStore::setValue(const QString& key, const QString& value) {
  write(QStringLiteral(
            "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"),
        {key, value});
}

}  // namespace cw::ui
