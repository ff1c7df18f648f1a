// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/embedding/gl_splat_renderer.h"
#include "ui/embedding/map_marks.h"
#include "ui/embedding/point_grid.h"
#include "ui/embedding/polygon_mask.h"
#include "ui/embedding/scatter_scene.h"
#include "ui/embedding/space_layer.h"
#include "ui/embedding/view_transform.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>
#include <functional>
#include <memory>

namespace cw::ui {

class Theme;

enum class CanvasTool { kLasso, kBox, kPolygon, kPan, kZoom };
enum class DensityView { kNone, kContours, kShading };

/// Of the mouse to a cell, widget units.
inline constexpr double kPickReach = 8.0;
/// Shift adds, Alt removes, Ctrl intersects.
[[nodiscard]] SelectMode select_mode(Qt::KeyboardModifiers modifiers);

/// The picture of one tile: paints the scene and turns the mouse and keys into selections and views. It selects
/// nothing itself; the panel does. The wheel zooms about the mouse, the middle button or Space pans with every tool.
/// In space the pan tool turns the map (with Shift it pans), and a click picks a cell.
class ScatterCanvas : public QWidget {
  Q_OBJECT
 public:
  explicit ScatterCanvas(const Theme& theme, QWidget* parent = nullptr);

  [[nodiscard]] const ScatterScene& scene() const noexcept { return scene_; }
  /// Shows a map of three or more dimensions as a cloud that can be turned; of fewer it stays flat.
  void setInSpace(bool on);
  [[nodiscard]] bool isInSpace() const noexcept { return space_ != nullptr; }
  [[nodiscard]] QQuaternion turn() const;
  void setTurn(const QQuaternion& turn);
  /// The cells in the order in which a figure paints them.
  [[nodiscard]] SplatPoints paintOrder() const;
  /// The names on groups, where they are seen.
  [[nodiscard]] std::vector<GroupMark> marksInView() const;
  /// False while a picture of the cloud is on its way.
  [[nodiscard]] bool isPainted() const { return !space_ || space_->isPainted(); }
  /// `grid` may come later (it is only needed for the hover card).
  void setMap(CellMapPtr map, QRectF bounds, bool animated);
  void setGrid(std::shared_ptr<const PointGrid> grid);
  void setField(ColorFieldPtr field, FieldLook look);
  void setLook(FieldLook look);
  void setSelection(CellSelectionPtr selection);
  /// Names written on groups; `name` gives the text of a category.
  void setMarks(std::vector<GroupMark> marks, std::function<QString(int)> name);
  void setLabelsShown(bool shown);
  void setDensity(std::shared_ptr<const DensityField> density, DensityView view);
  void setDotSize(double factor);
  void setFooter(const QString& text);
  /// Lines of the hover card for a cell; the first is its name.
  void setHoverText(std::function<QStringList(std::int64_t)> text) { hoverText_ = std::move(text); }
  /// Part of the canvas that the legend covers: the map is fitted beside it.
  void setCovered(const QMarginsF& margins);
  /// A cell that the mouse is on here or in another panel; -1 = none.
  void setHoveredCell(std::int64_t row);

  [[nodiscard]] CanvasTool tool() const noexcept { return tool_; }
  void setTool(CanvasTool tool);
  [[nodiscard]] const ViewTransform& view() const noexcept { return view_; }
  void setView(QPointF center, double scale);
  void fit();
  [[nodiscard]] const QRectF& bounds() const noexcept { return bounds_; }
  /// All of the map is shown, and stays so when the size changes.
  [[nodiscard]] bool isFitted() const noexcept { return fitted_; }
  void zoomBy(double factor);
  /// Radius of a dot in widget units.
  [[nodiscard]] double dotRadius() const;
  /// Gives up a selection that is being drawn; false where there was none.
  bool cancelGesture();

 Q_SIGNALS:
  void viewChanged();
  void hovered(qint64 row);
  /// A shape was finished. One byte per cell.
  void selectionMade(const std::vector<std::uint8_t>& mask, cw::ui::SelectMode mode, const QString& shape);
  void clearRequested();
  /// A key that stands for an action ("explore.lasso").
  void actionRequested(const QString& id);
  void activated();
  /// The map cannot be shown in space; `why` is for people. It is flat again.
  void spaceFailed(const QString& why);
  void menuRequested(const QPoint& globalPosition);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void renderImage();
  void enterSpace();
  void seeSpace();
  void turnSpace(QPointF drag);
  void pickAt(QPointF at, Qt::KeyboardModifiers modifiers, bool group);
  QImage shading(QSize pixels) const;
  void paintContours(QPainter& painter) const;
  void paintLabels(QPainter& painter) const;
  void paintGesture(QPainter& painter) const;
  void paintHover(QPainter& painter) const;
  void paintFooter(QPainter& painter) const;
  void paintAxes(QPainter& painter) const;
  [[nodiscard]] QPolygonF gesturePolygon() const;  // map coordinates
  void countGesture();
  void finishGesture(Qt::KeyboardModifiers modifiers);
  void hoverAt(QPointF at);
  void dirty();
  void dropColors();
  void updateCursor();

  const Theme& theme_;
  ScatterScene scene_;
  MapRenderer renderer_;
  QImage image_;
  bool imageDirty_ = true;
  QRectF bounds_;
  bool wantsSpace_ = false;
  CellMapPtr map_;  // as it was given
  QRectF flatBounds_;
  std::unique_ptr<SpaceLayer> space_;
  std::shared_ptr<const PointGrid> grid_;
  ViewTransform view_;
  double fittedScale_ = 1.0;
  bool fitted_ = true;  // no view was chosen yet: follow the size of the widget
  QMarginsF covered_;
  double dotSize_ = 1.0;
  bool labelsShown_ = true;
  std::vector<GroupMark> marks_;
  std::function<QString(int)> markName_;
  std::shared_ptr<const DensityField> density_;
  DensityView densityView_ = DensityView::kNone;
  std::vector<std::vector<QLineF>> contours_;
  QString footer_;
  std::function<QStringList(std::int64_t)> hoverText_;
  std::int64_t hoveredRow_ = -1;
  bool hoverIsOwn_ = false;
  CanvasTool tool_ = CanvasTool::kLasso;
  enum class Gesture { kNone, kPan, kTurn, kShape, kPolygon };
  Gesture gesture_ = Gesture::kNone;
  QPolygonF path_;  // widget coordinates
  QPointF last_;
  QPointF pressed_;
  bool spaceKey_ = false;
  std::int64_t gestureCount_ = -1;
  QTimer countTimer_;
  QTimer motionTimer_;
  QElapsedTimer motion_;
};

}  // namespace cw::ui
