// SPDX-License-Identifier: GPL-3.0-or-later
// RunsPanel: what lies in the folders of the runs in view, and the form of a new run.
#include "ui/common/background.h"
#include "ui/common/messages.h"
#include "ui/jobs/job_center.h"
#include "ui/machines/machines_bar.h"
#include "ui/runs/pages.h"
#include "ui/runs/run_details.h"
#include "ui/runs/run_form.h"
#include "ui/runs/run_reader.h"
#include "ui/runs/runs_model.h"
#include "ui/runs/runs_panel.h"

#include <QStackedLayout>
#include <utility>

namespace cw::ui {
namespace {

using FilesOfRuns = QHash<QString, RunFilesPtr>;

}  // namespace

void RunsPanel::makePages() {
  details_->addPage(tr("Checkpoints"), checkpoints_);
  details_->addPage(tr("Result"), outcome_);
  details_->addPage(tr("Differences"), differences_);
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
  checkpoints_->setRun(files, reader_->events(details_->run()));
  outcome_->setRun(files);
  QStringList titles;
  std::vector<RunFilesPtr> compared;
  for (const QString& id : model_->ticked()) {
    const JobRecord* job = services_.jobs.job(id);
    if (!job || !files_.value(id)) continue;
    titles << job->title;
    compared.push_back(files_.value(id));
  }
  differences_->setRuns(titles, compared);
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
