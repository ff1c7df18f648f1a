// SPDX-License-Identifier: GPL-3.0-or-later
// The graphics card draws the picture that the processors draw.
#include "ui/embedding/gl_splat_renderer.h"

#include <QGuiApplication>
#include <QTest>
#include <cmath>
#include <random>

namespace cw::ui {
namespace {

SplatPoints cloud(std::size_t count, std::uint32_t seed) {
  static std::uint64_t revision = 0;
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  SplatPoints points;
  for (std::size_t i = 0; i < count; ++i) {
    points.x.push_back(i % 97 == 0 ? std::nanf("") : normal(random));
    points.y.push_back(normal(random));
    points.color.push_back(static_cast<std::uint16_t>(i % 3));
    points.layer.push_back(static_cast<std::uint8_t>(i % 11 == 0 ? 0 : i % 5 == 0 ? 1 : 2));
  }
  points.revision = ++revision;
  return points;
}

SplatStyle style_of(double radius) {
  SplatStyle style;
  style.palette = {0xff0072b2, 0xffe69f00, 0xff009e73};
  style.quiet = 0xffcccccc;
  style.ground = 0xfff8fafb;
  style.radius = radius;
  style.opacity = 0.9;
  return style;
}

struct Difference {
  double mean = 0.0;     // of all channels
  double far = 0.0;      // share of pixels that differ by more than rounding
  double painted = 0.0;  // share of pixels that are not ground
};

Difference compare(const QImage& a, const QImage& b, QRgb ground) {
  Difference d;
  const double pixels = static_cast<double>(a.width()) * a.height();
  for (int y = 0; y < a.height(); ++y) {
    for (int x = 0; x < a.width(); ++x) {
      const QRgb p = a.pixel(x, y), q = b.pixel(x, y);
      const int red = std::abs(qRed(p) - qRed(q)), green = std::abs(qGreen(p) - qGreen(q)),
                blue = std::abs(qBlue(p) - qBlue(q));
      d.mean += (red + green + blue) / 3.0 / pixels;
      d.far += (std::max({red, green, blue}) > 6 ? 1.0 : 0.0) / pixels;
      d.painted += ((p & 0xffffffU) != (ground & 0xffffffU) ? 1.0 : 0.0) / pixels;
    }
  }
  return d;
}

}  // namespace

class GlSplatRendererTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theImageIsThatOfTheProcessors_data() {
    QTest::addColumn<int>("count");
    QTest::addColumn<double>("radius");
    QTest::addColumn<double>("scale");
    QTest::newRow("smooth dots") << 5'000 << 2.3 << 60.0;
    QTest::newRow("large smooth dots, many outside") << 5'000 << 7.8 << 400.0;
    QTest::newRow("plain dots") << 300'000 << 1.2 << 60.0;
    QTest::newRow("large plain dots") << 300'000 << 3.6 << 60.0;
    QTest::newRow("a part of many, smooth") << 300'000 << 1.6 << 900.0;
  }
  void theImageIsThatOfTheProcessors() {
    QFETCH(int, count);
    QFETCH(double, radius);
    QFETCH(double, scale);
    const SplatPoints points = cloud(static_cast<std::size_t>(count), 7);
    const SplatStyle style = style_of(radius);
    const QSize pixels(640, 400);
    const SplatView view{scale, 311.3, 190.7};
    SplatRenderer processors;
    const QImage wanted = processors.render(points, view, pixels, style).copy();
    GlSplatRenderer card;
    const QImage drawn = card.render(points, view, pixels, style);
    QCOMPARE(drawn.size(), pixels);
    const Difference d = compare(wanted, drawn, style.ground);
    QVERIFY2(d.painted > 0.05, "nothing was painted");
    const QString text = QStringLiteral("mean %1, far %2").arg(d.mean).arg(d.far);
    QVERIFY2(d.mean < 0.6 && d.far < 0.01, qPrintable(text));
    qInfo("%s", qPrintable(text));
  }
  void newColoursAreSentAndOldOnesKept() {
    SplatPoints points = cloud(4'000, 3);
    const SplatView view{60, 160, 120};
    GlSplatRenderer card;
    const QImage first = card.render(points, view, {320, 240}, style_of(3)).copy();
    QCOMPARE(card.render(points, view, {320, 240}, style_of(3)), first);
    for (std::uint16_t& color : points.color) color = static_cast<std::uint16_t>((color + 1) % 3);
    QCOMPARE(card.render(points, view, {320, 240}, style_of(3)), first);  // the revision says that nothing changed
    points.revision += 1000;
    QVERIFY(card.render(points, view, {320, 240}, style_of(3)) != first);
  }
  void softwareIsNoGraphicsCard() {
    QVERIFY(!has_graphics_card());
    QTest::qWait(1500);
    QVERIFY(!has_graphics_card());  // the test's display is drawn by Mesa's llvmpipe
  }
};

}  // namespace cw::ui

QTEST_MAIN(cw::ui::GlSplatRendererTest)
#include "gl_splat_renderer_test.moc"
