// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/numbers.h"

#include <QLocale>
#include <cmath>

namespace cw::ui {
namespace {

constexpr QChar kMinus(0x2212);
constexpr QChar kThinSpace(0x2009);
const auto kDash = QStringLiteral("–");

QString with_minus(QString text) { return text.replace(QLatin1Char('-'), kMinus); }

QString with_unit(const QString& number, const char* unit) { return number + kThinSpace + QLatin1String(unit); }

}  // namespace

QString count_text(std::int64_t value) { return with_minus(QLocale(QLocale::English).toString(qlonglong{value})); }

QString number_text(double value, int digits) {
  if (std::isnan(value)) return kDash;
  const double size = std::abs(value);
  if (size != 0.0 && (size < 1e-4 || size >= 1e6)) {
    QString text = QString::number(value, 'e', std::max(0, digits - 2));
    const auto e = text.indexOf(QLatin1Char('e'));
    return with_minus(text.left(e) + QLatin1Char('e') + QString::number(text.mid(e + 1).toInt()));
  }
  // whole numbers in full, and no power where the digits before the point are known anyway
  if (size >= std::pow(10.0, digits)) return count_text(std::llround(value));
  return with_minus(QString::number(value, 'g', digits));
}

QString fixed_text(double value, int decimals, bool sign) {
  if (std::isnan(value)) return kDash;
  // what is rounded to nothing has no direction
  if (std::abs(value) < 0.5 * std::pow(10.0, -decimals)) value = 0.0;
  const QString text = QString::number(value, 'f', decimals);
  return with_minus(sign && value > 0 ? QLatin1Char('+') + text : text);
}

QString percent_text(double share) {
  if (std::isnan(share)) return kDash;
  const double percent = share * 100.0;
  const bool small = percent != 0.0 && std::abs(percent) < 1.0;
  return with_unit(with_minus(QString::number(percent, 'f', small ? 1 : 0)), "%");
}

QString bytes_text(double bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  int unit = 0;
  while (bytes >= 1000.0 && unit < 4) {
    bytes /= 1000.0;
    ++unit;
  }
  return with_unit(QString::number(bytes, 'f', unit >= 3 && bytes < 100 ? 1 : 0), kUnits[unit]);
}

QString duration_text(double seconds) {
  if (std::isnan(seconds) || seconds < 0) return kDash;
  if (seconds < 90) return with_unit(QString::number(std::max(1.0, std::round(seconds)), 'f', 0), "s");
  const auto minutes = static_cast<std::int64_t>(std::llround(seconds / 60.0));
  if (minutes < 90) return with_unit(QString::number(minutes), "min");
  return with_unit(QString::number(minutes / 60), "h") + QLatin1Char(' ') +
         with_unit(QString::number(minutes % 60), "min");
}

}  // namespace cw::ui
