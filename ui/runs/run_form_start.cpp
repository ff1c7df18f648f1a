// SPDX-License-Identifier: GPL-3.0-or-later
// RunForm: from the fields to jobs that wait in the queue.
#include "ui/common/messages.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/machines/where_row.h"
#include "ui/runs/recipes_page.h"
#include "ui/runs/run_folder_name.h"
#include "ui/runs/run_form.h"
#include "ui/runs/run_question.h"

#include <QPushButton>

namespace cw::ui {

Result<QString> RunForm::submit() {
  const std::filesystem::path runs = services_.document.project()->runsFolder();
  if (isRecipe()) return recipes_->start(runs / run_folder_name(QStringLiteral("recipe")), title());
  CW_ASSIGN(JobSpec job, this->job());
  CW_ASSIGN(const JobPlace place, where_->place());
  const std::filesystem::path folder = runs / run_folder_name(QString::fromStdString(job.kind));
  CW_TRY(question_->prepare(folder, job.options));
  return services_.jobs.submit(job, title(), folder, place);
}

void RunForm::start() {
  if (!start_->isEnabled()) return;
  const auto id = submit();
  if (!id) return services_.messages.error(id.error());
  Q_EMIT started(*id);
}

}  // namespace cw::ui
