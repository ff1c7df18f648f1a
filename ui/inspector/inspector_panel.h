// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/drag_data.h"
#include "ui/common/panel.h"

class QScrollArea;

namespace cw::ui {

class StatisticsCenter;

/// What is known of the gene, cell, group or selection that was chosen last, and what can be done with it.
class InspectorPanel : public Panel {
  Q_OBJECT
 public:
  InspectorPanel(Services& services, StatisticsCenter& statistics, QWidget* parent = nullptr);
  [[nodiscard]] QString helpPage() const override { return QStringLiteral("genes.md"); }
  [[nodiscard]] QSize sizeHint() const override;

  void showGene(const QString& ensemblId);
  void showCell(std::int64_t row);
  void showGroup(const Group& group);
  void showSelection();

 Q_SIGNALS:
  void addRequested(const QString& kind, const cw::ui::GeneDrag& genes);
  void markersRequested(const cw::ui::Group& group);
  void selectionMarkersRequested();

 private:
  void showCard(QWidget* card);
  void showNothing();

  Services& services_;
  StatisticsCenter& statistics_;
  QScrollArea* area_;
  QString gene_;
};

}  // namespace cw::ui
