// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"

#include "app/gui/guided_example.h"
#include "core/base/files.h"
#include "ui/common/english_plurals.h"
#include "ui/embedding/embedding_panel.h"
#include "ui/figures/figure_desk.h"
#include "ui/help/help_panel.h"
#include "ui/history/history_panel.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/jobs_strip/jobs_panel.h"
#include "ui/jobs_strip/jobs_strip.h"
#include "ui/jobs_strip/run_keeper.h"
#include "ui/perturb/bench_panel.h"
#include "ui/plots/expression_panel.h"
#include "ui/project/project_panel.h"
#include "ui/provenance/provenance_panel.h"
#include "ui/results/result_view.h"
#include "ui/runs/run_notice.h"
#include "ui/runs/runs_panel.h"
#include "ui/tables/table_panel.h"

#include <QApplication>
#include <QDockWidget>
#include <QFileInfo>
#include <QSettings>

namespace cw::ui {
namespace {

constexpr int kRecent = 8;

}  // namespace

Application::Application(QApplication& application)
    : document_(background_, messages_),
      services_{theme_, background_, messages_, actions_, document_, jobs_},
      statistics_(background_, document_) {
  QApplication::installTranslator(new EnglishPlurals(&application));
  theme_.applyTo(application);
  window_ = std::make_unique<MainWindow>(services_);
  makePanels();
  connect(window_.get(), &MainWindow::filesDropped, this, &Application::open);
  connect(window_.get(), &MainWindow::recentChosen, this, [this](const QString& path) { open({path}); });
}

Application::~Application() = default;

void Application::makePanels() {
  makeData();
  makeExplore();
  makeTables();
  makeJobs();
  makeBench();
  makeRuns();
  makeFigures();
  makeHelp();
  makeGuide();
}

void Application::makeTables() {
  tables_ = new TablePanel(services_, statistics_);
  auto* plots = new ExpressionPanel(services_);
  auto* history = new HistoryPanel(services_);
  inspector_ = new InspectorPanel(services_, statistics_);
  QDockWidget* tableDock = window_->addDock(tables_, Qt::BottomDockWidgetArea, {QStringLiteral("explore")});
  QDockWidget* plotDock = window_->addDock(plots, Qt::BottomDockWidgetArea, {});
  window_->splitDockWidget(tableDock, plotDock, Qt::Horizontal);
  QDockWidget* historyDock = window_->addDock(history, Qt::RightDockWidgetArea, {});
  window_->addDock(inspector_, Qt::RightDockWidgetArea, {QStringLiteral("explore"), QStringLiteral("perturb")});
  connect(window_.get(), &MainWindow::geneChosen, this, [this](const QString& ensemblId) {
    document_.selectGenes({{ensemblId}, {}, QStringLiteral("commandPalette")});
  });
  connect(tables_, &TablePanel::cellChosen, inspector_, &InspectorPanel::showCell);
  connect(tables_, &TablePanel::groupChosen, inspector_, &InspectorPanel::showGroup);
  connect(inspector_, &InspectorPanel::markersRequested, tables_, &TablePanel::showMarkers);
  connect(inspector_, &InspectorPanel::selectionMarkersRequested, tables_, &TablePanel::showMarkersOfSelection);
  connect(projectPanel_, &ProjectPanel::markersActivated, tables_, [this](const QString& id) {
    window_->showWorkspace(QStringLiteral("explore"));
    tables_->showKeptMarkers(id);
  });
  const auto toggle = [](QDockWidget* dock) {
    return [dock] {
      dock->setVisible(dock->isHidden());
      if (dock->isVisible()) dock->raise();
    };
  };
  actions_.add(QStringLiteral("plots.show"), tr("Plot selected genes by group"),
               QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E), window_.get(), toggle(plotDock));
  actions_.add(QStringLiteral("history.show"), tr("Show the history"), QKeySequence(Qt::CTRL | Qt::Key_H),
               window_.get(), toggle(historyDock));
  window_->addToMenu(QStringLiteral("analyze"), QStringLiteral("plots.show"));
  window_->addToMenu(QStringLiteral("edit"), QStringLiteral("history.show"));
  for (const char* id : {"groups.use-start", "groups.use-goal"}) {
    window_->addToMenu(QStringLiteral("select"), QLatin1String(id));
  }
  for (const char* id : {"markers.selection", "markers.group"}) {
    window_->addToMenu(QStringLiteral("analyze"), QLatin1String(id));
  }
  for (const char* id : {"table.genes", "table.cells", "table.groups", "table.filter"}) {
    window_->addToMenu(QStringLiteral("view"), QLatin1String(id));
  }
  window_->addToMenu(QStringLiteral("edit"), QStringLiteral("genes.keep-list"));
}

void Application::makeExplore() {
  auto* panel = new EmbeddingPanel(services_);
  window_->addWorkspace(QStringLiteral("explore"), tr("Explore"), QStringLiteral("explore"), panel);
  connect(projectPanel_, &ProjectPanel::columnActivated, panel, [this, panel](const QString& column) {
    window_->showWorkspace(QStringLiteral("explore"));
    panel->colorByColumn(column);
  });
  connect(projectPanel_, &ProjectPanel::mapActivated, panel, [this, panel](const QString& key) {
    window_->showWorkspace(QStringLiteral("explore"));
    panel->showMap(key);
  });
  connect(&document_, &Document::datasetChanged, window_.get(), [this] {
    if (document_.dataset() && window_->workspace().isEmpty()) window_->showWorkspace(QStringLiteral("explore"));
  });
  for (const char* id : {"explore.colour-by", "explore.colour-by-selected", "explore.legend", "explore.space",
                         "explore.labels", "explore.density", "explore.larger-dots", "explore.smaller-dots",
                         "explore.fit", "explore.tiles-1", "explore.tiles-2", "explore.tiles-3", "explore.tiles-4"}) {
    window_->addToMenu(QStringLiteral("view"), QLatin1String(id));
  }
  for (const char* id :
       {"select.no-cells", "select.invert-cells", "explore.lasso", "explore.rectangle", "explore.polygon"}) {
    window_->addToMenu(QStringLiteral("select"), QLatin1String(id));
  }
  window_->addToMenu(QStringLiteral("analyze"), QStringLiteral("analyze.embed-map"));
}

void Application::makeBench() {
  auto* bench = new BenchPanel(services_);
  window_->addWorkspace(QStringLiteral("perturb"), tr("Perturb"), QStringLiteral("perturb"), bench);
  for (const char* id : {"perturb.new", "perturb.all", "perturb.preview", "perturb.run", "perturb.result",
                         "perturb.export", "perturb.microscope"}) {
    window_->addToMenu(QStringLiteral("run"), QLatin1String(id));
  }
  for (Panel* panel : window_->panels()) {
    const auto* jobs = qobject_cast<JobsPanel*>(panel);
    if (jobs == nullptr) continue;
    connect(jobs, &JobsPanel::resultRequested, bench, [this, bench](const QString& id) {
      const JobRecord* job = jobs_.job(id);
      if (job == nullptr || job->kind != QLatin1String("perturb")) return;
      window_->showWorkspace(QStringLiteral("perturb"));
      bench->openResultOfJob(id);
    });
  }
  connect(projectPanel_, &ProjectPanel::forEachRequested, bench, &BenchPanel::runForEach);
  connect(projectPanel_, &ProjectPanel::genesGiven, bench, [this, bench](const QString& id, const GeneDrag& genes) {
    window_->showWorkspace(QStringLiteral("perturb"));
    bench->addGenesTo(id, genes);
  });
  connect(projectPanel_, &ProjectPanel::experimentActivated, bench, [this, bench](const QString& id) {
    window_->showWorkspace(QStringLiteral("perturb"));
    bench->openExperiment(id);
  });
  connect(projectPanel_, &ProjectPanel::runActivated, bench, [this, bench](const QString& id) {
    const JobRecord* job = jobs_.job(id);
    if (job && job->kind == QLatin1String("perturb")) {
      window_->showWorkspace(QStringLiteral("perturb"));
      return bench->openResultOfJob(id);
    }
    for (Panel* panel : window_->panels()) {
      if (qobject_cast<JobsPanel*>(panel)) window_->showPanel(panel);
    }
  });
  connect(tables_, &TablePanel::addRequested, bench, &BenchPanel::addGenes);
  connect(inspector_, &InspectorPanel::addRequested, bench, &BenchPanel::addGenes);
  connect(&bench->result(), &ResultView::figureRequested, this,
          [this] { actions_.find(QStringLiteral("file.export-figure"))->trigger(); });
  connect(&bench->result(), &ResultView::exported, this,
          [this, bench](const QString& folder) { figures_->save(*bench, folder + QStringLiteral("/figure.pdf")); });
  connect(bench, &BenchPanel::shown, window_.get(), [this] { window_->showWorkspace(QStringLiteral("perturb")); });
  connect(bench, &BenchPanel::geneChosen, this, [this](const QString& ensemblId) {
    document_.selectGenes({{ensemblId}, {}, QStringLiteral("benchPanel")});
  });
}

void Application::makeRuns() {
  auto* panel = new RunsPanel(services_);
  window_->addWorkspace(QStringLiteral("train"), tr("Train"), QStringLiteral("train"), panel);
  new RunNotice(services_.jobs, this);
  connect(panel, &RunsPanel::shown, window_.get(), [this] { window_->showWorkspace(QStringLiteral("train")); });
  for (const char* id : {"runs.new", "runs.stop", "runs.resume", "runs.compare", "runs.folder", "runs.search",
                         "runs.recipes", "runs.use-best", "runs.checkpoint-resume", "runs.checkpoint-embed",
                         "runs.checkpoint-keep", "runs.checkpoint-compare"}) {
    window_->addToMenu(QStringLiteral("run"), QLatin1String(id));
  }
}

void Application::makeJobs() {
  auto* panel = new JobsPanel(services_);
  auto* strip = new JobsStrip(services_);
  auto* keeper = new RunKeeper(services_, this);
  QDockWidget* dock = window_->addDock(panel, Qt::BottomDockWidgetArea, {});
  window_->setStrip(strip);
  const auto toggle = [dock] {
    dock->setVisible(dock->isHidden());
    if (dock->isVisible()) dock->raise();
  };
  actions_.add(QStringLiteral("jobs.show"), tr("Show all jobs"), QKeySequence(Qt::CTRL | Qt::Key_J), window_.get(),
               toggle);
  for (const char* id : {"jobs.show", "jobs.cancel", "jobs.resume", "jobs.earlier", "jobs.later"}) {
    window_->addToMenu(QStringLiteral("run"), QLatin1String(id));
  }
  connect(strip, &JobsStrip::listRequested, dock, toggle);
  connect(keeper, &RunKeeper::listRequested, dock, &QWidget::show);
  connect(panel, &JobsPanel::closeRequested, dock, &QWidget::hide);
  auto* origin = new ProvenancePanel(services_);
  QDockWidget* drawer = window_->addDock(origin, Qt::RightDockWidgetArea, {});
  connect(origin, &ProvenancePanel::closeRequested, drawer, &QWidget::hide);
  connect(panel, &JobsPanel::originRequested, drawer, [this, origin, drawer](const QString& id) {
    const JobRecord* job = jobs_.job(id);
    if (!job) return;
    // the list of a ranking lies where its job was asked to write it
    const bool hasOutput =
        job->result.is_object() && job->result.contains("output") && job->result["output"].is_string();
    const std::filesystem::path list = hasOutput ? job->result["output"].get<std::string>() : std::string();
    origin->showResult(job->kind == QLatin1String("stats") && !list.empty() ? list : job->folder);
    drawer->show();
    drawer->raise();
  });
}

void Application::makeFigures() {
  figures_ = new FigureDesk(
      services_, window_.get(), [this] { return window_->currentPanel(); }, [this] { return window_->panels(); });
  connect(figures_, &FigureDesk::panelWanted, window_.get(), &MainWindow::showPanel);
  window_->addToMenu(QStringLiteral("file"), QStringLiteral("file.export-figure"));
  for (const char* id : {"edit.copy-figure", "edit.copy-table"}) {
    window_->addToMenu(QStringLiteral("edit"), QLatin1String(id));
  }
}

void Application::makeHelp() {
  auto* panel = new HelpPanel(services_);
  QDockWidget* dock = window_->addDock(panel, Qt::RightDockWidgetArea, {});
  const auto show = [panel, dock](const QString& page) {
    panel->showPage(page);
    dock->show();
    dock->raise();
  };
  connect(window_.get(), &MainWindow::helpRequested, dock, show);
  connect(panel, &HelpPanel::closeRequested, dock, &QWidget::hide);
  const std::tuple<const char*, QString, const char*> entries[] = {{"help.contents", tr("All help pages"), "index.md"},
                                                                   {"help.glossary", tr("Glossary"), "glossary.md"},
                                                                   {"help.about", tr("About Cellwright"), "about"}};
  for (const auto& [id, text, page] : entries) {
    actions_.add(QLatin1String(id), text, {}, window_.get(), [show, page = QString::fromLatin1(page)] { show(page); });
    window_->addToMenu(QStringLiteral("help"), QLatin1String(id));
  }
}

void Application::makeGuide() {
  auto* guide = new GuidedExample(services_, *window_, this);
  const auto start = [this, guide](bool anew) {
    openExample();
    guide->start(anew);
  };
  connect(window_.get(), &MainWindow::exampleRequested, guide, [start] { start(true); });
  actions_.add(QStringLiteral("help.example"), tr("Go on with the guided example"), {}, window_.get(),
               [start] { start(false); });
  window_->addToMenu(QStringLiteral("help"), QStringLiteral("help.example"));
}

Result<> Application::start(const std::filesystem::path& project) {
  CW_TRY(document_.openProject(project));
  window_->show();
  return {};
}

void Application::openExample() {
  const auto resources = resources_folder();
  if (!resources) return messages_.error(resources.error());
  document_.openDataset(*resources / "example" / "pbmc3k_half_a.h5ad");
}

void Application::remember(const QString& path) {
  QSettings settings;
  QStringList recent = settings.value(QStringLiteral("recent")).toStringList();
  recent.removeAll(path);
  recent.prepend(path);
  settings.setValue(QStringLiteral("recent"), recent.mid(0, kRecent));
}

}  // namespace cw::ui
