// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/trials_page.h"

#include "core/api/job_kinds.h"
#include "core/api/search_options.h"
#include "core/api/search_space.h"
#include "core/jobs/job_spec.h"
#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/runs/model_use.h"
#include "ui/runs/page_grid.h"
#include "ui/runs/run_folder_name.h"
#include "ui/runs/run_settings.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>

namespace cw::ui {
namespace {

constexpr int kFixedColumns = 4;  // trial, state, trained, result
constexpr int kDecimals = 3;
constexpr double kPercent = 100.0;

QString state_text(TrialState state) {
  switch (state) {
    case TrialState::kWaiting:
      return TrialsPage::tr("waiting");
    case TrialState::kRunning:
      return TrialsPage::tr("running");
    case TrialState::kDone:
      return TrialsPage::tr("done");
    case TrialState::kStopped:
      return TrialsPage::tr("stopped: others were better");
    case TrialState::kFailed:
      return TrialsPage::tr("failed");
  }
  return {};
}

QString name_in_words(std::int64_t trial) {
  return trial == kBaselineTrial ? TrialsPage::tr("as given") : QString::number(trial + 1);
}

// How far a trial was trained, as a share of a whole run.
double share_of(const SearchRecord& record, std::int64_t trial) {
  if (trial == kBaselineTrial) return record.baseline->value ? 1.0 : 0.0;
  const auto done = static_cast<int>(record.plan.trials()[static_cast<std::size_t>(trial)].values.size());
  return done == 0 ? 0.0 : record.plan.budget_of(done - 1);
}

}  // namespace

TrialsPage::TrialsPage(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      note_(make_label({}, "small", this)),
      table_(make_grid(QStringLiteral("runTrials"), tr("Trials"), &services.theme, this)),
      use_(make_button(QStringLiteral("runUseBest"), tr("Use best"), "", this)) {
  note_->setObjectName(QStringLiteral("runTrialsNote"));
  note_->setWordWrap(true);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(use_);
  buttons->addStretch(1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kPageMargin, kPageMargin, kPageMargin, kPageMargin);
  column->addWidget(note_);
  column->addWidget(table_, 1);
  column->addLayout(buttons);
  connect(use_, &QPushButton::clicked, this, &TrialsPage::useBest);
  setRun(nullptr, {});
}

void TrialsPage::setRun(const RunFilesPtr& files, const QString& title) {
  files_ = files;
  title_ = title;
  const SearchRecord* record = files && files->search ? &*files->search : nullptr;
  const bool finished = files && !files->model.empty();
  table_->setVisible(record);
  use_->setEnabled(record && record->best());
  use_->setText(finished ? tr("Use best") : tr("Train with the best so far"));
  use_->setToolTip(finished ? tr("Takes the model of the best trial for what comes next")
                            : tr("Starts a run of its own with the settings of the best trial up to now"));
  if (!record) return note_->setText(tr("This run is no search: it has no trials."));
  showTrials(*record);
  note_->setText(bestText(*record));
}

QString TrialsPage::bestText(const SearchRecord& record) {
  const auto best = record.best();
  if (!best) return tr("No trial has come to a result yet.");
  const QString trial =
      *best == kBaselineTrial ? tr("the settings as given") : tr("trial %1").arg(name_in_words(*best));
  return tr("Best: %1, %2 %3 on the validation part.")
      .arg(trial, QString::fromStdString(record.metric), fixed_text(record.value_of(*best), kDecimals));
}

void TrialsPage::showTrials(const SearchRecord& record) {
  QStringList titles{tr("Trial"), tr("State"), tr("Trained"), QString::fromStdString(record.metric)};
  for (const SearchSetting& setting : record.plan.options().settings) {
    titles << setting_title(QString::fromStdString(setting.name));
  }
  set_headings(*table_, titles << tr("Note"));
  const auto trials = static_cast<int>(record.plan.trials().size());
  const int first = record.baseline ? 1 : 0;
  table_->setRowCount(first + trials);
  if (record.baseline) addRow(record, kBaselineTrial, 0);
  for (int trial = 0; trial < trials; ++trial) addRow(record, trial, first + trial);
}

void TrialsPage::addRow(const SearchRecord& record, std::int64_t trial, int row) {
  const bool given = trial == kBaselineTrial;
  const SearchTrial* drawn = given ? nullptr : &record.plan.trials()[static_cast<std::size_t>(trial)];
  const bool best = record.best() == trial;
  const double value = record.value_of(trial);
  put(*table_, row, 0, best ? tr("%1 ★ best").arg(name_in_words(trial)) : name_in_words(trial));
  put(*table_, row, 1, state_text(drawn ? drawn->state : record.baseline->state));
  put(*table_, row, 2, QStringLiteral("%1 %").arg(std::lround(kPercent * share_of(record, trial))), true);
  put(*table_, row, 3, std::isnan(value) ? QStringLiteral("–") : fixed_text(value, kDecimals), true);
  const Json settings = record.settings_of(trial);
  int column = kFixedColumns;
  for (const SearchSetting& setting : record.plan.options().settings) {
    put(*table_, row, column++, setting_text(settings.value(setting.name, Json())), true);
  }
  put(*table_, row, column, QString::fromStdString(drawn ? drawn->note : record.baseline->note));
  QFont font = table_->font();
  font.setBold(best);
  for (int i = 0; i <= column; ++i) table_->item(row, i)->setFont(font);
}

// The fine-tuning that the search tries, with the best settings yet.
Result<QString> TrialsPage::trainBest() {
  const ProjectStore* project = services_.document.project();
  if (!project || project->isReadOnly()) {
    return Error{ErrorCode::kRefused, "E-UI-040", "this project is open for reading only; open it for writing first"};
  }
  CW_ASSIGN(const FinetuneSearchOptions search, search_options_from_json(files_->options));
  CW_ASSIGN(const Json base, searched_options(search));
  Json options = with_settings(base, files_->search->settings_of(*files_->search->best()));
  const std::filesystem::path folder = project->runsFolder() / run_folder_name(QString::fromStdString(search.kind));
  options["output"] = folder.string();
  CW_TRY(check_job(search.kind, options));
  return services_.jobs.submit(new_job(search.kind, options), tr("%1, best settings").arg(title_), folder);
}

void TrialsPage::useBest() {
  if (!files_ || !files_->search || !files_->search->best()) return;
  if (!files_->model.empty()) return use_model(services_, files_->model);
  const auto id = trainBest();
  if (!id) return services_.messages.error(id.error());
  Q_EMIT started(*id);
}

}  // namespace cw::ui
