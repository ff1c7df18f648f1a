// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs_strip/jobs_panel.h"

#include "ui/common/action_registry.h"
#include "ui/common/widgets.h"
#include "ui/jobs_strip/job_list_model.h"
#include "ui/jobs_strip/job_text.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedLayout>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr int kDetailsWidth = 440;
constexpr int kLeastDetails = 280;
constexpr int kWide = 960;  // below, the list keeps what says which job and how it is
constexpr int kLeastHeight = 200;

QTableView* make_table(QAbstractItemModel* model, const Theme& theme, QWidget* parent) {
  auto* table = new QTableView(parent);
  table->setObjectName(QStringLiteral("jobsList"));
  table->setAccessibleName(QObject::tr("Jobs"));
  table->setModel(model);
  table->setShowGrid(false);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setSelectionMode(QAbstractItemView::SingleSelection);
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setTabKeyNavigation(false);
  table->verticalHeader()->hide();
  table->verticalHeader()->setDefaultSectionSize(theme.size("table-row"));
  QHeaderView* header = table->horizontalHeader();
  header->setHighlightSections(false);
  header->setSectionResizeMode(QHeaderView::Fixed);
  header->setSectionResizeMode(JobListModel::kJob, QHeaderView::Stretch);
  const std::pair<int, int> widths[] = {{JobListModel::kState, 100},   {JobListModel::kKind, 130},
                                        {JobListModel::kWhere, 84},    {JobListModel::kProgress, 72},
                                        {JobListModel::kTimeLeft, 92}, {JobListModel::kStarted, 100}};
  for (const auto& [column, width] : widths) header->resizeSection(column, width);
  return table;
}

}  // namespace

JobsPanel::JobsPanel(Services& services, QWidget* parent)
    : Panel(QStringLiteral("jobsPanel"), tr("Jobs"), parent),
      services_(services),
      model_(new JobListModel(services.jobs, services.theme, this)),
      list_(make_table(model_, services.theme, this)),
      title_(make_label({}, "heading", this)),
      state_(make_label({}, "secondary", this)),
      reason_(make_label({}, "small", this)),
      log_(new QPlainTextEdit(this)),
      cancel_(make_button(QStringLiteral("jobCancel"), tr("Stop"), "", this)),
      resume_(make_button(QStringLiteral("jobResume"), tr("Resume"), "", this)),
      open_(make_button(QStringLiteral("jobOpenResult"), tr("Open result"), "primary", this)),
      origin_(make_button(QStringLiteral("jobOrigin"), tr("Where it comes from"), "", this)),
      forget_(make_button(QStringLiteral("jobForget"), tr("Remove"), "link", this)) {
  setMinimumHeight(kLeastHeight);
  title_->setWordWrap(true);
  reason_->setWordWrap(true);
  reason_->setObjectName(QStringLiteral("jobReason"));
  state_->setObjectName(QStringLiteral("jobState"));
  log_->setObjectName(QStringLiteral("jobLog"));
  log_->setAccessibleName(tr("What the job said"));
  log_->setReadOnly(true);
  cancel_->setToolTip(tr("What is finished is kept"));
  resume_->setToolTip(tr("Goes on from what is finished"));
  forget_->setToolTip(tr("Takes it off the list; the result stays where it is"));

  const int pad = services.theme.size("padding");
  details_ = new QWidget(this);
  auto* column = new QVBoxLayout(details_);
  column->setContentsMargins(pad, 8, pad, 8);
  column->setSpacing(6);
  column->addWidget(title_);
  column->addWidget(state_);
  column->addWidget(reason_);
  column->addWidget(log_, 1);
  auto* buttons = new QHBoxLayout;
  for (QPushButton* button : {open_, resume_, cancel_, origin_}) buttons->addWidget(button);
  buttons->addStretch(1);
  buttons->addWidget(forget_);
  column->addLayout(buttons);

  auto* full = new QWidget(this);
  auto* halves = new QHBoxLayout(full);
  halves->setContentsMargins(0, 0, 0, 0);
  halves->setSpacing(0);
  halves->addWidget(list_, 1);
  halves->addWidget(make_line(Qt::Vertical, full));
  halves->addWidget(details_);

  auto* close = new QToolButton(this);
  close->setObjectName(QStringLiteral("jobsClose"));
  close->setAccessibleName(tr("Close the list of jobs"));
  close->setToolTip(tr("Close (Ctrl+J)"));
  close->setIcon(services.theme.icon(QStringLiteral("close")));
  auto* bar = new QWidget(this);
  bar->setFixedHeight(services.theme.size("bar"));
  auto* heading = new QHBoxLayout(bar);
  heading->setContentsMargins(pad, 0, 6, 0);
  heading->addWidget(make_label(tr("Jobs"), "heading", bar));
  heading->addStretch(1);
  heading->addWidget(close);

  auto* body = new QWidget(this);
  pages_ = new QStackedLayout(body);
  pages_->addWidget(make_empty_state(
      services.theme, QStringLiteral("play"),
      tr("Nothing has run yet. What you embed, map or perturb appears here, goes on when the window is closed, and can "
         "be stopped and resumed."),
      {}, {}, body));
  pages_->addWidget(full);
  auto* page = new QVBoxLayout(this);
  page->setContentsMargins(0, 0, 0, 0);
  page->setSpacing(0);
  page->addWidget(make_line(Qt::Horizontal, this));
  page->addWidget(bar);
  page->addWidget(make_line(Qt::Horizontal, this));
  page->addWidget(body, 1);

  connect(close, &QToolButton::clicked, this, &JobsPanel::closeRequested);
  connect(&services.theme, &Theme::changed, close,
          [this, close] { close->setIcon(services_.theme.icon(QStringLiteral("close"))); });
  connect(list_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &JobsPanel::refresh);
  connect(list_, &QTableView::doubleClicked, this, [this] {
    if (open_->isVisible()) open_->click();
  });
  connect(model_, &QAbstractItemModel::dataChanged, this, &JobsPanel::refresh);
  connect(model_, &QAbstractItemModel::modelAboutToBeReset, this, [this] { kept_ = currentJob(); });
  connect(model_, &QAbstractItemModel::modelReset, this, [this] {
    setCurrentJob(kept_);
    refresh();
  });
  connect(cancel_, &QPushButton::clicked, this, [this] { services_.jobs.cancel(currentJob()); });
  connect(resume_, &QPushButton::clicked, this, &JobsPanel::resume);
  connect(open_, &QPushButton::clicked, this, [this] { Q_EMIT resultRequested(currentJob()); });
  connect(origin_, &QPushButton::clicked, this, [this] { Q_EMIT originRequested(currentJob()); });
  connect(forget_, &QPushButton::clicked, this, [this] { services_.jobs.forget(currentJob()); });
  makeActions();
  refresh();
}

// Beside another panel there is half the room.
void JobsPanel::resizeEvent(QResizeEvent* event) {
  Panel::resizeEvent(event);
  details_->setFixedWidth(std::clamp(width() * 45 / 100, kLeastDetails, kDetailsWidth));
  for (const int column : {JobListModel::kKind, JobListModel::kWhere, JobListModel::kProgress, JobListModel::kTimeLeft,
                           JobListModel::kStarted}) {
    list_->setColumnHidden(column, width() < kWide);
  }
}

void JobsPanel::makeActions() {
  ActionRegistry& actions = services_.actions;
  actions.add(QStringLiteral("jobs.cancel"), tr("Stop the job"), {}, this,
              [this] { services_.jobs.cancel(currentJob()); });
  actions.add(QStringLiteral("jobs.resume"), tr("Resume the job"), {}, this, [this] { resume(); });
  actions.add(QStringLiteral("jobs.earlier"), tr("Run the waiting job earlier"), QKeySequence(Qt::ALT | Qt::Key_Up),
              this, [this] { move(-1); });
  actions.add(QStringLiteral("jobs.later"), tr("Run the waiting job later"), QKeySequence(Qt::ALT | Qt::Key_Down), this,
              [this] { move(1); });
}

QString JobsPanel::currentJob() const { return model_->idAt(list_->currentIndex().row()); }

void JobsPanel::setCurrentJob(const QString& id) {
  const int row = std::max(0, model_->rowOf(id));
  if (model_->rowCount() > 0) list_->setCurrentIndex(model_->index(row, 0));
}

void JobsPanel::resume() {
  if (const auto resumed = services_.jobs.resume(currentJob()); !resumed) services_.messages.error(resumed.error());
}

void JobsPanel::move(int by) {
  const QList<JobRecord>& jobs = services_.jobs.jobs();
  const QString id = currentJob();
  QStringList waiting;
  for (const JobRecord& job : jobs) {
    if (job.phase == JobPhase::kQueued) waiting << job.id;
  }
  const auto at = waiting.indexOf(id);
  const auto to = at + by;
  if (at < 0 || to < 0 || to >= waiting.size()) return;
  services_.jobs.move(id, by < 0 ? waiting[to] : waiting.value(to + 1));
}

void JobsPanel::refresh() {
  if (!list_->currentIndex().isValid() && model_->rowCount() > 0) return setCurrentJob({});
  const JobRecord* job = services_.jobs.job(currentJob());
  pages_->setCurrentIndex(job ? 1 : 0);
  if (!job) return;
  title_->setText(job->title);
  const QString progress = job_progress_text(*job);
  state_->setText(progress.isEmpty() ? job_state_text(*job) : progress);
  reason_->setText(job_reason_text(*job));
  reason_->setVisible(!reason_->text().isEmpty());
  const QString log = job->log.join(QLatin1Char('\n'));
  if (log_->toPlainText() != log) {
    log_->setPlainText(log);
    log_->verticalScrollBar()->setValue(log_->verticalScrollBar()->maximum());
  }
  const bool ended = has_ended(job->phase);
  cancel_->setVisible(!ended);
  // what other jobs make is shown where it was asked for: a map on the canvas, markers in the table
  open_->setVisible(job->phase == JobPhase::kDone && job->kind == QLatin1String("perturb"));
  const bool isApart = job->line.state == JobLine::State::kApart;
  resume_->setVisible(isApart || (ended && job->phase != JobPhase::kDone));
  resume_->setText(isApart ? tr("Follow again") : tr("Resume"));
  origin_->setVisible(job->kind == QLatin1String("perturb") || job->kind == QLatin1String("stats"));
  forget_->setVisible(ended);
}

}  // namespace cw::ui
