// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/journey_drag.h"

#include <QTest>
#include <QTimer>
#include <QWindow>
#include <utility>

namespace cw::ui {
namespace {

constexpr int kTick = 40;
constexpr int kMoves = 6;
constexpr int kStartTicks = 4;  // moves of a few pixels, until the drag has begun
constexpr int kMostTicks = 100;

}  // namespace

WindowPoint in_window(const PressPoint& point) {
  QWidget* top = point.widget->window();
  return {top->windowHandle(), point.widget->mapTo(top, point.position)};
}

void JourneyDrag::start(FindPoint from, QList<QPoint> via, Qt::KeyboardModifiers modifiers, FindPoint to) {
  findFrom_ = std::move(from);
  findTo_ = std::move(to);
  from_ = {};
  via_ = std::move(via);
  modifiers_ = modifiers;
  ticks_ = moves_ = 0;
  problem_.clear();
  running_ = true;
  QTimer::singleShot(kTick, this, &JourneyDrag::tick);
}

// A tick may run inside the event loop of the drag that an earlier tick began, so each is a timer of its own.
void JourneyDrag::tick() {
  if (!running_) return;
  QTimer::singleShot(kTick, this, &JourneyDrag::tick);
  const int tick = ticks_++;
  if (tick == 0) {
    const auto from = findFrom_();
    if (from) from_ = in_window(*from);
    if (!from_.window) return end(QStringLiteral("the source is not on the screen"));
    return QTest::mousePress(from_.window, Qt::LeftButton, modifiers_, from_.position);
  }
  QWindow* window = from_.window;
  if (tick <= kStartTicks) return QTest::mouseMove(window, from_.position + QPoint(4 * tick, 2 * tick));
  const auto to = findTo_();
  const bool found = to && in_window(*to).window == window;
  if (found) target_ = in_window(*to).position;
  if (moves_ == 0 && !found) {
    if (tick > kMostTicks) return end(QStringLiteral("the target is not on the screen"));
    return QTest::mouseMove(window, from_.position + QPoint(16 + tick % 2, 8));
  }
  ++moves_;
  const int last = kMoves * static_cast<int>(via_.size() + 1);
  if (moves_ <= last) return QTest::mouseMove(window, placeOf(moves_));
  if (moves_ == last + 2 && arrived) return arrived();
  if (moves_ <= last + 2) return QTest::mouseMove(window, target_ + QPoint(1, 0));  // the target sees it stay
  end({});
  QTest::mouseRelease(window, Qt::LeftButton, modifiers_, target_);
}

QPoint JourneyDrag::placeOf(int move) const {
  const int leg = (move - 1) / kMoves;
  const QPoint from = leg == 0 ? from_.position : via_[leg - 1];
  const QPoint to = leg < via_.size() ? via_[leg] : target_;
  return from + (to - from) * ((move - 1) % kMoves + 1) / kMoves;
}

void JourneyDrag::end(const QString& problem) {
  running_ = false;
  problem_ = problem;
  if (problem.isEmpty() || !from_.window) return;
  QTest::keyClick(from_.window, Qt::Key_Escape);
  QTest::mouseRelease(from_.window, Qt::LeftButton, modifiers_, from_.position);
}

}  // namespace cw::ui
