// SPDX-License-Identifier: GPL-3.0-or-later
// CheckpointsPage: what is done with the chosen checkpoint.
#include "core/jobs/job_spec.h"
#include "core/weights/run_checkpoint.h"
#include "ui/common/messages.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/runs/checkpoints_page.h"
#include "ui/runs/model_use.h"
#include "ui/runs/run_folder_name.h"
#include "ui/theme/numbers.h"

#include <QPointer>

namespace cw::ui {
namespace {

namespace fs = std::filesystem;

/// The project's folder for runs. Errors: kRefused E-UI-040.
Result<fs::path> runs_folder(const Document& document) {
  const ProjectStore* project = document.project();
  if (project && !project->isReadOnly()) return project->runsFolder();
  return Error{ErrorCode::kRefused, "E-UI-040", "this project is open for reading only; open it for writing first"};
}

// The vocabulary of the model that a run started from, as its cellwright.json has it.
Json dictionary_of(const Document& document, const Json& options) {
  for (const char* key : {"model", "init"}) {
    const std::string path = options.value(key, std::string());
    for (const ModelEntry& model : document.models()) {
      if (path.empty() || model.path != path || !model.description.contains("cellwright")) continue;
      const Json& own = model.description["cellwright"];
      if (own.is_object() && own.contains("dictionary")) return own["dictionary"];
    }
  }
  return {};
}

}  // namespace

void CheckpointsPage::resumeFrom() {
  const RunCheckpoint* checkpoint = chosen();
  const JobRecord* job = services_.jobs.job(id_);
  if (!checkpoint || !job) return;
  const auto runs = runs_folder(services_.document);
  if (!runs) return services_.messages.error(runs.error());
  const fs::path folder = *runs / run_folder_name(job->kind);
  Json options = files_->options;
  options[options.contains("out") ? "out" : "output"] = folder.string();
  options["resume"] = true;
  options["overwrite"] = false;
  const QString title = tr("%1, from step %2").arg(job->title, count_text(checkpoint->step));
  services_.background.run<bool>(
      Background::Lane::kFiles, this,
      [from = checkpoint->folder, folder](JobContext&) -> Result<bool> {
        CW_TRY(branch_from_checkpoint(from, folder));
        return true;
      },
      [this, spec = new_job(job->kind.toStdString(), options), title, folder](Result<bool> branched) {
        if (!branched) return services_.messages.error(branched.error());
        const auto id = services_.jobs.submit(spec, title, folder);
        if (!id) return services_.messages.error(id.error());
        Q_EMIT started(*id);
      });
}

void CheckpointsPage::embedFrom() {
  const RunCheckpoint* checkpoint = chosen();
  if (!checkpoint) return;
  const auto runs = runs_folder(services_.document);
  if (!runs) return services_.messages.error(runs.error());
  const fs::path model = *runs / (checkpoint->folder.parent_path().parent_path().filename().string() + "-" +
                                  checkpoint->folder.filename().string());
  services_.background.run<bool>(
      Background::Lane::kFiles, this,
      [from = checkpoint->folder, model,
       dictionary = dictionary_of(services_.document, files_->options)](JobContext&) -> Result<bool> {
        CW_TRY(export_checkpoint(from, model, dictionary));
        return true;
      },
      [this, model](Result<bool> exported) {
        if (!exported) return services_.messages.error(exported.error());
        embed_with(services_, model, this);
      });
}

void CheckpointsPage::toggleKept() {
  const RunCheckpoint* checkpoint = chosen();
  if (!checkpoint) return;
  const auto set = [page = QPointer<CheckpointsPage>(this), &messages = services_.messages,
                    folder = checkpoint->folder](bool kept) {
    if (const auto done = keep_checkpoint(folder, kept); !done) messages.error(done.error());
    if (page) Q_EMIT page->keptChanged();
  };
  const bool keep = !checkpoint->kept;
  const QString text =
      keep ? tr("Keep %1").arg(stepText(*checkpoint)) : tr("Do not keep %1").arg(stepText(*checkpoint));
  services_.document.perform(
      text, [set, keep] { set(keep); }, [set, keep] { set(!keep); });
}

}  // namespace cw::ui
