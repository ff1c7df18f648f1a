// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>
#include <functional>

class QMimeData;

namespace cw::ui {

class Theme;

/// A place that something can be dropped into. While anything is dragged over the window, wells that take it light up
/// in the accent and the others fade, with the reason in their tooltip. It never opens a dialog.
class DropWell : public QFrame {
  Q_OBJECT
 public:
  DropWell(const Theme& theme, const QString& objectName, QWidget* parent = nullptr);

  /// Why the data cannot be dropped here; "" = they can. Set by the owner.
  std::function<QString(const QMimeData&)> refusal;
  /// Something accepted was dropped.
  std::function<void(const QMimeData&)> dropped;

  /// A drag is somewhere over the window (nullptr = it ended).
  void showDrag(const QMimeData* mime);
  /// A bar in this colour token at the left edge: START and GOAL. "" = none.
  void setEdge(const char* colorToken);
  /// Nothing is in it: a dashed frame.
  void setHollow(bool hollow);
  /// The tooltip while nothing is dragged.
  void setHint(const QString& hint);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragMoveEvent(QDragMoveEvent* event) override;
  void dragLeaveEvent(QDragLeaveEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  [[nodiscard]] const Theme& theme() const noexcept { return theme_; }

 private:
  enum class Light { kRest, kAccepts, kHot, kRefuses };
  void setLight(Light light);

  const Theme& theme_;
  const char* edge_ = "";
  bool hollow_ = false;
  QString hint_;
  Light light_ = Light::kRest;
};

}  // namespace cw::ui
