// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "ui/runs/run_events.h"

#include <QAbstractTableModel>
#include <QHash>
#include <QStringList>
#include <optional>
#include <vector>

namespace cw::ui {

class JobCenter;
class Theme;
struct JobRecord;

/// The last figures of a run.
struct RunFigures {
  std::optional<double> loss;
  std::optional<double> validation;
  std::optional<double> speed;  ///< genes (tokens) per second
};

/// True for jobs that train a model, or several as a search does.
[[nodiscard]] bool is_training(const JobRecord& job);
[[nodiscard]] bool is_training_kind(const QString& kind);
[[nodiscard]] RunFigures figures_of(const RunEvents& events);

/// The training jobs as rows, newest first. The tick of a row puts its curves into the picture; each ticked run has a
/// colour of its own while it is ticked.
class RunsModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kRun, kState, kProgress, kSpeed, kLoss, kValidation, kTimeLeft, kWhere, kStarted, kColumns };
  static constexpr int kFractionRole = Qt::UserRole;  ///< of the progress column: 0 to 1, -1 = no bar
  static constexpr int kSortRole = Qt::UserRole + 1;

  RunsModel(JobCenter& jobs, const Theme& theme, QObject* parent = nullptr);
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  /// "" where there is no such row.
  [[nodiscard]] QString idAt(int row) const;
  /// -1 where it is not on the list.
  [[nodiscard]] int rowOf(const QString& id) const;
  /// Runs in the picture, in the order of their ticks.
  [[nodiscard]] const QStringList& ticked() const noexcept { return ticked_; }
  void setTicked(const QString& id, bool ticked);
  /// Index of category_color.
  [[nodiscard]] int colorOf(const QString& id) const { return colors_.value(id, 0); }
  void setFigures(const QHash<QString, RunFigures>& figures);

 Q_SIGNALS:
  void tickedChanged();

 private:
  void add(const QStringList& ids);
  void drop(const QString& id);
  void refresh(const QString& id);
  void take(const QString& id, const Json& event);
  [[nodiscard]] QString text(const JobRecord& job, int column) const;
  [[nodiscard]] QVariant sortValue(const JobRecord& job, int column) const;

  JobCenter& jobs_;
  const Theme& theme_;
  QStringList ids_;  // oldest first
  QHash<QString, qsizetype> places_;
  QHash<QString, RunFigures> figures_;
  QStringList ticked_;
  QHash<QString, int> colors_;
};

}  // namespace cw::ui
