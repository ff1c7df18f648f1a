// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_details.h"

#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/jobs/job_center.h"
#include "ui/jobs_strip/job_text.h"
#include "ui/runs/run_log.h"
#include "ui/theme/theme.h"

#include <QDesktopServices>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTabBar>
#include <QTextBrowser>
#include <QUrl>
#include <QVBoxLayout>

namespace cw::ui {

RunDetails::RunDetails(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      title_(make_label({}, "heading", this)),
      state_(make_label({}, "secondary", this)),
      reason_(make_label({}, "small", this)),
      stop_(make_button(QStringLiteral("runStop"), tr("Stop"), "", this)),
      resume_(make_button(QStringLiteral("runResume"), tr("Resume"), "", this)),
      folder_(make_button(QStringLiteral("runFolder"), tr("Open folder"), "", this)),
      remove_(make_button(QStringLiteral("runRemove"), tr("Remove"), "link", this)),
      tabs_(new QTabBar(this)),
      pages_(new QStackedWidget(this)),
      log_(new QTextBrowser(this)) {
  title_->setObjectName(QStringLiteral("runTitle"));
  title_->setWordWrap(true);
  state_->setObjectName(QStringLiteral("runState"));
  reason_->setObjectName(QStringLiteral("runReason"));
  reason_->setWordWrap(true);
  stop_->setToolTip(tr("Writes a checkpoint first; Resume goes on from it"));
  resume_->setToolTip(tr("Goes on from the newest checkpoint"));
  remove_->setToolTip(tr("Takes the run off the list; its folder stays"));
  tabs_->setObjectName(QStringLiteral("runTabs"));
  tabs_->setAccessibleName(tr("On this run"));
  tabs_->setDrawBase(false);
  tabs_->setExpanding(false);
  log_->setObjectName(QStringLiteral("runLog"));
  log_->setAccessibleName(tr("What the run said"));
  log_->setFrameShape(QFrame::NoFrame);
  log_->setFont(services.theme.font("small"));
  log_->setOpenLinks(false);

  const int pad = services.theme.size("padding");
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(8);
  for (QPushButton* button : {stop_, resume_, folder_}) buttons->addWidget(button);
  buttons->addStretch(1);
  buttons->addWidget(remove_);
  auto* head = new QVBoxLayout;
  head->setContentsMargins(pad, 8, pad, 6);
  head->setSpacing(4);
  head->addWidget(title_);
  head->addWidget(state_);
  head->addWidget(reason_);
  head->addLayout(buttons);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addLayout(head);
  layout->addWidget(tabs_);
  layout->addWidget(make_line(Qt::Horizontal, this));
  layout->addWidget(pages_, 1);
  addPage(tr("Log"), log_);
  connect(tabs_, &QTabBar::currentChanged, pages_, &QStackedWidget::setCurrentIndex);
  connect(stop_, &QPushButton::clicked, this, &RunDetails::stop);
  connect(resume_, &QPushButton::clicked, this, &RunDetails::resume);
  connect(folder_, &QPushButton::clicked, this, &RunDetails::openFolder);
  connect(remove_, &QPushButton::clicked, this, &RunDetails::remove);
  refresh();
}

void RunDetails::addPage(const QString& title, QWidget* page) {
  pages_->addWidget(page);
  tabs_->addTab(title);
}

void RunDetails::showPage(QWidget* page) { tabs_->setCurrentIndex(pages_->indexOf(page)); }

void RunDetails::setPageShown(QWidget* page, bool shown) { tabs_->setTabVisible(pages_->indexOf(page), shown); }

void RunDetails::setRun(const QString& id) {
  if (id == id_) return;
  id_ = id;
  setEvents(nullptr);
  refresh();
}

void RunDetails::setEvents(const RunEventsPtr& events) {
  const bool more = events && (!events_ || events->notes.size() != events_->notes.size());
  events_ = events;
  if (!events) return log_->clear();
  if (!more) return;
  log_->setHtml(log_html(*events));
  log_->verticalScrollBar()->setValue(log_->verticalScrollBar()->maximum());
}

void RunDetails::refresh() {
  const JobRecord* job = services_.jobs.job(id_);
  setEnabled(job != nullptr);
  title_->setText(job ? job->title : QString());
  const QString progress = job ? job_progress_text(*job) : QString();
  state_->setText(job && progress.isEmpty() ? job_state_text(*job) : progress);
  reason_->setText(job ? job_reason_text(*job) : QString());
  reason_->setVisible(!reason_->text().isEmpty());
  const bool ended = job && has_ended(job->phase);
  stop_->setVisible(job && !ended);
  const bool isApart = job && job->line.state == JobLine::State::kApart;
  resume_->setVisible(isApart || (ended && job->phase != JobPhase::kDone));
  resume_->setText(isApart ? tr("Follow again") : tr("Resume"));
  folder_->setVisible(job);
  remove_->setVisible(ended);
}

void RunDetails::stop() { services_.jobs.cancel(id_); }

void RunDetails::resume() {
  if (const auto resumed = services_.jobs.resume(id_); !resumed) services_.messages.error(resumed.error());
}

void RunDetails::openFolder() {
  if (const JobRecord* job = services_.jobs.job(id_)) {
    QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(job->folder.string())));
  }
}

void RunDetails::remove() { services_.jobs.forget(QString(id_)); }

}  // namespace cw::ui
