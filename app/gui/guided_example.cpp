// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/guided_example.h"

#include "ui/common/action_registry.h"
#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/main_window/main_window.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr auto kStepKey = "guided-example";
constexpr auto kColumn = "cell_type";
constexpr auto kStart = "CD14+ Mono";
constexpr auto kGoal = "B";
constexpr int kCells = 8;  // every gene of so many monocytes: under a minute on two cores
constexpr int kCardWidth = 320;
constexpr int kLookEvery = 150;
constexpr int kGap = 12;

// A frame in the accent colour around the control that is meant; the mouse goes through it.
class Ring : public QWidget {
 public:
  Ring(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setObjectName(QStringLiteral("guideRing"));
    hide();
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme_.color("accent"), 2.0));
    const int radius = theme_.size("radius-card");
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), radius, radius);
  }

 private:
  const Theme& theme_;
};

}  // namespace

GuidedExample::GuidedExample(Services& services, MainWindow& window, QObject* parent)
    : QObject(parent), services_(services), window_(window) {
  makeSteps();
  makeCard();
  look_.setInterval(kLookEvery);
  connect(&look_, &QTimer::timeout, this, &GuidedExample::look);
  connect(&services.messages, &MessageCenter::posted, this, [this](const Message& message) {
    const bool last = step_ == steps_.size() - 1;
    if (last && message.kind == Message::Kind::kGood) exported_ = true;  // "Exported ..." is the only good news here
  });
  window.installEventFilter(this);
}

void GuidedExample::makeSteps() {
  const auto hasMap = [this] {
    const DatasetPtr& dataset = services_.document.dataset();
    return dataset && !dataset->maps.empty();
  };
  steps_ = {
      {tr("Look at the cells"),
       tr("1,339 blood cells, each a list of its genes. The model turns every cell into a row of numbers and draws a "
          "map: similar cells lie close together. Takes about 20 seconds."),
       QStringLiteral("explore"),
       {QStringLiteral("embedButton"), QStringLiteral("mapPill"), QStringLiteral("embeddingPanel")},
       tr("Embed and map"),
       [this] { trigger("analyze.embed-map"); },
       hasMap},
      {tr("Choose START and GOAL"),
       tr("Which change would turn monocytes into something more like B cells? Drag “CD14+ Mono” from the legend to "
          "START and “B” to GOAL, or let the guide do it."),
       QStringLiteral("perturb"),
       {QStringLiteral("startWell"), QStringLiteral("legendCard"), QStringLiteral("chipRow")},
       tr("Choose both"),
       [this] { chooseStates(); },
       [this] {
         const GroupChoice& groups = services_.document.selection().groups();
         return groups.start && groups.goal;
       }},
      {tr("Choose genes to delete"),
       tr("Drag genes onto Delete, or take all that the cells have, one at a time. A few cells are enough to see how "
          "it works, and keep it under a minute."),
       QStringLiteral("perturb"),
       {QStringLiteral("deleteWell"), QStringLiteral("benchPage")},
       tr("All genes of %1 cells").arg(kCells),
       [this] { chooseGenes(); },
       [this] { return genesChosen_; }},
      {tr("Run"),
       tr("The engine takes one gene after the other out of every cell and looks where the cell goes. The list forms "
          "while you watch; the line below says how long it takes."),
       QStringLiteral("perturb"),
       {QStringLiteral("runButton"), QStringLiteral("resultProgress"), QStringLiteral("resultView"),
        QStringLiteral("jobsStrip")},
       tr("Run"),
       [this] { trigger("perturb.run"); },
       [this] { return hasPerturbation(); }},
      {tr("Export the list"),
       tr("Read the flags before you believe a gene: few cells, no donors, a small model. Then take list and figure "
          "with you: "
          "CSV, Excel and PDF in a new folder of your documents."),
       QStringLiteral("perturb"),
       {QStringLiteral("exportList"), QStringLiteral("resultView")},
       {},
       {},
       [this] { return exported_; }},
  };
}

void GuidedExample::makeCard() {
  ring_ = new Ring(services_.theme, &window_);
  card_ = make_surface("card", &window_);
  card_->setObjectName(QStringLiteral("guideCard"));
  card_->setAccessibleName(tr("Guided example"));
  card_->setFixedWidth(kCardWidth);
  count_ = make_label({}, "secondary", card_);
  count_->setObjectName(QStringLiteral("guideCount"));
  title_ = make_label({}, "heading", card_);
  title_->setObjectName(QStringLiteral("guideTitle"));
  text_ = make_label({}, "", card_);
  text_->setWordWrap(true);
  do_ = make_button(QStringLiteral("guideDo"), {}, "primary", card_);
  skip_ = make_button(QStringLiteral("guideSkip"), tr("Skip"), "link", card_);
  auto* close = new QToolButton(card_);
  close->setObjectName(QStringLiteral("guideClose"));
  close->setAccessibleName(tr("Close the guide"));
  close->setToolTip(tr("Close. Help > Go on with the guided example takes it up again."));
  close->setIcon(services_.theme.icon(QStringLiteral("close")));
  auto* top = new QHBoxLayout;
  top->addWidget(count_, 1);
  top->addWidget(close);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(skip_);
  buttons->addStretch(1);
  buttons->addWidget(do_);
  auto* column = new QVBoxLayout(card_);
  column->setContentsMargins(14, 8, 10, 12);
  column->setSpacing(6);
  column->addLayout(top);
  column->addWidget(title_);
  column->addWidget(text_);
  column->addLayout(buttons);
  card_->hide();
  connect(do_, &QPushButton::clicked, this, [this] {
    if (step_ < 0 || !steps_[step_].doIt) return;
    do_->setEnabled(false);
    steps_[step_].doIt();
  });
  connect(skip_, &QPushButton::clicked, this, [this] { show(step_ + 1); });
  connect(close, &QToolButton::clicked, this, [this] {
    step_ = -1;
    look_.stop();
    card_->hide();
    ring_->hide();
  });
}

void GuidedExample::start(bool anew) {
  const ProjectStore* project = services_.document.project();
  const int kept = anew || !project ? 0 : project->value(QLatin1String(kStepKey)).toInt();
  genesChosen_ = exported_ = false;
  show(kept < steps_.size() ? kept : 0);
}

void GuidedExample::show(int step) {
  if (step >= steps_.size()) return finish();
  step_ = step;
  if (ProjectStore* project = services_.document.project(); project && !project->isReadOnly()) {
    project->setValue(QLatin1String(kStepKey), QString::number(step));
  }
  const Step& now = steps_[step];
  count_->setText(tr("Guided example, step %1 of %2").arg(step + 1).arg(steps_.size()));
  title_->setText(now.title);
  text_->setText(now.text);
  do_->setText(now.doneText);
  do_->setVisible(!now.doneText.isEmpty());
  do_->setEnabled(true);
  if (services_.document.dataset() && !now.workspace.isEmpty()) window_.showWorkspace(now.workspace);
  card_->show();
  look_.start();
  look();
}

void GuidedExample::look() {
  if (step_ < 0) return;
  const Step& now = steps_[step_];
  if (now.isDone()) return show(step_ + 1);
  QWidget* target = nullptr;
  for (const QString& name : now.targets) {
    for (QWidget* widget : window_.findChildren<QWidget*>(name)) {
      if (!target && widget->isVisible()) target = widget;
    }
  }
  place(target);
}

void GuidedExample::place(QWidget* target) {
  card_->adjustSize();
  const QRect whole = window_.rect().adjusted(kGap, kGap, -kGap, -40);
  QPoint at = whole.bottomRight() - QPoint(card_->width(), card_->height());
  ring_->setVisible(target != nullptr);
  if (target) {
    const QRect around(target->mapTo(&window_, QPoint(0, 0)), target->size());
    ring_->setGeometry(around.adjusted(-3, -3, 3, 3));
    ring_->raise();
    // beside it, where there is room: right, left, below, above; over its lower corner where there is none
    const QPoint sides[] = {{around.right() + kGap, around.top()},
                            {around.left() - kGap - card_->width(), around.top()},
                            {around.left(), around.bottom() + kGap},
                            {around.left(), around.top() - kGap - card_->height()}};
    const auto fits = std::find_if(std::begin(sides), std::end(sides),
                                   [&](const QPoint& side) { return whole.contains(QRect(side, card_->size())); });
    if (fits != std::end(sides)) at = *fits;
  }
  if (card_->pos() != at) card_->move(at);
  card_->raise();
}

void GuidedExample::finish() {
  step_ = -1;
  look_.stop();
  card_->hide();
  ring_->hide();
  if (ProjectStore* project = services_.document.project(); project && !project->isReadOnly()) {
    project->setValue(QLatin1String(kStepKey), QStringLiteral("0"));
  }
  services_.messages.toast(tr("That was the whole way. Drop a file of your own to begin."));
}

bool GuidedExample::eventFilter(QObject* watched, QEvent* event) {
  if (watched == &window_ && event->type() == QEvent::Resize && step_ >= 0) look();
  return QObject::eventFilter(watched, event);
}

void GuidedExample::chooseStates() {
  GroupChoice groups;
  groups.start = services_.document.groupOf(QLatin1String(kColumn), QLatin1String(kStart));
  groups.goal = services_.document.groupOf(QLatin1String(kColumn), QLatin1String(kGoal));
  services_.document.chooseGroups(groups);
}

void GuidedExample::chooseGenes() {
  trigger("perturb.all");
  if (auto* cells = window_.findChild<QSpinBox*>(QStringLiteral("maxCells"))) cells->setValue(kCells);
  genesChosen_ = true;
}

bool GuidedExample::hasPerturbation() const {
  const QList<JobRecord>& jobs = services_.jobs.jobs();
  return std::any_of(jobs.begin(), jobs.end(), [](const JobRecord& job) {
    return job.kind == QLatin1String("perturb") && job.phase == JobPhase::kDone;
  });
}

void GuidedExample::trigger(const char* actionId) {
  if (QAction* action = services_.actions.find(QLatin1String(actionId))) action->trigger();
}

}  // namespace cw::ui
