// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/drag_data.h"
#include "ui/common/panel.h"
#include "ui/perturb/experiment_book.h"
#include "ui/perturb/gene_drop.h"
#include "ui/perturb/preflight.h"
#include "ui/perturb/warm_session.h"

#include <QTimer>

class QLabel;
class QPushButton;
class QStackedWidget;
class QVBoxLayout;

namespace cw::ui {

class BenchDrag;
class BenchPage;
class RankMicroscope;
class ResultView;

/// The bench: groups and genes become an experiment, the experiment a job, the job a ranked list. Central panel of the
/// workspace "perturb"; its second page shows results.
class BenchPanel : public Panel {
  Q_OBJECT
 public:
  explicit BenchPanel(Services& services, QWidget* parent = nullptr);
  ~BenchPanel() override;

  [[nodiscard]] QString helpPage() const override;
  [[nodiscard]] bool hasFigure() const override;
  [[nodiscard]] FigurePainter figure() const override;
  [[nodiscard]] QString figureName() const override;
  [[nodiscard]] std::optional<Table> figureData() const override;
  [[nodiscard]] QByteArray saveView() const override;
  void restoreView(const QByteArray& view) override;

  [[nodiscard]] ExperimentBook& book() noexcept { return *book_; }
  [[nodiscard]] ResultView& result() noexcept { return *result_; }

 public Q_SLOTS:
  /// "delete", "inhibit", "activate", "overexpress" or "anchor": the keyboard twin of a drag, for tables and inspector.
  void addGenes(const QString& well, const cw::ui::GeneDrag& genes);
  /// Opens the experiment that a project item or a job stands for.
  void openExperiment(const QString& id);
  void openResultOfJob(const QString& jobId);
  /// Runs an experiment for each group of a column, on the cells of that group only.
  void runForEach(const QString& id, const QString& column);
  /// Puts genes into the well that the experiment uses, Delete where it uses none.
  void addGenesTo(const QString& id, const cw::ui::GeneDrag& genes);
  void run();
  void preview();
  /// One cell as its list of genes, to be changed by hand.
  void openMicroscope();

 Q_SIGNALS:
  /// A gene of the result was picked: show it.
  void geneChosen(const QString& ensemblId);
  /// Genes were dropped on the bench from another workspace, or one of its actions was called there: show it.
  void shown();

 private:
  void makeHeader(QVBoxLayout& layout);
  void connectPage();
  void makeActions();
  void refresh();
  void showHeader();
  void takeFacts();
  void askEstimate();
  void addWords(WellId well, const QStringList& words);
  void addFound(WellId well, const FoundGenes& found);
  void applyFix(Check::Fix fix);
  void chooseLasso(Experiment& experiment);
  void start(const Experiment& experiment, bool show = true);
  void showResult(const QString& id);
  void askShift(const std::vector<std::int64_t>& rows);
  [[nodiscard]] SpecSources sources(const Experiment& experiment) const;

  Services& services_;
  ExperimentBook* book_;
  WarmSession* warm_;
  QLabel* heading_;
  QLabel* stage_;
  QPushButton* toBench_;
  QPushButton* toResult_;
  QPushButton* toMicroscope_;
  QPushButton* preview_;
  QPushButton* run_;
  QStackedWidget* pages_;
  BenchPage* page_;
  ResultView* result_;
  RankMicroscope* microscope_;
  BenchFacts facts_;
  Task facts_task_;
  QTimer estimateTimer_;
  QString previewed_;  ///< what the preview on screen belongs to
};

}  // namespace cw::ui
