// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/project_store.h"

#include "ui/document/cell_rows.h"
#include "ui/document/project_backup.h"

#include <sys/types.h>

#include <QCoreApplication>
#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <random>

namespace cw::ui {
namespace {

ProjectItem item(const QString& kind, const QString& name, int number = 0) {
  ProjectItem one;
  one.kind = kind;
  one.name = name;
  one.body = {{"number", number}};
  return one;
}

void damage(const QString& path) {
  QFile file(path);
  QVERIFY(file.open(QIODevice::ReadWrite));
  file.write(QByteArray(2048, 'x'));
}

void runOn(const QString& path, const QString& statement) {
  const QString name = QStringLiteral("test");
  {
    QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
    database.setDatabaseName(path);
    QVERIFY(database.open());
    QSqlQuery query(database);
    QVERIFY(query.exec(statement));
  }
  QSqlDatabase::removeDatabase(name);
}

}  // namespace

class ProjectStoreTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { folder_ = std::make_unique<QTemporaryDir>(); }

  void keepsItemsAndValues() {
    {
      auto store = open();
      QVERIFY(store);
      const QString id = store->put(item(QStringLiteral("gene-list"), QStringLiteral("Interferon")));
      QSignalSpy changed(store.get(), &ProjectStore::changed);
      auto again = *store->item(id);
      again.name = QStringLiteral("Interferon response");
      store->put(again);
      QCOMPARE(changed.count(), 1);
      store->setValue(QStringLiteral("title"), QStringLiteral("Heart"));
    }
    auto store = open();
    QCOMPARE(store->items(QStringLiteral("gene-list")).size(), 1);
    QCOMPARE(store->items(QStringLiteral("gene-list")).first().name, QStringLiteral("Interferon response"));
    QCOMPARE(store->value(QStringLiteral("title")), QStringLiteral("Heart"));
  }

  void opensReadOnlyInASecondWindow() {
    auto first = open();
    first->put(item(QStringLiteral("gene-list"), QStringLiteral("A")));
    auto second = open();
    QVERIFY(second);
    QVERIFY(second->isReadOnly());
    QVERIFY2(second->owner().contains(QString::number(QCoreApplication::applicationPid())),
             qPrintable(second->owner()));
    QSignalSpy refused(second.get(), &ProjectStore::writeRefused);
    second->put(item(QStringLiteral("gene-list"), QStringLiteral("B")));
    QCOMPARE(refused.count(), 1);
    QCOMPARE(second->items(QStringLiteral("gene-list")).size(), 1);
    second.reset();
    first->put(item(QStringLiteral("gene-list"), QStringLiteral("C")));  // the first one goes on
    QCOMPARE(first->items(QStringLiteral("gene-list")).size(), 2);
  }

  void refusesAProjectOfANewerVersion() {
    open();
    runOn(database(), QStringLiteral("PRAGMA user_version=7"));
    const auto store = ProjectStore::open(path());
    QVERIFY(!store);
    QCOMPARE(store.error().id, std::string("E-PRJ-003"));
    QVERIFY(store.error().message.find("version 7") != std::string::npos);
  }

  void keepsTheCellsOfASelectionAsBits() {
    std::vector<std::uint8_t> scattered(1'000'000);
    std::mt19937 random(3);
    for (auto& one : scattered) one = random() % 2;
    std::vector<std::uint8_t> block(1'000'000, 0);
    std::fill(block.begin() + 1000, block.begin() + 400'000, std::uint8_t{1});
    for (const auto& mask : {scattered, block, std::vector<std::uint8_t>(70, 1), std::vector<std::uint8_t>(9, 0)}) {
      const QByteArray packed = pack_rows(mask);
      QVERIFY2(packed.size() <= 125'001, qPrintable(QString::number(packed.size())));
      QCOMPARE(unpack_rows(packed, mask.size()), mask);
      QCOMPARE(unpack_rows(packed, 5), std::vector<std::uint8_t>(mask.begin(), mask.begin() + 5));
    }
    QVERIFY(pack_rows(block).size() < 10);
    QCOMPARE(unpack_rows("R\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 3), std::vector<std::uint8_t>(3, 0));
    auto store = open();
    ProjectItem selection = item(QStringLiteral("selection"), QStringLiteral("lasso"));
    selection.rows = pack_rows(scattered);
    const QString id = store->put(selection);
    selection = store->items(QStringLiteral("selection")).first();
    QVERIFY(selection.rows.isEmpty());  // lists do not carry a megabyte of cells about
    selection.name = QStringLiteral("renamed");
    store->put(selection);
    QCOMPARE(unpack_rows(store->item(id)->rows, scattered.size()), scattered);
  }

  // The tables as version 1 made them.
  void rewritesAProjectOfVersion1() {
    QDir().mkpath(folder_->filePath(QStringLiteral("runs")));
    for (const char* statement :
         {"CREATE TABLE items (id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, "
          "position "
          "INTEGER NOT NULL)",
          "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
          "INSERT INTO items VALUES ('a', 'selection', 'lasso 1', '{\"dataset\":\"d\",\"rows\":[0,2,3]}', 0)",
          "INSERT INTO items VALUES ('b', 'gene-list', 'Interferon', '{\"rows\":[1]}', 0)", "PRAGMA user_version=1"}) {
      runOn(database(), QLatin1String(statement));
    }
    QVERIFY(QFile::setPermissions(folder_->path(), QFile::ReadOwner | QFile::ExeOwner));
    const std::vector<std::uint8_t> cells{1, 0, 1, 1, 0};
    const auto check = [&cells](const ProjectStore& store) {
      const auto selection = store.item(QStringLiteral("a"));
      QVERIFY(selection);
      QCOMPARE(unpack_rows(selection->rows, cells.size()), cells);
      QCOMPARE(selection->body["count"].get<int>(), 3);
      QVERIFY(!selection->body.contains("rows"));
      QVERIFY(store.item(QStringLiteral("b"))->body.contains("rows"));
    };
    if (!QFileInfo(folder_->path()).isWritable()) {  // root may write everywhere
      auto readOnly = open();
      QVERIFY(readOnly);
      QVERIFY(readOnly->isReadOnly());
      check(*readOnly);
    }
    QVERIFY(QFile::setPermissions(folder_->path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    auto store = open();
    QVERIFY(store);
    check(*store);
    QVERIFY(std::filesystem::exists(backup_path(path(), 1)));  // as it was before
    store.reset();
    store = open();
    check(*store);
  }

  void recoversADamagedDatabaseFromItsBackup() {
    open()->put(item(QStringLiteral("gene-list"), QStringLiteral("kept")));
    QVERIFY(back_up_project(path()).ok());
    damage(database());
    auto store = open();
    QVERIFY(store);
    QVERIFY2(store->recoveryNote().contains(QLatin1String("backup")), qPrintable(store->recoveryNote()));
    QCOMPARE(store->items(QStringLiteral("gene-list")).size(), 1);
    QCOMPARE(QDir(folder_->path()).entryList({QStringLiteral("project.damaged-*.sqlite")}).size(), 1);
    store->put(item(QStringLiteral("gene-list"), QStringLiteral("goes on")));
    QCOMPARE(store->items(QStringLiteral("gene-list")).size(), 2);
  }

  void takesTheOlderBackupWhereTheNewerIsDamagedToo() {
    open()->put(item(QStringLiteral("gene-list"), QStringLiteral("kept")));
    QVERIFY(back_up_project(path()).ok());
    QVERIFY(back_up_project(path()).ok());
    damage(database());
    damage(QString::fromStdString(backup_path(path(), 1).string()));
    QCOMPARE(open()->items(QStringLiteral("gene-list")).size(), 1);
  }

  void refusesADamagedDatabaseWithoutBackupAndLeavesItAlone() {
    open()->put(item(QStringLiteral("gene-list"), QStringLiteral("A")));
    damage(database());
    QFile file(database());
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray before = file.readAll();
    const auto store = ProjectStore::open(path());
    QVERIFY(!store);
    QCOMPARE(store.error().id, std::string("E-PRJ-002"));
    file.seek(0);
    QVERIFY(file.readAll() == before);
  }

  void copiesAProjectWithItsRuns() {
    auto store = open();
    ProjectItem run = item(QStringLiteral("run"), QStringLiteral("Screen"));
    run.body["folder"] = (store->runsFolder() / "7").string();
    store->put(run);
    QVERIFY(QDir().mkpath(QString::fromStdString((store->runsFolder() / "7").string())));
    QTemporaryDir elsewhere;
    const std::filesystem::path copy = elsewhere.filePath(QStringLiteral("copy.cellwright")).toStdString();
    JobContext context;
    const auto copied = copy_project(path(), copy, context);
    QVERIFY2(copied.ok(), copied.ok() ? "" : copied.error().message.c_str());
    auto second = ProjectStore::open(copy);
    QVERIFY(second.ok());
    QVERIFY(!(*second)->isReadOnly());
    QCOMPARE((*second)->items(QStringLiteral("run")).first().body["folder"].get<std::string>(),
             (copy / "runs" / "7").string());
    QVERIFY(std::filesystem::exists(copy / "runs" / "7"));
    QCOMPARE(copy_project(path(), copy, context).error().id, std::string("E-PRJ-007"));
  }

  // A child process writes items and says so after each; it is killed at a random moment, five times.
  void losesNothingWrittenWhenKilled() {
    for (int round = 0; round < 5; ++round) {
      QProcess child;
      child.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--write"), folder_->path()});
      QVERIFY(child.waitForStarted());
      QByteArray said;
      const int wanted = 5 + 23 * round;
      while (said.count('\n') < wanted && child.waitForReadyRead(5000)) said += child.readAll();
      ::kill(static_cast<pid_t>(child.processId()), SIGKILL);
      child.waitForFinished();
      said += child.readAll();
      const auto numbers = said.left(said.lastIndexOf('\n')).split('\n');
      QVERIFY(numbers.size() >= wanted);
      auto store = open();
      QVERIFY(store);
      QVERIFY(!store->isReadOnly());  // the lock of a dead process is taken over
      int found = 0;
      for (const auto& one : store->items(QStringLiteral("gene-list")))
        found += one.name == QLatin1String("child") ? 1 : 0;
      total_ += static_cast<int>(numbers.size());
      QVERIFY2(found >= total_, qPrintable(QStringLiteral("%1 of %2").arg(found).arg(total_)));
      total_ = found;  // one more may have been written than was said
    }
  }

 private:
  std::filesystem::path path() const { return folder_->path().toStdString(); }
  QString database() const { return folder_->filePath(QStringLiteral("project.sqlite")); }
  std::unique_ptr<ProjectStore> open() {
    auto store = ProjectStore::open(path());
    return store.ok() ? std::move(store).value() : nullptr;
  }

  std::unique_ptr<QTemporaryDir> folder_;
  int total_ = 0;
};

}  // namespace cw::ui

int main(int argc, char** argv) {
  QCoreApplication application(argc, argv);
  if (argc == 3 && QByteArray(argv[1]) == "--write") {
    auto store = cw::ui::ProjectStore::open(argv[2]);
    if (!store) return 1;
    for (int i = 0;; ++i) {
      cw::ui::ProjectItem item;
      item.kind = QStringLiteral("gene-list");
      item.name = QStringLiteral("child");
      item.body = {{"number", i}};
      (*store)->put(item);
      std::printf("%d\n", i);
      std::fflush(stdout);
    }
  }
  cw::ui::ProjectStoreTest test;
  return QTest::qExec(&test, argc, argv);
}

#include "project_store_test.moc"
