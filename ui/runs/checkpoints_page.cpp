// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/checkpoints_page.h"

#include "ui/common/widgets.h"
#include "ui/jobs/job_center.h"
#include "ui/runs/figure_at.h"
#include "ui/runs/model_use.h"
#include "ui/runs/page_grid.h"
#include "ui/runs/runs_model.h"
#include "ui/theme/numbers.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace cw::ui {

CheckpointsPage::CheckpointsPage(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      table_(make_grid(QStringLiteral("runCheckpoints"), tr("Checkpoints"), &services.theme, this)),
      note_(make_label({}, "small", this)),
      use_(make_button(QStringLiteral("runUseModel"), tr("Use as model"), "", this)),
      embed_(make_button(QStringLiteral("runEmbed"), tr("Embed with it"), "", this)),
      resumeFrom_(make_button(QStringLiteral("runResumeFrom"), tr("Resume from it"), "", this)),
      embedFrom_(make_button(QStringLiteral("runEmbedFrom"), tr("Embed with it"), "", this)),
      keep_(make_button(QStringLiteral("runKeep"), tr("Keep"), "", this)),
      compare_(make_pill(QStringLiteral("runCompareWith"), tr("Compare with"), this)),
      others_(new QMenu(this)) {
  use_->setToolTip(tr("Adds the finished model to the project and takes it for what comes next"));
  embed_->setToolTip(tr("Uses the model and makes a map of the cells in view with it"));
  resumeFrom_->setToolTip(tr("Starts a run of its own that goes on from this checkpoint; this one stays as it is"));
  embedFrom_->setToolTip(tr("Makes a model of this checkpoint and a map of the cells in view with it"));
  embedFrom_->setAccessibleName(tr("Embed with this checkpoint"));
  keep_->setToolTip(tr("Kept checkpoints stay; others go when two newer ones are there"));
  compare_->setToolTip(tr("Lays another run beside this one, with the figures of both at this step"));
  compare_->setMenu(others_);
  set_headings(*table_, {tr("Step"), tr("Validation"), tr("Size"), {}});
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setStretchLastSection(true);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  note_->setWordWrap(true);
  makeLayout();
  connect(use_, &QPushButton::clicked, this, &CheckpointsPage::useModel);
  connect(embed_, &QPushButton::clicked, this, &CheckpointsPage::embed);
  connect(resumeFrom_, &QPushButton::clicked, this, &CheckpointsPage::resumeFrom);
  connect(embedFrom_, &QPushButton::clicked, this, &CheckpointsPage::embedFrom);
  connect(keep_, &QPushButton::clicked, this, &CheckpointsPage::toggleKept);
  connect(others_, &QMenu::aboutToShow, this, &CheckpointsPage::fillCompareMenu);
  connect(table_, &QTableWidget::itemSelectionChanged, this, &CheckpointsPage::showActions);
  setRun({}, nullptr, nullptr);
}

void CheckpointsPage::makeLayout() {
  auto* model = new QHBoxLayout;
  model->addWidget(use_);
  model->addWidget(embed_);
  model->addStretch(1);
  auto* actions = new QGridLayout;
  actions->setHorizontalSpacing(8);
  actions->addWidget(resumeFrom_, 0, 0);
  actions->addWidget(embedFrom_, 0, 1);
  actions->addWidget(keep_, 1, 0);
  actions->addWidget(compare_, 1, 1);
  actions->setColumnStretch(2, 1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kPageMargin, kPageMargin, kPageMargin, kPageMargin);
  column->addWidget(note_);
  column->addLayout(model);
  column->addWidget(table_, 1);
  column->addWidget(make_caption(tr("The chosen checkpoint"), this));
  column->addLayout(actions);
}

void CheckpointsPage::setRun(const QString& id, const RunFilesPtr& files, const RunEventsPtr& events) {
  const RunCheckpoint* before = id == id_ ? chosen() : nullptr;
  const std::int64_t step = before ? before->step : -1;
  id_ = id;
  files_ = files;
  const bool finished = files && !files->model.empty();
  use_->setEnabled(finished);
  embed_->setEnabled(finished);
  showCheckpoints(events);
  for (int row = 0; row < table_->rowCount(); ++row) {
    if (files->checkpoints[static_cast<std::size_t>(row)].step == step) table_->setCurrentCell(row, 0);
  }
  QStringList sentences;
  if (finished) {
    sentences << tr("The model is ready (%1).").arg(bytes_text(static_cast<double>(files->model_bytes)));
    if (files->best_step >= 0) sentences << tr("It is that of step %1, the best.").arg(count_text(files->best_step));
  } else if (files && files->best_step >= 0) {
    sentences << tr("Best so far: step %1.").arg(count_text(files->best_step));
  }
  if (!finished) sentences << tr("The model is written when the run ends.");
  note_->setText(sentences.join(QLatin1Char(' ')));
  showActions();
}

void CheckpointsPage::showCheckpoints(const RunEventsPtr& events) {
  const int count = files_ ? static_cast<int>(files_->checkpoints.size()) : 0;
  table_->setRowCount(count);
  for (int row = 0; row < count; ++row) {
    const RunCheckpoint& checkpoint = files_->checkpoints[static_cast<std::size_t>(row)];
    put(*table_, row, 0, count_text(checkpoint.step), true);
    put(*table_, row, 1, figure_at(events, "validation_loss", checkpoint.step), true);
    put(*table_, row, 2, bytes_text(static_cast<double>(checkpoint.bytes)), true);
    put(*table_, row, 3,
        checkpoint.kept ? tr("kept")
        : row == 0      ? tr("Resume goes on here")
                        : tr("until newer ones come"));
  }
}

const RunCheckpoint* CheckpointsPage::chosen() const {
  if (!files_ || files_->checkpoints.empty()) return nullptr;
  const int row = std::clamp(table_->currentRow(), 0, static_cast<int>(files_->checkpoints.size()) - 1);
  return &files_->checkpoints[static_cast<std::size_t>(row)];
}

QString CheckpointsPage::stepText(const RunCheckpoint& checkpoint) const {
  const JobRecord* job = services_.jobs.job(id_);
  return tr("%1, step %2").arg(job ? job->title : QString(), count_text(checkpoint.step));
}

void CheckpointsPage::showActions() {
  const RunCheckpoint* checkpoint = chosen();
  for (QWidget* control : std::initializer_list<QWidget*>{resumeFrom_, embedFrom_, keep_, compare_}) {
    control->setEnabled(checkpoint);
  }
  keep_->setText(checkpoint && checkpoint->kept ? tr("Do not keep") : tr("Keep"));
}

void CheckpointsPage::useModel() {
  if (files_ && !files_->model.empty()) use_model(services_, files_->model);
}

void CheckpointsPage::embed() {
  if (files_ && !files_->model.empty()) embed_with(services_, files_->model, this);
}

void CheckpointsPage::fillCompareMenu() {
  others_->clear();
  const RunCheckpoint* checkpoint = chosen();
  if (!checkpoint) return;
  for (const JobRecord& job : services_.jobs.jobs()) {
    if (!is_training(job) || job.id == id_) continue;
    connect(others_->addAction(job.title), &QAction::triggered, this,
            [this, other = job.id, step = checkpoint->step] { Q_EMIT compareRequested(other, step); });
  }
  if (others_->isEmpty()) others_->addAction(tr("There is no other run"))->setEnabled(false);
}

void CheckpointsPage::askCompare() {
  if (compare_->isEnabled()) compare_->showMenu();
}

}  // namespace cw::ui
