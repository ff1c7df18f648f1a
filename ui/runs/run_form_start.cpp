// SPDX-License-Identifier: GPL-3.0-or-later
// RunForm: from the fields to a job that waits in the queue.
#include "core/api/tokenize_options.h"
#include "ui/common/messages.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/machines/where_row.h"
#include "ui/runs/run_form.h"

#include <QDateTime>
#include <QLineEdit>
#include <QPushButton>

namespace cw::ui {
namespace {

// A folder name that says what is in it: "finetune-cells-20261122-001512".
std::string folder_name(const QString& kind) {
  return (kind + QLatin1Char('-') + QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmsszzz")))
      .toStdString();
}

}  // namespace

// Pretraining reads tokens: the data set's are made by a job that runs before. Returns the file.
Result<std::string> RunForm::submitTokens(const std::filesystem::path& folder, const std::string& preset) {
  const Dataset& dataset = *services_.document.dataset();
  TokenizeOptions options;
  options.inputs = {dataset.path.string()};
  options.output = (folder / "cells.tokens.h5").string();
  options.dictionary = preset.starts_with("v2") ? "v2" : "v1";
  options.counts = dataset.counts_where;
  options.gene_ids = dataset.gene_ids;
  options.species = dataset.species;
  CW_TRY(
      services_.jobs.submit(new_job("tokenize", to_json(options)), tr("Rank lists of %1").arg(dataset.name), folder));
  return options.output;
}

void RunForm::start() {
  auto options = this->options();
  const auto place = where_->place();
  if (!start_->isEnabled() || !options || !place) return;
  const std::filesystem::path folder = services_.document.project()->runsFolder() / folder_name(kind_);
  if (kind_ == QLatin1String("pretrain")) {
    const auto tokens = submitTokens(folder.string() + "-tokens", (*options)["preset"].get<std::string>());
    if (!tokens) return services_.messages.error(tokens.error());
    (*options)["tokens"] = *tokens;
    (*options)["out"] = folder.string();
  } else {
    (*options)["output"] = folder.string();
  }
  const QString title = title_->text().trimmed().isEmpty() ? title_->placeholderText() : title_->text().trimmed();
  const auto id = services_.jobs.submit(new_job(kind_.toStdString(), *options), title, folder, *place);
  if (!id) return services_.messages.error(id.error());
  Q_EMIT started(*id);
}

}  // namespace cw::ui
