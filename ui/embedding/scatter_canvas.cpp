// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/scatter_canvas.h"

#include "ui/embedding/scatter_paint.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr int kCountEvery = 40;       // ms between two counts while a shape is drawn
constexpr double kNearestVertex = 3;  // widget units between two corners of a lasso
constexpr double kMargin = 34.0;
constexpr double kFooter = 26.0;  // the line of words at the bottom
constexpr double kClick = 4.0;    // widget units within which a press and a release are a click

}  // namespace

SelectMode select_mode(Qt::KeyboardModifiers modifiers) {
  if (modifiers & Qt::ShiftModifier) return SelectMode::kAdd;
  if (modifiers & Qt::AltModifier) return SelectMode::kRemove;
  if (modifiers & Qt::ControlModifier) return SelectMode::kIntersect;
  return SelectMode::kReplace;
}

ScatterCanvas::ScatterCanvas(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setMinimumSize(160, 120);
  connect(&theme, &Theme::changed, this, [this] { dropColors(); });
  countTimer_.setSingleShot(true);
  countTimer_.setInterval(kCountEvery);
  connect(&countTimer_, &QTimer::timeout, this, [this] { countGesture(); });
  motionTimer_.setInterval(16);
  connect(&motionTimer_, &QTimer::timeout, this, [this] {
    const double length = std::max(1, theme_.motion("points"));
    const double progress = std::min(1.0, static_cast<double>(motion_.elapsed()) / length);
    scene_.setProgress(progress);
    if (progress >= 1.0) motionTimer_.stop();
    dirty();
  });
  updateCursor();
}

void ScatterCanvas::dirty() {
  imageDirty_ = true;
  update();
}

void ScatterCanvas::dropColors() {
  if (space_) space_->dropColors();
  dirty();
}

void ScatterCanvas::setMap(CellMapPtr map, QRectF bounds, bool animated) {
  animated = animated && theme_.motion("points") > 0 && isVisible();
  map_ = std::move(map);
  flatBounds_ = bounds;
  cancelGesture();
  if (wantsSpace_ && map_ && map_->dimensions >= 3) return enterSpace();
  space_.reset();
  bounds_ = bounds;
  scene_.setMap(map_, animated);
  if (animated) {
    motion_.start();
    motionTimer_.start();
  }
  dirty();
}

void ScatterCanvas::setGrid(std::shared_ptr<const PointGrid> grid) {
  grid_ = std::move(grid);
  dirty();
}

void ScatterCanvas::setField(ColorFieldPtr field, FieldLook look) {
  scene_.setField(std::move(field), std::move(look));
  dropColors();
}

void ScatterCanvas::setLook(FieldLook look) {
  scene_.setLook(std::move(look));
  dropColors();
}

void ScatterCanvas::setSelection(CellSelectionPtr selection) {
  scene_.setSelection(std::move(selection));
  dropColors();
}

void ScatterCanvas::setMarks(std::vector<GroupMark> marks, std::function<QString(int)> name) {
  marks_ = std::move(marks);
  markName_ = std::move(name);
  update();
}

void ScatterCanvas::setLabelsShown(bool shown) {
  labelsShown_ = shown;
  update();
}

void ScatterCanvas::setDensity(std::shared_ptr<const DensityField> density, DensityView view) {
  density_ = std::move(density);
  densityView_ = view;
  contours_.clear();
  if (density_ && view == DensityView::kContours) {
    for (const float level : density_->levels) contours_.push_back(contour(*density_, level));
  }
  dirty();
}

void ScatterCanvas::setDotSize(double factor) {
  dotSize_ = factor;
  dirty();
}

void ScatterCanvas::setFooter(const QString& text) {
  footer_ = text;
  setAccessibleDescription(text);
  update();
}

void ScatterCanvas::setCovered(const QMarginsF& margins) {
  if (margins == covered_) return;
  covered_ = margins;
  if (fitted_) fit();
}

void ScatterCanvas::setHoveredCell(std::int64_t row) {
  if (row == hoveredRow_) return;
  hoveredRow_ = row;
  hoverIsOwn_ = false;
  update();
}

void ScatterCanvas::setTool(CanvasTool tool) {
  cancelGesture();
  tool_ = tool;
  updateCursor();
}

void ScatterCanvas::updateCursor() {
  const bool pans = tool_ == CanvasTool::kPan || spaceKey_;
  setCursor(pans ? (gesture_ == Gesture::kPan ? Qt::ClosedHandCursor : Qt::OpenHandCursor) : Qt::CrossCursor);
}

void ScatterCanvas::setView(QPointF center, double scale) {
  view_.center = center;
  view_.scale = scale;
  fitted_ = false;
  dirty();
}

void ScatterCanvas::fit() {
  view_.size = size();
  if (!bounds_.isNull()) {
    const double margin = std::min(kMargin, 0.08 * std::min(width(), height()));
    QMarginsF margins = covered_ + QMarginsF(margin, margin, margin, margin);
    if (width() - margins.left() - margins.right() < 0.5 * width()) margins = {margin, margin, margin, margin};
    if (!footer_.isEmpty()) margins.setBottom(std::max(margins.bottom(), kFooter));
    view_.fit(bounds_, margins);
    fittedScale_ = view_.scale;
  }
  fitted_ = true;
  dirty();
}

void ScatterCanvas::zoomBy(double factor) {
  view_.zoomAt(QRectF(rect()).center(), factor);
  fitted_ = false;
  dirty();
  Q_EMIT viewChanged();
}

double ScatterCanvas::dotRadius() const {
  const double zoom = std::clamp(std::pow(view_.scale / std::max(fittedScale_, 1e-9), 0.3), 0.8, 3.0);
  double radius = dot_radius(scene_.numShown(), std::sqrt(static_cast<double>(width()) * height()));
  // crowded groups: dots that would cover each other are smaller, as long as they can be seen
  constexpr double kSmallest = 1.6;
  if (!space_ && grid_ && grid_->spacing() > 0) {
    radius = std::min(radius, std::max(kSmallest, 0.55 * grid_->spacing() * fittedScale_));
  }
  return radius * dotSize_ * zoom;
}

void ScatterCanvas::renderImage() {
  imageDirty_ = false;
  const double ratio = devicePixelRatioF();
  const QSize pixels(static_cast<int>(std::lround(width() * ratio)), static_cast<int>(std::lround(height() * ratio)));
  SplatStyle style = scene_.style(theme_.color("panel"), quiet_color(theme_.color("ink-3"), theme_.color("panel")));
  style.radius = dotRadius() * ratio;
  style.opacity = 0.9;
  QImage behind;
  if (densityView_ == DensityView::kShading && density_) {
    behind = shading(pixels);
    style.background = &behind;
  }
  const SplatView view{view_.scale * ratio, (view_.size.width() / 2 - view_.center.x() * view_.scale) * ratio,
                       (view_.size.height() / 2 + view_.center.y() * view_.scale) * ratio};
  if (space_) return space_->draw(scene_, style, view, pixels, style.radius);
  image_ = renderer_.render(scene_.points(), view, pixels, style);
}

QImage ScatterCanvas::shading(QSize pixels) const {
  QImage image(pixels, QImage::Format_RGB32);
  image.fill(theme_.color("panel"));
  QPainter painter(&image);
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  const double ratio = devicePixelRatioF();
  const QRectF target(view_.toScreen(density_->bounds.bottomLeft()), view_.toScreen(density_->bounds.topRight()));
  painter.scale(ratio, ratio);
  painter.drawImage(target.normalized(), density_image(*density_, theme_.color("ink-2")));
  return image;
}

void ScatterCanvas::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  if (!scene_.isReady()) {
    painter.fillRect(rect(), theme_.color("panel"));
    return;
  }
  if (imageDirty_ || (image_.isNull() && !space_)) renderImage();
  if (space_) {
    painter.fillRect(rect(), theme_.color("panel"));
    if (!space_->picture().isNull()) painter.drawImage(QRectF(rect()), space_->picture());
    paintAxes(painter);
  } else {
    painter.save();
    painter.scale(1 / devicePixelRatioF(), 1 / devicePixelRatioF());
    painter.drawImage(QPointF(), image_);
    painter.restore();
  }
  painter.setRenderHint(QPainter::Antialiasing);
  paintContours(painter);
  if (labelsShown_ && scene_.field()->categorical) paintLabels(painter);
  paintFooter(painter);
  paintHover(painter);
  paintGesture(painter);
  if (hasFocus() && window()->property("keyboardFocus").toBool()) {
    painter.setPen(QPen(theme_.color("accent"), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
  }
}

void ScatterCanvas::paintContours(QPainter& painter) const {
  if (densityView_ != DensityView::kContours) return;
  QColor color = theme_.color("ink");
  for (std::size_t i = 0; i < contours_.size(); ++i) {
    color.setAlphaF(0.28F + 0.09F * static_cast<float>(i));
    painter.setPen(QPen(color, 1.1, Qt::SolidLine, Qt::RoundCap));
    QList<QLineF> lines;
    lines.reserve(static_cast<qsizetype>(contours_[i].size()));
    for (const QLineF& line : contours_[i]) lines.append({view_.toScreen(line.p1()), view_.toScreen(line.p2())});
    painter.drawLines(lines);
  }
}

void ScatterCanvas::paintLabels(QPainter& painter) const {
  const QRectF area = QRectF(rect()).marginsRemoved(covered_).adjusted(4, 4, -4, -26);
  paint_labels(painter, view_, marksInView(), scene_.look(), markName_, theme_.font("small", QFont::DemiBold),
               theme_.color("ink"), theme_.color("panel"), area);
}

void ScatterCanvas::paintFooter(QPainter& painter) const {
  if (footer_.isEmpty()) return;
  const QFont font = theme_.font("small");
  const QFontMetricsF metrics(font);
  const QString text = metrics.elidedText(footer_, Qt::ElideRight, width() - 24.0);
  const QPointF at(12, height() - 11.0);
  paint_halo_text(painter, at, text, font, theme_.color("ink-2"), theme_.color("panel"));
}

void ScatterCanvas::paintHover(QPainter& painter) const {
  const bool valid = hoveredRow_ >= 0 && static_cast<std::size_t>(hoveredRow_) < scene_.shown().size();
  if (!valid || !scene_.isShown(hoveredRow_)) return;
  const QPointF at = view_.toScreen(scene_.at(hoveredRow_));
  const double radius = dotRadius() + 3.5;
  painter.setPen(QPen(theme_.color("panel"), 4));
  painter.setBrush(Qt::NoBrush);
  painter.drawEllipse(at, radius, radius);
  painter.setPen(QPen(theme_.color("ink"), 1.6));
  painter.setBrush(scene_.colorOf(hoveredRow_));
  painter.drawEllipse(at, radius, radius);
  if (!hoverIsOwn_ || gesture_ != Gesture::kNone || !hoverText_) return;
  const QStringList lines = hoverText_(hoveredRow_);
  paint_card(painter, theme_, at, lines, rect());
}

void ScatterCanvas::paintGesture(QPainter& painter) const {
  if (gesture_ != Gesture::kShape && gesture_ != Gesture::kPolygon) return;
  QPolygonF shape = path_;
  const bool isBox = gesture_ == Gesture::kShape && (tool_ == CanvasTool::kBox || tool_ == CanvasTool::kZoom);
  if (isBox) shape = QPolygonF(QRectF(path_.first(), last_).normalized());
  if (gesture_ == Gesture::kPolygon) shape.append(last_);
  QColor fill = theme_.color("accent");
  fill.setAlphaF(0.10F);
  painter.setBrush(fill);
  painter.setPen(QPen(theme_.color("accent"), 1.5, tool_ == CanvasTool::kZoom ? Qt::DashLine : Qt::SolidLine));
  painter.drawPolygon(shape, Qt::WindingFill);
  if (gestureCount_ < 0 || tool_ == CanvasTool::kZoom) return;
  const auto total = static_cast<double>(std::max<std::int64_t>(1, static_cast<std::int64_t>(scene_.shown().size())));
  const QString text =
      tr("%1 cells · %2").arg(count_text(gestureCount_), percent_text(static_cast<double>(gestureCount_) / total));
  paint_chip(painter, theme_, last_ + QPointF(14, -18), text, rect());
}

QPolygonF ScatterCanvas::gesturePolygon() const {
  QPolygonF shape = path_;
  if (gesture_ == Gesture::kShape && tool_ == CanvasTool::kBox) {
    shape = QPolygonF(QRectF(path_.first(), last_).normalized());
  } else if (gesture_ == Gesture::kPolygon) {
    shape.append(last_);
  }
  for (QPointF& corner : shape) corner = view_.toMap(corner);
  return shape;
}

void ScatterCanvas::countGesture() {
  if (gesture_ != Gesture::kShape && gesture_ != Gesture::kPolygon) return;
  const auto found = cells_in_polygon(scene_.map()->points, scene_.map()->dimensions, gesturePolygon(), scene_.shown());
  gestureCount_ = std::count(found.begin(), found.end(), std::uint8_t{1});
  update();
}

bool ScatterCanvas::cancelGesture() {
  const bool had = gesture_ == Gesture::kShape || gesture_ == Gesture::kPolygon;
  gesture_ = Gesture::kNone;
  gestureCount_ = -1;
  countTimer_.stop();
  path_.clear();
  update();
  return had;
}

void ScatterCanvas::finishGesture(Qt::KeyboardModifiers modifiers) {
  const QPolygonF shape = gesturePolygon();
  const Gesture gesture = gesture_;
  const QRectF box = QRectF(path_.first(), last_).normalized();
  cancelGesture();
  if (tool_ == CanvasTool::kZoom) {
    if (box.width() < 4 || box.height() < 4) return;
    const QRectF map = view_.toMap(box);
    view_.fit(map, {});
    fitted_ = false;
    dirty();
    Q_EMIT viewChanged();
    return;
  }
  if (shape.size() < 3 || (box.width() < 2 && box.height() < 2 && gesture == Gesture::kShape && shape.size() < 4))
    return;
  auto found = cells_in_polygon(scene_.map()->points, scene_.map()->dimensions, shape, scene_.shown());
  const QString name = tool_ == CanvasTool::kBox       ? tr("rectangle")
                       : tool_ == CanvasTool::kPolygon ? tr("polygon")
                                                       : tr("lasso");
  Q_EMIT selectionMade(found, select_mode(modifiers), name);
}

void ScatterCanvas::hoverAt(QPointF at) {
  std::int64_t row = -1;
  if (space_ && scene_.isReady()) {
    row = space_->pick(scene_, view_.toMap(at), dotRadius() / view_.scale, (kPickReach + dotRadius()) / view_.scale);
  } else if (grid_ && scene_.isReady() && !motionTimer_.isActive()) {
    row = grid_->nearest(scene_.map()->points, view_.toMap(at), (kPickReach + dotRadius()) / view_.scale,
                         [this](std::int64_t cell) { return scene_.isShown(cell); });
  }
  if (row == hoveredRow_ && hoverIsOwn_) return;
  hoveredRow_ = row;
  hoverIsOwn_ = true;
  update();
  Q_EMIT hovered(row);
}

void ScatterCanvas::resizeEvent(QResizeEvent*) {
  view_.size = size();
  if (fitted_) {
    fit();
  } else {
    dirty();
  }
}

void ScatterCanvas::mousePressEvent(QMouseEvent* event) {
  setFocus(Qt::MouseFocusReason);
  Q_EMIT activated();
  last_ = pressed_ = event->position();
  if (!scene_.isReady()) return;
  const bool turns = space_ && event->button() == Qt::LeftButton && tool_ == CanvasTool::kPan && !spaceKey_ &&
                     !(event->modifiers() & Qt::ShiftModifier);
  if (turns) {
    gesture_ = Gesture::kTurn;
    return;
  }
  const bool pans = event->button() == Qt::MiddleButton ||
                    (event->button() == Qt::LeftButton && (tool_ == CanvasTool::kPan || spaceKey_));
  if (pans && gesture_ == Gesture::kNone) {
    gesture_ = Gesture::kPan;
    updateCursor();
    return;
  }
  if (event->button() != Qt::LeftButton) return;
  if (gesture_ == Gesture::kPolygon) {
    path_.append(event->position());
    update();
    return;
  }
  gesture_ = tool_ == CanvasTool::kPolygon ? Gesture::kPolygon : Gesture::kShape;
  path_ = QPolygonF({event->position()});
  gestureCount_ = -1;
}

void ScatterCanvas::mouseMoveEvent(QMouseEvent* event) {
  const QPointF at = event->position();
  switch (gesture_) {
    case Gesture::kPan:
      view_.panBy(at - last_);
      fitted_ = false;
      dirty();
      Q_EMIT viewChanged();
      break;
    case Gesture::kTurn:
      turnSpace(at - last_);
      break;
    case Gesture::kShape:
      if (tool_ == CanvasTool::kLasso && QLineF(path_.last(), at).length() >= kNearestVertex) path_.append(at);
      [[fallthrough]];
    case Gesture::kPolygon:
      if (!countTimer_.isActive() && tool_ != CanvasTool::kZoom) countTimer_.start();
      update();
      break;
    case Gesture::kNone:
      hoverAt(at);
      break;
  }
  last_ = at;
}

void ScatterCanvas::mouseReleaseEvent(QMouseEvent* event) {
  last_ = event->position();
  const bool moved = QLineF(pressed_, last_).length() >= kClick;
  if (gesture_ == Gesture::kPan || gesture_ == Gesture::kTurn) {
    const bool click = space_ && !moved && event->button() == Qt::LeftButton && !spaceKey_;
    gesture_ = Gesture::kNone;
    updateCursor();
    if (click) pickAt(last_, event->modifiers(), false);
  } else if (space_ && gesture_ == Gesture::kShape && event->button() == Qt::LeftButton && !moved) {
    cancelGesture();
    pickAt(last_, event->modifiers(), false);
  } else if (gesture_ == Gesture::kShape && event->button() == Qt::LeftButton) {
    finishGesture(event->modifiers());
  }
}

void ScatterCanvas::mouseDoubleClickEvent(QMouseEvent* event) {
  last_ = event->position();
  if (gesture_ == Gesture::kPolygon) {
    finishGesture(event->modifiers());
  } else if (space_) {
    pickAt(last_, event->modifiers(), true);
  }
}

void ScatterCanvas::wheelEvent(QWheelEvent* event) {
  if (!scene_.isReady()) return;
  view_.zoomAt(event->position(), std::pow(1.0015, event->angleDelta().y()));
  fitted_ = false;
  dirty();
  event->accept();
  Q_EMIT viewChanged();
}

void ScatterCanvas::keyPressEvent(QKeyEvent* event) {
  static const QHash<int, QString> kActions{
      {Qt::Key_L, QStringLiteral("explore.lasso")},    {Qt::Key_R, QStringLiteral("explore.rectangle")},
      {Qt::Key_P, QStringLiteral("explore.polygon")},  {Qt::Key_H, QStringLiteral("explore.pan")},
      {Qt::Key_Z, QStringLiteral("explore.zoom-box")}, {Qt::Key_F, QStringLiteral("explore.fit")},
      {Qt::Key_T, QStringLiteral("explore.labels")},   {Qt::Key_3, QStringLiteral("explore.space")},
      {Qt::Key_D, QStringLiteral("explore.density")}};
  constexpr double kStep = 40;
  const int key = event->key();
  if (const auto action = kActions.constFind(key);
      action != kActions.constEnd() && !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier))) {
    Q_EMIT actionRequested(*action);
  } else if (key == Qt::Key_Escape) {
    if (!cancelGesture()) Q_EMIT clearRequested();
  } else if ((key == Qt::Key_Return || key == Qt::Key_Enter) && gesture_ == Gesture::kPolygon) {
    finishGesture(event->modifiers());
  } else if (key == Qt::Key_Space) {
    spaceKey_ = true;
    updateCursor();
  } else if (key == Qt::Key_Plus || key == Qt::Key_Equal) {
    zoomBy(1.25);
  } else if (key == Qt::Key_Minus) {
    zoomBy(0.8);
  } else if (key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Up || key == Qt::Key_Down) {
    const QPointF step((key == Qt::Key_Left) - (key == Qt::Key_Right), (key == Qt::Key_Up) - (key == Qt::Key_Down));
    if (space_ && !(event->modifiers() & Qt::ShiftModifier)) return turnSpace(-step * kStep);
    view_.panBy(step * kStep);
    fitted_ = false;
    dirty();
    Q_EMIT viewChanged();
  } else {
    QWidget::keyPressEvent(event);
  }
}

void ScatterCanvas::keyReleaseEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) {
    spaceKey_ = false;
    updateCursor();
  }
  QWidget::keyReleaseEvent(event);
}

void ScatterCanvas::leaveEvent(QEvent*) {
  if (hoveredRow_ < 0 || !hoverIsOwn_) return;
  hoveredRow_ = -1;
  update();
  Q_EMIT hovered(-1);
}

void ScatterCanvas::contextMenuEvent(QContextMenuEvent* event) { Q_EMIT menuRequested(event->globalPos()); }

void ScatterCanvas::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) dirty();
  QWidget::changeEvent(event);
}

}  // namespace cw::ui
