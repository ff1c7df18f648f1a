// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/how_card.h"

#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/perturb/flow_layout.h"
#include "ui/theme/numbers.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QRadioButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <array>

namespace cw::ui {
namespace {

constexpr std::array kHows{"each", "together", "pairs", "anchor"};

QComboBox* make_choice(const QString& objectName, const QString& name, const QString& tip) {
  auto* box = new QComboBox;
  box->setObjectName(objectName);
  box->setAccessibleName(name);
  box->setToolTip(tip);
  box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  box->setMinimumContentsLength(4);
  box->setStyleSheet(QStringLiteral("QComboBox{min-height:22px;padding:0 6px}"));
  return box;
}

}  // namespace

HowCard::HowCard(Document& document, QWidget* parent)
    : QWidget(parent), document_(document), hows_(new QButtonGroup(this)) {
  setProperty("surface", "card");
  setAttribute(Qt::WA_StyledBackground);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(10, 8, 10, 10);
  layout->setSpacing(6);
  layout->addWidget(make_caption(tr("How")));
  auto* choices = new QWidget(this);
  auto* flow = new FlowLayout(14, choices);
  const std::array<QString, 4> texts{tr("Each gene alone"), tr("Together"), tr("All pairs"), tr("Anchor with each")};
  hows_->setExclusive(false);
  for (std::size_t i = 0; i < kHows.size(); ++i) {
    auto* button = new QRadioButton(texts[i], choices);
    button->setAutoExclusive(false);
    button->setObjectName(QStringLiteral("how-") + QLatin1String(kHows[i]));
    hows_->addButton(button, static_cast<int>(i));
    flow->addWidget(button);
  }
  connect(hows_, &QButtonGroup::idClicked, this, [this](int id) {
    for (QAbstractButton* button : hows_->buttons()) button->setChecked(hows_->id(button) == id);
    Q_EMIT howChosen(QLatin1String(kHows[static_cast<std::size_t>(id)]));
  });
  layout->addWidget(choices);
  auto* noteRow = new QHBoxLayout;
  note_ = make_label({}, "secondary");
  note_->setObjectName(QStringLiteral("howNote"));
  note_->setWordWrap(true);
  badge_ = make_label(tr("extension"), "warning");
  badge_->setToolTip(
      tr("The published code refuses this or does something else; here it is defined and tested. The rows "
         "of the result carry the flag “extension”."));
  noteRow->addWidget(note_, 1);
  noteRow->addWidget(badge_, 0, Qt::AlignTop);
  layout->addLayout(noteRow);
  layout->addStretch(1);

  auto* settings = new QWidget(this);
  auto* settingsFlow = new FlowLayout(6, settings);
  model_ = make_choice(QStringLiteral("benchModel"), tr("Model"), tr("The model that computes"));
  layer_ =
      make_choice(QStringLiteral("benchLayer"), tr("Layer"),
                  tr("Layer that the cell's picture is taken from. Second-to-last is the published choice; last for a "
                     "model that was tuned to your question."));
  layer_->addItem(tr("second-to-last layer"), QStringLiteral("second-to-last"));
  layer_->addItem(tr("last layer"), QStringLiteral("last"));
  method_ = make_choice(QStringLiteral("benchMethod"), tr("Method"),
                        tr("Exact computes every cell again for each gene. A screen estimates all deletions first and "
                           "computes the strongest exactly, on cells that it did not see."));
  method_->addItem(tr("exact"), QStringLiteral("exact"));
  method_->addItem(tr("screen"), QStringLiteral("screen"));
  null_ =
      make_choice(QStringLiteral("benchNull"), tr("Random genes to compare with"),
                  tr("Each named gene is compared with so many random genes of the same rank in the same cells: any "
                     "change moves any cell. Under 20 there is no null. More cost as many passes more."));
  for (const int count : {0, 20, 50, 100}) {
    null_->addItem(count == 0 ? tr("no random genes") : tr("%1 random genes").arg(count), count);
  }
  nullText_ = make_label({}, "secondary");
  for (QComboBox* box : {model_, layer_, method_, null_}) settingsFlow->addWidget(box);
  layout->addWidget(settings);
  connect(model_, &QComboBox::activated, this, [this] { Q_EMIT modelChosen(model_->currentData().toString()); });
  connect(layer_, &QComboBox::activated, this, [this] { Q_EMIT layerChosen(layer_->currentData().toString()); });
  connect(method_, &QComboBox::activated, this, [this] { Q_EMIT methodChosen(method_->currentData().toString()); });
  connect(null_, &QComboBox::activated, this, [this] { Q_EMIT nullCountChosen(null_->currentData().toInt()); });
  connect(&document, &Document::modelsChanged, this, &HowCard::fillModels);
  fillModels();
}

void HowCard::fillModels() {
  const QSignalBlocker blocker(model_);
  const QString chosen = model_->currentData().toString();
  model_->clear();
  for (const ModelEntry& model : document_.models()) model_->addItem(model.name, model.id);
  const int index = model_->findData(chosen);
  if (index >= 0) model_->setCurrentIndex(index);
}

void HowCard::showExperiment(const Experiment& e) {
  const QString how = effective_how(e);
  for (std::size_t i = 0; i < kHows.size(); ++i) {
    QAbstractButton* button = hows_->button(static_cast<int>(i));
    const QString word = QLatin1String(kHows[i]);
    const QString why = why_not(e, word);
    button->setChecked(word == how);
    button->setEnabled(why.isEmpty());
    button->setToolTip(why);
  }
  hows_->button(3)->setVisible(!e.well(WellId::kAnchor).isEmpty());
  const auto select = [](QComboBox* box, const QVariant& value) {
    const QSignalBlocker blocker(box);
    box->setCurrentIndex(std::max(0, box->findData(value)));
  };
  const ModelEntry* active = document_.activeModel();
  select(model_, e.modelId.isEmpty() && active != nullptr ? active->id : e.modelId);
  select(layer_, e.layer);
  select(method_, e.method);
  select(null_, e.nullCount);
  null_->setVisible(num_named(e) > 0 && !has_all(e));
  badge_->setVisible(is_extension(e));
  showNote(e);
}

void HowCard::showNote(const Experiment& e) {
  const QString how = effective_how(e);
  const qint64 pairs = num_pairs(e);
  if (num_named(e) == 0 && !has_all(e)) {
    note_->setText(tr("Drop genes into a well first."));
  } else if (how.isEmpty()) {
    note_->setText(tr("%1 genes: choose how they are changed. Pairs would be %2.")
                       .arg(count_text(num_named(e)), count_text(pairs)));
  } else if (how == QLatin1String("each")) {
    note_->setText(has_all(e) ? tr("Every gene that a cell has, one at a time.") : tr("One gene at a time."));
  } else if (how == QLatin1String("together")) {
    note_->setText(tr("All genes of a well at once: one effect per well."));
  } else if (how == QLatin1String("pairs")) {
    note_->setText(tr("%1 pairs, and each gene alone to compare with.").arg(count_text(pairs)));
  } else {
    note_->setText(
        tr("%1 alone, each other gene alone, and both together.").arg(e.well(WellId::kAnchor).genes.value(0).symbol));
  }
}

}  // namespace cw::ui
