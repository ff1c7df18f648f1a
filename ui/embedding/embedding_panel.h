// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"
#include "ui/document/dataset.h"
#include "ui/embedding/color_field.h"
#include "ui/embedding/embedding_tile.h"

#include <QTimer>

class QActionGroup;
class QGridLayout;
class QLabel;
class QProgressBar;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace cw::ui {

class ColorPicker;
class EmbedFlow;

/// The map of the cells: one to four tiles of the same map in different colours, with one view for all of them.
class EmbeddingPanel : public Panel {
  Q_OBJECT
 public:
  explicit EmbeddingPanel(Services& services, QWidget* parent = nullptr);

  [[nodiscard]] QString helpPage() const override { return QStringLiteral("embedding.md"); }
  [[nodiscard]] bool hasFigure() const override;
  [[nodiscard]] FigurePainter figure() const override;
  [[nodiscard]] QString figureName() const override;
  [[nodiscard]] std::optional<Table> figureData() const override;
  [[nodiscard]] QByteArray saveView() const override;
  void restoreView(const QByteArray& view) override;

  void showMap(const QString& key);
  void setTileCount(int count);
  [[nodiscard]] int tileCount() const noexcept { return tileCount_; }
  [[nodiscard]] EmbeddingTile& tile(int index) { return *tiles_[index]; }
  [[nodiscard]] EmbeddingTile& currentTile() { return *tiles_[currentTile_]; }
  /// Shows the map in space; of two dimensions it stays flat.
  void setInSpace(bool on);
  [[nodiscard]] bool isInSpace() const noexcept { return inSpace_; }
  /// Colours the chosen tile by a column of the cells.
  void colorByColumn(const QString& column);
  /// Colours the chosen tile by a gene, as when it was chosen in the list.
  void colorByGene(const QString& ensemblId);
  /// True once map and colours are on screen: for tests and scripts.
  [[nodiscard]] bool isSettled() const;

 private:
  void makeHeader();
  void makeActions();
  void makeEmptyState();
  EmbeddingTile* makeTile();
  void layTiles();
  void onDataset();
  void startView();
  void prepareMap(const CellMapPtr& map, bool animated);
  void refreshHeader();
  void refreshEmptyState();
  void explainEmptyState();
  void refreshFooter();
  void keepViewSoon();
  void keepView();
  void setCurrentTile(int index);
  void setTool(CanvasTool tool);
  void setDensity(DensityView view);
  void setDotSize(double factor);
  void pickColor(QWidget* anchor);
  void toggleSpace();
  void offerSpace();
  void leaveSpace(const QString& why);
  void openMenuAt(const QPoint& position);
  void shareView(const ScatterCanvas& from);
  void select(const std::vector<std::uint8_t>& mask, SelectMode mode, const QString& shape);
  void invertSelection();
  [[nodiscard]] CellMapPtr findMap(const QString& key) const;
  [[nodiscard]] QString viewId() const;

  Services& services_;
  EmbedFlow* flow_;
  DatasetPtr dataset_;
  QList<ColumnUse> uses_;
  bool hasUses_ = false;
  ShownMap map_;
  QString mapKey_;
  QList<EmbeddingTile*> tiles_;
  int tileCount_ = 1;
  int currentTile_ = 0;
  int shapeNumber_ = 0;
  bool inSpace_ = false;
  bool labelsShown_ = true;
  DensityView density_ = DensityView::kNone;
  double dotSize_ = 1.0;
  CanvasTool tool_ = CanvasTool::kLasso;
  CanvasTool flatTool_ = CanvasTool::kLasso;  ///< held before going into space, given back after
  QTimer keepTimer_;

  QToolButton* mapPill_;
  QToolButton* colorPill_;
  QToolButton* tilesPill_;
  QToolButton* spacePill_;
  QToolButton* viewPill_;
  QActionGroup* tools_;
  ColorPicker* picker_;
  QStackedWidget* stack_;
  QWidget* grid_;
  QGridLayout* gridLayout_;
  QWidget* empty_;
  QLabel* emptyIcon_;
  QLabel* emptyText_;
  QPushButton* emptyButton_;
  QProgressBar* progress_;
  QLabel* progressText_;
  QPushButton* cancelButton_;
};

}  // namespace cw::ui
