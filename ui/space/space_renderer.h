// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/space/space_picture.h"

#include <QObject>
#include <QThread>
#include <optional>

class QOffscreenSurface;

namespace cw::ui {

/// Draws clouds of cells with OpenGL on a thread of its own: the window never waits for a picture, and of several that
/// were asked for meanwhile only the last is drawn. CELLWRIGHT_NO_OPENGL in the environment switches it off, for
/// drivers that are broken.
class SpaceRenderer : public QObject {
  Q_OBJECT
 public:
  explicit SpaceRenderer(QObject* parent = nullptr);
  ~SpaceRenderer() override;

  void setCloud(SpaceCloudPtr cloud);
  void draw(const SpaceFrame& frame);
  /// True while pictures are on their way.
  [[nodiscard]] bool isBusy() const noexcept { return busy_; }

 Q_SIGNALS:
  void drawn(const QImage& picture);
  /// There is no OpenGL that can draw it; `why` is for people. Nothing will be drawn.
  void failed(const QString& why);

 private:
  class Worker;
  void takePicture(const QImage& picture);
  void takeFailure(const QString& why);
  void next();

  QThread thread_;
  QOffscreenSurface* surface_;
  Worker* worker_;
  std::optional<SpaceFrame> wanted_;
  std::optional<SpaceCloudPtr> cloud_;
  bool busy_ = false;
  bool failed_ = false;
};

}  // namespace cw::ui
