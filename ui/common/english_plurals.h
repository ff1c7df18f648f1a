// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTranslator>

namespace cw::ui {

/// Makes "1 gene" and "3 genes" of "%n gene(s)": the window speaks English without a translation file.
class EnglishPlurals : public QTranslator {
  Q_OBJECT
 public:
  using QTranslator::QTranslator;
  [[nodiscard]] bool isEmpty() const override { return false; }
  [[nodiscard]] QString translate(const char* context, const char* text, const char* disambiguation,
                                  int number) const override;
};

}  // namespace cw::ui
