// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/embedding/splat_renderer.h"

#include <memory>

namespace cw::ui {

/// What SplatRenderer does, on a graphics card: the same image but for rounding. Used on the window's thread.
class GlSplatRenderer {
 public:
  GlSplatRenderer();
  ~GlSplatRenderer();
  GlSplatRenderer(const GlSplatRenderer&) = delete;
  GlSplatRenderer& operator=(const GlSplatRenderer&) = delete;

  /// Of Format_RGB32; null where OpenGL cannot do it (none, too old, too large, a background behind the dots): then
  /// SplatRenderer has to. Points are sent to the card when their `revision` is another one than before.
  [[nodiscard]] const QImage& render(const SplatPoints& points, const SplatView& view, QSize pixels,
                                     const SplatStyle& style);

 private:
  struct Card;
  std::unique_ptr<Card> card_;
  bool failed_ = false;
  QImage image_;
};

/// Whether this computer draws OpenGL on a graphics card. Mesa's software renderers are slower than SplatRenderer and
/// do not count. The first call looks, on another thread; until that is known the answer is no.
[[nodiscard]] bool has_graphics_card();

/// Paints points with whatever is fastest here: the graphics card for 100,000 points and more where there is one, else
/// the processors. CELLWRIGHT_MAP_OPENGL in the environment decides by hand: 1 = the card for any number of points,
/// whatever it is; 0 = never.
class MapRenderer {
 public:
  const QImage& render(const SplatPoints& points, const SplatView& view, QSize pixels, const SplatStyle& style);

 private:
  SplatRenderer processors_;
  GlSplatRenderer card_;
};

}  // namespace cw::ui
