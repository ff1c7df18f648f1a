// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/palettes.h"

#include <QHash>
#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace cw::ui {
namespace {

// Okabe and Ito (2008) in the order of contrast on white, black left out; then Tol's muted set and darker tints
constexpr std::array<QRgb, 28> kCategories{0xff0072b2, 0xffe69f00, 0xff009e73, 0xffcc79a7, 0xffd55e00, 0xff56b4e9,
                                           0xff8a7d0a, 0xff6a5acd, 0xff882255, 0xff44aa99, 0xff999933, 0xff332288,
                                           0xffcc6677, 0xff117733, 0xff88ccee, 0xffaa4499, 0xff661100, 0xff6699cc,
                                           0xffddcc77, 0xffaa4466, 0xff4b7d2a, 0xff59514b, 0xff1f6f78, 0xffb07aa1,
                                           0xff7a5230, 0xff9c755f, 0xff2f4b7c, 0xfff28e8e};

// Every sixteenth colour of the published maps (viridis, magma: CC0; cividis: Nuñez, Anderton and Renslow 2018)
constexpr std::array<QRgb, 17> kViridis{0xff440154, 0xff48186a, 0xff472d7b, 0xff424086, 0xff3b528b, 0xff33638d,
                                        0xff2c728e, 0xff26828e, 0xff21918c, 0xff1fa088, 0xff28ae80, 0xff3fbc73,
                                        0xff5ec962, 0xff84d44b, 0xffaddc30, 0xffd8e219, 0xfffde725};
constexpr std::array<QRgb, 17> kCividis{0xff00224e, 0xff002e6a, 0xff1a386f, 0xff32436d, 0xff434e6c, 0xff535a6d,
                                        0xff61656f, 0xff6f7073, 0xff7d7c78, 0xff8c8878, 0xff9b9476, 0xffaba072,
                                        0xffbcae6c, 0xffcdbb63, 0xffdec958, 0xfff0d846, 0xfffee838};
constexpr std::array<QRgb, 17> kMagma{0xff000004, 0xff0a0822, 0xff1d1147, 0xff36106b, 0xff51127c, 0xff6a1c81,
                                      0xff832681, 0xff9c2e7f, 0xffb73779, 0xffd0416f, 0xffe75263, 0xfff56b5c,
                                      0xfffc8961, 0xfffea772, 0xfffec488, 0xfffde2a3, 0xfffcfdbf};
// from the colour of the start state over a light grey to that of the goal state
constexpr std::array<QRgb, 5> kStartGoal{0xff9a3d0c, 0xffe39a6b, 0xffdfe2e6, 0xff5fb8b2, 0xff045e5a};

QRgb mix(QRgb a, QRgb b, double t) {
  const auto part = [t](int x, int y) { return static_cast<int>(std::lround(x + (y - x) * t)); };
  return qRgb(part(qRed(a), qRed(b)), part(qGreen(a), qGreen(b)), part(qBlue(a), qBlue(b)));
}

QList<QRgb> between(std::span<const QRgb> stops) {
  QList<QRgb> colors;
  colors.reserve(256);
  for (int i = 0; i < 256; ++i) {
    const double at = i / 255.0 * static_cast<double>(stops.size() - 1);
    const auto low = std::min(static_cast<std::size_t>(at), stops.size() - 2);
    colors.append(mix(stops[low], stops[low + 1], at - static_cast<double>(low)));
  }
  return colors;
}

const QHash<QString, QList<QRgb>>& scales() {
  static const QHash<QString, QList<QRgb>> all{{QStringLiteral("viridis"), between(kViridis)},
                                               {QStringLiteral("cividis"), between(kCividis)},
                                               {QStringLiteral("magma"), between(kMagma)},
                                               {QStringLiteral("start-goal"), between(kStartGoal)}};
  return all;
}

}  // namespace

QColor category_color(int index) { return kCategories[static_cast<std::size_t>(index) % kCategories.size()]; }

const QList<QRgb>& color_scale(const QString& name) {
  const auto it = scales().constFind(name);
  return it != scales().constEnd() ? *it : *scales().constFind(QStringLiteral("viridis"));
}

QStringList color_scale_names() {
  return {QStringLiteral("viridis"), QStringLiteral("cividis"), QStringLiteral("magma"), QStringLiteral("start-goal")};
}

QRgb scale_color(const QList<QRgb>& scale, double value, double low, double high) {
  const double share = high > low ? (value - low) / (high - low) : 0.5;
  return scale[static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * 255.0))];
}

}  // namespace cw::ui
