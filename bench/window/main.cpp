// SPDX-License-Identifier: GPL-3.0-or-later
// How fast the window answers, beside its goals: window_bench [--json FILE]. Needs nobody at the screen (offscreen).
#include "bench/window/measures.h"
#include "core/base/files.h"

#include <QApplication>
#include <QProcess>
#include <QTemporaryDir>
#include <cstdio>
#include <fstream>

namespace cw::ui {
namespace {

// An invented data set with a map, of so many cells.
QString invented(const QTemporaryDir& folder, int cells) {
  const QString file = folder.filePath(QStringLiteral("cells.h5ad"));
  const auto resources = resources_folder();
  if (resources) {
    const auto genes = *resources / "dictionaries" / "v1" / "tokens.tsv";
    QProcess::execute(QStringLiteral(CW_MAKE_CELLS),
                      {file, QString::fromStdString(genes.string()), QString::number(cells)});
  }
  return file;
}

Json window_of(GoalSheet& sheet, const QString& file, const char* what) {
  auto found = measure_window_apart(file);
  if (found) return *found;
  sheet.failed("5", what, found.error().message);
  return Json();
}

void measure_small(GoalSheet& sheet) {
  const QTemporaryDir scratch;
  const QString file = invented(scratch, 2700);
  const Json found = window_of(sheet, file, "2,700 cells");
  if (found.is_null()) return;
  sheet.at_most("1", "start to a usable window", found["start"], "ms", 1500);
  sheet.at_most("3", "2,700 cells with a map, drop to plot", found["first_plot"], "ms", 1000);
  sheet.at_most("3", "2,700 cells, drop to import sheet", found["import_sheet"], "ms", 1000);
  sheet.at_most("15", "switch to dark and back, slowest, with all panels", found["dark"], "ms", 100);
  sheet.at_most("15", "2,700 cells, longest stall", found["stall"], "ms", 100);
}

void measure_million(GoalSheet& sheet) {
  const QTemporaryDir scratch;
  const QString file = invented(scratch, 1'000'000);
  const Json found = window_of(sheet, file, "1 M cells");
  if (found.is_null()) return;
  sheet.at_most("5", "1 M cells with a map, drop to plot", found["first_plot"].get<double>() / 1000, "s", 5);
  sheet.note("1 M cells, drop to import sheet", found["import_sheet"].get<double>() / 1000, "s");
  sheet.note("1 M cells, index of the genes (worker, once per file)", found["gene_index"].get<double>() / 1000, "s");
  sheet.at_most("6", "1 M cells, most memory with map, ten columns, five genes", found["megabytes"], "MB", 1536);
  sheet.at_most("11", "1 M cells, colour by a gene from disk, slowest of five", found["gene"], "ms", 400);
  sheet.at_most("13", "1 M cells, selection to the new picture of all panels", found["highlight"], "ms", 100);
  sheet.at_most("15", "1 M cells, longest stall", found["stall"], "ms", 100);
}

int run(const QString& json) {
  GoalSheet sheet;
  measure_map(sheet, 1'000'000);
  measure_map(sheet, 5'000'000);
  measure_panels(sheet);
  measure_engine(sheet);
  measure_small(sheet);
  measure_million(sheet);
  if (!json.isEmpty()) std::ofstream(json.toStdString()) << sheet.to_json().dump(1) << '\n';
  return sheet.all_pass() ? 0 : 1;
}

}  // namespace
}  // namespace cw::ui

int main(int argc, char** argv) {
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  const QTemporaryDir home;  // nothing of the user's settings, nothing left behind
  for (const char* name : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"}) {
    qputenv(name, home.filePath(QLatin1String(name)).toUtf8());
  }
  QApplication application(argc, argv);
  const QStringList words = QApplication::arguments();
  if (words.size() == 3 && words[1] == QLatin1String("--open")) {
    const auto found = cw::ui::measure_window(words[2].toStdString());
    if (!found) return std::fprintf(stderr, "%s\n", found.error().message.c_str()), 3;
    std::printf("%s\n", found->dump().c_str());
    return 0;
  }
  return cw::ui::run(words.size() == 3 && words[1] == QLatin1String("--json") ? words[2] : QString());
}
