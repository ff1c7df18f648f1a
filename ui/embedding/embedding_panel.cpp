// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/embedding_panel.h"

#include "ui/common/action_registry.h"
#include "ui/common/background.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/embedding/color_picker.h"
#include "ui/embedding/embed_flow.h"
#include "ui/embedding/scatter_figure.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QGridLayout>
#include <QPainter>
#include <QStackedWidget>
#include <algorithm>
#include <array>

namespace cw::ui {
namespace {

constexpr int kMostTiles = 4;
constexpr int kKeepAfter = 1000;  // ms without a change

const char* const kDensityWords[] = {"none", "contours", "shading"};

// What a file's maps are worth at first sight: those that were made to be looked at before components.
CellMapPtr best_map(const std::vector<CellMapPtr>& maps) {
  for (const bool flat : {true, false}) {
    for (const char* word : {"umap", "tsne", "t-sne"}) {
      for (const CellMapPtr& map : maps) {
        if (map->name.contains(QLatin1String(word), Qt::CaseInsensitive) && (!flat || map->dimensions == 2)) return map;
      }
    }
  }
  return maps.front();
}

// How a kept view in space was turned; nothing where it was flat.
std::optional<QQuaternion> turn_of(const Json& view) {
  if (!view.contains("turn") || !view["turn"].is_array() || view["turn"].size() != 4) return std::nullopt;
  std::array<float, 4> parts{};
  for (std::size_t i = 0; i < 4; ++i) {
    if (!view["turn"][i].is_number()) return std::nullopt;
    parts[i] = view["turn"][i].get<float>();
  }
  return QQuaternion(parts[0], parts[1], parts[2], parts[3]).normalized();
}

}  // namespace

EmbeddingPanel::EmbeddingPanel(Services& services, QWidget* parent)
    : Panel(QStringLiteral("embeddingPanel"), tr("Embedding"), parent),
      services_(services),
      flow_(new EmbedFlow(services, this)),
      picker_(new ColorPicker(services.theme, services.document, this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  makeActions();
  makeHeader();
  layout->addWidget(make_line(Qt::Horizontal, this));
  stack_ = new QStackedWidget(this);
  grid_ = new QWidget(stack_);
  gridLayout_ = new QGridLayout(grid_);
  gridLayout_->setContentsMargins(0, 0, 0, 0);
  gridLayout_->setSpacing(1);
  grid_->setObjectName(QStringLiteral("embeddingGrid"));
  const auto showLines = [this] {  // what shows between the tiles
    grid_->setStyleSheet(
        QStringLiteral("#embeddingGrid { background: %1; }").arg(services_.theme.color("line").name()));
  };
  grid_->setAttribute(Qt::WA_StyledBackground);
  connect(&services.theme, &Theme::changed, grid_, showLines);
  showLines();
  makeEmptyState();
  stack_->addWidget(empty_);
  stack_->addWidget(grid_);
  layout->addWidget(stack_, 1);
  makeTile();
  layTiles();
  setFocusProxy(&tiles_[0]->canvas());

  keepTimer_.setSingleShot(true);
  keepTimer_.setInterval(kKeepAfter);
  connect(&keepTimer_, &QTimer::timeout, this, &EmbeddingPanel::keepView);
  Document& document = services.document;
  connect(&document, &Document::datasetChanged, this, &EmbeddingPanel::onDataset);
  connect(&document.selection(), &SelectionHub::cellsChanged, this, &EmbeddingPanel::refreshFooter);
  connect(&document.selection(), &SelectionHub::cellHovered, this, [this](qint64 row) {
    for (EmbeddingTile* tile : tiles_) {
      if (!tile->canvas().underMouse()) tile->canvas().setHoveredCell(row);
    }
  });
  connect(picker_, &ColorPicker::chosen, this,
          [this](const Coloring& coloring) { currentTile().setColoring(coloring); });
  connect(flow_, &EmbedFlow::changed, this, [this] {
    refreshHeader();
    refreshEmptyState();
  });
  connect(flow_, &EmbedFlow::mapReady, this, [this](const QString& key, const QString& clusters, bool fresh) {
    const bool first = mapKey_.isEmpty() || !findMap(mapKey_);
    if (fresh || first) showMap(key);
    if (fresh && findMap(key) && findMap(key)->dimensions >= 3) setInSpace(true);
    if (fresh && currentTile().state().coloring.kind == Coloring::Kind::kNothing && !clusters.isEmpty()) {
      const QString words = column_words(clusters);
      currentTile().setColoring({Coloring::Kind::kColumn, clusters, {}, words});
    }
  });
  onDataset();
}

EmbeddingTile* EmbeddingPanel::makeTile() {
  const int index = static_cast<int>(tiles_.size());
  auto* tile = new EmbeddingTile(services_, index + 1, grid_);
  tiles_.append(tile);
  ScatterCanvas& canvas = tile->canvas();
  canvas.setTool(tool_);
  canvas.setLabelsShown(labelsShown_);
  canvas.setDotSize(dotSize_);
  tile->setInSpace(inSpace_);
  tile->setDensityView(density_);
  tile->setUses(uses_);
  connect(tile, &EmbeddingTile::coloringChanged, this, [this] {
    refreshHeader();
    refreshFooter();
    keepViewSoon();
  });
  connect(tile, &EmbeddingTile::pickRequested, this, [this, index](QWidget* anchor) {
    setCurrentTile(index);
    pickColor(anchor);
  });
  connect(&canvas, &ScatterCanvas::activated, this, [this, index] { setCurrentTile(index); });
  connect(&canvas, &ScatterCanvas::spaceFailed, this, &EmbeddingPanel::leaveSpace);
  connect(&canvas, &ScatterCanvas::viewChanged, this, [this, tile] { shareView(tile->canvas()); });
  connect(&canvas, &ScatterCanvas::hovered, this, [this, tile](qint64 row) {
    for (EmbeddingTile* other : tiles_) {
      if (other != tile) other->canvas().setHoveredCell(row);
    }
    services_.document.selection().hoverCell(row);
  });
  connect(&canvas, &ScatterCanvas::selectionMade, this, &EmbeddingPanel::select);
  connect(&canvas, &ScatterCanvas::clearRequested, this, [this] {
    if (services_.document.selection().cells()) services_.document.selectCells(nullptr);
  });
  connect(&canvas, &ScatterCanvas::actionRequested, this, [this](const QString& id) {
    if (QAction* action = services_.actions.find(id)) action->trigger();
  });
  connect(&canvas, &ScatterCanvas::menuRequested, this, &EmbeddingPanel::openMenuAt);
  return tile;
}

void EmbeddingPanel::layTiles() {
  while (tiles_.size() < tileCount_) makeTile();
  for (EmbeddingTile* tile : tiles_) gridLayout_->removeWidget(tile);
  for (int i = 0; i < tiles_.size(); ++i) {
    EmbeddingTile* tile = tiles_[i];
    tile->setVisible(i < tileCount_);
    if (i >= tileCount_) continue;
    // three tiles: one large one above two
    if (tileCount_ == 3 && i == 0) {
      gridLayout_->addWidget(tile, 0, 0, 1, 2);
    } else {
      const int place = tileCount_ == 3 ? i + 1 : i;
      gridLayout_->addWidget(tile, place / 2, place % 2);
    }
    tile->setTitleShown(tileCount_ > 1);
  }
  gridLayout_->setColumnStretch(0, 1);
  gridLayout_->setColumnStretch(1, tileCount_ > 1 ? 1 : 0);
  gridLayout_->setRowStretch(0, 1);
  gridLayout_->setRowStretch(1, tileCount_ > 2 ? 1 : 0);
  setCurrentTile(std::min(currentTile_, tileCount_ - 1));
}

void EmbeddingPanel::setTileCount(int count) {
  count = std::clamp(count, 1, kMostTiles);
  if (count == tileCount_) return;
  const int before = tileCount_;
  tileCount_ = count;
  layTiles();
  // a new tile starts with a column that no other tile shows
  for (int i = before; i < tileCount_; ++i) {
    tiles_[i]->setUses(uses_);
    if (tiles_[i]->state().coloring.kind == Coloring::Kind::kNothing) {
      for (const ColumnUse& use : uses_) {
        const bool shown = std::any_of(tiles_.begin(), tiles_.begin() + i, [&use](const EmbeddingTile* other) {
          return other->state().coloring.column == use.name;
        });
        if (use.kind == ColumnUse::Kind::kText || use.numCategories == 1 || shown) continue;
        TileState state;
        state.coloring = {Coloring::Kind::kColumn, use.name, {}, column_words(use.name)};
        tiles_[i]->setState(state);
        break;
      }
    }
    if (map_.map) tiles_[i]->setMap(map_, false);
  }
  for (EmbeddingTile* tile : tiles_) {
    tile->canvas().setTurn(tiles_[0]->canvas().turn());
    tile->canvas().fit();
  }
  refreshHeader();
  keepViewSoon();
}

void EmbeddingPanel::setCurrentTile(int index) {
  currentTile_ = index;
  for (int i = 0; i < tiles_.size(); ++i) tiles_[i]->setCurrent(tileCount_ > 1 && i == index);
  refreshHeader();
}

void EmbeddingPanel::onDataset() {
  const DatasetPtr& dataset = services_.document.dataset();
  const bool other =
      !dataset_ || !dataset || dataset_->path != dataset->path || dataset_->num_cells() != dataset->num_cells();
  dataset_ = dataset;
  if (other) {
    map_ = {};
    mapKey_.clear();
    hasUses_ = false;
    shapeNumber_ = 0;
    refreshHeader();
  }
  refreshEmptyState();
  if (!dataset) return;
  services_.background.run<QList<ColumnUse>>(
      Background::Lane::kCompute, this,
      [dataset](JobContext&) -> Result<QList<ColumnUse>> { return column_uses(dataset->cells); },
      [this, dataset](Result<QList<ColumnUse>> uses) {
        if (dataset_ != dataset) return;
        uses_ = std::move(uses).value();
        for (EmbeddingTile* tile : tiles_) tile->setUses(uses_);
        const bool first = !hasUses_;
        hasUses_ = true;
        if (first) {
          startView();
        } else if (mapKey_.isEmpty() && !dataset_->maps.empty()) {
          showMap(best_map(dataset_->maps)->key);
        }
      });
}

void EmbeddingPanel::startView() {
  const ProjectStore* project = services_.document.project();
  if (project && !viewId().isEmpty()) {
    if (const auto item = project->item(viewId()); item && item->body.is_object()) {
      restoreView(QByteArray::fromStdString(item->body.dump()));
      return;
    }
  }
  TileState state;
  if (const QString column = best_column(uses_); !column.isEmpty()) {
    state.coloring = {Coloring::Kind::kColumn, column, {}, column_words(column)};
  }
  for (EmbeddingTile* tile : tiles_) tile->setState({});
  tiles_[0]->setState(state);
  if (!dataset_->maps.empty() && mapKey_.isEmpty()) showMap(best_map(dataset_->maps)->key);
}

CellMapPtr EmbeddingPanel::findMap(const QString& key) const {
  if (!dataset_) return nullptr;
  for (const CellMapPtr& map : dataset_->maps) {
    if (map->key == key) return map;
  }
  return nullptr;
}

void EmbeddingPanel::showMap(const QString& key) {
  dataset_ = services_.document.dataset();
  const CellMapPtr map = findMap(key);
  if (!map) return;
  const bool animated = map_.map != nullptr;
  mapKey_ = key;
  if (map->dimensions < 3) setInSpace(false);
  prepareMap(map, animated);
  refreshHeader();
  refreshEmptyState();
  keepViewSoon();
}

void EmbeddingPanel::prepareMap(const CellMapPtr& map, bool animated) {
  struct Prepared {
    QRectF bounds;
    std::shared_ptr<const PointGrid> grid;
  };
  services_.background.run<Prepared>(
      Background::Lane::kCompute, this,
      [map](JobContext&) -> Result<Prepared> {
        auto grid = std::make_shared<const PointGrid>(map->points, map->dimensions);
        return Prepared{grid->bounds(), grid};
      },
      [this, map, animated](Result<Prepared> prepared) {
        if (mapKey_ != map->key) return;
        const bool sameMap = map_.map == map;
        map_ = {map, prepared->bounds, prepared->grid};
        for (int i = 0; i < tileCount_; ++i) {
          tiles_[i]->setMap(map_, animated);
          if (!sameMap) tiles_[i]->canvas().fit();
        }
        refreshHeader();
        refreshFooter();
        refreshEmptyState();
      });
}

bool EmbeddingPanel::isSettled() const {
  if (!map_.map) return false;
  return std::all_of(tiles_.begin(), tiles_.begin() + tileCount_, [](const EmbeddingTile* tile) {
    return tile->isSettled() && tile->canvas().scene().isReady() && tile->canvas().isPainted();
  });
}

void EmbeddingPanel::shareView(const ScatterCanvas& from) {
  for (EmbeddingTile* tile : tiles_) {
    if (&tile->canvas() == &from) continue;
    tile->canvas().setTurn(from.turn());
    if (from.isFitted()) continue;  // turned, not moved: every tile fits the map by itself
    tile->canvas().setView(from.view().center, from.view().scale);
  }
  keepViewSoon();
}

void EmbeddingPanel::select(const std::vector<std::uint8_t>& mask, SelectMode mode, const QString& shape) {
  const CellSelectionPtr& before = services_.document.selection().cells();
  std::span<const std::uint8_t> old;
  if (before && before->mask.size() == mask.size()) old = before->mask;
  std::vector<std::uint8_t> cells = combine(old, mask, mode);
  if (std::find(cells.begin(), cells.end(), std::uint8_t{1}) == cells.end()) {
    if (before) services_.document.selectCells(nullptr);
    return;
  }
  const QString name = QStringLiteral("%1 %2").arg(shape).arg(++shapeNumber_);
  services_.document.selectCells(make_selection(std::move(cells), name, objectName()));
}

void EmbeddingPanel::invertSelection() {
  const CellSelectionPtr& before = services_.document.selection().cells();
  if (!before) return;
  std::vector<std::uint8_t> mask = before->mask;
  for (std::uint8_t& cell : mask) cell = cell ? 0 : 1;
  services_.document.selectCells(make_selection(std::move(mask), tr("all but %1").arg(before->name), objectName()));
}

void EmbeddingPanel::colorByGene(const QString& ensemblId) {
  if (!dataset_) return;
  const std::int64_t row = dataset_->gene_row(ensemblId.toStdString());
  if (row < 0) return;
  const QString symbol = QString::fromStdString(dataset_->genes[static_cast<std::size_t>(row)].symbol);
  currentTile().setColoring({Coloring::Kind::kGenes, {}, {ensemblId}, symbol});
}

void EmbeddingPanel::colorByColumn(const QString& column) {
  currentTile().setColoring({Coloring::Kind::kColumn, column, {}, column_words(column)});
}

void EmbeddingPanel::refreshFooter() {
  QString text;
  if (map_.map && dataset_) {
    const CellSelectionPtr& selected = services_.document.selection().cells();
    const auto total = dataset_->num_cells();
    if (selected && selected->mask.size() == static_cast<std::size_t>(total)) {
      text = tr("%1 of %2 cells (%3)")
                 .arg(count_text(selected->count), count_text(total),
                      percent_text(static_cast<double>(selected->count) /
                                   static_cast<double>(std::max<std::int64_t>(1, total))));
    } else {
      text = tr("%1 cells").arg(count_text(total));
    }
    text += QStringLiteral(" · ") + map_.map->note;
    if (inSpace_) text = tr("Drag to turn, Shift and drag to move, wheel to zoom") + QStringLiteral(" · ") + text;
  }
  for (int i = 0; i < tiles_.size(); ++i) {
    // tiles beside each other share the line of the lowest left one
    const int below = tileCount_ == 1 ? 0 : tileCount_ == 2 ? 0 : tileCount_ - 2;
    tiles_[i]->canvas().setFooter(i == (tileCount_ == 3 ? 1 : below) ? text : QString());
    if (!text.isEmpty())
      tiles_[i]->canvas().setAccessibleDescription(text + QStringLiteral(". ") + tiles_[i]->summary());
  }
}

QString EmbeddingPanel::viewId() const {
  return dataset_ && !dataset_->id.isEmpty() ? QStringLiteral("embedding:") + dataset_->id : QString();
}

void EmbeddingPanel::keepViewSoon() {
  if (hasUses_ && map_.map) keepTimer_.start();
}

void EmbeddingPanel::keepView() {
  dataset_ = services_.document.dataset();
  ProjectStore* project = services_.document.project();
  if (!project || project->isReadOnly() || viewId().isEmpty()) return;
  ProjectItem item;
  item.kind = QStringLiteral("view");
  item.id = viewId();
  item.name = tr("Embedding of %1").arg(dataset_->name);
  item.body = Json::parse(saveView().toStdString());
  project->put(std::move(item));
}

QByteArray EmbeddingPanel::saveView() const {
  Json view = {{"panel", "embedding"}, {"map", mapKey_.toStdString()}, {"tiles", Json::array()}};
  for (int i = 0; i < tileCount_; ++i) view["tiles"].push_back(to_json(tiles_[i]->state()));
  view["current"] = currentTile_;
  const ViewTransform& transform = tiles_[0]->canvas().view();
  if (!tiles_[0]->canvas().isFitted()) {
    view["center"] = {transform.center.x(), transform.center.y()};
    view["scale"] = transform.scale;
  }
  if (inSpace_) {
    const QQuaternion turn = tiles_[0]->canvas().turn();
    view["turn"] = {turn.scalar(), turn.x(), turn.y(), turn.z()};
  }
  view["labels"] = labelsShown_;
  view["density"] = kDensityWords[static_cast<int>(density_)];
  view["dots"] = dotSize_;
  return QByteArray::fromStdString(view.dump());
}

void EmbeddingPanel::restoreView(const QByteArray& bytes) {
  const Json view = Json::parse(bytes.toStdString(), nullptr, false);
  if (!view.is_object() || !dataset_) return;
  if (view.contains("tiles") && view["tiles"].is_array() && !view["tiles"].empty()) {
    tileCount_ = std::clamp(static_cast<int>(view["tiles"].size()), 1, kMostTiles);
    currentTile_ = 0;
    layTiles();
    for (int i = 0; i < tileCount_; ++i) {
      tiles_[i]->setUses(uses_);
      tiles_[i]->setState(tile_state_from_json(view["tiles"][static_cast<std::size_t>(i)]));
    }
  }
  const auto number = [](const Json& json, double otherwise) {
    return json.is_number() ? json.get<double>() : otherwise;
  };
  if (view.contains("dots")) setDotSize(std::clamp(number(view["dots"], 1.0), 0.25, 4.0));
  if (view.contains("labels") && view["labels"].is_boolean()) {
    if (QAction* labels = services_.actions.find(QStringLiteral("explore.labels"))) {
      if (labels->isChecked() != view["labels"].get<bool>()) labels->trigger();
    }
  }
  for (int i = 0; i < 3; ++i) {
    if (view.contains("density") && view["density"] == kDensityWords[i]) setDensity(static_cast<DensityView>(i));
  }
  QString key;
  if (view.contains("map") && view["map"].is_string()) key = QString::fromStdString(view["map"].get<std::string>());
  if (!findMap(key) && !dataset_->maps.empty()) key = best_map(dataset_->maps)->key;
  if (findMap(key)) {
    mapKey_ = key;
    const CellMapPtr map = findMap(key);
    const std::optional<QQuaternion> turn = turn_of(view);
    setInSpace(turn && map->dimensions >= 3);
    prepareMap(map, false);
    const bool chosen = view.contains("center") && view["center"].is_array() && view["center"].size() == 2 &&
                        view["center"][0].is_number() && view["center"][1].is_number() && view.contains("scale");
    if (chosen) {
      const QPointF center(view["center"][0].get<double>(), view["center"][1].get<double>());
      const double scale = number(view["scale"], 0.0);
      // behind the preparation of the map in the same lane
      services_.background.run<bool>(
          Background::Lane::kCompute, this, [](JobContext&) -> Result<bool> { return true; },
          [this, center, scale](const Result<bool>&) {
            if (scale <= 0) return;
            for (EmbeddingTile* tile : tiles_) tile->canvas().setView(center, scale);
          });
    }
    if (inSpace_) {
      services_.background.run<bool>(
          Background::Lane::kCompute, this, [](JobContext&) -> Result<bool> { return true; },
          [this, turn](const Result<bool>&) {
            for (EmbeddingTile* tile : tiles_) tile->canvas().setTurn(*turn);
          });
    }
  }
  refreshHeader();
  refreshEmptyState();
}

bool EmbeddingPanel::hasFigure() const { return isSettled(); }

QString EmbeddingPanel::figureName() const {
  if (!map_.map || !dataset_) return title();
  const QString stem = QString::fromStdString(dataset_->path.stem().string());
  return QStringLiteral("%1 %2 %3").arg(stem, map_.map->name, tiles_[currentTile_]->state().coloring.name).trimmed();
}

FigurePainter EmbeddingPanel::figure() const {
  if (!hasFigure()) return {};
  auto figures = std::make_shared<QList<FigureTile>>();
  for (int i = 0; i < tileCount_; ++i) {
    const EmbeddingTile& tile = *tiles_[i];
    const ScatterCanvas& canvas = tile.canvas();
    figures->append({canvas.scene(), canvas.paintOrder(), canvas.view(), canvas.bounds(), canvas.isFitted(),
                     tile.state().coloring.name, tile.legendEntries(), canvas.marksInView(), labelsShown_});
  }
  return [figures = std::shared_ptr<const QList<FigureTile>>(std::move(figures))](
             QPainter& painter, const FigureSize& size) { paint_scatter_figure(painter, size, *figures); };
}

std::optional<Table> EmbeddingPanel::figureData() const {
  if (!isSettled() || !dataset_) return std::nullopt;
  QList<ColorFieldPtr> fields;
  for (int i = 0; i < tileCount_; ++i) fields.append(tiles_[i]->canvas().scene().field());
  return scatter_table(dataset_->cells.index, *map_.map, fields);
}

}  // namespace cw::ui
