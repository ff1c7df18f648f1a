// SPDX-License-Identifier: GPL-3.0-or-later
// Debian's VTK widgets are of Qt 5, and a widget that draws by itself would hold up the window while a million cells
// are drawn in software; so VTK draws into a buffer of its own, off the window's thread.
#include "ui/space/space_picture.h"

#include <vtkActor.h>
#include <vtkCallbackCommand.h>
#include <vtkCamera.h>
#include <vtkCommand.h>
#include <vtkGenericOpenGLRenderWindow.h>
#include <vtkMatrix4x4.h>
#include <vtkNew.h>
#include <vtkObject.h>
#include <vtkOpenGLState.h>
#include <vtkPointData.h>
#include <vtkPointGaussianMapper.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>
#include <vtkSmartPointer.h>
#include <vtkUnsignedCharArray.h>

#include <QMatrix4x4>
#include <algorithm>
#include <cmath>
#include <cstring>

namespace cw::ui {
namespace {

constexpr std::size_t kDraftDots = 50'000;    // over 30 pictures a second without a graphics card
constexpr std::size_t kSmoothUpTo = 200'000;  // dots that get smooth edges when the view rests

// A dot as a small ball: darker towards its edge, so that dots of one colour stay apart.
constexpr auto kBall =
    "//VTK::Color::Impl\n"
    "float off = dot(offsetVCVSOutput.xy, offsetVCVSOutput.xy);\n"
    "if (off > 1.0) { discard; }\n"
    "float shade = 1.0 - 0.30 * off * off;\n"
    "ambientColor *= shade;\n"
    "diffuseColor *= shade;\n";

// A sample of the cloud, or all of it.
vtkSmartPointer<vtkPolyData> poly_data(const SpaceCloud& cloud, std::size_t most) {
  const std::size_t all = cloud.xyz.size() / 3;
  const std::size_t step = std::max<std::size_t>(1, (all + most - 1) / std::max<std::size_t>(1, most));
  const auto count = static_cast<vtkIdType>((all + step - 1) / step);
  vtkNew<vtkPoints> points;
  points->SetDataTypeToFloat();
  points->SetNumberOfPoints(count);
  vtkNew<vtkUnsignedCharArray> colors;
  colors->SetNumberOfComponents(3);
  colors->SetNumberOfTuples(count);
  auto* xyz = static_cast<float*>(points->GetVoidPointer(0));
  auto* rgb = colors->GetPointer(0);
  for (std::size_t i = 0; i < all; i += step) {
    std::copy_n(&cloud.xyz[3 * i], 3, xyz);
    std::copy_n(&cloud.rgb[3 * i], 3, rgb);
    xyz += 3;
    rgb += 3;
  }
  auto data = vtkSmartPointer<vtkPolyData>::New();
  data->SetPoints(points);
  data->GetPointData()->SetScalars(colors);
  return data;
}

// The plane through the middle in pixels: x' = (x * distance / depth - center) * scale, as ViewTransform does it.
void aim(vtkCamera& camera, const SpaceFrame& frame) {
  const double distance = frame.camera.distance();
  const double near = distance - 1.05 * frame.camera.reach, far = distance + 1.05 * frame.camera.reach;
  const double across = 2 * frame.scale / std::max(1, frame.pixels.width());
  const double up = 2 * frame.scale / std::max(1, frame.pixels.height());
  vtkNew<vtkMatrix4x4> projection;
  projection->Zero();
  projection->SetElement(0, 0, across * distance);
  projection->SetElement(0, 2, across * frame.center.x());
  projection->SetElement(1, 1, up * distance);
  projection->SetElement(1, 2, up * frame.center.y());
  projection->SetElement(2, 2, -(far + near) / (far - near));
  projection->SetElement(2, 3, -2 * far * near / (far - near));
  projection->SetElement(3, 2, -1);
  camera.SetPosition(0, 0, distance);
  camera.SetFocalPoint(0, 0, 0);
  camera.SetViewUp(0, 1, 0);
  camera.SetExplicitProjectionTransformMatrix(projection);
  camera.UseExplicitProjectionTransformMatrixOn();
}

// From the map to the camera's space: the middle to the origin, then turned.
vtkSmartPointer<vtkMatrix4x4> placement(const SpaceCamera& camera) {
  QMatrix4x4 turn;
  turn.rotate(camera.turn);
  turn.translate(-camera.middle);
  auto matrix = vtkSmartPointer<vtkMatrix4x4>::New();
  for (int row = 0; row < 4; ++row) {
    for (int column = 0; column < 4; ++column) matrix->SetElement(row, column, static_cast<double>(turn(row, column)));
  }
  return matrix;
}

}  // namespace

struct SpacePicture::Scene {
  vtkNew<vtkGenericOpenGLRenderWindow> window;
  vtkNew<vtkRenderer> renderer;
  vtkNew<vtkActor> actor;
  vtkNew<vtkPointGaussianMapper> mapper;
  vtkNew<vtkUnsignedCharArray> pixels;
  vtkSmartPointer<vtkPolyData> all, sample;
  bool ready = false;

  Scene() {
    vtkObject::GlobalWarningDisplayOff();  // GLEW, built for GLX, complains elsewhere; its functions are loaded anyway
    vtkNew<vtkCallbackCommand> answers;
    answers->SetCallback([](vtkObject*, unsigned long id, void*, void* data) {
      if (id == vtkCommand::WindowIsCurrentEvent) {
        *static_cast<bool*>(data) = true;
      } else {
        *static_cast<int*>(data) = 1;
      }
    });
    for (const auto id :
         {vtkCommand::WindowIsCurrentEvent, vtkCommand::WindowSupportsOpenGLEvent, vtkCommand::WindowIsDirectEvent}) {
      window->AddObserver(id, answers);
    }
    window->SetOwnContext(0);
    window->SetFrameBlitModeToNoBlit();
    window->SetMultiSamples(0);
    window->AddRenderer(renderer);
    mapper->SetScalarModeToUsePointData();
    mapper->SetColorModeToDirectScalars();
    mapper->EmissiveOff();
    mapper->SetSplatShaderCode(kBall);
    mapper->SetTriangleScale(1.5);
    actor->SetMapper(mapper);
    actor->GetProperty()->LightingOff();
    renderer->AddActor(actor);
    window->OpenGLInitContext();
    ready = window->GetState() != nullptr && window->SupportsOpenGL() != 0;
    window->SetReadyForRendering(ready);
  }
  ~Scene() {
    if (ready) window->Finalize();
  }
};

SpacePicture::SpacePicture() : scene_(std::make_unique<Scene>()) {}

SpacePicture::~SpacePicture() = default;

void SpacePicture::setCloud(SpaceCloudPtr cloud) {
  scene_->all = nullptr;
  scene_->sample = nullptr;
  if (!cloud || cloud->xyz.empty()) return;
  scene_->all = poly_data(*cloud, cloud->xyz.size());
  scene_->sample = cloud->xyz.size() / 3 > kDraftDots ? poly_data(*cloud, kDraftDots) : scene_->all;
}

QImage SpacePicture::draw(const SpaceFrame& frame) {
  Scene& scene = *scene_;
  if (!scene.ready || frame.pixels.isEmpty()) return {};
  QImage image(frame.pixels, QImage::Format_RGB32);
  if (!scene.all) {
    image.fill(frame.ground);
    return image;
  }
  const bool few = static_cast<std::size_t>(scene.all->GetNumberOfPoints()) <= kSmoothUpTo;
  const int fine = !frame.draft && few ? 2 : 1;  // drawn twice as large and made smaller: smooth edges of balls
  SpaceFrame large = frame;
  large.pixels *= fine;
  large.scale *= fine;
  scene.mapper->SetInputData(frame.draft ? scene.sample : scene.all);
  scene.mapper->SetScaleFactor(frame.radius / std::max(1e-12, frame.scale));
  scene.actor->SetUserMatrix(placement(frame.camera));
  scene.renderer->SetBackground(frame.ground.redF(), frame.ground.greenF(), frame.ground.blueF());
  aim(*scene.renderer->GetActiveCamera(), large);
  scene.window->SetSize(large.pixels.width(), large.pixels.height());
  scene.window->Render();
  scene.window->GetRGBACharPixelData(0, 0, large.pixels.width() - 1, large.pixels.height() - 1, 0, scene.pixels);
  const auto bytes = static_cast<std::int64_t>(large.pixels.width()) * large.pixels.height() * 4;
  if (scene.pixels->GetNumberOfValues() < bytes) return {};
  const QImage drawn(scene.pixels->GetPointer(0), large.pixels.width(), large.pixels.height(), QImage::Format_RGBX8888);
  QImage result = drawn.convertToFormat(QImage::Format_RGB32).mirrored();
  if (fine > 1) result = result.scaled(frame.pixels, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
  return result;
}

}  // namespace cw::ui
