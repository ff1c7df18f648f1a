// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/panel.h"
#include "ui/results/run_result.h"

#include <QWidget>
#include <functional>

class QButtonGroup;
class QLabel;
class QPushButton;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace cw::ui {

struct PlotInk;
class AxisView;
class CompareView;
class DataTable;
class GeneDetail;
class MapShiftView;
class PairsView;
class VolcanoView;
struct GeneDrag;

/// A run's ranked list and how far to trust it: volcano, axis, one gene, comparison with another run, and the table.
/// While the run goes on the list is made anew from what is there, with the figure that says whether it still changes.
class ResultView : public QWidget {
  Q_OBJECT
 public:
  explicit ResultView(Services& services, QWidget* parent = nullptr);

  /// Shows a run folder; `jobId` is the job that makes it ("" = none is known).
  void showRun(const std::filesystem::path& folder, const QString& title, const QString& jobId);
  void showNothing(const QString& why);
  [[nodiscard]] const RunResultPtr& result() const noexcept { return result_; }
  [[nodiscard]] MapShiftView& mapShift() noexcept { return *mapShift_; }
  [[nodiscard]] PairsView& pairs() noexcept { return *pairs_; }
  [[nodiscard]] DataTable& table() noexcept { return *table_; }
  /// Runs that can be compared with this one: folders and titles.
  void setOtherRuns(const QList<std::pair<QString, QString>>& folders);

  /// List and figure into a new folder under Documents/Cellwright, without a question; `exported` when the list is
  /// there.
  void exportAll();
  /// The list as a file, by the suffix: .csv, .tsv, .xlsx, .json. Written in the background.
  void exportTo(const QString& path, bool publishedColumns);
  /// Which run, with which thresholds. `restoreView` is false where the run is not there any more.
  [[nodiscard]] Json saveView() const;
  bool restoreView(const Json& view);
  /// Volcano, and where there is room the axis beside it.
  [[nodiscard]] FigurePainter figure() const;
  [[nodiscard]] QString title() const;

 Q_SIGNALS:
  void geneChosen(const QString& ensemblId);
  void addRequested(const QString& well, const cw::ui::GeneDrag& genes);
  /// Arrows in the map are wanted for these rows of the list.
  void shiftRequested(const std::vector<std::int64_t>& rows);
  /// "Your draft needs a GOAL group": go to the bench.
  void benchRequested();
  void resultChanged();
  /// The list was written to this folder: put the figure beside it.
  void exported(const QString& folder);
  /// "Figure…" was chosen.
  void figureRequested();

 private:
  void makeTop(QVBoxLayout& layout);
  void makeCharts(QVBoxLayout& layout);
  void makeTable(QVBoxLayout& layout);
  void reload();
  void take(Result<RunResultPtr> result);
  void showPairs();
  void showTrust();
  void showJob();
  void fillAxis();
  void selectRows(const std::vector<std::int64_t>& rows, bool fromTable);
  void showDetail(std::int64_t row);
  void applyThresholds(double fdr, double leastEffect);
  void compareWith(const QString& folder, const QString& title);
  void askExport();
  void askShift();

  Services& services_;
  QLabel* note_;
  QLabel* running_;
  QPushButton* stop_;
  using SidePainter = std::function<void(QPainter&, const QRectF&, const PlotInk&)>;
  [[nodiscard]] SidePainter sidePainter() const;

  QToolButton* compare_;
  QPushButton* export_;
  QToolButton* exportAs_;
  QWidget* runningRow_;
  VolcanoView* volcano_;
  AxisView* axis_;
  GeneDetail* detail_;
  CompareView* compareView_;
  MapShiftView* mapShift_;
  PairsView* pairs_;
  QStackedWidget* side_;
  QButtonGroup* sideTabs_;
  DataTable* table_;
  QVBoxLayout* trust_;
  QStackedWidget* pages_;
  QLabel* empty_;
  std::filesystem::path folder_;
  QString runTitle_;
  QString jobId_;
  RunResultPtr result_;
  Task loading_;
  bool loadingNow_ = false;
  bool again_ = false;
  bool baselineAsked_ = false;  ///< of the result that is shown: only of a run that has ended
  bool exporting_ = false;
  bool filtersSet_ = false;
  bool waiting_ = false;  ///< for the first list of a run
  Json partial_;          ///< last `result` event of the job
};

}  // namespace cw::ui
