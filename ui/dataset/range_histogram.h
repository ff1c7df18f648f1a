// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <memory>
#include <vector>

namespace cw::ui {

class Theme;

/// The distribution of one number over cells with two handles that choose a range. Bars inside the range are in accent,
/// those outside in grey. Keys: left and right move the handle that has the focus, Tab goes to the other one.
class RangeHistogram : public QWidget {
  Q_OBJECT
 public:
  /// `name`: "Counts per cell"; `logarithmic`: counts spread over decades.
  RangeHistogram(const Theme& theme, const QString& name, bool logarithmic, bool isShare, QWidget* parent = nullptr);

  /// Bars of values in [0, largest]; `counts` one per bar.
  void setBars(std::vector<int> counts, double smallest, double largest);
  [[nodiscard]] double low() const noexcept { return low_; }
  [[nodiscard]] double high() const noexcept { return high_; }
  void setRange(double low, double high);
  [[nodiscard]] bool isWhole() const noexcept { return low_ <= smallest_ && high_ >= largest_; }
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QString valueText(double value) const;

  static constexpr int kBars = 60;
  /// The bar that a value falls into.
  [[nodiscard]] static int bar_of(double value, double smallest, double largest, bool logarithmic);

 Q_SIGNALS:
  /// While dragging.
  void rangeChanged();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool focusNextPrevChild(bool next) override;

 private:
  enum class Handle { kNone, kLow, kHigh };
  [[nodiscard]] QRectF plot() const;
  [[nodiscard]] double placeOf(double value) const;
  [[nodiscard]] double valueAt(double x) const;
  void move(Handle handle, double value);
  void describe();

  const Theme& theme_;
  QString name_;
  bool logarithmic_;
  bool isShare_;
  std::vector<int> counts_;
  double smallest_ = 0.0;
  double largest_ = 1.0;
  double low_ = 0.0;
  double high_ = 1.0;
  Handle dragged_ = Handle::kNone;
  Handle focused_ = Handle::kLow;
};

}  // namespace cw::ui
