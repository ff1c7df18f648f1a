// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/project_store.h"

#include "ui/document/project_backup.h"
#include "ui/document/project_migration.h"

#include <QFileInfo>
#include <QLockFile>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QUuid>
#include <QVariant>
#include <array>

namespace cw::ui {
namespace {

constexpr int kCopyAttempts = 3;

QString text_of(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

Error broken(const std::filesystem::path& file, const QString& why) {
  return {
      ErrorCode::kParse, "E-PRJ-002",
      file.string() + ": the project's database cannot be read (" + why.toStdString() +
          "), and there is no sound backup beside it; nothing was changed. Restore the folder from a copy, or start "
          "a new project: your data files and the results in runs/ are not touched"};
}

// 0 = none, or it cannot be read.
int version_of(const std::filesystem::path& file) {
  const QString name = QUuid::createUuid().toString();
  int version = 0;
  {
    QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
    set_read_only(database, file);
    if (database.open()) {
      QSqlQuery query(database);
      if (query.exec(QStringLiteral("PRAGMA user_version")) && query.next()) version = query.value(0).toInt();
    }
  }
  QSqlDatabase::removeDatabase(name);
  return version;
}

ProjectItem item_of(const QSqlQuery& query) {
  ProjectItem item;
  item.id = query.value(0).toString();
  item.kind = query.value(1).toString();
  item.name = query.value(2).toString();
  item.position = query.value(4).toLongLong();
  item.body = Json::parse(query.value(3).toString().toStdString(), nullptr, false);
  if (item.body.is_discarded()) item.body = Json::object();
  item.rows = query.value(5).toByteArray();
  pack_selection(item);  // a project of version 1 that cannot be rewritten
  return item;
}

Json json_of(const ProjectItem& item) {
  return {{"kind", item.kind.toStdString()},
          {"name", item.name.toStdString()},
          {"body", item.body},
          {"position", item.position},
          {"rows", item.rows.toBase64().toStdString()}};
}

ProjectItem item_of(const QString& id, const Json& json) {
  ProjectItem item;
  item.id = id;
  item.kind = QString::fromStdString(json.value("kind", std::string()));
  item.name = QString::fromStdString(json.value("name", std::string()));
  item.body = json.value("body", Json::object());
  item.position = json.value("position", qint64{0});
  item.rows = QByteArray::fromBase64(QByteArray::fromStdString(json.value("rows", std::string())));
  return item;
}

// A temporary folder that goes with its parent.
class KeptFolder : public QObject {
 public:
  using QObject::QObject;
  QTemporaryDir folder;
};

// A window that was killed leaves its last changes in the log beside the database. On a disk that cannot be written to
// SQLite would pass that log over without a word and show an older state: both are read from a copy.
Result<std::filesystem::path> readable_database(const std::filesystem::path& folder, bool readOnly, QObject* keeper) {
  const std::filesystem::path file = folder / "project.sqlite";
  const std::filesystem::path log = folder / "project.sqlite-wal";
  std::error_code none;
  const bool left = readOnly && std::filesystem::file_size(log, none) > 0 && !none;
  if (!left || QFileInfo(text_of(folder)).isWritable()) return file;
  const auto failed = [&log](const std::string& why) {
    return Error{ErrorCode::kIo, "E-PRJ-009",
                 log.string() +
                     ": holds the last changes of the project, but on a disk that cannot be written to they "
                     "are read from a copy, and that failed (" +
                     why +
                     "); free space in the folder for temporary files, or copy the project to another disk and open "
                     "it there"};
  };
  auto* copy_folder = new KeptFolder(keeper);
  if (!copy_folder->folder.isValid()) return failed(copy_folder->folder.errorString().toStdString());
  const std::filesystem::path copy = std::filesystem::path(copy_folder->folder.path().toStdString()) / "project.sqlite";
  const auto state = [&] {
    std::error_code gone;
    return std::array{std::filesystem::last_write_time(file, gone), std::filesystem::last_write_time(log, gone)};
  };
  for (int attempt = 0; attempt < kCopyAttempts; ++attempt) {
    const auto before = state();
    for (const auto& [from, to] :
         {std::pair(file, copy), std::pair(log, std::filesystem::path(copy.string() + "-wal"))}) {
      std::error_code wrong;
      std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing, wrong);
      if (wrong) return failed(wrong.message());
      std::filesystem::permissions(to, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, wrong);
    }
    if (state() == before) return copy;
  }
  return failed("another program is writing to it; try again in a moment");
}

}  // namespace

ProjectStore::ProjectStore(std::filesystem::path folder)
    : folder_(std::move(folder)), connection_(QUuid::createUuid().toString()) {}

ProjectStore::~ProjectStore() {
  QSqlDatabase database = QSqlDatabase::database(connection_, false);
  // A backup may still hold the log of changes open; it must not be all that has them, for on a read-only disk the log
  // is not read. FULL waits for the backup, at most as long as the connection waits for any lock.
  if (database.isOpen() && !readOnly_) QSqlQuery(database).exec(QStringLiteral("PRAGMA wal_checkpoint(FULL)"));
  database.close();
  database = QSqlDatabase();  // no handle may be left when the connection is removed
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
  std::error_code closed;
  const bool isProject = std::filesystem::exists(folder_ / "project.sqlite", closed);
  if (closed) {
    return Error{ErrorCode::kIo, "E-PRJ-001",
                 folder_.string() + ": the project's folder cannot be read (" + closed.message() +
                     "); ask its owner for access, or open a copy"};
  }
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
  readOnly_ = true;                                          // another window has it, or the disk is read-only
  if (!QFileInfo(text_of(folder_)).isWritable()) return {};  // a lock that lies there may be of a window long gone
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
  version_ = version_of(file);
  if (version_ > kProjectVersion) {
    return Error{ErrorCode::kUnsupported, "E-PRJ-003",
                 file.string() + ": written by a newer Cellwright (project version " + std::to_string(version_) +
                     ", this program reads up to " + std::to_string(kProjectVersion) + "); update the program"};
  }
  const QString damage = damage_of(file);
  if (damage.isEmpty()) return {};
  if (std::filesystem::file_size(file, ignored) == 0 && !std::filesystem::exists(backup_path(folder_, 1), ignored)) {
    return {};  // made, and killed before its first table: there is nothing to lose
  }
  if (readOnly_) return broken(folder_ / "project.sqlite", damage);
  CW_ASSIGN(recovery_, recover_project(folder_, damage));
  if (recovery_.isEmpty()) return broken(file, damage);
  version_ = version_of(file);
  return {};
}

Result<> ProjectStore::prepare() {
  CW_TRY(lockFolder());
  CW_ASSIGN(const std::filesystem::path file, readable_database(folder_, readOnly_, this));
  CW_TRY(checkDatabase(file));
  QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection_);
  database.setDatabaseName(text_of(file));
  if (readOnly_) set_read_only(database, file);
  if (!database.open()) {
    return Error{ErrorCode::kIo, "E-PRJ-001", file.string() + ": " + database.lastError().text().toStdString()};
  }
  if (readOnly_) return {};
  if (version_ == 1) {
    CW_TRY(back_up_project(folder_));
    if (const QString wrong = migrate_project(database); !wrong.isEmpty()) {
      return Error{ErrorCode::kIo, "E-PRJ-008",
                   file.string() + ": the project is of an older version and cannot be brought to this one (" +
                       wrong.toStdString() + "); it was left as it was. Check the free space"};
    }
  }
  QSqlQuery query(database);
  for (const char* statement : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL"}) {
    if (!query.exec(QLatin1String(statement))) return broken(file, query.lastError().text());
  }
  if (version_ > 0) return {};
  database.transaction();  // all tables or none: a kill in between leaves an empty file
  for (const QString& statement :
       {QStringLiteral("CREATE TABLE items (id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, "
                       "body TEXT NOT NULL, position INTEGER NOT NULL, rows BLOB)"),
        QStringLiteral("CREATE INDEX items_by_kind ON items (kind, position)"),
        QStringLiteral("CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)"),
        QString(QLatin1String(kUndoTable)), QStringLiteral("PRAGMA user_version=%1").arg(kProjectVersion)}) {
    if (!query.exec(statement)) return broken(file, query.lastError().text());
  }
  if (!database.commit()) return broken(file, database.lastError().text());
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
      QStringLiteral("SELECT id, kind, name, body, position, NULL FROM items WHERE kind = ? ORDER BY position, rowid"));
  query.addBindValue(kind);
  query.exec();
  while (query.next()) items.append(item_of(query));
  return items;
}

std::optional<ProjectItem> ProjectStore::item(const QString& id) const {
  QSqlQuery query(QSqlDatabase::database(connection_));
  query.prepare(QStringLiteral("SELECT id, kind, name, body, position, %1 FROM items WHERE id = ?")
                    .arg(QLatin1String(readOnly_ && version_ == 1 ? "NULL" : "rows")));
  query.addBindValue(id);
  if (!query.exec() || !query.next()) return std::nullopt;
  return item_of(query);
}

QString ProjectStore::newId() { return QUuid::createUuid().toString(QUuid::Id128).left(12); }

QString ProjectStore::put(ProjectItem item) {
  if (item.id.isEmpty()) item.id = newId();
  const auto before = recorded_ ? this->item(item.id) : std::nullopt;
  const QString body = QString::fromStdString(item.body.dump());
  const bool kept = write(
      QStringLiteral("INSERT INTO items (id, kind, name, body, position, rows) VALUES (?, ?, ?, ?, ?, ?) "
                     "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, body = excluded.body, "
                     "position = excluded.position, rows = coalesce(excluded.rows, rows)"),
      {item.id, item.kind, item.name, body, item.position,
       item.rows.isEmpty() ? QVariant(QMetaType(QMetaType::QByteArray)) : QVariant(item.rows)});
  if (kept) noteItem(item.id, before);
  if (kept) Q_EMIT changed(item.kind);
  return item.id;
}

void ProjectStore::remove(const QString& id) {
  const auto present = item(id);
  if (!present || !write(QStringLiteral("DELETE FROM items WHERE id = ?"), {id})) return;
  noteItem(id, present);
  Q_EMIT changed(present->kind);
}

QString ProjectStore::value(const QString& key) const {
  QSqlQuery query(QSqlDatabase::database(connection_));
  query.prepare(QStringLiteral("SELECT value FROM settings WHERE key = ?"));
  query.addBindValue(key);
  return query.exec() && query.next() ? query.value(0).toString() : QString();
}

void ProjectStore::setValue(const QString& key, const QString& value) {
  if (recorded_) {
    recorded_->push_back(
        {{"key", key.toStdString()}, {"before", this->value(key).toStdString()}, {"after", value.toStdString()}});
  }
  write(QStringLiteral(
            "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"),
        {key, value});
}

void ProjectStore::noteItem(const QString& id, const std::optional<ProjectItem>& before) {
  if (!recorded_) return;
  const auto after = item(id);
  recorded_->push_back({{"item", id.toStdString()},
                        {"before", before ? json_of(*before) : Json()},
                        {"after", after ? json_of(*after) : Json()}});
}

void ProjectStore::replay(const Json& change, bool forward) {
  const Json from = change.value(forward ? "before" : "after", Json());
  const Json to = change.value(forward ? "after" : "before", Json());
  if (change.contains("key")) {
    const auto key = QString::fromStdString(change["key"].get<std::string>());
    if (value(key).toStdString() == from) setValue(key, QString::fromStdString(to.get<std::string>()));
    return;
  }
  const auto id = QString::fromStdString(change.value("item", std::string()));
  const auto present = item(id);
  if (to.is_null()) {
    if (present && json_of(*present) == from) remove(id);
    return;
  }
  if (!present) {
    put(item_of(id, to));
    return;
  }
  // name, content and place one by one: a rename is undone although the file's checksum came later
  Json merged = json_of(*present);
  for (const auto& [field, wanted] : to.items()) {
    if (merged[field] == from.value(field, Json())) merged[field] = wanted;
  }
  if (merged != json_of(*present)) put(item_of(id, merged));
}

QList<UndoStep> ProjectStore::undoSteps() const {
  QList<UndoStep> steps;
  QSqlQuery query(QSqlDatabase::database(connection_));
  query.exec(QStringLiteral("SELECT number, text, body FROM undo ORDER BY number"));
  while (query.next())
    steps.append({query.value(0).toLongLong(), query.value(1).toString(), query.value(2).toString()});
  return steps;
}

void ProjectStore::keepUndoStep(const UndoStep& step, qint64 first) {
  write(QStringLiteral("DELETE FROM undo WHERE number >= ? OR number < ?"), {step.number, first});
  write(QStringLiteral("INSERT INTO undo (number, text, body) VALUES (?, ?, ?)"), {step.number, step.text, step.body});
}

}  // namespace cw::ui
