// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/action_registry.h"
#include "ui/common/background.h"
#include "ui/common/messages.h"
#include "ui/common/panel.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/main_window/main_window.h"
#include "ui/statistics/statistics_center.h"
#include "ui/theme/theme.h"

#include <filesystem>
#include <memory>

namespace cw::ui {

class DataPanel;
class FigureDesk;
class InspectorPanel;
class TablePanel;
class ProjectPanel;

/// Builds every object of the window once and connects panels with each other. Members are made in this order and
/// destroyed in the reverse one, so that work in the background ends before what it reports to.
class Application : public QObject {
  Q_OBJECT
 public:
  explicit Application(QApplication& application);
  ~Application() override;

  /// Opens (or makes) the project and shows the window. Errors: as ProjectStore::open.
  Result<> start(const std::filesystem::path& project);
  /// A data file, model folder or project: whatever was dropped or named on the command line.
  void open(const QStringList& paths);
  [[nodiscard]] MainWindow& window() noexcept { return *window_; }
  [[nodiscard]] Services& services() noexcept { return services_; }
  [[nodiscard]] FigureDesk& figures() noexcept { return *figures_; }

 private:
  void makePanels();
  void makeTables();
  void makeExplore();
  void makeData();
  void makeProjectActions();
  void makeJobs();
  void makeFigures();
  void makeHelp();
  void makeGuide();
  void makeBench();
  void makeRuns();
  void openExample();
  void openProjectFolder(const QString& folder);
  [[nodiscard]] static bool isTable(const QString& path);
  [[nodiscard]] bool openTogether(const QStringList& paths);
  void showCells();
  [[nodiscard]] bool isExample() const;
  void rememberSize();
  void remember(const QString& path);

  Theme theme_;
  Background background_;
  MessageCenter messages_;
  ActionRegistry actions_;
  Document document_;
  JobCenter jobs_;
  Services services_;
  StatisticsCenter statistics_;
  std::unique_ptr<MainWindow> window_;
  // panels that others are connected to; the window's
  TablePanel* tables_ = nullptr;
  InspectorPanel* inspector_ = nullptr;
  DataPanel* data_ = nullptr;
  ProjectPanel* projectPanel_ = nullptr;
  FigureDesk* figures_ = nullptr;  // of the window
};

}  // namespace cw::ui
