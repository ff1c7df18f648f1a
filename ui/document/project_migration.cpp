// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/project_migration.h"

#include "ui/document/cell_rows.h"
#include "ui/document/project_store.h"

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QVariant>
#include <algorithm>

namespace cw::ui {
namespace {

QString rewrite(QSqlDatabase& database) {
  QSqlQuery read(database);
  if (!read.exec(QStringLiteral("ALTER TABLE items ADD COLUMN rows BLOB")) || !read.exec(QLatin1String(kUndoTable)) ||
      !read.exec(QStringLiteral("SELECT id, body FROM items WHERE kind = 'selection'"))) {
    return read.lastError().text();
  }
  while (read.next()) {
    ProjectItem item;
    item.kind = QStringLiteral("selection");
    item.body = Json::parse(read.value(1).toString().toStdString(), nullptr, false);
    if (!item.body.is_object()) continue;
    pack_selection(item);
    QSqlQuery write(database);
    write.prepare(QStringLiteral("UPDATE items SET body = ?, rows = ? WHERE id = ?"));
    write.addBindValue(QString::fromStdString(item.body.dump()));
    write.addBindValue(item.rows);
    write.addBindValue(read.value(0));
    if (!write.exec()) return write.lastError().text();
  }
  read.finish();
  if (!read.exec(QStringLiteral("PRAGMA user_version=%1").arg(kProjectVersion))) return read.lastError().text();
  return {};
}

}  // namespace

void pack_selection(ProjectItem& item) {
  if (item.kind != QLatin1String("selection") || !item.body.contains("rows") || !item.body["rows"].is_array()) return;
  std::vector<std::uint8_t> mask;
  for (const Json& row : item.body["rows"]) {
    if (!row.is_number_unsigned()) continue;
    const auto at = row.get<std::size_t>();
    if (at >= mask.size()) mask.resize(at + 1, 0);
    mask[at] = 1;
  }
  item.body["count"] = std::count(mask.begin(), mask.end(), std::uint8_t{1});
  item.body.erase("rows");
  item.rows = pack_rows(mask);
}

QString migrate_project(QSqlDatabase& database) {
  if (!database.transaction()) return database.lastError().text();
  QString wrong = rewrite(database);
  if (wrong.isEmpty() && !database.commit()) wrong = database.lastError().text();
  if (!wrong.isEmpty()) database.rollback();
  return wrong;
}

}  // namespace cw::ui
