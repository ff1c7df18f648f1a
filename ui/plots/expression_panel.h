// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/panel.h"
#include "ui/plots/plot_frame.h"

class QStackedLayout;
class QToolButton;

namespace cw::ui {

/// The selected genes by group, as dots or as violins.
class ExpressionPanel : public Panel {
  Q_OBJECT
 public:
  explicit ExpressionPanel(Services& services, QWidget* parent = nullptr);
  [[nodiscard]] QString helpPage() const override { return QStringLiteral("groups.md"); }
  [[nodiscard]] bool hasFigure() const override;
  [[nodiscard]] FigurePainter figure() const override;
  [[nodiscard]] QString figureName() const override;
  [[nodiscard]] std::optional<Table> figureData() const override;
  [[nodiscard]] QByteArray saveView() const override;
  void restoreView(const QByteArray& view) override;

  [[nodiscard]] const ExpressionTable& shown() const noexcept { return table_; }
  void setViolins(bool violins);
  /// What is counted of the cells (counts, genes, mitochondrial share) instead of genes.
  void showQuality();

 private:
  class Canvas;
  void fillColumns();
  void build();
  void countQuality(std::shared_ptr<struct ExpressionWork> work);
  void readNext(std::shared_ptr<struct ExpressionWork> work);
  void showState();
  [[nodiscard]] bool showsViolins() const;

  Services& services_;
  QToolButton* dots_;
  QToolButton* violins_;
  QToolButton* quality_;
  QToolButton* column_;
  Canvas* canvas_;
  QWidget* empty_;
  QWidget* counting_;
  QStackedLayout* stack_;
  QString chosen_;
  ExpressionTable table_;
  std::shared_ptr<struct ExpressionWork> work_;
};

}  // namespace cw::ui
