// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/embedding_tile.h"

#include "ui/common/background.h"
#include "ui/common/drag_data.h"
#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/document/cell_quality.h"
#include "ui/document/document.h"
#include "ui/embedding/legend_card.h"
#include "ui/embedding/scatter_paint.h"
#include "ui/theme/numbers.h"
#include "ui/theme/palettes.h"
#include "ui/theme/theme.h"

#include <QColorDialog>
#include <QDragEnterEvent>
#include <QLabel>
#include <QPointer>
#include <QToolButton>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr int kCardMargin = 12;
constexpr int kMostGenes = 500;  // of a set: more say nothing new about its mean

}  // namespace

EmbeddingTile::EmbeddingTile(Services& services, int number, QWidget* parent)
    : QWidget(parent),
      services_(services),
      canvas_(new ScatterCanvas(services.theme, this)),
      card_(new LegendCard(services.theme, number, this)),
      legend_(&card_->groups()),
      scale_(&card_->scale()),
      title_(make_pill(QStringLiteral("tileColour%1").arg(number), {}, this)),
      waiting_(make_label({}, "secondary", this)) {
  setObjectName(QStringLiteral("tile%1").arg(number));
  setAccessibleName(tr("Tile %1").arg(number));
  setAcceptDrops(true);
  canvas_->setObjectName(QStringLiteral("canvas%1").arg(number));
  canvas_->setAccessibleName(tr("Map of cells %1").arg(number));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(canvas_);
  connect(card_, &LegendCard::folded, this, &EmbeddingTile::placeLegend);
  title_->move(kCardMargin, kCardMargin);
  title_->hide();
  waiting_->move(kCardMargin, kCardMargin);
  waiting_->hide();
  canvas_->setHoverText([this](std::int64_t cell) { return hoverLines(cell); });

  Document& document = services.document;
  connect(title_, &QToolButton::clicked, this, [this] { Q_EMIT pickRequested(title_); });
  connect(legend_, &CategoryLegend::chosen, this, &EmbeddingTile::onLegend);
  connect(legend_, &CategoryLegend::renamed, this, [this](int category, const QString& name) {
    ColumnStyle style = services_.document.columnStyle(state_.coloring.column);
    const QString value = field_->categories[category];
    if (name.trimmed().isEmpty() || name == value) {
      style.names.remove(value);
    } else {
      style.names[value] = name.trimmed();
    }
    changeStyle(style, tr("Rename %1").arg(value));
  });
  connect(legend_, &CategoryLegend::reordered, this, [this](const QStringList& values) {
    ColumnStyle style = services_.document.columnStyle(state_.coloring.column);
    style.order = values;
    changeStyle(style, tr("Reorder the legend"));
  });
  legend_->setGroupOf(
      [this](const QString& value) { return services_.document.groupOf(state_.coloring.column, value); });
  connect(scale_, &ScaleLegend::rangeChanged, this, [this](double low, double high, bool finished) {
    TileState state = state_;
    state.range = {low, high};
    if (finished) return changeState(state, tr("Change the colour range"));
    FieldLook look = lookOf(*field_);
    look.low = low;
    look.high = high;
    canvas_->setLook(look);
  });
  connect(scale_, &ScaleLegend::scaleChosen, this, [this](const QString& name) {
    TileState state = state_;
    state.scale = name;
    if (name == QLatin1String("start-goal") && !field_->values.empty()) {
      const double far = std::max(std::abs(scale_->low()), std::abs(scale_->high()));
      state.range = {-far, far};  // its middle stands for 0
    }
    changeState(state, tr("Change the colours"));
  });
  connect(scale_, &ScaleLegend::resetRequested, this, [this] {
    TileState state = state_;
    state.range.reset();
    changeState(state, tr("Reset the colour range"));
  });
  connect(&services.theme, &Theme::changed, this, [this] { refreshLook(); });
  connect(&document, &Document::columnStyleChanged, this, [this](const QString& column) {
    if (column == state_.coloring.column) refreshLook();
  });
  connect(&document.selection(), &SelectionHub::cellsChanged, this,
          [this] { canvas_->setSelection(services_.document.selection().cells()); });
  connect(&document, &Document::geneIndexProgress, this, [this](double fraction) {
    if (fraction >= 1.0 && state_.coloring.kind == Coloring::Kind::kQuality && !settled_) loadField();
  });
  connect(&document.selection(), &SelectionHub::genesChanged, this, [this] {
    if (state_.coloring.kind == Coloring::Kind::kSelectedGenes) loadField();
  });
}

void EmbeddingTile::setUses(const QList<ColumnUse>& uses) { uses_ = uses; }

void EmbeddingTile::setMap(const ShownMap& map, bool animated) {
  const bool other = map_.map != map.map;
  map_ = map;
  canvas_->setGrid(map.grid);
  if (!other) return;
  canvas_->setMap(map.map, map.bounds, animated);
  const DatasetPtr& dataset = services_.document.dataset();
  const bool fieldFits = field_ && dataset && field_->num_cells() == static_cast<std::size_t>(dataset->num_cells());
  if (!fieldFits || !canvas_->scene().field()) {
    loadField();
  } else {
    loadMarks();
    loadDensity();
  }
}

void EmbeddingTile::setDensityView(DensityView view) {
  densityView_ = view;
  loadDensity();
}

void EmbeddingTile::setInSpace(bool on) {
  canvas_->setInSpace(on);
  loadMarks();
  loadDensity();
}

void EmbeddingTile::setTitleShown(bool shown) { title_->setVisible(shown); }

void EmbeddingTile::setCurrent(bool current) {
  title_->setProperty("current", current);
  title_->setStyleSheet(current ? QStringLiteral("border-color:%1").arg(services_.theme.color("accent").name())
                                : QString());
}

void EmbeddingTile::setColoring(const Coloring& coloring) {
  TileState state;
  state.coloring = coloring;
  state.scale = state_.scale == QLatin1String("start-goal") ? QStringLiteral("viridis") : state_.scale;
  changeState(state, coloring.name.isEmpty() ? tr("Colour by nothing") : tr("Colour by %1").arg(coloring.name));
}

void EmbeddingTile::changeState(const TileState& state, const QString& text) {
  if (state == state_ && state.coloring.kind != Coloring::Kind::kSelectedGenes) return;
  const TileState before = state_;
  const QPointer<EmbeddingTile> self(this);
  services_.document.perform(
      text,
      [self, state] {
        if (self) self->setState(state);
      },
      [self, before] {
        if (self) self->setState(before);
      });
}

void EmbeddingTile::setState(const TileState& state) {
  const bool otherField = !(state.coloring == state_.coloring) || !field_;
  state_ = state;
  title_->setText(state.coloring.name.isEmpty() ? tr("One colour") : state.coloring.name);
  title_->adjustSize();
  if (otherField) {
    loadField();
  } else {
    refreshLook();
  }
  Q_EMIT coloringChanged();
}

void EmbeddingTile::loadField() {
  const DatasetPtr dataset = services_.document.dataset();
  if (!dataset) return;
  ++request_;
  settled_ = false;
  fieldTask_.cancel();
  const Coloring& coloring = state_.coloring;
  if (coloring.kind == Coloring::Kind::kGenes) return loadGenes(coloring.genes, coloring.name);
  if (coloring.kind == Coloring::Kind::kSelectedGenes) {
    const GeneSelection& genes = services_.document.selection().genes();
    const QString name = !genes.name.isEmpty() ? genes.name : tr("selected genes");
    return loadGenes(genes.ensemblIds, name);
  }
  if (coloring.kind == Coloring::Kind::kQuality) return loadQuality();
  ColumnUse::Kind kind = ColumnUse::Kind::kText;
  for (const ColumnUse& use : uses_) {
    if (use.name == coloring.column) kind = use.kind;
  }
  const std::string column = coloring.column.toStdString();
  fieldTask_ = services_.background.run<ColorFieldPtr>(
      Background::Lane::kCompute, this,
      [dataset, column, kind](JobContext&) -> Result<ColorFieldPtr> {
        const Column* values = dataset->cells.find(column);
        if (!values || kind == ColumnUse::Kind::kText) return plain_field(dataset->num_cells());
        return field_of_column(*values, kind);
      },
      [this](Result<ColorFieldPtr> field) {
        if (field) take(std::move(field).value());
      });
}

// Counted of the file while its index of genes is made; until then the cells are in one colour.
void EmbeddingTile::loadQuality() {
  const DatasetPtr dataset = services_.document.dataset();
  const auto quality = quality_of(state_.coloring.column);
  const auto index = services_.document.geneIndex();
  if (!quality || !index || index->num_cells() != dataset->num_cells()) {
    take(plain_field(dataset->num_cells()));
    waiting_->setText(tr("Counting…"));
    waiting_->adjustSize();
    waiting_->setVisible(quality && title_->isHidden() && !dataset->counts_where.empty());
    settled_ = !quality || dataset->counts_where.empty();
    return;
  }
  fieldTask_ = services_.background.run<ColorFieldPtr>(
      Background::Lane::kCompute, this,
      [index, quality](JobContext&) -> Result<ColorFieldPtr> {
        return field_of_numbers(title_of(*quality), values_of(index->sums(), *quality));
      },
      [this](Result<ColorFieldPtr> field) {
        if (field) take(std::move(field).value());
      });
}

void EmbeddingTile::loadGenes(const QStringList& ids, const QString& title) {
  struct Sum {
    std::vector<std::shared_ptr<const GeneValues>> genes;
    int wanted = 0;
  };
  const DatasetPtr dataset = services_.document.dataset();
  QList<std::int64_t> rows;
  for (const QString& id : ids.mid(0, kMostGenes)) {
    const std::int64_t row = dataset->gene_row(id.toStdString());
    if (row >= 0) rows.append(row);
  }
  const int request = request_;
  if (rows.isEmpty()) return take(plain_field(dataset->num_cells()));
  auto sum = std::make_shared<Sum>();
  sum->wanted = static_cast<int>(rows.size());
  waiting_->setText(rows.size() == 1 ? tr("Reading %1…").arg(title)
                                     : tr("Reading %n gene(s)…", nullptr, static_cast<int>(rows.size())));
  waiting_->adjustSize();
  waiting_->setVisible(title_->isHidden());
  for (const std::int64_t row : rows) {
    services_.document.geneValues(row, this, [=, this](Result<std::shared_ptr<const GeneValues>> values) {
      if (request != request_) return;
      if (!values) {
        ++request_;
        waiting_->hide();
        return services_.messages.error(values.error());
      }
      sum->genes.push_back(std::move(values).value());
      if (static_cast<int>(sum->genes.size()) < sum->wanted) return;
      fieldTask_ = services_.background.run<ColorFieldPtr>(
          Background::Lane::kCompute, this,
          [sum, title](JobContext&) -> Result<ColorFieldPtr> {
            std::vector<std::span<const float>> genes;
            for (const auto& gene : sum->genes) genes.emplace_back(gene->normalised);
            return field_of_genes(title, std::move(genes));
          },
          [this](Result<ColorFieldPtr> field) {
            if (field) take(std::move(field).value());
          });
    });
  }
}

void EmbeddingTile::take(ColorFieldPtr field) {
  waiting_->hide();
  field_ = std::move(field);
  canvas_->setField(field_, lookOf(*field_));
  canvas_->setSelection(services_.document.selection().cells());
  settled_ = true;
  marks_.clear();
  canvas_->setMarks({}, {});
  refreshLegend();
  loadMarks();
  loadDensity();
  Q_EMIT coloringChanged();
}

FieldLook EmbeddingTile::lookOf(const ColorField& field) const {
  FieldLook look;
  look.missing = field.categorical || !field.values.empty()
                     ? quiet_color(services_.theme.color("ink-3"), services_.theme.color("panel"))
                     : services_.theme.color("accent");
  look.missingHidden = state_.missingHidden;
  look.scale = state_.scale;
  look.low = state_.range ? state_.range->first : static_cast<double>(field.low);
  look.high = state_.range ? state_.range->second : static_cast<double>(field.high);
  if (field.categorical) {
    const ColumnStyle style = services_.document.columnStyle(state_.coloring.column);
    for (qsizetype i = 0; i < field.categories.size(); ++i) {
      const QString& value = field.categories[i];
      look.categoryColors.append(style.colors.value(value, category_color(field.places[static_cast<std::size_t>(i)])));
      look.hidden.push_back(state_.hidden.contains(value));
    }
  }
  return look;
}

void EmbeddingTile::refreshLook() {
  if (!field_) return;
  canvas_->setLook(lookOf(*field_));
  refreshLegend();
  loadDensity();
}

QList<LegendEntry> EmbeddingTile::legendEntries() const {
  QList<LegendEntry> entries;
  if (!field_ || !field_->categorical) return entries;
  const ColumnStyle style = services_.document.columnStyle(state_.coloring.column);
  const FieldLook& look = canvas_->scene().look();
  QList<int> order;
  for (const QString& value : style.order) {
    const auto i = static_cast<int>(field_->categories.indexOf(value));
    if (i >= 0 && !order.contains(i)) order.append(i);
  }
  for (int i = 0; i < field_->categories.size(); ++i) {
    if (!order.contains(i)) order.append(i);
  }
  for (const int i : order) {
    const auto at = static_cast<std::size_t>(i);
    const QString& value = field_->categories[i];
    entries.append({i, value, style.nameOf(value), look.categoryColors[i], field_->counts[at], look.hidden[at]});
  }
  if (field_->missing > 0) {
    entries.append({-1, {}, tr("no value"), look.missing, field_->missing, look.missingHidden});
  }
  return entries;
}

void EmbeddingTile::refreshLegend() {
  const bool categorical = field_->categorical;
  const bool numbers = !field_->values.empty();
  if (categorical) legend_->setEntries(legendEntries());
  if (numbers) {
    const bool genes =
        state_.coloring.kind == Coloring::Kind::kGenes || state_.coloring.kind == Coloring::Kind::kSelectedGenes;
    scale_->setValues(field_->title, genes ? tr("log counts per 10,000") : QString(),
                      field_->zeroIsNone ? tr("grey: none found") : QString(), static_cast<double>(field_->lowest),
                      static_cast<double>(field_->highest));
    scale_->setRange(canvas_->scene().look().low, canvas_->scene().look().high);
    scale_->setScale(state_.scale);
  }
  card_->setContent(categorical, numbers);
  placeLegend();
  canvas_->setMarks(marks_, [this](int category) {
    const ColumnStyle style = services_.document.columnStyle(state_.coloring.column);
    return style.nameOf(field_->categories[category]);
  });
}

void EmbeddingTile::placeLegend() {
  canvas_->setCovered(card_->place(size()));
  title_->raise();
}

void EmbeddingTile::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  placeLegend();
}

void EmbeddingTile::loadMarks() {
  marksTask_.cancel();
  marks_.clear();
  if (!field_ || !field_->categorical || !map_.map) return;
  marksTask_ = services_.background.run<std::vector<GroupMark>>(
      Background::Lane::kCompute, this,
      [map = map_.map, field = field_, axes = canvas_->isInSpace() ? 3U : 2U](JobContext&)
          -> Result<std::vector<GroupMark>> { return group_marks(map->points, map->dimensions, *field, axes); },
      [this](Result<std::vector<GroupMark>> marks) {
        if (!marks) return;
        marks_ = std::move(marks).value();
        refreshLegend();
      });
}

void EmbeddingTile::loadDensity() {
  densityTask_.cancel();
  if (densityView_ == DensityView::kNone || canvas_->isInSpace() || !map_.map || !canvas_->scene().isReady()) {
    return canvas_->setDensity(nullptr, DensityView::kNone);
  }
  using Field = std::shared_ptr<const DensityField>;
  densityTask_ = services_.background.run<Field>(
      Background::Lane::kCompute, this,
      [map = map_.map, shown = canvas_->scene().shown()](JobContext&) -> Result<Field> {
        return std::make_shared<const DensityField>(density_of(map->points, map->dimensions, shown));
      },
      [this](Result<Field> density) {
        if (density) canvas_->setDensity(std::move(density).value(), densityView_);
      });
}

void EmbeddingTile::onLegend(int category, LegendAction action) {
  switch (action) {
    case LegendAction::kToggle:
      return toggle(category, false);
    case LegendAction::kIsolate:
      return toggle(category, true);
    case LegendAction::kShowAll: {
      TileState state = state_;
      state.hidden.clear();
      state.missingHidden = false;
      return changeState(state, tr("Show all groups"));
    }
    case LegendAction::kRecolour:
      return recolour(category);
    case LegendAction::kSelect:
      return selectCategory(category);
    case LegendAction::kStart:
    case LegendAction::kGoal:
    case LegendAction::kAlternative:
      return useGroup(services_.document.groupOf(state_.coloring.column, field_->categories[category]), action);
  }
}

void EmbeddingTile::toggle(int category, bool alone) {
  TileState state = state_;
  const QString value = category < 0 ? QString() : field_->categories[category];
  const QString name =
      category < 0 ? tr("no value") : services_.document.columnStyle(state_.coloring.column).nameOf(value);
  if (!alone) {
    if (category < 0) {
      state.missingHidden = !state.missingHidden;
    } else if (!state.hidden.removeOne(value)) {
      state.hidden.append(value);
    }
    return changeState(state, (category < 0 ? state.missingHidden : state.hidden.contains(value))
                                  ? tr("Hide %1").arg(name)
                                  : tr("Show %1").arg(name));
  }
  QStringList others = field_->categories;
  others.removeAll(value);
  const auto hiddenOthers = std::count_if(others.begin(), others.end(),
                                          [&state](const QString& other) { return state.hidden.contains(other); });
  const bool missingGone = category < 0 || field_->missing == 0 || state.missingHidden;
  const bool wasAlone = hiddenOthers == others.size() && missingGone;
  state.hidden = wasAlone ? QStringList() : others;
  state.missingHidden = !wasAlone && category >= 0 && field_->missing > 0;
  changeState(state, wasAlone ? tr("Show all groups") : tr("Show only %1").arg(name));
}

void EmbeddingTile::selectCategory(int category) {
  std::vector<std::uint8_t> mask(field_->codes.size());
  for (std::size_t cell = 0; cell < mask.size(); ++cell) mask[cell] = field_->codes[cell] == category ? 1 : 0;
  const QString name = category < 0 ? tr("no value") : field_->categories[category];
  services_.document.selectCells(make_selection(std::move(mask), name, QStringLiteral("embeddingPanel")));
}

void EmbeddingTile::useGroup(const Group& group, LegendAction role) {
  GroupChoice choice = services_.document.selection().groups();
  const auto leave = [&group](std::optional<Group>& state) {
    if (state == group) state.reset();
  };
  leave(choice.start);
  leave(choice.goal);
  choice.alternatives.removeAll(group);
  if (role == LegendAction::kStart) choice.start = group;
  if (role == LegendAction::kGoal) choice.goal = group;
  if (role == LegendAction::kAlternative) choice.alternatives.append(group);
  services_.document.chooseGroups(choice);
}

void EmbeddingTile::recolour(int category) {
  const QString value = field_->categories[category];
  const QString column = state_.coloring.column;
  auto* dialog = new QColorDialog(canvas_->scene().look().categoryColors[category], this);
  dialog->setObjectName(QStringLiteral("colourDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setOption(QColorDialog::DontUseNativeDialog);
  dialog->setWindowTitle(tr("Colour of %1").arg(value));
  connect(dialog, &QColorDialog::colorSelected, this, [this, value, column](const QColor& color) {
    ColumnStyle style = services_.document.columnStyle(column);
    style.colors[value] = color;
    services_.document.setColumnStyle(column, style, tr("Recolour %1").arg(value));
  });
  dialog->open();
}

void EmbeddingTile::changeStyle(const ColumnStyle& style, const QString& text) {
  services_.document.setColumnStyle(state_.coloring.column, style, text);
  refreshLegend();  // an edit that changed nothing is taken back
}

QStringList EmbeddingTile::hoverLines(std::int64_t cell) const {
  const DatasetPtr& dataset = services_.document.dataset();
  if (!dataset || cell >= dataset->num_cells()) return {};
  QStringList lines{QString::fromStdString(dataset->cells.index[static_cast<std::size_t>(cell)])};
  if (field_ && (field_->categorical || !field_->values.empty())) {
    const QString text = field_->text(cell);
    lines << field_->title + QLatin1Char('\t') + (text.isEmpty() ? tr("no value") : text);
  }
  constexpr qsizetype kMostLines = 6;
  for (const ColumnUse& use : uses_) {
    if (use.kind != ColumnUse::Kind::kCategories || lines.size() >= kMostLines) continue;
    const Column* column = dataset->cells.find(use.name.toStdString());
    if (!column || (field_ && column_words(use.name) == field_->title)) continue;
    const QString text = QString::fromStdString(column->text(cell));
    if (!text.isEmpty()) lines << column_words(use.name) + QLatin1Char('\t') + text;
  }
  return lines;
}

QString EmbeddingTile::summary() const {
  if (!field_) return {};
  if (!field_->categorical) {
    return field_->values.empty() ? QString()
                                  : tr("%1 from %2 to %3")
                                        .arg(field_->title, number_text(canvas_->scene().look().low),
                                             number_text(canvas_->scene().look().high));
  }
  QStringList parts;
  for (const LegendEntry& entry : legendEntries()) {
    parts << tr("%1 %2").arg(entry.name, count_text(entry.count));
  }
  return field_->title + QStringLiteral(": ") + parts.join(QStringLiteral(", "));
}

void EmbeddingTile::dragEnterEvent(QDragEnterEvent* event) {
  if (genes_of(*event->mimeData())) event->acceptProposedAction();
}

void EmbeddingTile::dropEvent(QDropEvent* event) {
  const auto genes = genes_of(*event->mimeData());
  if (!genes || genes->ensemblIds.isEmpty()) return;
  event->acceptProposedAction();
  const QString name = genes->symbols.size() == 1 ? genes->symbols.first()
                                                  : tr("%n genes", nullptr, static_cast<int>(genes->ensemblIds.size()));
  setColoring({Coloring::Kind::kGenes, {}, genes->ensemblIds, name});
}

}  // namespace cw::ui
