// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/panel.h"
#include "ui/common/selection_hub.h"

class QLabel;
class QProgressBar;
class QPushButton;

namespace cw::ui {

class RangeHistogram;

/// Which cells are good enough: three histograms with ranges, and how many cells stay.
class QualityCard : public QWidget {
  Q_OBJECT
 public:
  explicit QualityCard(Services& services, QWidget* parent = nullptr);
  /// The cells inside all ranges; nullptr where the sums are not there yet.
  [[nodiscard]] CellSelectionPtr chosen() const { return chosen_; }

 Q_SIGNALS:
  /// The cells chosen should go to a file of their own.
  void exportRequested(cw::ui::CellSelectionPtr cells);

 private:
  void refresh();
  void fill();
  void count();
  void showCount();

  Services& services_;
  QLabel* waiting_;
  QProgressBar* progress_;
  QWidget* body_;
  RangeHistogram* totals_;
  RangeHistogram* detected_;
  RangeHistogram* mitochondrial_;
  QLabel* stays_;
  QPushButton* select_;
  QPushButton* keep_;
  QPushButton* save_;
  CellSelectionPtr chosen_;
  Task task_;
  bool counting_ = false;
  bool again_ = false;
  const void* shownIndex_ = nullptr;
};

}  // namespace cw::ui
