// SPDX-License-Identifier: GPL-3.0-or-later
// The canvas in space: entering and leaving it, turning, picking cells, and the little axes in the corner.
#include "ui/embedding/scatter_canvas.h"
#include "ui/embedding/scatter_paint.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <algorithm>
#include <array>

namespace cw::ui {

void ScatterCanvas::setInSpace(bool on) {
  if (on == wantsSpace_) return;
  wantsSpace_ = on;
  if (!map_) return;
  cancelGesture();
  hoveredRow_ = -1;
  if (on && map_->dimensions >= 3) {
    enterSpace();
  } else if (space_) {
    space_.reset();
    scene_.setMap(map_, false);
    bounds_ = flatBounds_;
    fit();
  }
  updateCursor();
}

void ScatterCanvas::enterSpace() {
  motionTimer_.stop();
  space_ = std::make_unique<SpaceLayer>(map_);
  connect(space_.get(), &SpaceLayer::changed, this, [this] { update(); });
  connect(space_.get(), &SpaceLayer::redrawWanted, this, [this] { dirty(); });
  connect(
      space_.get(), &SpaceLayer::failed, this,
      [this](const QString& why) {
        setInSpace(false);
        Q_EMIT spaceFailed(why);
      },
      Qt::QueuedConnection);
  bounds_ = space_->bounds();
  seeSpace();
  fit();
}

// The scene is what the camera sees.
void ScatterCanvas::seeSpace() {
  scene_.setMap(space_->flat(), false);
  dirty();
}

QQuaternion ScatterCanvas::turn() const { return space_ ? space_->camera().turn : QQuaternion(); }

void ScatterCanvas::setTurn(const QQuaternion& turn) {
  if (!space_ || turn == space_->camera().turn) return;
  space_->setTurn(turn);
  seeSpace();
}

void ScatterCanvas::turnSpace(QPointF drag) {
  space_->turnBy(drag, std::min(width(), height()));
  space_->setMoving();
  seeSpace();
  Q_EMIT viewChanged();
}

std::vector<GroupMark> ScatterCanvas::marksInView() const {
  std::vector<GroupMark> marks = marks_;
  if (space_) {
    for (GroupMark& mark : marks) mark.at = scene_.at(mark.cell);
  }
  return marks;
}

SplatPoints ScatterCanvas::paintOrder() const {
  return space_ ? scene_.farthestFirst(space_->nearness()) : scene_.points();
}

void ScatterCanvas::pickAt(QPointF at, Qt::KeyboardModifiers modifiers, bool group) {
  const double radius = dotRadius();
  const std::int64_t cell =
      space_->pick(scene_, view_.toMap(at), radius / view_.scale, (kPickReach + radius) / view_.scale);
  if (cell < 0) return;
  const ColorField& field = *scene_.field();
  std::vector<std::uint8_t> mask(field.num_cells(), 0);
  mask[static_cast<std::size_t>(cell)] = 1;
  QString name = tr("cell");
  const std::int32_t code = field.categorical ? field.codes[static_cast<std::size_t>(cell)] : -1;
  if (group && code >= 0) {
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = field.codes[i] == code ? 1 : 0;
    name = markName_ ? markName_(code) : field.categories[code];
  }
  Q_EMIT selectionMade(mask, select_mode(modifiers), name);
}

void ScatterCanvas::paintAxes(QPainter& painter) const {
  constexpr double kLength = 26;
  const QPointF origin(48, height() - 62.0);
  const QFont font = theme_.font("small");
  struct Axis {
    QVector3D to;
    int number;
  };
  std::array<Axis, 3> axes{};
  for (int i = 0; i < 3; ++i) axes[static_cast<std::size_t>(i)] = {space_->camera().axis(i), i + 1};
  std::sort(axes.begin(), axes.end(), [](const Axis& a, const Axis& b) { return a.to.z() < b.to.z(); });
  for (const Axis& axis : axes) {
    const QPointF end = origin + kLength * QPointF(static_cast<double>(axis.to.x()), -static_cast<double>(axis.to.y()));
    painter.setPen(QPen(theme_.color(axis.to.z() < 0 ? "ink-3" : "ink-2"), 1.4, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(origin, end);
    const QPointF label = origin + (end - origin) * 1.28 + QPointF(-3.5, 4.5);
    paint_halo_text(painter, label, QString::number(axis.number), font, theme_.color("ink-2"), theme_.color("panel"));
  }
}

}  // namespace cw::ui
