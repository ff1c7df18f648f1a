// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/gui/journey_target.h"

#include <QList>
#include <QObject>
#include <functional>

class QWindow;

namespace cw::ui {

/// A point of a window: events go the way that real ones go.
struct WindowPoint {
  QWindow* window = nullptr;
  QPoint position;
};
[[nodiscard]] WindowPoint in_window(const PressPoint& point);

/// One drag with the mouse: press, a short move that starts it, then, when the target is there (wells appear while
/// something is dragged), moves to it and the release. Runs on timers: the drag has an event loop of its own.
class JourneyDrag : public QObject {
  Q_OBJECT
 public:
  using QObject::QObject;
  using FindPoint = std::function<std::optional<PressPoint>()>;
  /// Both points are looked for at the moment when they are needed: rows move while data arrive. `via`: places of the
  /// window that the mouse passes on its way, as around a lasso.
  void start(FindPoint from, QList<QPoint> via, Qt::KeyboardModifiers modifiers, FindPoint to);
  [[nodiscard]] bool isRunning() const { return running_; }
  /// Called when the mouse stands over the target, before the release: for a picture.
  std::function<void()> arrived;
  /// "" = the mouse was released over the target.
  [[nodiscard]] QString problem() const { return problem_; }

 private:
  void tick();
  [[nodiscard]] QPoint placeOf(int move) const;
  void end(const QString& problem);

  FindPoint findFrom_;
  FindPoint findTo_;
  WindowPoint from_;
  QList<QPoint> via_;
  QPoint target_;
  Qt::KeyboardModifiers modifiers_;
  bool running_ = false;
  int ticks_ = 0;
  int moves_ = 0;
  QString problem_;
};

}  // namespace cw::ui
