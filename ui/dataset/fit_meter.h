// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

namespace cw::ui {

class Theme;

/// How well the data suit the model in use, as a bar with a word, a number and the model's name.
class FitMeter : public QWidget {
  Q_OBJECT
 public:
  explicit FitMeter(const Theme& theme, QWidget* parent = nullptr);
  /// `fit` in [0, 1].
  void setFit(double fit, const QString& model);
  [[nodiscard]] QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  const Theme& theme_;
  double fit_ = 0.0;
  QString model_;
};

}  // namespace cw::ui
