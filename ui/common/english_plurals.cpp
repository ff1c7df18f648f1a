// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/english_plurals.h"

namespace cw::ui {

QString EnglishPlurals::translate(const char*, const char* text, const char*, int number) const {
  QString words = QString::fromUtf8(text);
  if (number < 0 || !words.contains(QLatin1String("(s)"))) return {};  // the text as it stands
  return words.replace(QLatin1String("(s)"), number == 1 ? QString() : QStringLiteral("s"));
}

}  // namespace cw::ui
