// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/runs_panel.h"

#include "ui/common/action_registry.h"
#include "ui/common/background.h"
#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/jobs/job_center.h"
#include "ui/machines/machines_bar.h"
#include "ui/runs/checkpoints_page.h"
#include "ui/runs/curve_chart.h"
#include "ui/runs/curve_view.h"
#include "ui/runs/pages.h"
#include "ui/runs/replay_page.h"
#include "ui/runs/run_details.h"
#include "ui/runs/run_form.h"
#include "ui/runs/run_reader.h"
#include "ui/runs/runs_list.h"
#include "ui/runs/runs_model.h"
#include "ui/runs/trials_page.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QStackedLayout>
#include <QTimer>
#include <QVBoxLayout>
#include <utility>

namespace cw::ui {
namespace {

constexpr int kListHeight = 200;
constexpr int kDetailsWidth = 360;
constexpr int kLeastDetails = 260;

using FiguresOfRuns = QHash<QString, RunFigures>;

std::filesystem::path log_of(const JobRecord& job) { return job.folder / "events.jsonl"; }

}  // namespace

RunsPanel::RunsPanel(Services& services, QWidget* parent)
    : Panel(QStringLiteral("runsPanel"), tr("Runs"), parent),
      services_(services),
      model_(new RunsModel(services.jobs, services.theme, this)),
      reader_(new RunReader(services.background, this)),
      list_(new RunsList(*model_, services.theme, this)),
      curves_(new CurveView(services, this)),
      details_(new RunDetails(services, this)),
      checkpoints_(new CheckpointsPage(services, this)),
      outcome_(new OutcomePage(services, this)),
      replay_(new ReplayPage(services, this)),
      trials_(new TrialsPage(services, this)),
      differences_(new DifferencesPage(this)),
      count_(make_label({}, "secondary", this)),
      machines_(new MachinesBar(services, this)),
      pages_(new QStackedLayout) {
  makeLayout();
  makePages();
  makeActions();
  connectAll();
  for (int row = 0; row < model_->rowCount(); ++row) figuresWanted_ << model_->idAt(row);
  readFigures();
  showPage();
}

void RunsPanel::makeLayout() {
  auto* lower = new QSplitter(Qt::Horizontal, this);
  lower->setObjectName(QStringLiteral("runsLower"));
  lower->addWidget(curves_);
  lower->addWidget(details_);
  details_->setMinimumWidth(kLeastDetails);
  lower->setStretchFactor(0, 1);
  lower->setSizes({kDetailsWidth * 2, kDetailsWidth});
  lower->setChildrenCollapsible(false);
  auto* full = new QSplitter(Qt::Vertical, this);
  full->setObjectName(QStringLiteral("runsHalves"));
  full->addWidget(list_);
  full->addWidget(lower);
  full->setStretchFactor(1, 1);
  full->setSizes({kListHeight, kListHeight * 2});
  full->setChildrenCollapsible(false);
  auto* body = new QWidget(this);
  body->setLayout(pages_);
  pages_->addWidget(make_empty_state(
      services_.theme, QStringLiteral("train"),
      tr("No runs. A model that is trained appears here with its curves and checkpoints; it goes on when the window is "
         "closed."),
      tr("Train a model"), [this] { newRun(); }, body));
  pages_->addWidget(full);

  bar_ = new QWidget(this);
  auto* bar = bar_;
  bar->setFixedHeight(services_.theme.size("bar"));
  auto* heading = new QHBoxLayout(bar);
  heading->setContentsMargins(services_.theme.size("padding"), 0, services_.theme.size("padding"), 0);
  heading->addWidget(make_label(tr("Runs"), "heading", bar));
  heading->addWidget(count_);
  heading->addStretch(1);
  auto* start = make_button(QStringLiteral("runNew"), tr("New run"), "primary", bar);
  connect(start, &QPushButton::clicked, this, &RunsPanel::newRun);
  heading->addWidget(start);
  auto* page = new QVBoxLayout(this);
  page->setContentsMargins(0, 0, 0, 0);
  page->setSpacing(0);
  page->addWidget(bar);
  page->addWidget(make_line(Qt::Horizontal, this));
  page->addWidget(machines_);
  page->addWidget(body, 1);
}

void RunsPanel::makeActions() {
  ActionRegistry& actions = services_.actions;
  actions.add(QStringLiteral("runs.new"), tr("New training run"), {}, this, [this] { newRun(); });
  actions.add(QStringLiteral("runs.stop"), tr("Stop the training run"), {}, this, [this] { details_->stop(); });
  actions.add(QStringLiteral("runs.resume"), tr("Resume the training run"), {}, this, [this] { details_->resume(); });
  actions.add(QStringLiteral("runs.checkpoint-resume"), tr("Resume from the chosen checkpoint"), {}, this,
              [this] { checkpoints_->resumeFrom(); });
  actions.add(QStringLiteral("runs.checkpoint-embed"), tr("Embed with the chosen checkpoint"), {}, this,
              [this] { checkpoints_->embedFrom(); });
  actions.add(QStringLiteral("runs.checkpoint-keep"), tr("Keep the chosen checkpoint, or no longer"), {}, this,
              [this] { checkpoints_->toggleKept(); });
  actions.add(QStringLiteral("runs.checkpoint-compare"), tr("Compare the chosen checkpoint with another run"), {}, this,
              [this] { checkpoints_->askCompare(); });
  actions.add(QStringLiteral("runs.use-best"), tr("Use the best trial of the search"), {}, this,
              [this] { trials_->useBest(); });
  actions.add(QStringLiteral("runs.search"), tr("Search for good settings"), {}, this, [this] {
    newRun();
    form_->setSearch(true);
  });
  actions.add(QStringLiteral("runs.recipes"), tr("Run a published analysis"), {}, this, [this] {
    newRun();
    form_->setKind(QStringLiteral("recipes"));
  });
  actions.add(QStringLiteral("runs.folder"), tr("Open the folder of the training run"), {}, this,
              [this] { details_->openFolder(); });
  actions.add(QStringLiteral("runs.compare"), tr("Compare the training run with others"), {}, this, [this] {
    const QString run = currentRun();
    if (!run.isEmpty()) model_->setTicked(run, !model_->ticked().contains(run));
  });
}

void RunsPanel::connectAll() {
  connect(list_, &RunsList::currentRunChanged, this, [this] {
    details_->setRun(currentRun());
    followShown();
    showCurves();
    readFiles();
  });
  connect(model_, &RunsModel::tickedChanged, this, &RunsPanel::followShown);
  connect(model_, &RunsModel::tickedChanged, this, &RunsPanel::showCurves);
  connect(model_, &RunsModel::tickedChanged, this, &RunsPanel::readFiles);
  connect(model_, &QAbstractItemModel::rowsInserted, this, [this](const QModelIndex&, int first, int last) {
    for (int row = first; row <= last; ++row) figuresWanted_ << model_->idAt(row);
    readFigures();
    showPage();
  });
  connect(model_, &QAbstractItemModel::rowsRemoved, this, &RunsPanel::showPage);
  connect(reader_, &RunReader::changed, this, &RunsPanel::showCurves);
  connect(reader_, &RunReader::changed, this, &RunsPanel::readFiles);
  connect(reader_, &RunReader::failed, &services_.messages,
          [this](const Error& error) { services_.messages.error(error); });
  connect(&services_.jobs, &JobCenter::changed, this, [this](const QString& id) {
    if (id == details_->run()) details_->refresh();
    if (model_->rowOf(id) >= 0 && inView().contains(id)) followShown();
  });
  connect(&services_.jobs, &JobCenter::ended, this, [this](const QString& id) {
    if (model_->rowOf(id) < 0) return;
    figuresWanted_ << id;
    readFigures();
    followShown();
    readFiles();
  });
}

QString RunsPanel::currentRun() const { return list_->currentRun(); }

void RunsPanel::setCurrentRun(const QString& id) { list_->setCurrentRun(id); }

void RunsPanel::showPage() {
  const int count = model_->rowCount();
  if (!form_ || pages_->currentWidget() != form_) pages_->setCurrentIndex(count > 0 ? 1 : 0);
  count_->setText(count > 0 ? count_text(count) : QString());
  if (count > 0 && currentRun().isEmpty()) list_->setCurrentRun(model_->idAt(0));
}

// The ticked runs; where none is, the current one.
QStringList RunsPanel::inView() const {
  if (!model_->ticked().isEmpty()) return model_->ticked();
  const QString run = currentRun();
  return run.isEmpty() ? QStringList() : QStringList{run};
}

void RunsPanel::followShown() {
  QList<RunLog> logs;
  bool growing = false;
  QStringList wanted = inView();
  if (const QString run = currentRun(); !run.isEmpty() && !wanted.contains(run)) wanted << run;
  for (const QString& id : std::as_const(wanted)) {
    const JobRecord* job = services_.jobs.job(id);
    if (!job) continue;
    logs << RunLog{id, log_of(*job)};
    growing |= job->phase == JobPhase::kRunning;
  }
  reader_->follow(logs, growing);
}

void RunsPanel::showCurves() {
  std::vector<CurveRun> runs;
  const QStringList wanted = inView();
  for (const QString& id : wanted) {
    const JobRecord* job = services_.jobs.job(id);
    const RunEventsPtr events = reader_->events(id);
    if (job && events) runs.push_back({job->title, model_->colorOf(id), events});
  }
  curves_->setRuns(std::move(runs));
  details_->setEvents(reader_->events(details_->run()));
}

void RunsPanel::readFigures() {
  if (readingFigures_ || figuresWanted_.isEmpty()) return;
  QList<RunLog> logs;
  for (const QString& id : std::as_const(figuresWanted_)) {
    if (const JobRecord* job = services_.jobs.job(id)) logs << RunLog{id, log_of(*job)};
  }
  figuresWanted_.clear();
  readingFigures_ = true;
  services_.background.run<FiguresOfRuns>(
      Background::Lane::kCompute, this,
      [logs](JobContext& context) -> Result<FiguresOfRuns> {
        FiguresOfRuns figures;
        for (const RunLog& log : logs) {
          if (context.cancelled()) return cancelled_error("reading the logs of runs");
          // what cannot be read is said when the run is looked at
          if (const auto events = read_last_events(log.file)) figures.insert(log.id, figures_of(**events));
        }
        return figures;
      },
      [this](Result<FiguresOfRuns> figures) {
        readingFigures_ = false;
        if (figures) model_->setFigures(*figures);
        readFigures();
      });
}

}  // namespace cw::ui
