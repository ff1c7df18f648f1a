// SPDX-License-Identifier: GPL-3.0-or-later
// The header, the actions and the empty state of the embedding panel.
#include "ui/common/action_registry.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/embedding/color_picker.h"
#include "ui/embedding/embed_flow.h"
#include "ui/embedding/embedding_panel.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QActionGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>

namespace cw::ui {
namespace {

constexpr double kDotStep = 1.25;

// small sizes of the pill's arrow: the picture's look
QString with_arrow(const QString& text) { return text + QStringLiteral(" ▾"); }

}  // namespace

void EmbeddingPanel::makeActions() {
  ActionRegistry& actions = services_.actions;
  tools_ = new QActionGroup(this);
  const auto tool = [&](const char* id, const QString& text, const char* icon, const QString& key, CanvasTool which) {
    QAction* action = actions.add(QLatin1String(id), text, {}, this, [this, which] { setTool(which); });
    action->setIcon(services_.theme.icon(QLatin1String(icon)));
    action->setProperty("icon-name", QLatin1String(icon));
    action->setCheckable(true);
    action->setToolTip(tr("%1 (%2)").arg(text, key));
    action->setData(static_cast<int>(which));
    tools_->addAction(action);
  };
  tool("explore.lasso", tr("Select with the lasso"), "lasso", QStringLiteral("L"), CanvasTool::kLasso);
  tool("explore.rectangle", tr("Select with a rectangle"), "box", QStringLiteral("R"), CanvasTool::kBox);
  tool("explore.polygon", tr("Select with a polygon"), "polygon", QStringLiteral("P"), CanvasTool::kPolygon);
  tool("explore.pan", tr("Move the map"), "pan", QStringLiteral("H"), CanvasTool::kPan);
  tool("explore.zoom-box", tr("Zoom into a rectangle"), "zoom", QStringLiteral("Z"), CanvasTool::kZoom);
  tools_->actions().first()->setChecked(true);
  QAction* fit = actions.add(QStringLiteral("explore.fit"), tr("Show the whole map"), {}, this, [this] {
    for (EmbeddingTile* one : tiles_) one->canvas().fit();
    keepViewSoon();
  });
  fit->setIcon(services_.theme.icon(QStringLiteral("fit")));
  fit->setProperty("icon-name", QStringLiteral("fit"));
  fit->setToolTip(tr("Show the whole map (F)"));
  QAction* labels = actions.add(QStringLiteral("explore.labels"), tr("Names on the groups"), {}, this, [] {});
  labels->setCheckable(true);
  labels->setChecked(true);
  connect(labels, &QAction::toggled, this, [this](bool shown) {
    labelsShown_ = shown;
    for (EmbeddingTile* one : tiles_) one->canvas().setLabelsShown(shown);
    keepViewSoon();
  });
  actions.add(QStringLiteral("explore.density"), tr("Density: off, lines, shading"), {}, this,
              [this] { setDensity(static_cast<DensityView>((static_cast<int>(density_) + 1) % 3)); });
  actions.add(QStringLiteral("explore.larger-dots"), tr("Larger dots"), {}, this,
              [this] { setDotSize(std::min(4.0, dotSize_ * kDotStep)); });
  actions.add(QStringLiteral("explore.smaller-dots"), tr("Smaller dots"), {}, this,
              [this] { setDotSize(std::max(0.25, dotSize_ / kDotStep)); });
  actions.add(QStringLiteral("explore.zoom-in"), tr("Zoom into the map"), {}, this,
              [this] { currentTile().canvas().zoomBy(1.25); });
  actions.add(QStringLiteral("explore.zoom-out"), tr("Zoom out of the map"), {}, this,
              [this] { currentTile().canvas().zoomBy(0.8); });
  actions.add(QStringLiteral("explore.colour-by"), tr("Colour the map by…"), {}, this,
              [this] { pickColor(tileCount_ > 1 ? static_cast<QWidget*>(&currentTile()) : colorPill_); });
  actions.add(QStringLiteral("explore.colour-by-selected"), tr("Colour the map by the selected genes"),
              QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_M), this, [this] {
                currentTile().setColoring({Coloring::Kind::kSelectedGenes, {}, {}, tr("selected genes")});
              });
  actions.add(QStringLiteral("explore.legend"), tr("Go to the legend"), {}, this,
              [this] { currentTile().legend().setFocus(Qt::ShortcutFocusReason); });
  actions.add(QStringLiteral("select.invert-cells"), tr("Invert the selection of cells"),
              QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_I), this, [this] { invertSelection(); });
  actions.add(QStringLiteral("select.no-cells"), tr("Clear the selection of cells"), {}, this, [this] {
    if (services_.document.selection().cells()) services_.document.selectCells(nullptr);
  });
  actions.add(QStringLiteral("explore.space"), tr("Show the map in 3-D"), {}, this, [this] { toggleSpace(); })
      ->setToolTip(tr("Show the map in 3-D (3)"));
  for (int count = 1; count <= 4; ++count) {
    actions.add(QStringLiteral("explore.tiles-%1").arg(count), tr("Show %n tile(s)", nullptr, count), {}, this,
                [this, count] { setTileCount(count); });
  }
  actions.add(QStringLiteral("analyze.embed-map"), tr("Embed and map…"), {}, this, [this] { flow_->start(); });
  connect(&services_.theme, &Theme::changed, this, [this, fit] {
    QList<QAction*> drawn = tools_->actions();
    drawn << fit;
    for (QAction* action : drawn) action->setIcon(services_.theme.icon(action->property("icon-name").toString()));
    emptyIcon_->setPixmap(services_.theme.icon(QStringLiteral("explore"), services_.theme.color("ink-3")).pixmap(36));
  });
}

void EmbeddingPanel::makeHeader() {
  auto* header = new QWidget(this);
  header->setObjectName(QStringLiteral("embeddingHeader"));
  header->setFixedHeight(services_.theme.size("bar"));
  auto* layout = new QHBoxLayout(header);
  layout->setContentsMargins(services_.theme.size("padding"), 0, 6, 0);
  layout->setSpacing(8);
  layout->addWidget(make_label(title(), "heading", header));
  mapPill_ = make_pill(QStringLiteral("mapPill"), {}, header);
  mapPill_->setAccessibleName(tr("Map"));
  colorPill_ = make_pill(QStringLiteral("colourPill"), {}, header);
  colorPill_->setAccessibleName(tr("Colour by"));
  tilesPill_ = make_pill(QStringLiteral("tilesPill"), {}, header);
  tilesPill_->setAccessibleName(tr("Tiles"));
  spacePill_ = make_pill(QStringLiteral("spacePill"), tr("3-D"), header);
  spacePill_->setAccessibleName(tr("Show the map in 3-D"));
  spacePill_->setCheckable(true);
  connect(spacePill_, &QToolButton::clicked, this, &EmbeddingPanel::toggleSpace);
  viewPill_ = make_pill(QStringLiteral("viewPill"), with_arrow(tr("View")), header);
  viewPill_->setAccessibleName(tr("View of the map"));
  for (QToolButton* pill : {mapPill_, colorPill_, tilesPill_, spacePill_, viewPill_}) layout->addWidget(pill);
  connect(colorPill_, &QToolButton::clicked, this, [this] { pickColor(colorPill_); });

  auto* maps = new QMenu(mapPill_);
  maps->setObjectName(QStringLiteral("mapMenu"));
  mapPill_->setMenu(maps);
  connect(maps, &QMenu::aboutToShow, this, [this, maps] {
    maps->clear();
    if (!dataset_) return;
    for (const CellMapPtr& map : dataset_->maps) {
      QAction* action = maps->addAction(map->name);
      action->setCheckable(true);
      action->setChecked(map->key == mapKey_);
      action->setToolTip(map->note);
      connect(action, &QAction::triggered, this, [this, key = map->key] { showMap(key); });
    }
    maps->addSeparator();
    QAction* embed = services_.actions.find(QStringLiteral("analyze.embed-map"));
    embed->setEnabled(flow_->obstacle().isEmpty() && !flow_->isRunning());
    maps->addAction(embed);
  });
  auto* tiles = new QMenu(tilesPill_);
  for (int count = 1; count <= 4; ++count) {
    tiles->addAction(services_.actions.find(QStringLiteral("explore.tiles-%1").arg(count)));
  }
  tilesPill_->setMenu(tiles);
  auto* view = new QMenu(viewPill_);
  for (const char* id : {"explore.space", "explore.labels", "explore.density", "explore.larger-dots",
                         "explore.smaller-dots", "explore.fit", "explore.zoom-in", "explore.zoom-out"}) {
    view->addAction(services_.actions.find(QLatin1String(id)));
  }
  viewPill_->setMenu(view);

  layout->addStretch(1);
  QList<QAction*> buttons = tools_->actions();
  buttons << services_.actions.find(QStringLiteral("explore.fit"));
  for (QAction* action : buttons) {
    auto* button = new QToolButton(header);
    button->setDefaultAction(action);
    button->setObjectName(QStringLiteral("tool.") + action->objectName());
    button->setAccessibleName(action->text());
    button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    button->setFixedSize(30, services_.theme.size("button"));
    button->setStyleSheet(QStringLiteral("padding:0"));
    button->setFocusPolicy(Qt::TabFocus);
    layout->addWidget(button);
    layout->setSpacing(4);
  }
  static_cast<QVBoxLayout*>(this->layout())->addWidget(header);
  refreshHeader();
}

void EmbeddingPanel::refreshHeader() {
  const bool has = map_.map != nullptr;
  for (QToolButton* pill : {mapPill_, tilesPill_, spacePill_, viewPill_}) pill->setVisible(has);
  colorPill_->setVisible(has && tileCount_ == 1);
  for (QAction* action : tools_->actions()) action->setEnabled(has);
  services_.actions.find(QStringLiteral("explore.fit"))->setEnabled(has);
  if (!has) return;
  spacePill_->setChecked(inSpace_);
  spacePill_->setText(flow_->isRunning() ? tr("3-D %1").arg(percent_text(flow_->fraction())) : tr("3-D"));
  const CellMapPtr map = findMap(mapKey_);
  mapPill_->setText(with_arrow(map ? map->name : map_.map->name));
  const QFontMetrics metrics(colorPill_->font());
  const QString name = tiles_.isEmpty() ? QString() : tiles_[currentTile_]->state().coloring.name;
  colorPill_->setText(with_arrow(name.isEmpty() ? tr("One colour")
                                                : tr("Colour: %1").arg(metrics.elidedText(name, Qt::ElideRight, 130))));
  tilesPill_->setText(with_arrow(tr("Tiles %1").arg(tileCount_)));
}

void EmbeddingPanel::makeEmptyState() {
  empty_ = new QWidget(stack_);
  auto* layout = new QVBoxLayout(empty_);
  layout->setSpacing(12);
  layout->addStretch(2);
  emptyIcon_ = new QLabel(empty_);
  emptyIcon_->setPixmap(services_.theme.icon(QStringLiteral("explore"), services_.theme.color("ink-3")).pixmap(36));
  layout->addWidget(emptyIcon_, 0, Qt::AlignHCenter);
  emptyText_ = make_label({}, "secondary", empty_);
  emptyText_->setObjectName(QStringLiteral("embeddingEmptyText"));
  emptyText_->setAlignment(Qt::AlignCenter);
  emptyText_->setWordWrap(true);
  emptyText_->setFixedWidth(420);
  layout->addWidget(emptyText_, 0, Qt::AlignHCenter);
  emptyButton_ = make_button(QStringLiteral("embedButton"), {}, "primary", empty_);
  connect(emptyButton_, &QPushButton::clicked, this, [this] { flow_->start(); });
  layout->addWidget(emptyButton_, 0, Qt::AlignHCenter);
  progress_ = new QProgressBar(empty_);
  progress_->setObjectName(QStringLiteral("embedProgress"));
  progress_->setAccessibleName(tr("Progress of the map"));
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  progress_->setFixedWidth(300);
  layout->addWidget(progress_, 0, Qt::AlignHCenter);
  progressText_ = make_label({}, "secondary", empty_);
  layout->addWidget(progressText_, 0, Qt::AlignHCenter);
  cancelButton_ = make_button(QStringLiteral("embedCancelButton"), tr("Cancel"), "", empty_);
  connect(cancelButton_, &QPushButton::clicked, this, [this] { flow_->cancel(); });
  layout->addWidget(cancelButton_, 0, Qt::AlignHCenter);
  layout->addStretch(3);
}

void EmbeddingPanel::refreshEmptyState() {
  stack_->setCurrentWidget(map_.map ? grid_ : empty_);
  if (map_.map) return;
  explainEmptyState();
  emptyText_->setFixedHeight(emptyText_->heightForWidth(emptyText_->width()));  // beside an alignment Qt forgets it
}

void EmbeddingPanel::explainEmptyState() {
  const bool running = flow_->isRunning();
  const bool coming = dataset_ && !dataset_->maps.empty();  // being prepared: a blink of nothing, not of a question
  const QString obstacle = flow_->obstacle();
  emptyIcon_->setVisible(!coming);
  emptyText_->setVisible(!coming);
  emptyButton_->setVisible(!running && !coming && obstacle.isEmpty());
  progress_->setVisible(running && !coming);
  progressText_->setVisible(running && !coming);
  cancelButton_->setVisible(running && !coming);
  if (!dataset_) {
    emptyText_->setText(tr("Open a file to see its cells here."));
    return;
  }
  if (!obstacle.isEmpty()) {
    emptyText_->setText(tr("This file has no map. %1").arg(obstacle));
    return;
  }
  emptyText_->setText(running ? tr("Making a map of %1 cells. You can go on working; it appears here when it is done.")
                                    .arg(count_text(dataset_->num_cells()))
                              : tr("This file has counts but no map."));
  progress_->setValue(static_cast<int>(flow_->fraction() * 1000));
  progressText_->setText(flow_->progressText());
  const ModelEntry* model = services_.document.activeModel();
  emptyButton_->setText(tr("Embed with %1 (about %2)").arg(model->name, duration_text(flow_->estimate())));
}

void EmbeddingPanel::setTool(CanvasTool tool) {
  tool_ = tool;
  for (EmbeddingTile* one : tiles_) one->canvas().setTool(tool);
  for (QAction* action : tools_->actions()) action->setChecked(action->data().toInt() == static_cast<int>(tool));
}

void EmbeddingPanel::setDensity(DensityView view) {
  density_ = view;
  for (EmbeddingTile* one : tiles_) one->setDensityView(view);
  keepViewSoon();
}

void EmbeddingPanel::setDotSize(double factor) {
  dotSize_ = factor;
  for (EmbeddingTile* one : tiles_) one->canvas().setDotSize(factor);
  keepViewSoon();
}

void EmbeddingPanel::pickColor(QWidget* anchor) { picker_->openBelow(anchor, uses_); }

void EmbeddingPanel::openMenuAt(const QPoint& position) {
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("canvasMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const bool selected = services_.document.selection().cells() != nullptr;
  for (const char* id : {"explore.colour-by", "explore.labels", "explore.density", "explore.fit"}) {
    menu->addAction(services_.actions.find(QLatin1String(id)));
  }
  menu->addSeparator();
  for (const char* id : {"select.invert-cells", "select.no-cells"}) {
    QAction* action = services_.actions.find(QLatin1String(id));
    action->setEnabled(selected);
    menu->addAction(action);
  }
  menu->popup(position);
}

}  // namespace cw::ui
