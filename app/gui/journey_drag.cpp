// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/journey_drag.h"

#include <QTest>
#include <QTimer>
#include <QWindow>

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

void JourneyDrag::start(const WindowPoint& from, Qt::KeyboardModifiers modifiers,
                        std::function<std::optional<PressPoint>()> to) {
  from_ = from;
  modifiers_ = modifiers;
  to_ = std::move(to);
  ticks_ = moves_ = 0;
  problem_.clear();
  running_ = true;
  QTimer::singleShot(kTick, this, &JourneyDrag::tick);
}

// A tick may run inside the event loop of the drag that an earlier tick began, so each is a timer of its own.
void JourneyDrag::tick() {
  if (!running_) return;
  QTimer::singleShot(kTick, this, &JourneyDrag::tick);
  QWindow* window = from_.window;
  const int tick = ticks_++;
  if (tick == 0) return QTest::mousePress(window, Qt::LeftButton, modifiers_, from_.position);
  if (tick <= kStartTicks) return QTest::mouseMove(window, from_.position + QPoint(4 * tick, 2 * tick));
  if (moves_ == 0) {
    const auto to = to_();
    if (!to || in_window(*to).window != window) {
      if (tick > kMostTicks) return end(QStringLiteral("the target is not on the screen"));
      return QTest::mouseMove(window, from_.position + QPoint(16 + tick % 2, 8));
    }
    target_ = in_window(*to).position;
  }
  ++moves_;
  if (moves_ <= kMoves) return QTest::mouseMove(window, from_.position + (target_ - from_.position) * moves_ / kMoves);
  if (moves_ == kMoves + 2 && arrived) return arrived();
  if (moves_ <= kMoves + 2) return QTest::mouseMove(window, target_ + QPoint(1, 0));  // the target sees it stay
  end({});
  QTest::mouseRelease(window, Qt::LeftButton, modifiers_, target_);
}

void JourneyDrag::end(const QString& problem) {
  running_ = false;
  problem_ = problem;
  if (problem.isEmpty()) return;
  QTest::keyClick(from_.window, Qt::Key_Escape);
  QTest::mouseRelease(from_.window, Qt::LeftButton, modifiers_, from_.position);
}

}  // namespace cw::ui
