// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/statistics/gene_statistics.h"
#include "ui/statistics/kept_markers.h"

#include <QObject>
#include <QTimer>
#include <functional>
#include <memory>
#include <vector>

namespace cw::ui {

struct Group;
struct CellSelection;
class Document;

/// Statistics of the open data set that several panels show: counted once in the background, over the selected cells
/// and the groups chosen, and kept for the last few choices.
class StatisticsCenter : public QObject {
  Q_OBJECT
 public:
  enum class State {
    kNone,     ///< no data set, or one without counts
    kAsk,      ///< a large one: a pass takes long, so it waits for `compute`
    kRunning,  ///< see `fraction`
    kReady,
    kFailed,  ///< see `error`
  };

  StatisticsCenter(Background& background, Document& document, QObject* parent = nullptr);
  ~StatisticsCenter() override;

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] double fraction() const noexcept { return fraction_; }
  [[nodiscard]] const QString& error() const noexcept { return error_; }
  /// Of the cells and groups chosen now where `kReady`, else of an earlier choice over the same data set, or nullptr.
  [[nodiscard]] const GeneStatisticsPtr& genes() const noexcept { return genes_; }
  /// Counts now even where the data set is large.
  void compute();

  struct FoundMarkers {
    QString id;  ///< of the project's item, "" where nothing is kept
    MarkerListPtr list;
  };
  using MarkersDone = std::function<void(Result<FoundMarkers>)>;
  /// Markers of the cells of a mask against all others, with the document's donors as replicates: those that the
  /// project keeps from an equal question, else computed and kept as those of `name`. Counts stay in memory for the
  /// next question. `done` on the window's thread while `receiver` lives.
  Task findMarkers(const QString& name, std::vector<std::uint8_t> inside, QObject* receiver, MarkersDone done,
                   Background::Progress progress = {});
  /// Markers that the project keeps for the data set in view. Kept ones whose counts have changed on disk are removed
  /// when their data set comes into view.
  Task readMarkers(const QString& id, QObject* receiver, MarkersDone done);

 Q_SIGNALS:
  void changed();
  void progress(double fraction);

 private:
  struct Key {
    std::string dictionary;
    std::shared_ptr<const CellSelection> cells;
    QString start;
    QString goal;
    bool operator==(const Key& other) const = default;
  };
  void choose();
  void run();
  void step(std::shared_ptr<GeneStatisticsPass> pass, const Key& key);
  void setState(State state);
  [[nodiscard]] Key key() const;

  struct MarkerQuestion;
  void countMarkers(const std::shared_ptr<MarkerQuestion>& question);
  void scoreMarkers(const std::shared_ptr<MarkerQuestion>& question);
  void dropStaleMarkers();
  /// Id of the project's item of that origin, "" = none.
  [[nodiscard]] QString keptMarkers(const MarkerOrigin& origin) const;

  Background& background_;
  Document& document_;
  DatasetPtr dataset_;
  State state_ = State::kNone;
  double fraction_ = 0.0;
  QString error_;
  GeneStatisticsPtr genes_;
  std::vector<std::pair<Key, GeneStatisticsPtr>> kept_;
  SampledCountsPtr counts_;
  std::string countsSource_;  // of `counts_`
  Task task_;
  Task checking_;
  QTimer settle_;
  bool asked_ = false;
};

}  // namespace cw::ui
