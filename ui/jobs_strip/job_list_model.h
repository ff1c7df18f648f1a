// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <QStringList>

namespace cw::ui {

class JobCenter;
class Theme;
struct JobRecord;

/// The jobs as rows, newest first: state, job, progress, time left, asked for.
class JobListModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kState, kJob, kKind, kWhere, kProgress, kTimeLeft, kStarted, kColumns };

  JobListModel(JobCenter& jobs, const Theme& theme, QObject* parent = nullptr);
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  /// "" where there is no such row.
  [[nodiscard]] QString idAt(int row) const;
  /// -1 where it is not on the list.
  [[nodiscard]] int rowOf(const QString& id) const;

 private:
  void reload();
  [[nodiscard]] QString text(const JobRecord& job, int column) const;

  JobCenter& jobs_;
  const Theme& theme_;
  QStringList ids_;
};

}  // namespace cw::ui
