// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/gl_splat_renderer.h"

#include <QOffscreenSurface>
#include <QOpenGLContext>
#include <QOpenGLExtraFunctions>
#include <QThreadPool>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>

namespace cw::ui {
namespace {

constexpr std::size_t kWorthIt = 100'000;  // points; fewer take the processors a few milliseconds
constexpr std::pair kOldestVersion{3, 3};

// Places are those of SplatRenderer: quarter pixels, rounded down. Rows of the buffer are rows of the image.
constexpr auto kVertexShader = R"(#version 330 core
layout(location = 0) in float x;
layout(location = 1) in float y;
layout(location = 2) in uint color;
layout(location = 3) in uint layer;
uniform float scale;       // quarter pixels per unit of the map
uniform vec2 offset;       // quarter pixels
uniform vec2 pixels;
uniform uint shown;        // the layer that is drawn
uniform bool smoothed;
uniform int side;          // of a dot in pixels
uniform uint quiet;
uniform usampler2D palette;
flat out vec2 center;
flat out vec3 ink;
void main() {
  vec2 quarter = floor(vec2(x * scale + offset.x, offset.y - y * scale));
  vec2 pixel = floor(quarter / 4.0);
  bool nowhere = layer != shown || isnan(x) || isnan(y);
  center = smoothed ? (quarter + 0.5) / 4.0 : pixel - float(side / 2) + 0.5 * float(side);
  vec2 middle = smoothed ? pixel + 0.5 : center;
  gl_Position = nowhere ? vec4(2.0, 2.0, 0.0, 1.0) : vec4(2.0 * middle / pixels - 1.0, 0.0, 1.0);
  gl_PointSize = float(side);
  uint rgb = shown == 1u ? quiet : texelFetch(palette, ivec2(int(color), 0), 0).r;
  ink = vec3(float((rgb >> 16) & 255u), float((rgb >> 8) & 255u), float(rgb & 255u)) / 255.0;
}
)";

constexpr auto kFragmentShader = R"(#version 330 core
flat in vec2 center;
flat in vec3 ink;
uniform bool smoothed;
uniform int side;
uniform float radius;
uniform float opacity;
out vec4 result;
void main() {
  float away = distance(gl_FragCoord.xy, center);
  float covered = 1.0;
  if (smoothed) {
    covered = floor(clamp(radius + 0.5 - away, 0.0, 1.0) * opacity * 256.0 + 0.5) / 256.0;  // as Stamps does
  } else if (side > 2 && away > 0.5 * float(side)) {
    covered = 0.0;
  }
  if (covered <= 0.0) discard;
  result = vec4(ink, covered);
}
)";

QSurfaceFormat wanted_format() {
  QSurfaceFormat format;
  format.setRenderableType(QSurfaceFormat::OpenGL);
  format.setVersion(kOldestVersion.first, kOldestVersion.second);
  format.setProfile(QSurfaceFormat::CoreProfile);
  return format;
}

bool is_software(const QByteArray& renderer) {
  for (const char* name : {"llvmpipe", "softpipe", "swrast", "Software Rasterizer", "SwiftShader", "Basic Render"}) {
    if (renderer.contains(name)) return true;
  }
  return renderer.isEmpty();
}

GLuint compiled(QOpenGLExtraFunctions& gl, GLenum kind, const char* text) {
  const GLuint shader = gl.glCreateShader(kind);
  gl.glShaderSource(shader, 1, &text, nullptr);
  gl.glCompileShader(shader);
  return shader;
}

}  // namespace

struct GlSplatRenderer::Card {
  QOffscreenSurface surface;
  QOpenGLContext context;
  QOpenGLExtraFunctions* gl = nullptr;
  GLuint program = 0, arrays = 0, palette = 0, frame = 0, target = 0;
  GLuint buffers[4] = {0, 0, 0, 0};  // x, y, color, layer
  std::uint64_t revision = 0;
  QSize size;
  GLint largest = 0;
  GLfloat largestDot = 0;

  bool start() {
    surface.setFormat(wanted_format());
    surface.create();
    context.setFormat(wanted_format());
    if (!context.create() || !context.makeCurrent(&surface)) return false;
    if (context.format().version() < kOldestVersion || context.isOpenGLES()) return false;
    gl = context.extraFunctions();
    program = gl->glCreateProgram();
    for (const auto& [kind, text] :
         {std::pair(GL_VERTEX_SHADER, kVertexShader), std::pair(GL_FRAGMENT_SHADER, kFragmentShader)}) {
      const GLuint shader = compiled(*gl, static_cast<GLenum>(kind), text);
      gl->glAttachShader(program, shader);
      gl->glDeleteShader(shader);
    }
    gl->glLinkProgram(program);
    GLint linked = 0;
    gl->glGetProgramiv(program, GL_LINK_STATUS, &linked);
    gl->glGetIntegerv(GL_MAX_TEXTURE_SIZE, &largest);
    GLfloat dots[2] = {0, 0};
    gl->glGetFloatv(0x846D /* GL_ALIASED_POINT_SIZE_RANGE */, dots);
    largestDot = dots[1];
    gl->glGenVertexArrays(1, &arrays);
    gl->glGenBuffers(4, buffers);
    gl->glGenTextures(1, &palette);
    gl->glGenFramebuffers(1, &frame);
    gl->glGenRenderbuffers(1, &target);
    return linked != 0;
  }

  ~Card() {
    if (!gl || !context.makeCurrent(&surface)) return;
    gl->glDeleteProgram(program);
    gl->glDeleteVertexArrays(1, &arrays);
    gl->glDeleteBuffers(4, buffers);
    gl->glDeleteTextures(1, &palette);
    gl->glDeleteFramebuffers(1, &frame);
    gl->glDeleteRenderbuffers(1, &target);
    context.doneCurrent();
  }

  void send(const SplatPoints& points) {
    if (revision == points.revision && revision != 0) return;
    revision = points.revision;
    gl->glBindVertexArray(arrays);
    const auto fill = [this](GLuint place, const void* data, std::size_t bytes) {
      gl->glBindBuffer(GL_ARRAY_BUFFER, buffers[place]);
      gl->glBufferData(GL_ARRAY_BUFFER, static_cast<qopengl_GLsizeiptr>(bytes), data, GL_STATIC_DRAW);
      gl->glEnableVertexAttribArray(place);
    };
    fill(0, points.x.data(), points.x.size() * sizeof(float));
    gl->glVertexAttribPointer(0, 1, GL_FLOAT, GL_FALSE, 0, nullptr);
    fill(1, points.y.data(), points.y.size() * sizeof(float));
    gl->glVertexAttribPointer(1, 1, GL_FLOAT, GL_FALSE, 0, nullptr);
    fill(2, points.color.data(), points.color.size() * sizeof(std::uint16_t));
    gl->glVertexAttribIPointer(2, 1, GL_UNSIGNED_SHORT, 0, nullptr);
    fill(3, points.layer.data(), points.layer.size());
    gl->glVertexAttribIPointer(3, 1, GL_UNSIGNED_BYTE, 0, nullptr);
  }

  bool aim(QSize pixels) {
    gl->glBindFramebuffer(GL_FRAMEBUFFER, frame);
    if (pixels != size) {
      gl->glBindRenderbuffer(GL_RENDERBUFFER, target);
      gl->glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, pixels.width(), pixels.height());
      gl->glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, target);
      if (gl->glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) return false;
      size = pixels;
    }
    gl->glViewport(0, 0, pixels.width(), pixels.height());
    return true;
  }

  void setPalette(const std::vector<QRgb>& colors) {
    gl->glActiveTexture(GL_TEXTURE0);
    gl->glBindTexture(GL_TEXTURE_2D, palette);
    gl->glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    gl->glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    gl->glTexImage2D(GL_TEXTURE_2D, 0, GL_R32UI, static_cast<GLsizei>(colors.size()), 1, 0, GL_RED_INTEGER,
                     GL_UNSIGNED_INT, colors.data());
  }

  [[nodiscard]] GLint place(const char* uniform) { return gl->glGetUniformLocation(program, uniform); }

  void draw(const SplatPoints& points, const SplatView& view, const SplatStyle& style, bool smooth, int margin) {
    gl->glDisable(GL_DEPTH_TEST);
    gl->glDisable(GL_SCISSOR_TEST);
    gl->glEnable(0x8642 /* GL_PROGRAM_POINT_SIZE */);
    gl->glEnable(GL_BLEND);
    gl->glBlendFuncSeparate(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA, GL_ONE, GL_ONE);
    const QColor ground(style.ground);
    gl->glClearColor(ground.redF(), ground.greenF(), ground.blueF(), 1.0F);
    gl->glClear(GL_COLOR_BUFFER_BIT);
    gl->glUseProgram(program);
    gl->glUniform1f(place("scale"), static_cast<float>(view.scale * 4));
    gl->glUniform2f(place("offset"), static_cast<float>((view.offsetX + margin) * 4),
                    static_cast<float>((view.offsetY + margin) * 4));
    gl->glUniform2f(place("pixels"), static_cast<float>(size.width()), static_cast<float>(size.height()));
    gl->glUniform1i(place("smoothed"), smooth ? 1 : 0);
    gl->glUniform1i(place("side"), SplatRenderer::dotSide(style.radius, smooth));
    gl->glUniform1f(place("radius"), static_cast<float>(style.radius));
    gl->glUniform1ui(place("quiet"), style.quiet & 0xffffffU);
    gl->glUniform1i(place("palette"), 0);
    for (unsigned layer = 1; layer <= 2; ++layer) {
      gl->glUniform1ui(place("shown"), layer);
      gl->glUniform1f(place("opacity"), layer == 1 ? 1.0F : static_cast<float>(style.opacity));
      gl->glDrawArrays(GL_POINTS, 0, static_cast<GLsizei>(points.x.size()));
    }
  }
};

GlSplatRenderer::GlSplatRenderer() = default;

GlSplatRenderer::~GlSplatRenderer() = default;

const QImage& GlSplatRenderer::render(const SplatPoints& points, const SplatView& view, QSize pixels,
                                      const SplatStyle& style) {
  static const QImage kNone;
  if (failed_ || style.background || pixels.isEmpty()) return kNone;
  if (!card_) {
    card_ = std::make_unique<Card>();
    failed_ = !card_->start();
  }
  if (failed_ || !card_->context.makeCurrent(&card_->surface)) return kNone;
  const bool smooth = SplatRenderer::isSmooth(points, view, pixels, style.radius);
  // a dot with its middle outside is left out whole: the buffer is larger than the image by a dot
  const int margin = SplatRenderer::dotSide(style.radius, smooth);
  const QSize buffer = pixels + QSize(2 * margin, 2 * margin);
  const bool fits = std::max(buffer.width(), buffer.height()) <= card_->largest &&
                    static_cast<float>(margin) <= card_->largestDot &&
                    static_cast<GLint>(style.palette.size()) <= card_->largest;
  if (!fits || !card_->aim(buffer)) {
    card_->context.doneCurrent();
    return kNone;
  }
  card_->send(points);
  card_->setPalette(style.palette);
  card_->draw(points, view, style, smooth, margin);
  if (image_.size() != pixels) image_ = QImage(pixels, QImage::Format_RGB32);
  card_->gl->glReadPixels(margin, margin, pixels.width(), pixels.height(), 0x80E1 /* GL_BGRA */, GL_UNSIGNED_BYTE,
                          image_.bits());
  card_->context.doneCurrent();
  return image_;
}

bool has_graphics_card() {
  enum { kUnknown, kLooking, kNo, kYes };
  static std::atomic<int> found{kUnknown};
  static QOffscreenSurface* surface = nullptr;
  if (found == kUnknown) {
    found = kLooking;
    surface = new QOffscreenSurface;  // on the window's thread; of the size of a pointer, for as long as it runs
    surface->setFormat(wanted_format());
    surface->create();
    QThreadPool::globalInstance()->start([] {
      QOpenGLContext context;
      context.setFormat(wanted_format());
      bool card = context.create() && context.makeCurrent(surface);
      if (card) {
        const auto* name = reinterpret_cast<const char*>(context.functions()->glGetString(GL_RENDERER));
        card = !context.isOpenGLES() && context.format().version() >= kOldestVersion && !is_software(QByteArray(name));
        context.doneCurrent();
      }
      found = card ? kYes : kNo;
    });
  }
  return found == kYes;
}

const QImage& MapRenderer::render(const SplatPoints& points, const SplatView& view, QSize pixels,
                                  const SplatStyle& style) {
  static const QByteArray kByHand = qgetenv("CELLWRIGHT_MAP_OPENGL");
  const bool never = kByHand == "0" || qEnvironmentVariableIsSet("CELLWRIGHT_NO_OPENGL");
  const bool onCard = !never && (kByHand == "1" || (points.x.size() >= kWorthIt && has_graphics_card()));
  if (onCard) {
    const QImage& image = card_.render(points, view, pixels, style);
    if (!image.isNull()) return image;
  }
  return processors_.render(points, view, pixels, style);
}

}  // namespace cw::ui
