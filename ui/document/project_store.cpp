// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/project_store.h"

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
  return {ErrorCode::kParse, "E-PRJ-002",
          file.string() + ": the project's database cannot be read (" + why.toStdString() +
              "); nothing was changed. Copy the folder, then open the newest backup beside it"};
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

Result<> ProjectStore::prepare() {
  std::error_code failed;
  std::filesystem::create_directories(runsFolder(), failed);
  if (failed && !std::filesystem::exists(folder_)) {
    return Error{ErrorCode::kIo, "E-PRJ-001",
                 folder_.string() + ": the project's folder cannot be made (" + failed.message() +
                     "); choose a folder that you may write to"};
  }
  lock_ = std::make_unique<QLockFile>(text_of(folder_ / "project.lock"));
  lock_->setStaleLockTime(0);  // a lock of a process that is gone is taken over, one of a living process never
  if (!lock_->tryLock(0)) {
    readOnly_ = true;
    qint64 process = 0;
    QString host;
    QString program;
    if (lock_->getLockInfo(&process, &host, &program)) owner_ = tr("process %1 on %2").arg(process).arg(host);
  }
  const auto file = folder_ / "project.sqlite";
  QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection_);
  database.setDatabaseName(text_of(file));
  if (readOnly_) database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY"));
  if (!database.open()) {
    return Error{ErrorCode::kIo, "E-PRJ-001", file.string() + ": " + database.lastError().text().toStdString()};
  }
  QSqlQuery query(database);
  if (!query.exec(QStringLiteral("PRAGMA user_version")) || !query.next())
    return broken(file, query.lastError().text());
  const int version = query.value(0).toInt();
  if (version > kVersion) {
    return Error{ErrorCode::kUnsupported, "E-PRJ-003",
                 file.string() + ": written by a newer Cellwright (project version " + std::to_string(version) +
                     ", this program reads up to " + std::to_string(kVersion) + "); update the program"};
  }
  if (!query.exec(QStringLiteral("PRAGMA quick_check(1)")) || !query.next() ||
      query.value(0).toString() != QLatin1String("ok")) {
    return broken(file, query.isValid() ? query.value(0).toString() : query.lastError().text());
  }
  if (readOnly_) return {};
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
