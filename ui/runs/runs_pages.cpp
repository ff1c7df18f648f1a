// SPDX-License-Identifier: GPL-3.0-or-later
// RunsPanel: what lies in the folders of the runs in view, and the form of a new run.
#include "ui/common/background.h"
#include "ui/common/messages.h"
#include "ui/jobs/job_center.h"
#include "ui/machines/machines_bar.h"
#include "ui/runs/checkpoints_page.h"
#include "ui/runs/pages.h"
#include "ui/runs/replay_page.h"
#include "ui/runs/run_details.h"
#include "ui/runs/run_form.h"
#include "ui/runs/run_reader.h"
#include "ui/runs/runs_model.h"
#include "ui/runs/runs_panel.h"
#include "ui/runs/trials_page.h"

#include <QStackedLayout>
#include <utility>

namespace cw::ui {
namespace {

using FilesOfRuns = QHash<QString, RunFilesPtr>;

}  // namespace

void RunsPanel::makePages() {
  details_->addPage(tr("Checkpoints"), checkpoints_);
  details_->addPage(tr("Result"), outcome_);
  details_->addPage(tr("Replay"), replay_);
  details_->addPage(tr("Trials"), trials_);
  details_->addPage(tr("Differences"), differences_);
  connect(trials_, &TrialsPage::started, this, &RunsPanel::setCurrentRun);
  connect(model_, &RunsModel::tickedChanged, this, [this] { comparedStep_ = -1; });
  connect(checkpoints_, &CheckpointsPage::started, this, &RunsPanel::setCurrentRun);
  connect(checkpoints_, &CheckpointsPage::keptChanged, this, &RunsPanel::readFiles);
  connect(checkpoints_, &CheckpointsPage::compareRequested, this, &RunsPanel::compare);
}

void RunsPanel::compare(const QString& other, std::int64_t step) {
  for (const QString& id : {currentRun(), other}) model_->setTicked(id, true);
  comparedStep_ = step;
  details_->showPage(differences_);
  showFiles();
}

void RunsPanel::readFiles() {
  filesAgain_ = readingFiles_;
  if (readingFiles_) return;
  QStringList wanted = model_->ticked();
  if (const QString run = currentRun(); !run.isEmpty() && !wanted.contains(run)) wanted << run;
  QHash<QString, std::filesystem::path> folders;
  for (const QString& id : std::as_const(wanted)) {
    if (const JobRecord* job = services_.jobs.job(id)) folders.insert(id, job->folder);
  }
  readingFiles_ = true;
  services_.background.run<FilesOfRuns>(
      Background::Lane::kCompute, this,
      [folders](JobContext& context) -> Result<FilesOfRuns> {
        FilesOfRuns files;
        for (auto it = folders.begin(); it != folders.end(); ++it) {
          if (context.cancelled()) return cancelled_error("reading the folders of runs");
          CW_ASSIGN(RunFilesPtr read, read_run_files(it.value()));
          files.insert(it.key(), std::move(read));
        }
        return files;
      },
      [this](Result<FilesOfRuns> files) {
        readingFiles_ = false;
        // a folder that is gone: the list says what became of the run
        files_ = files ? std::move(files).value() : FilesOfRuns();
        showFiles();
        if (std::exchange(filesAgain_, false)) readFiles();
      });
}

void RunsPanel::showFiles() {
  const RunFilesPtr files = files_.value(details_->run());
  checkpoints_->setRun(details_->run(), files, reader_->events(details_->run()));
  outcome_->setRun(files);
  replay_->setRun(files);
  const JobRecord* shown = services_.jobs.job(details_->run());
  trials_->setRun(files, shown ? shown->title : QString());
  const bool search = shown && shown->kind == QLatin1String("search");
  details_->setPageShown(trials_, search);
  details_->setPageShown(checkpoints_, !search);
  details_->setPageShown(replay_, files && !files->replay.empty());
  QStringList titles;
  std::vector<RunFilesPtr> compared;
  std::vector<RunEventsPtr> events;
  for (const QString& id : model_->ticked()) {
    const JobRecord* job = services_.jobs.job(id);
    if (!job || !files_.value(id)) continue;
    titles << job->title;
    compared.push_back(files_.value(id));
    events.push_back(reader_->events(id));
  }
  differences_->setRuns(titles, compared, events, comparedStep_);
}

void RunsPanel::newRun() {
  if (!form_) {
    form_ = new RunForm(services_, this);
    pages_->addWidget(form_);
    connect(form_, &RunForm::cancelled, this, &RunsPanel::leaveForm);
    connect(form_, &RunForm::started, this, [this](const QString& id) {
      leaveForm();
      setCurrentRun(id);
    });
  }
  form_->begin();
  bar_->hide();
  machines_->hide();
  pages_->setCurrentWidget(form_);
  Q_EMIT shown();
}

void RunsPanel::leaveForm() {
  bar_->show();
  machines_->show();
  pages_->setCurrentIndex(model_->rowCount() > 0 ? 1 : 0);
}

}  // namespace cw::ui
