// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs_strip/jobs_strip.h"

#include "ui/common/widgets.h"
#include "ui/jobs_strip/job_text.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QProgressBar>
#include <QThread>
#include <QToolButton>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kBarWidth = 120;
constexpr int kTitleWidth = 260;

}  // namespace

JobsStrip::JobsStrip(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      count_(new QToolButton(this)),
      title_(make_label({}, "small", this)),
      bar_(new QProgressBar(this)),
      progress_(make_label({}, "secondary", this)),
      cancel_(new QToolButton(this)) {
  setObjectName(QStringLiteral("jobsStrip"));
  setAccessibleName(tr("Jobs"));
  setCursor(Qt::PointingHandCursor);
  count_->setObjectName(QStringLiteral("jobsStripOpen"));
  count_->setAccessibleName(tr("Show all jobs"));
  count_->setToolTip(tr("Show all jobs (Ctrl+J)"));
  title_->setObjectName(QStringLiteral("jobsStripTitle"));
  progress_->setObjectName(QStringLiteral("jobsStripProgress"));
  bar_->setObjectName(QStringLiteral("jobsStripBar"));
  bar_->setAccessibleName(tr("Progress"));
  bar_->setTextVisible(false);
  bar_->setRange(0, 1000);
  bar_->setFixedWidth(kBarWidth);
  cancel_->setObjectName(QStringLiteral("jobsStripCancel"));
  cancel_->setAccessibleName(tr("Stop this job"));
  cancel_->setToolTip(tr("Stop this job. What is finished is kept."));
  cancel_->setIcon(services.theme.icon(QStringLiteral("stop")));
  cancel_->setCursor(Qt::ArrowCursor);
  const int gap = services.theme.size("padding");
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(gap - 4, 0, gap, 0);
  row->setSpacing(gap);
  row->addWidget(count_);
  row->addWidget(title_);
  row->addWidget(bar_);
  row->addWidget(progress_);
  row->addWidget(cancel_);
  row->addStretch(1);
  auto* machine = make_label(tr("This PC, %1 cores, no GPU").arg(QThread::idealThreadCount()), "secondary", this);
  machine->setObjectName(QStringLiteral("machineLabel"));
  machine->setToolTip(tr("Where jobs run. This version computes on the processor."));
  row->addWidget(machine);

  JobCenter& jobs = services.jobs;
  connect(&jobs, &JobCenter::added, this, &JobsStrip::refresh);
  for (const auto signal : {&JobCenter::changed, &JobCenter::ended, &JobCenter::removed}) {
    connect(&jobs, signal, this, &JobsStrip::refresh);
  }
  connect(&services.theme, &Theme::changed, this,
          [this] { cancel_->setIcon(services_.theme.icon(QStringLiteral("stop"))); });
  connect(count_, &QToolButton::clicked, this, &JobsStrip::listRequested);
  connect(cancel_, &QToolButton::clicked, this, [this] { services_.jobs.cancel(running_); });
  refresh();
}

void JobsStrip::refresh() {
  const QList<JobRecord>& jobs = services_.jobs.jobs();
  const auto running =
      std::find_if(jobs.begin(), jobs.end(), [](const JobRecord& job) { return job.phase == JobPhase::kRunning; });
  const auto waiting =
      std::count_if(jobs.begin(), jobs.end(), [](const JobRecord& job) { return job.phase == JobPhase::kQueued; });
  const bool isRunning = running != jobs.end();
  for (QWidget* widget : {static_cast<QWidget*>(bar_), static_cast<QWidget*>(cancel_)}) widget->setVisible(isRunning);
  if (isRunning) {
    const auto atWork =
        std::count_if(running, jobs.end(), [](const JobRecord& job) { return job.phase == JobPhase::kRunning; });
    count_->setText(waiting > 0 ? tr("%1 running, %2 waiting").arg(atWork).arg(waiting) : tr("%1 running").arg(atWork));
    showRunning(*running);
  } else {
    count_->setText(waiting > 0 ? tr("%1 waiting").arg(waiting) : tr("No job is running"));
    showIdle();
  }
}

void JobsStrip::showRunning(const JobRecord& job) {
  running_ = job.id;
  const QFontMetrics metrics(title_->font());
  const QString title = job.machine.isEmpty() ? job.title : tr("%1 · on %2").arg(job.title, job.machine);
  title_->setText(metrics.elidedText(title, Qt::ElideMiddle, kTitleWidth));
  title_->setToolTip(title);
  bar_->setValue(static_cast<int>(job.fraction * 1000.0));
  progress_->setText(job_progress_text(job));
}

void JobsStrip::showIdle() {
  running_.clear();
  const QList<JobRecord>& jobs = services_.jobs.jobs();
  const auto last = std::max_element(jobs.begin(), jobs.end(), [](const JobRecord& a, const JobRecord& b) {
    return a.ended.toMSecsSinceEpoch() < b.ended.toMSecsSinceEpoch();
  });
  if (last == jobs.end() || !last->ended.isValid()) {
    title_->clear();
    progress_->clear();
    return;
  }
  const QFontMetrics metrics(title_->font());
  title_->setText(metrics.elidedText(last->title, Qt::ElideMiddle, kTitleWidth));
  progress_->setText(job_state_text(*last));
}

void JobsStrip::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) Q_EMIT listRequested();
}

}  // namespace cw::ui
