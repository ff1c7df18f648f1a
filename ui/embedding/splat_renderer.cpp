// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/splat_renderer.h"

#include "core/base/parallel.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <vector>

namespace cw::ui {
namespace {

constexpr std::int64_t kSmoothUpTo = 200'000;
constexpr std::int64_t kGrain = 1 << 15;
constexpr std::uint32_t kNowhere = 0xffffffffU;
constexpr int kBias = 256 * 4;  // places are shifted so that dots partly left of or above the image stay positive
constexpr int kLargestPlace = 65534;

QRgb blend(QRgb under, QRgb over, unsigned alpha) {
  const unsigned keep = 256 - alpha;
  // halves are rounded up, or many dots on each other would grow darker than their colour
  const unsigned redBlue = ((under & 0xff00ffU) * keep + (over & 0xff00ffU) * alpha + 0x800080U) >> 8;
  const unsigned green = ((under & 0x00ff00U) * keep + (over & 0x00ff00U) * alpha + 0x8000U) >> 8;
  return 0xff000000U | (redBlue & 0xff00ffU) | (green & 0x00ff00U);
}

// Coverage in [0, 256] of a dot's pixels, for each of 4 x 4 positions of its centre inside a pixel.
struct Stamps {
  int half = 0;  // pixels left of and above the one with the centre
  int side = 0;
  std::array<std::vector<std::uint16_t>, 16> coverage;

  Stamps(double radius, double opacity)
      : half(static_cast<int>(std::ceil(radius + 0.5))), side(SplatRenderer::dotSide(radius, true)) {
    for (int variant = 0; variant < 16; ++variant) {
      const double centerX = half + (variant % 4 + 0.5) / 4.0;
      const double centerY = half + (static_cast<int>(variant / 4) + 0.5) / 4.0;
      for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
          const double distance = std::hypot(x + 0.5 - centerX, y + 0.5 - centerY);
          const double covered = std::clamp(radius + 0.5 - distance, 0.0, 1.0) * opacity;
          coverage[static_cast<std::size_t>(variant)].push_back(static_cast<std::uint16_t>(std::lround(covered * 256)));
        }
      }
    }
  }
};

// The same without smooth edges: the pixels of each row that are covered by half or more.
struct PlainDot {
  struct Row {
    int dy, from, to;
  };
  std::vector<Row> rows;

  explicit PlainDot(double radius) {
    const int side = SplatRenderer::dotSide(radius, false);
    const double center = side / 2.0;
    for (int y = 0; y < side; ++y) {
      int from = side, to = 0;
      for (int x = 0; x < side; ++x) {
        if (side > 2 && std::hypot(x + 0.5 - center, y + 0.5 - center) > center) continue;
        from = std::min(from, x);
        to = std::max(to, x + 1);
      }
      if (from < to) rows.push_back({y - side / 2, from - side / 2, to - side / 2});
    }
  }
};

// A part of the image: rows [top, bottom), columns [left, right).
struct Band {
  QRgb* pixels;
  int width;
  int top, bottom;
  int left, right;
};

void smooth_dot(const Band& band, const Stamps& stamps, std::uint32_t place, QRgb color) {
  const int quarterX = static_cast<int>(place & 0xffffU) - kBias;
  const int quarterY = static_cast<int>(place >> 16) - kBias;
  const auto variant = static_cast<std::size_t>(quarterY & 3) * 4 + static_cast<std::size_t>(quarterX & 3);
  const int left = (quarterX >> 2) - stamps.half;
  const int top = (quarterY >> 2) - stamps.half;
  const int from = std::max(0, band.left - left), to = std::min(stamps.side, band.right - left);
  for (int y = std::max(0, band.top - top); y < stamps.side && top + y < band.bottom; ++y) {
    QRgb* row = band.pixels + static_cast<std::ptrdiff_t>(top + y) * band.width + left;
    const std::uint16_t* cover = stamps.coverage[variant].data() + static_cast<std::ptrdiff_t>(y) * stamps.side;
    for (int x = from; x < to; ++x) {
      if (cover[x] != 0) row[x] = cover[x] >= 256 ? color : blend(row[x], color, cover[x]);
    }
  }
}

void plain_dot(const Band& band, const PlainDot& dot, std::uint32_t place, QRgb color) {
  const int x = (static_cast<int>(place & 0xffffU) - kBias) >> 2;
  const int y = (static_cast<int>(place >> 16) - kBias) >> 2;
  for (const PlainDot::Row& row : dot.rows) {
    const int at = y + row.dy;
    if (at < band.top || at >= band.bottom) continue;
    QRgb* pixels = band.pixels + static_cast<std::ptrdiff_t>(at) * band.width;
    const int to = std::min(band.right, x + row.to);
    for (int i = std::max(band.left, x + row.from); i < to; ++i) pixels[i] = color;
  }
}

// Dots of one look, ready to be painted.
struct Brush {
  bool smooth;
  Stamps stamps, quietStamps;
  PlainDot dot;
  const SplatStyle& style;

  Brush(const SplatStyle& look, bool isSmooth)
      : smooth(isSmooth),
        stamps(smooth ? look.radius : 0.5, look.opacity),
        quietStamps(smooth ? look.radius : 0.5, 1.0),
        dot(look.radius),
        style(look) {}

  void paint(const Band& band, const SplatPoints& points, std::size_t i, std::uint32_t place) const {
    const bool quiet = points.layer[i] == 1;
    const QRgb color = quiet ? style.quiet : style.palette[points.color[i]];
    if (smooth) {
      smooth_dot(band, quiet ? quietStamps : stamps, place, color);
    } else {
      plain_dot(band, dot, place, color);
    }
  }
};

// Map coordinates to quarter pixels, and which of them a dot in the image can have.
struct Placing {
  float scale, offsetX, offsetY, low, highX, highY;

  Placing(const SplatView& view, QSize pixels, double reach)
      : scale(static_cast<float>(view.scale * 4)),
        offsetX(static_cast<float>(view.offsetX * 4 + kBias)),
        offsetY(static_cast<float>(view.offsetY * 4 + kBias)),
        low(static_cast<float>(std::max(0.0, kBias - reach * 4))),
        highX(static_cast<float>(std::min<double>(kLargestPlace, (pixels.width() + reach) * 4 + kBias))),
        highY(static_cast<float>(std::min<double>(kLargestPlace, (pixels.height() + reach) * 4 + kBias))) {}
  // false for NaN as well
  [[nodiscard]] bool shows(float x, float y) const noexcept { return x >= low && x < highX && y >= low && y < highY; }
  [[nodiscard]] static std::uint32_t packed(float x, float y) noexcept {
    return static_cast<std::uint32_t>(x) | static_cast<std::uint32_t>(y) << 16;
  }
};

bool has_quiet(const SplatPoints& points) {
  return std::any_of(points.layer.begin(), points.layer.end(), [](auto layer) { return layer == 1; });
}

bool same_look(const SplatStyle& a, const SplatStyle& b) {
  return a.palette == b.palette && a.quiet == b.quiet && a.ground == b.ground && a.radius == b.radius &&
         a.opacity == b.opacity;
}

}  // namespace

void SplatRenderer::place(const SplatPoints& points, const SplatView& view, double reach) {
  const auto count = static_cast<std::int64_t>(points.x.size());
  places_.resize(points.x.size());
  const Placing placing(view, image_.size(), reach);
  std::atomic<std::int64_t> visible{0};
  parallel_for(0, count, kGrain, numThreads_, [&](std::int64_t from, std::int64_t to, int) {
    std::int64_t inside = 0;
    for (auto i = static_cast<std::size_t>(from); i < static_cast<std::size_t>(to); ++i) {
      const float x = points.x[i] * placing.scale + placing.offsetX;
      const float y = placing.offsetY - points.y[i] * placing.scale;
      const bool in = placing.shows(x, y) && points.layer[i] != 0;
      places_[i] = in ? Placing::packed(x, y) : kNowhere;
      inside += in;
    }
    visible += inside;
  });
  numVisible_ = visible;
}

int SplatRenderer::dotSide(double radius, bool smooth) {
  return smooth ? 2 * static_cast<int>(std::ceil(radius + 0.5)) + 1
                : std::max(1, static_cast<int>(std::lround(2 * radius)));
}

bool SplatRenderer::isSmooth(const SplatPoints& points, const SplatView& view, QSize pixels, double radius) {
  const auto count = static_cast<std::int64_t>(points.x.size());
  if (count <= kSmoothUpTo) return true;
  const auto reach = static_cast<float>(radius + 1);
  const auto scale = static_cast<float>(view.scale), offsetX = static_cast<float>(view.offsetX),
             offsetY = static_cast<float>(view.offsetY);
  const auto highX = static_cast<float>(pixels.width()) + reach, highY = static_cast<float>(pixels.height()) + reach;
  std::atomic<std::int64_t> visible{0};
  parallel_for(0, count, kGrain, 0, [&](std::int64_t from, std::int64_t to, int) {
    std::int64_t inside = 0;
    for (auto i = static_cast<std::size_t>(from); i < static_cast<std::size_t>(to); ++i) {
      const float x = points.x[i] * scale + offsetX, y = offsetY - points.y[i] * scale;
      inside += x >= -reach && x < highX && y >= -reach && y < highY && points.layer[i] != 0;
    }
    visible += inside;
  });
  return visible <= kSmoothUpTo;
}

const QImage& SplatRenderer::render(const SplatPoints& points, const SplatView& view, QSize pixels,
                                    const SplatStyle& style) {
  if (pan(points, view, pixels, style)) {
    lastView_ = view;
    return image_;
  }
  lastRevision_ = style.background ? 0 : points.revision;
  lastView_ = view;
  lastStyle_ = style;
  if (image_.size() != pixels) image_ = QImage(pixels, QImage::Format_RGB32);
  place(points, view, style.radius + 1);
  const Brush brush(style, numVisible_ <= kSmoothUpTo);
  const bool anyQuiet = has_quiet(points);

  auto* data = reinterpret_cast<QRgb*>(image_.bits());
  const bool hasBackground = style.background && style.background->size() == pixels;
  const auto* behind = hasBackground ? reinterpret_cast<const QRgb*>(style.background->constBits()) : nullptr;
  const int height = image_.height(), width = image_.width();
  // each band looks at all points, so more bands than processors would be wasted
  const int bands = std::clamp(effective_threads(numThreads_), 1, 16);
  parallel_for(0, bands, 1, numThreads_, [&](std::int64_t from, std::int64_t to, int) {
    for (std::int64_t b = from; b < to; ++b) {
      const Band band{data, width, static_cast<int>(height * b / bands), static_cast<int>(height * (b + 1) / bands),
                      0,    width};
      const auto first = static_cast<std::ptrdiff_t>(band.top) * width;
      const auto last = static_cast<std::ptrdiff_t>(band.bottom) * width;
      if (behind) {
        std::copy(behind + first, behind + last, data + first);
      } else {
        std::fill(data + first, data + last, style.ground | 0xff000000U);
      }
      // rows that a dot's centre may lie in to touch the band; one comparison on the packed place sorts out the rest
      const int reach = static_cast<int>(std::ceil(style.radius)) + 2;
      const auto lowest = static_cast<std::uint32_t>(std::max(0, (band.top - reach) * 4 + kBias)) << 16;
      const auto range = static_cast<std::uint32_t>((band.bottom - band.top + 2 * reach) * 4) << 16;
      for (int layer = anyQuiet ? 1 : 2; layer <= 2; ++layer) {
        for (std::size_t i = 0; i < places_.size(); ++i) {
          const std::uint32_t place = places_[i];
          if (place - lowest >= range || points.layer[i] != layer) continue;
          brush.paint(band, points, i, place);
        }
      }
    }
  });
  return image_;
}

void SplatRenderer::moveImage(int right, int down) {
  const int height = image_.height(), width = image_.width();
  auto* data = reinterpret_cast<QRgb*>(image_.bits());
  const auto kept = static_cast<std::size_t>(width - std::abs(right)) * sizeof(QRgb);
  const auto row = [&](int y) { return data + static_cast<std::ptrdiff_t>(y) * width; };
  for (int k = 0; k < height - std::abs(down); ++k) {
    const int to = down > 0 ? height - 1 - k : k;  // no row is written before it was read
    std::memmove(row(to) + std::max(0, right), row(to - down) + std::max(0, -right), kept);
  }
}

// The image is moved where it can be; false = it must be painted.
bool SplatRenderer::pan(const SplatPoints& points, const SplatView& view, QSize pixels, const SplatStyle& style) {
  constexpr double kWhole = 1e-3;  // of a pixel
  const bool same = lastRevision_ != 0 && points.revision == lastRevision_ && image_.size() == pixels &&
                    style.background == nullptr && view.scale == lastView_.scale && same_look(style, lastStyle_);
  if (!same) return false;
  const double moveX = view.offsetX - lastView_.offsetX, moveY = view.offsetY - lastView_.offsetY;
  const int width = pixels.width(), height = pixels.height();
  if (!(std::abs(moveX) < width / 2.0 && std::abs(moveY) < height / 2.0)) return false;
  const int right = static_cast<int>(std::lround(moveX)), down = static_cast<int>(std::lround(moveY));
  if (std::abs(moveX - right) > kWhole || std::abs(moveY - down) > kWhole) return false;
  // what comes into view: a strip of columns, and one of the rows beside it
  const int left = right < 0 ? width + right : 0, top = down < 0 ? height + down : 0;
  const int keptLeft = std::max(0, right), keptRight = std::min(width, width + right);
  const Placing placing(view, pixels, style.radius + 1);
  const auto reach = static_cast<float>(4 * (std::ceil(style.radius) + 2));
  const auto quarters = [](int place) { return static_cast<float>(place * 4 + kBias); };
  const float lowX = right > 0 ? quarters(right) + reach : 0.0F;
  const float highX = right < 0 ? quarters(left) - reach : placing.highX;
  const float lowY = down > 0 ? quarters(down) + reach : 0.0F;
  const float highY = down < 0 ? quarters(top) - reach : placing.highY;
  struct Dot {
    std::size_t point;
    std::uint32_t place;
  };
  const auto count = static_cast<std::int64_t>(points.x.size());
  std::vector<std::vector<Dot>> pieces(static_cast<std::size_t>((count + kGrain - 1) / kGrain));
  std::atomic<std::int64_t> visible{0};
  parallel_for(0, count, kGrain, numThreads_, [&](std::int64_t from, std::int64_t to, int) {
    std::vector<Dot>& piece = pieces[static_cast<std::size_t>(from / kGrain)];
    std::int64_t inside = 0;
    for (auto i = static_cast<std::size_t>(from); i < static_cast<std::size_t>(to); ++i) {
      const float x = points.x[i] * placing.scale + placing.offsetX;
      const float y = placing.offsetY - points.y[i] * placing.scale;
      const bool in = placing.shows(x, y) && points.layer[i] != 0;
      inside += in;
      const bool kept = x >= lowX && x < highX && y >= lowY && y < highY;
      if (in && !kept) piece.push_back({i, Placing::packed(x, y)});
    }
    visible += inside;
  });
  if ((visible <= kSmoothUpTo) != (numVisible_ <= kSmoothUpTo)) return false;
  numVisible_ = visible;
  moveImage(right, down);
  auto* data = reinterpret_cast<QRgb*>(image_.bits());
  const Brush brush(style, numVisible_ <= kSmoothUpTo);
  const int firstLayer = has_quiet(points) ? 1 : 2;
  const std::array<Band, 2> strips{
      Band{data, width, 0, height, left, left + std::abs(right)},
      Band{data, width, top, top + std::abs(down), keptLeft, keptRight},
  };
  parallel_for(0, 2, 1, numThreads_, [&](std::int64_t first, std::int64_t last, int) {
    for (std::int64_t s = first; s < last; ++s) {
      const Band& strip = strips[static_cast<std::size_t>(s)];
      if (strip.left >= strip.right) continue;
      for (int y = strip.top; y < strip.bottom; ++y) {
        QRgb* row = data + static_cast<std::ptrdiff_t>(y) * width;
        std::fill(row + strip.left, row + strip.right, style.ground | 0xff000000U);
      }
      for (int layer = firstLayer; layer <= 2; ++layer) {
        for (const std::vector<Dot>& piece : pieces) {
          for (const Dot& dot : piece) {
            if (points.layer[dot.point] == layer) brush.paint(strip, points, dot.point, dot.place);
          }
        }
      }
    }
  });
  return true;
}

}  // namespace cw::ui
