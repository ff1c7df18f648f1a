// SPDX-License-Identifier: GPL-3.0-or-later
// A run and its ranked list are made with the command line, exported as a script, and made again by the script.
#include "ui/provenance/script_export.h"

#include "core/api/perturb_options.h"
#include "core/api/stats_options.h"
#include "core/api/tokenize_options.h"
#include "core/base/files.h"
#include "ui/provenance/methods_text.h"
#include "ui/provenance/provenance_panel.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace cw::ui {
namespace {

const QString kProgram = QStringLiteral(CW_BIN_DIR "/cellwright");
const QString kData = QStringLiteral(CW_SOURCE_DIR "/resources/example/pbmc3k_half_a.h5ad");
const QString kModel = QStringLiteral(CW_SOURCE_DIR "/resources/models/demo");

}  // namespace

class ScriptExportTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase();
  void everyOptionHasAWord();
  void theScriptMakesTheSameList();
  void theScriptRefusesOtherData();
  void theMethodsTextHasItsNumbers();
  void wordsAreSafeInAShell();

 private:
  int run(const QString& program, const QStringList& arguments, const QStringList& environment = {}) {
    QProcess process;
    QStringList all = QProcess::systemEnvironment();
    process.setEnvironment(all << environment);
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(program, arguments);
    process.waitForFinished(200'000);
    return process.exitCode();
  }
  std::filesystem::path at(const char* name) { return std::filesystem::path(scratch_.path().toStdString()) / name; }
  QString text(const char* name) { return QString::fromStdString(at(name).string()); }

  QTemporaryDir scratch_;
  Json provenance_;
};

void ScriptExportTest::initTestCase() {
  QCOMPARE(run(kProgram, {"tokenize", kData, "--dictionary", "v1", "--keep", "cell_type", "--out",
                          text("cells.tokens.h5"), "--quiet"}),
           0);
  QCOMPARE(run(kProgram, {"perturb",       text("cells.tokens.h5"),
                          "--model",       kModel,
                          "--delete",      "CD74,LYZ,FTL,S100A8,CD14,TYROBP",
                          "--overexpress", "MS4A1",
                          "--state",       "cell_type",
                          "--start",       "CD14+ Mono",
                          "--goal",        "B",
                          "--max-cells",   "12",
                          "--null",        "20",
                          "--seed",        "7",
                          "--out",         text("run"),
                          "--quiet"}),
           0);
  QCOMPARE(run(kProgram, {"stats", text("run"), "--out", text("ranked.csv"), "--seed", "7", "--quiet"}), 0);
  const auto read = read_provenance(at("ranked.csv"));
  QVERIFY(read.ok());
  provenance_ = *read;
}

void ScriptExportTest::everyOptionHasAWord() {
  const std::pair<const char*, Json> kinds[] = {{"tokenize", to_json(TokenizeOptions{})},
                                                {"perturb", to_json(PerturbOptions{})},
                                                {"stats", to_json(StatsOptions{})}};
  for (const auto& [kind, options] : kinds) {
    for (const auto& [key, value] : options.items()) {
      Json other = {{key, value}};
      if (value.is_boolean()) other[key] = !value.get<bool>();
      if (value.is_string()) other[key] = "other";
      if (value.is_number()) other[key] = value.get<double>() + 1;
      const auto words = command_words(kind, other);
      QVERIFY2(words.ok(), words ? "" : words.error().message.c_str());
    }
  }
}

void ScriptExportTest::theScriptMakesTheSameList() {
  const auto script = shell_script(provenance_);
  QVERIFY2(script.ok(), script ? "" : script.error().message.c_str());
  QVERIFY(write_file_atomically(at("again.sh"), *script).ok());
  QCOMPARE(run(QStringLiteral("bash"), {text("again.sh"), text("again")}, {QStringLiteral("CELLWRIGHT=") + kProgram}),
           0);
  QCOMPARE(QString::fromStdString(*read_file(at("again") / "ranked.csv")),
           QString::fromStdString(*read_file(at("ranked.csv"))));
}

void ScriptExportTest::theScriptRefusesOtherData() {
  QVERIFY(write_file_atomically(at("other.h5ad"), "something else").ok());
  QVERIFY(write_file_atomically(at("refuse.sh"), *shell_script(provenance_)).ok());
  QCOMPARE(run(QStringLiteral("bash"), {text("refuse.sh"), text("refused")},
               {QStringLiteral("CELLWRIGHT=") + kProgram, QStringLiteral("DATA=") + text("other.h5ad")}),
           1);
  QVERIFY(!std::filesystem::exists(at("refused") / "ranked.csv"));
}

void ScriptExportTest::theMethodsTextHasItsNumbers() {
  const QString methods = methods_text(provenance_);
  for (const char* part : {"1,339 cells", "pbmc3k_half_a.h5ad", "CD74, LYZ", "in silico deletion",
                           "in silico overexpression", "CD14+ Mono", "seed 7", "Benjamini", "s41586-023-06139-9"}) {
    QVERIFY2(methods.contains(QString::fromUtf8(part)), qPrintable(QString::fromUtf8(part) + "\n" + methods));
  }
  QVERIFY(provenance_facts(provenance_).size() >= 8);
}

void ScriptExportTest::wordsAreSafeInAShell() {
  QCOMPARE(shell_word("CD14+"), std::string("CD14+"));
  QCOMPARE(shell_word("it's $x"), std::string("'it'\\''s $x'"));
  QCOMPARE(shell_word(""), std::string("''"));
}

}  // namespace cw::ui

QTEST_GUILESS_MAIN(cw::ui::ScriptExportTest)
#include "script_export_test.moc"
