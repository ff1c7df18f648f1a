// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/perturb/experiment.h"
#include "ui/perturb/preflight.h"

#include <QScrollArea>
#include <array>

class QLabel;
class QMimeData;
class QSpinBox;
class QVBoxLayout;

namespace cw::ui {

class WellChip;
class DropShelf;
class DropWell;
class ExperimentBook;
class FlowLayout;
class GeneWell;
class HowCard;
class JobCenter;
class PreviewView;
class QueueView;
class StateWell;
class WhereRow;
struct Services;

/// The bench as it is seen: states, cells, five wells, how, what a run takes, checks, preview and queue. It shows an
/// experiment and says what the user wants; it decides nothing.
class BenchPage : public QScrollArea {
  Q_OBJECT
 public:
  BenchPage(Services& services, ExperimentBook& book, QWidget* parent = nullptr);

  void showExperiment(const Experiment& experiment, const BenchFacts& facts);
  /// What a run takes: the warm engine's answer, or a sentence.
  void showEstimate(const Json& estimate, const QString& note);
  [[nodiscard]] GeneWell& well(WellId kind) { return *wells_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] PreviewView& preview() { return *preview_; }
  [[nodiscard]] QueueView& queue() { return *queue_; }
  [[nodiscard]] HowCard& how() { return *how_; }
  [[nodiscard]] WhereRow& where() { return *where_; }
  /// A drag is over the window (nullptr = none): wells that take it light up.
  void showDrag(const QMimeData* mime);
  /// Puts twins of the wells on a shelf that other workspaces show.
  void fillShelf(DropShelf& shelf, const ExperimentBook& book);

 Q_SIGNALS:
  void edited(const QString& text, const std::function<void(cw::ui::Experiment&)>& change, int mergeId);
  void wordsGiven(cw::ui::WellId well, const QStringList& words);
  void filesGiven(cw::ui::WellId well, const QStringList& files);
  void fixRequested(cw::ui::Check::Fix fix);

 private:
  void makeStates(QVBoxLayout& layout);
  void makeCells(QVBoxLayout& layout);
  void makeWells(QVBoxLayout& layout);
  void makeCards(QVBoxLayout& layout);
  void showStates(const Experiment& experiment, const BenchFacts& facts);
  void showCells(const Experiment& experiment, const BenchFacts& facts);
  void showPlace();
  void showChecks(const Experiment& experiment, const BenchFacts& facts);

  Services& services_;
  QString shownId_;  // of the experiment
  StateWell* start_;
  StateWell* goal_;
  StateWell* alternative_;
  DropWell* filter_;
  QWidget* filterChips_;
  FlowLayout* filterFlow_;
  QLabel* filterNote_;
  QSpinBox* maxCells_;
  QLabel* ofCells_;
  QSpinBox* seed_;
  std::array<GeneWell*, kNumWells> wells_{};
  HowCard* how_;
  WhereRow* where_;
  double needs_ = 0.0;  // bytes of memory, of the run as it stands; 0 = not known
  QLabel* cost_;
  QLabel* costNote_;
  QLabel* placeNote_;
  QVBoxLayout* checks_;
  Json pretraining_;
  PreviewView* preview_;
  QueueView* queue_;
};

}  // namespace cw::ui
