// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/palettes.h"
#include "ui/theme/theme.h"

#include <QTest>
#include <array>
#include <cmath>

using namespace cw::ui;

namespace {

using Triple = std::array<double, 3>;
using Matrix = std::array<Triple, 3>;

double linear(double value) { return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4); }

Triple linear(const QColor& color) {
  return {linear(double{color.redF()}), linear(double{color.greenF()}), linear(double{color.blueF()})};
}

Triple times(const Matrix& matrix, const Triple& v) {
  Triple result{};
  for (std::size_t i = 0; i < 3; ++i) result[i] = matrix[i][0] * v[0] + matrix[i][1] * v[1] + matrix[i][2] * v[2];
  return result;
}

/// WCAG 2.1, success criterion 1.4.3.
double contrast(const QColor& a, const QColor& b) {
  const auto luminance = [](const QColor& color) {
    const Triple v = linear(color);
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
  };
  const auto [low, high] = std::minmax({luminance(a), luminance(b)});
  return (high + 0.05) / (low + 0.05);
}

// Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1
const std::array<Matrix, 4> kVisions{{
    {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
    {{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
    {{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
    {{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}},
}};
const std::array<const char*, 4> kVisionNames{"full colour", "without red cones", "without green cones",
                                              "without blue cones"};

Triple lab(Triple rgb) {
  const Matrix to_xyz{
      {{0.4124564, 0.3575761, 0.1804375}, {0.2126729, 0.7151522, 0.0721750}, {0.0193339, 0.1191920, 0.9503041}}};
  for (double& one : rgb) one = std::clamp(one, 0.0, 1.0);
  Triple xyz = times(to_xyz, rgb);
  const Triple white{0.95047, 1.0, 1.08883};
  for (std::size_t i = 0; i < 3; ++i) {
    const double t = xyz[i] / white[i];
    xyz[i] = t > 216.0 / 24389.0 ? std::cbrt(t) : (24389.0 / 27.0 * t + 16.0) / 116.0;
  }
  return {116.0 * xyz[1] - 16.0, 500.0 * (xyz[0] - xyz[1]), 200.0 * (xyz[1] - xyz[2])};
}

/// CIEDE2000 (Sharma, Wu and Dalal 2005, doi:10.1002/col.20070).
double difference(const Triple& p, const Triple& q) {
  constexpr double kDegrees = 3.14159265358979323846 / 180.0;
  const double c_mean = (std::hypot(p[1], p[2]) + std::hypot(q[1], q[2])) / 2.0;
  const double c7 = std::pow(c_mean, 7.0);
  const double g = 0.5 * (1.0 - std::sqrt(c7 / (c7 + std::pow(25.0, 7.0))));
  const auto chroma = [g](const Triple& v) { return std::hypot((1.0 + g) * v[1], v[2]); };
  const auto hue = [g](const Triple& v) {
    const double angle = std::atan2(v[2], (1.0 + g) * v[1]) / kDegrees;
    return angle < 0.0 ? angle + 360.0 : angle;
  };
  const double c1 = chroma(p);
  const double c2 = chroma(q);
  const double h1 = hue(p);
  const double h2 = hue(q);
  double dh = h2 - h1;
  double h_mean = (h1 + h2) / 2.0;
  if (c1 * c2 == 0.0) {
    dh = 0.0;
    h_mean = h1 + h2;
  } else if (std::abs(h1 - h2) > 180.0) {
    dh += dh > 0.0 ? -360.0 : 360.0;
    h_mean += h1 + h2 < 360.0 ? 180.0 : -180.0;
  }
  const double dl = q[0] - p[0];
  const double dc = c2 - c1;
  const double dhue = 2.0 * std::sqrt(c1 * c2) * std::sin(dh / 2.0 * kDegrees);
  const double l50 = std::pow((p[0] + q[0]) / 2.0 - 50.0, 2.0);
  const double cp = (c1 + c2) / 2.0;
  const double t = 1.0 - 0.17 * std::cos((h_mean - 30.0) * kDegrees) + 0.24 * std::cos(2.0 * h_mean * kDegrees) +
                   0.32 * std::cos((3.0 * h_mean + 6.0) * kDegrees) - 0.2 * std::cos((4.0 * h_mean - 63.0) * kDegrees);
  const double sl = 1.0 + 0.015 * l50 / std::sqrt(20.0 + l50);
  const double sc = 1.0 + 0.045 * cp;
  const double sh = 1.0 + 0.015 * cp * t;
  const double turn = 30.0 * std::exp(-std::pow((h_mean - 275.0) / 25.0, 2.0));
  const double cp7 = std::pow(cp, 7.0);
  const double rt = -std::sin(2.0 * turn * kDegrees) * 2.0 * std::sqrt(cp7 / (cp7 + std::pow(25.0, 7.0)));
  return std::sqrt(std::pow(dl / sl, 2.0) + std::pow(dc / sc, 2.0) + std::pow(dhue / sh, 2.0) +
                   rt * dc / sc * dhue / sh);
}

}  // namespace

class ColourContrastTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void differenceAgreesWithPublishedPairs() {
    // pairs 1, 7 and 17 of Sharma, Wu and Dalal 2005
    QVERIFY(std::abs(difference({50.0, 2.6772, -79.7751}, {50.0, 0.0, -82.7485}) - 2.0425) < 1e-4);
    QVERIFY(std::abs(difference({50.0, 0.0, 0.0}, {50.0, -1.0, 2.0}) - 2.3669) < 1e-4);
    QVERIFY(std::abs(difference({50.0, 2.5, 0.0}, {73.0, 25.0, -18.0}) - 27.1492) < 1e-4);
  }

  void textIsReadableOnItsGround_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("ground");
    QTest::addColumn<double>("least");
    const auto row = [](const char* text, const char* ground, double least) {
      QTest::addRow("%s on %s", text, ground) << QByteArray(text) << QByteArray(ground) << least;
    };
    for (const char* ground :
         {"panel", "ground", "hover", "accent-ground", "warning-ground", "good-ground", "bad-ground"}) {
      row("ink", ground, 4.5);
    }
    for (const char* ground : {"panel", "ground", "hover", "accent-ground"}) row("ink-2", ground, 4.5);
    row("ink-3", "panel", 3.0);  // captions of disabled controls and large or redundant text only
    for (const char* ground : {"panel", "ground", "accent-ground"}) row("accent", ground, 4.5);
    row("on-accent", "accent", 4.5);
    row("on-accent", "accent-pressed", 4.5);
    for (const char* word : {"warning", "good", "bad", "start", "goal"}) row(word, "panel", 4.5);
    row("warning", "warning-ground", 4.5);
    row("good", "good-ground", 4.5);
    row("bad", "bad-ground", 4.5);
    row("start", "start-ground", 4.5);
    row("goal", "goal-ground", 4.5);
  }

  void textIsReadableOnItsGround() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, ground);
    QFETCH(double, least);
    for (const auto mode : {Theme::Mode::kLight, Theme::Mode::kDark}) {
      theme_.setMode(mode);
      const double found = contrast(theme_.color(text.constData()), theme_.color(ground.constData()));
      QVERIFY2(found >= least,
               qPrintable(
                   QStringLiteral("%1 in %2 colours").arg(found).arg(mode == Theme::Mode::kLight ? "light" : "dark")));
    }
  }

  void neighbouringCategoriesDifferForEveryVision() {
    for (std::size_t vision = 0; vision < kVisions.size(); ++vision) {
      for (int i = 0; i < 28; ++i) {
        const auto seen = [&](int index) { return lab(times(kVisions[vision], linear(category_color(index)))); };
        const double found = difference(seen(i), seen((i + 1) % 28));
        QVERIFY2(found >= 10.0, qPrintable(QStringLiteral("%1 between colours %2 and %3, %4")
                                               .arg(found)
                                               .arg(i + 1)
                                               .arg((i + 1) % 28 + 1)
                                               .arg(kVisionNames[vision])));
      }
    }
  }

  void startAndGoalDifferForEveryVision() {
    for (const auto mode : {Theme::Mode::kLight, Theme::Mode::kDark}) {
      theme_.setMode(mode);
      for (const Matrix& vision : kVisions) {
        QVERIFY(difference(lab(times(vision, linear(theme_.color("start")))),
                           lab(times(vision, linear(theme_.color("goal"))))) >= 10.0);
      }
    }
  }

  void sequentialScalesRiseInLightness() {
    for (const char* name : {"viridis", "cividis", "magma"}) {
      double before = -1.0;
      for (const QRgb rgb : color_scale(QLatin1String(name))) {
        const double lightness = lab(linear(QColor(rgb)))[0];
        QVERIFY(lightness >= before - 0.5);
        before = lightness;
      }
    }
  }

 private:
  Theme theme_;
};

QTEST_MAIN(ColourContrastTest)
#include "colour_contrast_test.moc"
