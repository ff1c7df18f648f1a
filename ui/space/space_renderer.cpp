// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/space/space_renderer.h"

#include <QOffscreenSurface>
#include <QOpenGLContext>
#include <utility>

namespace cw::ui {
namespace {

constexpr std::pair kOldestVersion{3, 2};  // what VTK needs

QSurfaceFormat wanted_format() {
  QSurfaceFormat format;
  format.setRenderableType(QSurfaceFormat::OpenGL);
  format.setVersion(kOldestVersion.first, kOldestVersion.second);
  format.setProfile(QSurfaceFormat::CoreProfile);
  return format;
}

}  // namespace

/// The part on the other thread. The context is made and used there only.
class SpaceRenderer::Worker : public QObject {
 public:
  explicit Worker(QOffscreenSurface* surface) : surface_(surface) {}
  ~Worker() override { release(); }

  struct Answer {
    QImage picture;
    QString failure;
  };
  Answer draw(const std::optional<SpaceCloudPtr>& cloud, const SpaceFrame& frame) {
    if (!context_) {
      const QString why = prepare();
      if (!why.isEmpty()) return {{}, why};
    }
    context_->makeCurrent(surface_);
    if (cloud) picture_->setCloud(*cloud);
    QImage picture = picture_->draw(frame);
    if (picture.isNull()) return {{}, SpaceRenderer::tr("OpenGL gave no picture")};
    return {std::move(picture), {}};
  }
  void release() {
    if (!context_) return;
    context_->makeCurrent(surface_);
    picture_.reset();
    context_->doneCurrent();
    context_.reset();
  }

 private:
  QString prepare() {
    if (qEnvironmentVariableIsSet("CELLWRIGHT_NO_OPENGL")) return SpaceRenderer::tr("OpenGL is switched off");
    auto context = std::make_unique<QOpenGLContext>();
    context->setFormat(wanted_format());
    if (!context->create()) return SpaceRenderer::tr("this computer offers no OpenGL");
    if (!context->makeCurrent(surface_)) return SpaceRenderer::tr("OpenGL cannot be used on this display");
    const auto version = context->format().version();
    if (version < kOldestVersion || context->isOpenGLES()) {
      return SpaceRenderer::tr("OpenGL 3.2 is needed, and this computer offers %1.%2")
          .arg(version.first)
          .arg(version.second);
    }
    context_ = std::move(context);
    picture_ = std::make_unique<SpacePicture>();
    return {};
  }

  QOffscreenSurface* surface_;
  std::unique_ptr<QOpenGLContext> context_;
  std::unique_ptr<SpacePicture> picture_;
};

SpaceRenderer::SpaceRenderer(QObject* parent)
    : QObject(parent), surface_(new QOffscreenSurface(nullptr, this)), worker_(new Worker(surface_)) {
  surface_->setFormat(wanted_format());
  surface_->create();
  worker_->moveToThread(&thread_);
  thread_.setObjectName(QStringLiteral("space"));
  thread_.start();
}

SpaceRenderer::~SpaceRenderer() {
  QMetaObject::invokeMethod(
      worker_, [worker = worker_] { worker->release(); }, Qt::BlockingQueuedConnection);
  thread_.quit();
  thread_.wait();
  delete worker_;
}

void SpaceRenderer::setCloud(SpaceCloudPtr cloud) { cloud_ = std::move(cloud); }

void SpaceRenderer::draw(const SpaceFrame& frame) {
  wanted_ = frame;
  next();
}

void SpaceRenderer::next() {
  if (busy_ || failed_ || !wanted_) return;
  busy_ = true;
  QMetaObject::invokeMethod(worker_, [this, worker = worker_, cloud = std::exchange(cloud_, std::nullopt),
                                      frame = *std::exchange(wanted_, std::nullopt)] {
    Worker::Answer answer = worker->draw(cloud, frame);
    // the destructor waits for this thread, so `this` is alive here; the answer may come too late, and is dropped then
    QMetaObject::invokeMethod(
        this,
        [this, answer = std::move(answer)] {
          answer.failure.isEmpty() ? takePicture(answer.picture) : takeFailure(answer.failure);
        },
        Qt::QueuedConnection);
  });
}

void SpaceRenderer::takePicture(const QImage& picture) {
  busy_ = false;
  Q_EMIT drawn(picture);
  next();
}

void SpaceRenderer::takeFailure(const QString& why) {
  busy_ = false;
  failed_ = true;
  Q_EMIT failed(why);
}

}  // namespace cw::ui
