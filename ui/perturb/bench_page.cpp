// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/bench_page.h"

#include "ui/common/drag_data.h"
#include "ui/common/messages.h"
#include "ui/common/panel.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/machines/where_row.h"
#include "ui/perturb/drop_shelf.h"
#include "ui/perturb/experiment_book.h"
#include "ui/perturb/flow_layout.h"
#include "ui/perturb/gene_well.h"
#include "ui/perturb/how_card.h"
#include "ui/perturb/preview_view.h"
#include "ui/perturb/queue_view.h"
#include "ui/perturb/state_well.h"
#include "ui/perturb/well_chip.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSpinBox>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <tuple>

namespace cw::ui {
namespace {

// A click selects all of it, "all" too: typed digits take its place.
class CountBox : public QSpinBox {
 public:
  using QSpinBox::QSpinBox;

 protected:
  void focusInEvent(QFocusEvent* event) override {
    QSpinBox::focusInEvent(event);
    QTimer::singleShot(0, this, &QSpinBox::selectAll);
  }
};

constexpr int kMergeCells = 7101;
constexpr int kMergeSeed = 7102;
constexpr int kMergeQuartiles = 7103;

QString detail_of(std::int64_t cells, int donors, bool donors_known) {
  if (!donors_known) return QObject::tr("%1 cells").arg(count_text(cells));
  return donors == 1 ? QObject::tr("%1 cells, 1 donor").arg(count_text(cells))
                     : QObject::tr("%1 cells, %2 donors").arg(count_text(cells)).arg(donors);
}

QVBoxLayout* card_layout(QWidget* card) {
  auto* layout = new QVBoxLayout(card);
  layout->setContentsMargins(10, 8, 10, 10);
  layout->setSpacing(6);
  return layout;
}

void clear_layout(QLayout& layout) {
  while (QLayoutItem* item = layout.takeAt(0)) {
    if (QWidget* widget = item->widget()) {
      widget->hide();
      widget->deleteLater();
    }
    delete item;
  }
}

}  // namespace

BenchPage::BenchPage(Services& services, ExperimentBook& book, QWidget* parent)
    : QScrollArea(parent), services_(services) {
  setObjectName(QStringLiteral("benchPage"));
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* inside = make_surface("ground", this);
  auto* layout = new QVBoxLayout(inside);
  layout->setContentsMargins(14, 12, 14, 14);
  layout->setSpacing(10);
  makeStates(*layout);
  makeCells(*layout);
  makeWells(*layout);
  makeCards(*layout);
  auto* bottom = new QHBoxLayout;
  bottom->setSpacing(8);
  auto* previewCard = make_surface("card");
  auto* previewLayout = card_layout(previewCard);
  previewLayout->addWidget(make_caption(tr("Preview, 64 cells, not a result")));
  preview_ = new PreviewView(services.theme);
  previewLayout->addWidget(preview_, 1);
  bottom->addWidget(previewCard, 1);
  auto* queueCard = make_surface("card");
  auto* queueLayout = card_layout(queueCard);
  queueLayout->addWidget(make_caption(tr("Queue")));
  queue_ = new QueueView(services.theme, book, services.jobs);
  queueLayout->addWidget(queue_, 1);
  bottom->addWidget(queueCard, 1);
  layout->addLayout(bottom, 1);
  setWidget(inside);
}

void BenchPage::makeStates(QVBoxLayout& layout) {
  const Theme& theme = services_.theme;
  auto* row = new QHBoxLayout;
  row->setSpacing(10);
  start_ = new StateWell(theme, services_.document, QStringLiteral("startWell"), tr("Start"),
                         tr("Drop the group of cells that is changed."));
  start_->setEdge("start");
  goal_ =
      new StateWell(theme, services_.document, QStringLiteral("goalWell"), tr("Goal"),
                    tr("Drop the group that cells should move towards. Without it you still see which genes matter."));
  goal_->setEdge("goal");
  alternative_ = new StateWell(theme, services_.document, QStringLiteral("alternativeWell"), tr("Alternative"),
                               tr("Drop a third group to see whether cells go there instead."));
  alternative_->setEdge("ink-3");
  auto* arrow = new QLabel;
  arrow->setPixmap(theme.icon(QStringLiteral("arrow-right"), theme.color("ink-2")).pixmap(theme.size("icon")));
  row->addWidget(start_, 1);
  row->addWidget(arrow);
  row->addWidget(goal_, 1);
  row->addWidget(alternative_, 1);
  for (StateWell* well : {start_, goal_, alternative_}) well->setMinimumHeight(72);
  layout.addLayout(row);
  connect(start_, &StateWell::chosen, this, [this](const Group& group) {
    Q_EMIT edited(
        tr("Start: %1").arg(group.label()), [group](Experiment& e) { e.start = group; }, 0);
  });
  connect(start_, &StateWell::cleared, this, [this] {
    Q_EMIT edited(
        tr("Empty START"), [](Experiment& e) { e.start.reset(); }, 0);
  });
  connect(goal_, &StateWell::chosen, this, [this](const Group& group) {
    Q_EMIT edited(
        tr("Goal: %1").arg(group.label()), [group](Experiment& e) { e.goal = group; }, 0);
  });
  connect(goal_, &StateWell::cleared, this, [this] {
    Q_EMIT edited(
        tr("Empty GOAL"), [](Experiment& e) { e.goal.reset(); }, 0);
  });
  connect(alternative_, &StateWell::chosen, this, [this](const Group& group) {
    Q_EMIT edited(
        tr("Alternative: %1").arg(group.label()), [group](Experiment& e) { e.alternatives = {group}; }, 0);
  });
  connect(alternative_, &StateWell::cleared, this, [this] {
    Q_EMIT edited(
        tr("Empty ALTERNATIVE"), [](Experiment& e) { e.alternatives.clear(); }, 0);
  });
}

void BenchPage::makeCells(QVBoxLayout& layout) {
  filter_ = new DropWell(services_.theme, QStringLiteral("filterWell"));
  filter_->setAccessibleName(tr("Only these cells"));
  filter_->setHint(tr("Drop groups here to change only cells that are in them too."));
  filter_->refusal = [](const QMimeData& mime) { return group_of(mime) ? QString() : tr("Takes groups of cells."); };
  const auto add = [this](const Group& group) {
    Q_EMIT edited(
        tr("Only %1").arg(group.label()),
        [group](Experiment& e) {
          if (!e.filter.contains(group)) e.filter << group;
        },
        0);
  };
  filter_->dropped = [add](const QMimeData& mime) {
    if (const auto group = group_of(mime)) add(*group);
  };
  auto* row = new QHBoxLayout(filter_);
  row->setContentsMargins(10, 5, 10, 5);
  row->setSpacing(8);
  row->addWidget(make_caption(tr("Cells")));
  filterChips_ = new QWidget;
  filterFlow_ = new FlowLayout(4, filterChips_);
  filterNote_ = make_label(tr("all of START; drop a group to narrow it down"), "secondary");
  row->addWidget(filterNote_);
  row->addWidget(filterChips_, 1);
  auto* choose = make_pill(QStringLiteral("filterChoose"), tr("Only…"));
  choose->setToolTip(tr("Choose a group: only cells that are in it too are changed"));
  auto* menu = new QMenu(choose);
  choose->setMenu(menu);
  connect(menu, &QMenu::aboutToShow, this, [this, menu, add] {
    menu->clear();
    fill_group_menu(*menu, services_.document, add);
  });
  row->addWidget(choose);
  row->addWidget(make_label(tr("use"), "secondary"));
  maxCells_ = new CountBox;
  maxCells_->setObjectName(QStringLiteral("maxCells"));
  maxCells_->setAccessibleName(tr("Number of cells to use, 0 = all"));
  maxCells_->setRange(0, 100'000'000);
  maxCells_->setSingleStep(100);
  maxCells_->setSpecialValueText(tr("all"));
  maxCells_->setKeyboardTracking(false);
  maxCells_->setGroupSeparatorShown(true);
  maxCells_->setFixedWidth(84);
  connect(maxCells_, &QSpinBox::valueChanged, this, [this](int value) {
    Q_EMIT edited(
        tr("Use %1 cells").arg(value), [value](Experiment& e) { e.maxCells = value; }, kMergeCells);
  });
  row->addWidget(maxCells_);
  ofCells_ = make_label({}, "secondary");
  row->addWidget(ofCells_);
  row->addWidget(make_label(tr("seed"), "secondary"));
  seed_ = new QSpinBox;
  seed_->setObjectName(QStringLiteral("benchSeed"));
  seed_->setAccessibleName(tr("Seed of everything random"));
  seed_->setToolTip(tr("The same seed gives the same result"));
  seed_->setRange(0, 1'000'000'000);
  seed_->setKeyboardTracking(false);
  seed_->setFixedWidth(64);
  connect(seed_, &QSpinBox::valueChanged, this, [this](int value) {
    Q_EMIT edited(
        tr("Seed %1").arg(value), [value](Experiment& e) { e.seed = static_cast<quint64>(value); }, kMergeSeed);
  });
  row->addWidget(seed_);
  layout.addWidget(filter_);
}

void BenchPage::makeWells(QVBoxLayout& layout) {
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  for (const WellId kind : kAllWells) {
    auto* well = new GeneWell(services_.theme, services_.document, kind);
    wells_[static_cast<std::size_t>(kind)] = well;
    well->setMinimumHeight(96);
    row->addWidget(well, 1);
    connect(well, &GeneWell::wordsGiven, this,
            [this, kind](const QStringList& words) { Q_EMIT wordsGiven(kind, words); });
    connect(well, &GeneWell::filesGiven, this,
            [this, kind](const QStringList& files) { Q_EMIT filesGiven(kind, files); });
    connect(well, &GeneWell::allGiven, this, [this, kind, well] {
      well->setReport({}, {});
      Q_EMIT edited(
          tr("%1 all genes").arg(title_of(kind)), [kind](Experiment& e) { add_all_genes(e, kind); }, 0);
    });
    connect(well, &GeneWell::allRemoved, this, [this, kind] {
      Q_EMIT edited(
          tr("Take all genes out of %1").arg(title_of(kind)), [kind](Experiment& e) { e.well(kind).all = false; }, 0);
    });
    connect(well, &GeneWell::removed, this, [this, kind, well](const QString& id) {
      well->setReport({}, {});
      Q_EMIT edited(
          tr("Take a gene out of %1").arg(title_of(kind)),
          [kind, id](Experiment& e) {
            e.well(kind).genes.removeAll(WellGene{id, {}});
          },
          0);
    });
    connect(well, &GeneWell::cleared, this, [this, kind, well] {
      well->setReport({}, {});
      Q_EMIT edited(
          tr("Empty %1").arg(title_of(kind)), [kind](Experiment& e) { e.well(kind) = {}; }, 0);
    });
    connect(well, &GeneWell::quartilesChanged, this, [this](int quartiles) {
      Q_EMIT edited(
          tr("Move by %n quarter(s)", nullptr, quartiles), [quartiles](Experiment& e) { e.quartiles = quartiles; },
          kMergeQuartiles);
    });
  }
  layout.addLayout(row);
}

void BenchPage::makeCards(QVBoxLayout& layout) {
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  how_ = new HowCard(services_.document);
  row->addWidget(how_, 1);
  const auto change = [this](const QString& text, const std::function<void(Experiment&)>& set) {
    Q_EMIT edited(text, set, 0);
  };
  connect(how_, &HowCard::howChosen, this, [change](const QString& how) {
    change(tr("Change how genes are combined"), [how](Experiment& e) { e.how = how; });
  });
  connect(how_, &HowCard::modelChosen, this,
          [change](const QString& id) { change(tr("Choose model"), [id](Experiment& e) { e.modelId = id; }); });
  connect(how_, &HowCard::layerChosen, this,
          [change](const QString& layer) { change(tr("Choose layer"), [layer](Experiment& e) { e.layer = layer; }); });
  connect(how_, &HowCard::methodChosen, this, [change](const QString& method) {
    change(tr("Choose method"), [method](Experiment& e) { e.method = method; });
  });
  connect(how_, &HowCard::nullCountChosen, this,
          [change](int count) { change(tr("Choose random genes"), [count](Experiment& e) { e.nullCount = count; }); });
  auto* before = make_surface("card");
  auto* beforeLayout = card_layout(before);
  beforeLayout->addWidget(make_caption(tr("Before you run")));
  cost_ = make_label({});
  cost_->setObjectName(QStringLiteral("benchCost"));
  cost_->setWordWrap(true);
  costNote_ = make_label({}, "secondary");
  costNote_->setObjectName(QStringLiteral("benchCostNote"));
  costNote_->setWordWrap(true);
  placeNote_ = make_label({}, "warning");
  placeNote_->setObjectName(QStringLiteral("benchPlaceNote"));
  placeNote_->setWordWrap(true);
  where_ = new WhereRow(services_.theme, QStringLiteral("benchWhere"), before);
  connect(where_, &WhereRow::changed, this, &BenchPage::showPlace);
  for (QWidget* part : {static_cast<QWidget*>(cost_), static_cast<QWidget*>(costNote_), static_cast<QWidget*>(where_),
                        static_cast<QWidget*>(placeNote_)}) {
    beforeLayout->addWidget(part);
  }
  showPlace();
  beforeLayout->addStretch(1);
  row->addWidget(before, 1);
  layout.addLayout(row);
  checks_ = new QVBoxLayout;
  checks_->setSpacing(6);
  layout.addLayout(checks_);
}

void BenchPage::showExperiment(const Experiment& e, const BenchFacts& facts) {
  if (e.id != shownId_) {
    for (GeneWell* well : wells_) well->setReport({}, {});  // of drops into another experiment
    shownId_ = e.id;
  }
  showStates(e, facts);
  showCells(e, facts);
  for (GeneWell* well : wells_) well->setContents(e.well(well->kind()), e.quartiles, facts.detectedGenes);
  how_->showExperiment(e);
  showChecks(e, facts);
}

void BenchPage::showStates(const Experiment& e, const BenchFacts& f) {
  start_->setGroup(e.start, detail_of(f.startCells, f.startDonors, f.donorsKnown));
  goal_->setGroup(e.goal, detail_of(f.goalCells, f.goalDonors, f.donorsKnown));
  alternative_->setGroup(e.alternatives.isEmpty() ? std::nullopt : std::optional<Group>(e.alternatives.first()),
                         detail_of(f.alternativeCells.value(0), f.alternativeDonors.value(0), f.donorsKnown));
}

void BenchPage::showCells(const Experiment& e, const BenchFacts& f) {
  clear_layout(*filterFlow_);
  for (const Group& group : e.filter) {
    auto* chip =
        new WellChip(services_.theme, QStringLiteral("filter-") + group.label(), group.label(), {}, filterChips_);
    if (group.color.isValid()) chip->setDot(group.color);
    connect(chip, &WellChip::removeRequested, this, [this, group] {
      Q_EMIT edited(
          tr("Not only %1").arg(group.label()), [group](Experiment& x) { x.filter.removeAll(group); }, 0);
    });
    filterFlow_->addWidget(chip);
    chip->show();
  }
  filterNote_->setVisible(e.filter.isEmpty());
  filterNote_->setText(e.start ? tr("all of START") : tr("all cells"));
  filterChips_->updateGeometry();
  const auto show = [](QSpinBox* box, int value) {
    if (box->value() == value) return;  // what is being typed into it stays
    const QSignalBlocker blocker(box);
    box->setValue(value);
  };
  show(maxCells_, static_cast<int>(e.maxCells));
  show(seed_, static_cast<int>(e.seed));
  ofCells_->setText(tr("of %1 cells").arg(count_text(f.changedCells)));
}

void BenchPage::showChecks(const Experiment& e, const BenchFacts& f) {
  clear_layout(*checks_);
  const auto add = [this](Message message) { checks_->addWidget(make_message_bar(services_.theme, message)); };
  for (const WellGene& gene : genes_in_two_wells(e).mid(0, 1)) {
    QList<WellId> holders;
    for (const WellId kind : kAllWells) {
      if (kind != WellId::kAnchor && e.well(kind).genes.contains(gene)) holders << kind;
    }
    Message message{Message::Kind::kInfo, {}, tr("In two wells"), {}, {}, {}, {}};
    message.text = tr("%1 is in %2 and %3: two arms of the experiment.")
                       .arg(gene.symbol, title_of(holders[0]), title_of(holders[1]));
    message.fixText = tr("Keep only %1").arg(title_of(holders[1]));
    message.fix = [this, gene, holders] {
      Q_EMIT edited(
          tr("Move %1").arg(gene.symbol), [gene, holders](Experiment& x) { x.well(holders[0]).genes.removeAll(gene); },
          0);
    };
    add(message);
  }
  for (const Check& check : checks_of(e, f)) {
    Message message;
    message.kind = check.level == Check::Level::kBlocks  ? Message::Kind::kError
                   : check.level == Check::Level::kWarns ? Message::Kind::kWarning
                                                         : Message::Kind::kInfo;
    message.title = check.title;
    message.text = check.text;
    if (check.fix != Check::Fix::kNone) {
      message.fixText = check.fixText;
      message.fix = [this, fix = check.fix] { Q_EMIT fixRequested(fix); };
    }
    add(message);
  }
  const bool seen = pretraining_.is_boolean() && pretraining_.get<bool>();
  if (seen) {
    add(Message{Message::Kind::kWarning,
                {},
                tr("Known to the model"),
                tr("These cells were part of what the model was trained on. Effects may look better than on new data."),
                {},
                {},
                {}});
  }
}

// What the chosen machine has for the run; the estimate itself was timed here.
void BenchPage::showPlace() {
  QStringList notes;
  if (where_->machine() && needs_ > 0.0) {
    notes << tr("Timed on this PC; %1 may be faster or slower.").arg(where_->machine()->name());
    if (const QString memory = where_->memoryNote(needs_); !memory.isEmpty()) notes << memory;
  }
  placeNote_->setText(notes.join(QLatin1Char(' ')));
  placeNote_->setVisible(!notes.isEmpty());
}

void BenchPage::showEstimate(const Json& estimate, const QString& note) {
  needs_ = 0.0;
  if (!estimate.is_object()) {
    showPlace();
    cost_->setText(note);
    costNote_->clear();
    pretraining_ = Json();
    return;
  }
  const auto number = [&](const char* key) {
    return estimate.contains(key) && estimate[key].is_number() ? estimate[key].get<double>() : 0.0;
  };
  const double seconds = number("seconds");
  needs_ = number("memory_bytes");
  showPlace();
  cost_->setText(tr("%1 passes · %2 ± %3 · %4 of memory")
                     .arg(count_text(static_cast<std::int64_t>(number("passes"))), duration_text(seconds),
                          duration_text(std::max(1.0, number("seconds_error"))), bytes_text(number("memory_bytes"))));
  QStringList notes{tr("A pass computes one cell once with one change. Timed just now on your cells.")};
  if (estimate.contains("not_applied") && !estimate["not_applied"].empty()) {
    notes << tr("%n change(s) apply to no cell: none has the gene.", nullptr,
                static_cast<int>(estimate["not_applied"].size()));
  }
  costNote_->setText(notes.join(QLatin1Char(' ')));
  const Json& seen = estimate.contains("seen_in_pretraining") ? estimate["seen_in_pretraining"] : Json();
  pretraining_ = seen;
  if (pretraining_.is_null() && estimate.contains("pretraining") && estimate["pretraining"].is_object()) {
    pretraining_ = estimate["pretraining"].value("seen", Json());
  }
}

void BenchPage::showDrag(const QMimeData* mime) {
  for (DropWell* well :
       {static_cast<DropWell*>(start_), static_cast<DropWell*>(goal_), static_cast<DropWell*>(alternative_), filter_}) {
    well->showDrag(mime);
  }
  for (GeneWell* well : wells_) well->showDrag(mime);
}

void BenchPage::fillShelf(DropShelf& shelf, const ExperimentBook& book) {
  const std::tuple<QString, StateWell*, const char*> states[] = {
      {tr("Start"), start_, "start"}, {tr("Goal"), goal_, "goal"}, {tr("Alternative"), alternative_, "ink-3"}};
  for (const auto& [caption, well, edge] : states) {
    shelf.add(caption, *well, edge, [well = well] { return well->group() ? well->group()->label() : QString(); });
  }
  for (GeneWell* well : wells_) {
    shelf.add(title_of(well->kind()), *well, "", [&book, kind = well->kind()] {
      const Well& now = book.current().well(kind);
      if (now.all) return tr("all genes");
      return now.isEmpty() ? QString() : tr("%n gene(s)", nullptr, static_cast<int>(now.genes.size()));
    });
  }
}

}  // namespace cw::ui
