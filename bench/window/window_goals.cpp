// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"
#include "app/plugin_list.h"
#include "bench/window/measures.h"
#include "ui/common/stall_watchdog.h"
#include "ui/embedding/embedding_panel.h"

#include <sys/resource.h>

#include <QApplication>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace cw::ui {
namespace {

constexpr int kPatience = 300'000;  // ms

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

template <class Condition>
Result<double> time_until(Condition&& condition, const char* what) {
  QElapsedTimer clock;
  clock.start();
  while (!condition()) {  // a look after every round of events, not every 10 ms
    QCoreApplication::processEvents(QEventLoop::AllEvents, 1);
    if (clock.elapsed() > kPatience) return Error{ErrorCode::kInternal, "", std::string(what) + ": not in time"};
  }
  return milliseconds(clock);
}

// Genes that the window has not read yet, one after the other: the slowest from choosing it to the new picture.
Result<double> slowest_gene(Services& services, EmbeddingPanel& map) {
  double slowest = 0.0;
  const DatasetPtr dataset = services.document.dataset();
  for (std::size_t gene = 10; gene <= 50; gene += 10) {
    const QString id = QString::fromStdString(dataset->genes[gene].ensembl_id);
    QElapsedTimer clock;
    clock.start();
    map.colorByGene(id);
    CW_ASSIGN([[maybe_unused]] const double waited, time_until([&map] { return map.isSettled(); }, "colour by gene"));
    map.repaint();
    slowest = std::max(slowest, milliseconds(clock));
  }
  return slowest;
}

}  // namespace

Result<Json> measure_window(const std::filesystem::path& file) {
  Json found;
  QElapsedTimer start;
  start.start();
  register_plugins();
  const QTemporaryDir scratch;
  Application application(*qApp);
  CW_TRY(application.start(scratch.filePath(QStringLiteral("bench.cellwright")).toStdString()));
  MainWindow& window = application.window();
  QCoreApplication::processEvents();
  found["start"] = milliseconds(start);
  StallWatchdog watchdog;
  Services& services = application.services();
  auto* map = window.findChild<EmbeddingPanel*>();
  auto* sheet = window.findChild<QWidget*>(QStringLiteral("importSheet"));

  QElapsedTimer opening;
  opening.start();
  application.open({QString::fromStdString(file.string())});
  // the sheet lies over the data page, the map is another page: a user sees either one
  CW_TRY(time_until([&] { return services.document.dataset() != nullptr; }, "dataset"));
  window.showWorkspace(QStringLiteral("explore"));
  CW_TRY(time_until([&] { return map->isSettled(); }, "first plot"));
  (void)map->grab();
  found["first_plot"] = milliseconds(opening);
  window.showWorkspace(QStringLiteral("data"));
  CW_TRY(time_until([&] { return sheet && sheet->isVisible(); }, "import sheet"));
  found["import_sheet"] = milliseconds(opening);
  CW_ASSIGN(const double indexed, time_until([&] { return services.document.geneIndex() != nullptr; }, "gene index"));
  found["gene_index"] = indexed;
  window.showWorkspace(QStringLiteral("explore"));
  CW_TRY(time_until([&] { return map->isSettled() && !services.background.busy(); }, "quiet"));
  CW_ASSIGN(found["gene"], slowest_gene(services, *map));
  std::vector<std::uint8_t> half(static_cast<std::size_t>(services.document.dataset()->num_cells()));
  for (std::size_t i = 0; i < half.size(); i += 2) half[i] = 1;
  QElapsedTimer clock;
  clock.start();
  services.document.selectCells(make_selection(half, QStringLiteral("half"), QStringLiteral("bench")));
  window.repaint();
  found["highlight"] = milliseconds(clock);
  CW_TRY(time_until([&] { return map->isSettled() && !services.background.busy(); }, "quiet"));
  double slowest = 0.0;
  for (const auto mode : {Theme::Mode::kDark, Theme::Mode::kLight, Theme::Mode::kDark}) {
    clock.restart();
    services.theme.setMode(mode);
    QCoreApplication::processEvents();
    window.repaint();
    slowest = std::max(slowest, milliseconds(clock));
  }
  found["dark"] = slowest;
  found["stall"] = watchdog.longest();
  found["megabytes"] = peak_megabytes();
  return found;
}

Result<Json> measure_window_apart(const QString& file) {
  QProcess process;
  process.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--open"), file});
  if (!process.waitForFinished(3 * kPatience)) return Error{ErrorCode::kInternal, "", "the window did not end in time"};
  const Json found = Json::parse(process.readAllStandardOutput().toStdString(), nullptr, false);
  if (found.is_object()) return found;
  return Error{ErrorCode::kInternal, "", process.readAllStandardError().toStdString()};
}

}  // namespace cw::ui
