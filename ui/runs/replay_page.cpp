// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/replay_page.h"

#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/runs/page_grid.h"
#include "ui/runs/replay_view.h"
#include "ui/theme/numbers.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr int kFrameTime = 600;  // ms

}  // namespace

ReplayPage::ReplayPage(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      view_(new ReplayView(services.theme, this)),
      text_(make_label({}, "small", this)),
      colour_(new QComboBox(this)),
      step_(new QSlider(Qt::Horizontal, this)),
      play_(make_button(QStringLiteral("runReplayPlay"), tr("Play"), "", this)) {
  text_->setObjectName(QStringLiteral("runReplayText"));
  text_->setWordWrap(true);
  colour_->setObjectName(QStringLiteral("runReplayColour"));
  colour_->setAccessibleName(tr("Colour of the cells"));
  colour_->addItems({tr("as called"), tr("as they are")});
  step_->setObjectName(QStringLiteral("runReplayStep"));
  step_->setAccessibleName(tr("Step of the run"));
  step_->setPageStep(1);
  view_->setObjectName(QStringLiteral("runReplay"));
  timer_.setInterval(kFrameTime);
  auto* controls = new QHBoxLayout;
  controls->addWidget(play_);
  controls->addWidget(step_, 1);
  controls->addWidget(colour_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kPageMargin, kPageMargin, kPageMargin, kPageMargin);
  column->addWidget(text_);
  column->addWidget(view_, 1);
  column->addLayout(controls);
  connect(play_, &QPushButton::clicked, this, &ReplayPage::togglePlay);
  connect(step_, &QSlider::valueChanged, this, &ReplayPage::showFrame);
  connect(colour_, &QComboBox::currentIndexChanged, this, &ReplayPage::showFrame);
  connect(&timer_, &QTimer::timeout, this, [this] {
    if (step_->value() >= step_->maximum()) return togglePlay();
    step_->setValue(step_->value() + 1);
  });
  connect(&services.document, &Document::datasetChanged, this, &ReplayPage::read);
  take(nullptr);
}

void ReplayPage::setRun(const RunFilesPtr& files) {
  const auto now = files ? files->replay : std::vector<std::filesystem::path>();
  if (now == files_) return;
  files_ = now;
  read();
}

void ReplayPage::read() {
  reading_.cancel();
  const DatasetPtr dataset = services_.document.dataset();
  if (files_.empty() || !dataset) return take(nullptr);
  reading_ = services_.background.run<ReplayPtr>(
      Background::Lane::kFiles, this, [files = files_, dataset](JobContext&) { return read_replay(files, *dataset); },
      [this](Result<ReplayPtr> replay) {
        if (!replay) services_.messages.error(replay.error());
        take(replay ? *replay : nullptr);
      });
}

void ReplayPage::take(const ReplayPtr& replay) {
  // a run that goes on stays at its newest step, if that was in view
  const bool atEnd = !replay_ || step_->value() == step_->maximum();
  replay_ = replay;
  const bool usable = replay && !replay->places.empty() && !replay->frames.empty();
  const int last = usable ? static_cast<int>(replay->frames.size()) - 1 : 0;
  view_->setReplay(usable ? replay : nullptr);
  for (QWidget* control : std::initializer_list<QWidget*>{play_, step_, colour_}) control->setEnabled(usable);
  step_->setRange(0, last);
  if (atEnd) step_->setValue(last);
  showFrame();
}

void ReplayPage::showFrame() {
  if (!replay_) {
    return text_->setText(
        tr("Each validation of a run that learns a label notes here what it called the cells kept out."));
  }
  if (replay_->mapName.isEmpty())
    return text_->setText(tr("The data in view have no map to show the cells on: make one first."));
  if (replay_->places.empty()) return text_->setText(tr("The cells kept out are not among the data in view."));
  const auto at = static_cast<std::size_t>(step_->value());
  const ReplayFrame& frame = replay_->frames[at];
  const auto cells = static_cast<std::int64_t>(replay_->truth.size());
  QString text =
      tr("Step %1: %2 of %3 validation cells called right; rings are wrong. Places: %4, the same at every step.")
          .arg(count_text(frame.step), count_text(frame.numRight(replay_->truth)), count_text(cells), replay_->mapName);
  if (replay_->numElsewhere > 0) {
    text += QLatin1Char(' ') + tr("%1 more have no place there.").arg(count_text(replay_->numElsewhere));
  }
  text_->setText(text);
  view_->showFrame(at, colour_->currentIndex() == 0);
}

void ReplayPage::togglePlay() {
  if (!play_->isEnabled()) return;
  const bool playing = !timer_.isActive();
  if (playing && step_->value() == step_->maximum()) step_->setValue(0);
  playing ? timer_.start() : timer_.stop();
  play_->setText(playing ? tr("Stop") : tr("Play"));
}

}  // namespace cw::ui
