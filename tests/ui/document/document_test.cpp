// SPDX-License-Identifier: GPL-3.0-or-later
// A project over several sessions: what can be undone then, and what happens where the disk does not do as it should.
// Run with "--look FOLDER" this program opens a project as a user without rights and says what it found, with
// "--add-and-die FOLDER" it adds a gene list and is killed.
#include "ui/document/document.h"

#include "app/plugin_list.h"
#include "ui/common/messages.h"

#include <sys/resource.h>
#include <unistd.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

namespace cw::ui {
namespace {

const std::string kExample = CW_SOURCE_DIR "/resources/example/pbmc3k_half_a.h5ad";
constexpr int kSoon = 30'000;
constexpr std::size_t kCells = 1339;

// A window's document, from its start to its end.
struct Sitting {
  explicit Sitting(const std::filesystem::path& project) { opened = document.openProject(project); }
  [[nodiscard]] bool hasData() {
    return QTest::qWaitFor([this] { return document.dataset() != nullptr; }, kSoon);
  }
  [[nodiscard]] bool said(const char* id) const {
    const auto log = messages.log();
    return std::any_of(log.begin(), log.end(), [id](const Message& one) { return one.id == QLatin1String(id); });
  }
  Background background;
  MessageCenter messages;
  Document document{background, messages};
  Result<> opened;
};

ProjectItem geneList(const QString& name) {
  ProjectItem item;
  item.kind = QStringLiteral("gene-list");
  item.name = name;
  item.body = {{"genes", {"ENSG00000115415"}}};
  return item;
}

CellSelectionPtr everySecond(const QString& name) {
  std::vector<std::uint8_t> mask(kCells, 0);
  for (std::size_t i = 0; i < kCells; i += 2) mask[i] = 1;
  return make_selection(std::move(mask), name, QStringLiteral("test"));
}

QStringList names(const Document& document, const char* kind) {
  QStringList names;
  for (const ProjectItem& item : document.project()->items(QLatin1String(kind))) names << item.name;
  return names;
}

}  // namespace

class DocumentTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { register_plugins(); }
  void init() { folder_ = std::make_unique<QTemporaryDir>(); }

  void stepsOfAnEarlierSessionAreUndoneAndRedone() {
    QString list;
    {
      Sitting first(project());
      first.document.openDataset(kExample);
      QVERIFY(first.hasData());
      first.document.selectCells(everySecond(QStringLiteral("lasso 1")));
      first.document.selectGenes({{QStringLiteral("ENSG00000115415")}, QStringLiteral("mine"), {}});
      list = first.document.addItem(geneList(QStringLiteral("Interferon")), QStringLiteral("Add a list"));
      first.document.renameItem(list, QStringLiteral("Interferon response"));
      first.document.removeItem(list);
      first.document.undoStack().undo();  // the list is there again
      QCOMPARE(first.document.undoStack().index(), 4);
    }
    for (int start = 0; start < 2; ++start) {
      Sitting later(project());
      QVERIFY(later.hasData());
      QUndoStack& stack = later.document.undoStack();
      QCOMPARE(stack.count(), 5);
      QCOMPARE(stack.index(), 4);
      QCOMPARE(stack.text(0), QStringLiteral("Select 670 cells"));
      QCOMPARE(names(later.document, "gene-list"), QStringList{QStringLiteral("Interferon response")});
      stack.undo();
      QCOMPARE(names(later.document, "gene-list"), QStringList{QStringLiteral("Interferon")});
      stack.undo();
      QVERIFY(names(later.document, "gene-list").isEmpty());
      QCOMPARE(later.document.selection().genes().ensemblIds.size(), 1);
      stack.undo();
      QVERIFY(later.document.selection().genes().ensemblIds.isEmpty());
      QCOMPARE(later.document.selection().cells()->count, std::int64_t{670});
      stack.undo();
      QVERIFY(!later.document.selection().cells());
      stack.setIndex(4);
      QCOMPARE(later.document.selection().cells()->mask, everySecond({})->mask);
      QCOMPARE(names(later.document, "gene-list"), QStringList{QStringLiteral("Interferon response")});
    }
    Sitting last(project());
    QVERIFY(last.hasData());
    last.document.undoStack().redo();
    QVERIFY(names(last.document, "gene-list").isEmpty());
  }

  void aStepTakesThePlaceOfThoseUndoneBefore() {
    {
      Sitting first(project());
      for (const char* name : {"A", "B", "C"}) {
        first.document.addItem(geneList(QLatin1String(name)), QStringLiteral("Add ") + QLatin1String(name));
      }
    }
    {
      Sitting second(project());
      second.document.undoStack().setIndex(1);
      second.document.addItem(geneList(QStringLiteral("D")), QStringLiteral("Add D"));
    }
    Sitting third(project());
    QCOMPARE(third.document.undoStack().count(), 2);
    QCOMPARE(third.document.undoStack().text(1), QStringLiteral("Add D"));
    third.document.undoStack().setIndex(0);
    QVERIFY(names(third.document, "gene-list").isEmpty());
  }

  void whatChangedOtherwiseSinceIsLeftAlone() {
    QString id;
    {
      Sitting first(project());
      id = first.document.addItem(geneList(QStringLiteral("A")), QStringLiteral("Add"));
      first.document.renameItem(id, QStringLiteral("B"));
      ProjectItem item = *first.document.project()->item(id);
      item.body["genes"].push_back("ENSG00000185745");  // as a job or another part would
      first.document.project()->put(item);
    }
    Sitting later(project());
    later.document.undoStack().undo();
    const auto item = later.document.project()->item(id);
    QCOMPARE(item->name, QStringLiteral("A"));
    QCOMPARE(item->body["genes"].size(), std::size_t{2});
    later.document.undoStack().undo();  // the step added one with other genes: that one would be lost
    QVERIFY(later.document.project()->item(id));
  }

  void keepsAtLeastTwoHundredSteps() {
    {
      Sitting first(project());
      for (int i = 0; i < 260; ++i) {
        first.document.addItem(geneList(QString::number(i)), QStringLiteral("Add %1").arg(i));
      }
      QCOMPARE(first.document.undoStack().count(), 260);
    }
    QElapsedTimer clock;
    clock.start();
    Sitting later(project());
    QVERIFY2(clock.elapsed() < 1000, qPrintable(QString::number(clock.elapsed())));
    QCOMPARE(later.document.undoStack().index(), 260);
    later.document.undoStack().setIndex(10);
    QCOMPARE(names(later.document, "gene-list").size(), 10);
  }

  // A limit on the size of files is a disk that is full to what writes to it.
  void aFullDiskIsToldAndLosesNothingKeptBefore() {
    Sitting sitting(project());
    sitting.document.addItem(geneList(QStringLiteral("kept")), QStringLiteral("Add"));
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit full{100, before.rlim_max};
    QVERIFY(setrlimit(RLIMIT_FSIZE, &full) == 0);
    ProjectItem large = geneList(QStringLiteral("lost"));
    large.body["text"] = std::string(300'000, 'x');
    sitting.document.project()->put(large);
    setrlimit(RLIMIT_FSIZE, &before);
    QVERIFY(sitting.said("E-PRJ-005"));
    QCOMPARE(names(sitting.document, "gene-list"), QStringList{QStringLiteral("kept")});
    sitting.document.project()->put(geneList(QStringLiteral("later")));  // there is room again
    QCOMPARE(names(sitting.document, "gene-list").size(), 2);
  }

  void aSecondWindowLooksAndSaysSo() {
    Sitting first(project());
    first.document.addItem(geneList(QStringLiteral("A")), QStringLiteral("Add"));
    Sitting second(project());
    QVERIFY(second.opened.ok());
    QVERIFY(second.said("W-PRJ-002"));
    QVERIFY(second.document.addItem(geneList(QStringLiteral("B")), QStringLiteral("Add")).isEmpty());
    QCOMPARE(names(second.document, "gene-list"), QStringList{QStringLiteral("A")});
    second.document.undoStack().undo();
    QCOMPARE(names(first.document, "gene-list"), QStringList{QStringLiteral("A")});
  }

  void aProjectThatCannotBeOpenedLeavesTheOldOneOpen() {
    Sitting sitting(project());
    sitting.document.addItem(geneList(QStringLiteral("A")), QStringLiteral("Add"));
    const std::filesystem::path bad = folder_->filePath(QStringLiteral("bad.cellwright")).toStdString();
    QVERIFY(QDir().mkpath(QString::fromStdString(bad.string())));
    QFile file(QString::fromStdString((bad / "project.sqlite").string()));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(5000, 'x'));
    file.close();
    const auto opened = sitting.document.openProject(bad);
    QVERIFY(!opened);
    QCOMPARE(opened.error().id, std::string("E-PRJ-002"));
    QCOMPARE(QFileInfo(file).size(), 5000);
    QCOMPARE(sitting.document.project()->folder(), project());
    sitting.document.undoStack().undo();
    QVERIFY(names(sitting.document, "gene-list").isEmpty());
  }

  // Root may write everywhere, so another user looks.
  void aProjectOnAReadOnlyDiskIsShown() {
    { Sitting(project()).document.addItem(geneList(QStringLiteral("A")), QStringLiteral("Add")); }
    QCOMPARE(look(), QStringLiteral("read-only W-PRJ-002 A\n"));
  }

  // The last change is in the log beside the database only, which SQLite would pass over there without a word.
  void whatAKilledWindowLeftIsShownOnAReadOnlyDiskToo() {
    { Sitting(project()).document.addItem(geneList(QStringLiteral("A")), QStringLiteral("Add")); }
    const QString folder = QString::fromStdString(project().string());
    QProcess killed;
    killed.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--add-and-die"), folder});
    QVERIFY(killed.waitForFinished(kSoon));
    QCOMPARE(killed.exitStatus(), QProcess::CrashExit);
    QVERIFY(QFileInfo(folder + QStringLiteral("/project.sqlite-wal")).size() > 0);
    const auto files = QDir(folder).entryInfoList(QDir::Files);
    QCOMPARE(look(), QStringLiteral("read-only W-PRJ-002 A,B\n"));
    QCOMPARE(QDir(folder).entryInfoList(QDir::Files), files);
    // no room for the copy: said, and not an older state shown
    const QString said = look(QStringLiteral("/nowhere"));
    QVERIFY2(said.startsWith(QLatin1String("E-PRJ-009 ")) && said.contains(folder), qPrintable(said));
  }

  void aFolderThatCannotBeReadIsRefusedWithTheReason() {
    { Sitting(project()).document.addItem(geneList(QStringLiteral("A")), QStringLiteral("Add")); }
    const QString folder = QString::fromStdString(project().string());
    QFile::setPermissions(folder_->path(), QFile::ReadOwner | QFile::ExeOwner | QFile::ReadOther | QFile::ExeOther);
    QFile::setPermissions(folder, QFile::Permissions());
    QProcess process;
    process.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--look"), folder});
    QVERIFY(process.waitForFinished(kSoon));
    QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    QFile::setPermissions(folder_->path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    const QString said = QString::fromUtf8(process.readAllStandardOutput());
    QVERIFY2(said.startsWith(QLatin1String("E-PRJ-001 ")) && said.contains(folder), qPrintable(said));
  }

 private:
  // What another process says of the project on a disk that cannot be written to; "" = it did not end.
  QString look(const QString& temporaryFiles = QDir::tempPath()) {
    const auto allow = [this](QFile::Permissions folder) {
      QFile::setPermissions(folder_->path(), folder);
      QFile::setPermissions(QString::fromStdString(project().string()), folder);
    };
    const auto readable =
        QFile::ReadOwner | QFile::ExeOwner | QFile::ReadGroup | QFile::ExeGroup | QFile::ReadOther | QFile::ExeOther;
    allow(readable);
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("TMPDIR"), temporaryFiles);
    process.setProcessEnvironment(environment);
    process.start(QCoreApplication::applicationFilePath(),
                  {QStringLiteral("--look"), QString::fromStdString(project().string())});
    const bool ended = process.waitForFinished(kSoon);
    allow(readable | QFile::WriteOwner);
    return ended ? QString::fromUtf8(process.readAllStandardOutput()) : QString();
  }

  std::filesystem::path project() const { return folder_->filePath(QStringLiteral("p.cellwright")).toStdString(); }
  std::unique_ptr<QTemporaryDir> folder_;
};

}  // namespace cw::ui

int main(int argc, char** argv) {
  if (argc == 3 && QByteArray(argv[1]) == "--look") {
    if (geteuid() == 0 && setuid(65534) != 0) return 2;
    QApplication application(argc, argv);
    const cw::ui::Sitting sitting(argv[2]);
    if (!sitting.opened) {
      std::printf("%s %s\n", sitting.opened.error().id.c_str(), sitting.opened.error().message.c_str());
      return 1;
    }
    std::printf("%s %s %s\n", sitting.document.project()->isReadOnly() ? "read-only" : "writable",
                sitting.said("W-PRJ-002") ? "W-PRJ-002" : "silent",
                qPrintable(cw::ui::names(sitting.document, "gene-list").join(QLatin1Char(','))));
    return 0;
  }
  QApplication application(argc, argv);
  if (argc == 3 && QByteArray(argv[1]) == "--add-and-die") {
    cw::ui::Sitting sitting(argv[2]);
    sitting.document.addItem(cw::ui::geneList(QStringLiteral("B")), QStringLiteral("Add"));
    std::raise(SIGKILL);
  }
  cw::ui::DocumentTest test;
  return QTest::qExec(&test, argc, argv);
}

#include "document_test.moc"
