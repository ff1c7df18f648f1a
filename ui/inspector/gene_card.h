// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/drag_data.h"
#include "ui/inspector/card.h"
#include "ui/inspector/group_bars.h"

class QLabel;

namespace cw::ui {

class StatisticsCenter;

/// A gene: its names, how common and how highly ranked it is, its expression by group, and the wells to put it into.
class GeneCard : public Card {
  Q_OBJECT
 public:
  /// `wells`: offer to put the gene into an experiment.
  GeneCard(Services& services, StatisticsCenter& statistics, const QString& ensemblId, bool wells, QWidget* parent);

 Q_SIGNALS:
  void addRequested(const QString& kind, const cw::ui::GeneDrag& genes);

 private:
  void addWells();
  void showStatistics();
  void showExpression();
  /// What the bars and their lines are.
  [[nodiscard]] static QString noteOf(const QList<GroupBars::Bar>& bars, bool byDonors, std::int64_t donors);

  StatisticsCenter& statistics_;
  QString id_;
  QString symbol_;
  std::int64_t row_ = -1;
  QLabel* known_ = nullptr;
  QLabel* detected_ = nullptr;
  QLabel* rank_ = nullptr;
  QLabel* note_ = nullptr;
  GroupBars* bars_ = nullptr;
};

}  // namespace cw::ui
