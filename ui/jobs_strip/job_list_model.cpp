// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs_strip/job_list_model.h"

#include "ui/jobs_strip/job_text.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QLocale>
#include <QPainter>
#include <QPixmap>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kDot = 8;

QPixmap dot(const QColor& color) {
  constexpr int kScale = 3;  // sharp up to 300 %
  QPixmap picture(kDot * kScale, kDot * kScale);
  picture.setDevicePixelRatio(kScale);
  picture.fill(Qt::transparent);
  QPainter painter(&picture);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(color);
  painter.drawEllipse(QRectF(0, 0, kDot, kDot));
  return picture;
}

QString when(const QDateTime& time) {
  const bool today = time.date() == QDate::currentDate();
  return today ? QLocale().toString(time.time(), QStringLiteral("HH:mm"))
               : QLocale().toString(time, QStringLiteral("d MMM HH:mm"));
}

}  // namespace

JobListModel::JobListModel(JobCenter& jobs, const Theme& theme, QObject* parent)
    : QAbstractTableModel(parent), jobs_(jobs), theme_(theme) {
  connect(&jobs, &JobCenter::added, this, &JobListModel::reload);
  connect(&jobs, &JobCenter::removed, this, &JobListModel::reload);
  connect(&jobs, &JobCenter::changed, this, [this](const QString& id) {
    const int row = rowOf(id);
    // the queue may have been put into another order
    if (row < 0 || jobs_.jobs()[jobs_.jobs().size() - 1 - row].id != id) return reload();
    Q_EMIT dataChanged(index(row, 0), index(row, kColumns - 1));
  });
  reload();
}

void JobListModel::reload() {
  beginResetModel();
  ids_.clear();
  for (const JobRecord& job : jobs_.jobs()) ids_ << job.id;
  std::reverse(ids_.begin(), ids_.end());
  endResetModel();
}

int JobListModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(ids_.size());
}

int JobListModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QString JobListModel::idAt(int row) const { return ids_.value(row); }

int JobListModel::rowOf(const QString& id) const { return static_cast<int>(ids_.indexOf(id)); }

QString JobListModel::text(const JobRecord& job, int column) const {
  switch (column) {
    case kState:
      return job_state_text(job);
    case kJob:
      return job.title;
    case kKind:
      return job_kind_text(job.kind);
    case kWhere:
      return job_place_text(job);
    case kProgress:
      return job.phase == JobPhase::kQueued ? QString() : percent_text(job.fraction);
    case kTimeLeft:
      return job_time_left_text(job);
    case kStarted:
      return when(job.started);
    default:
      return {};
  }
}

QVariant JobListModel::data(const QModelIndex& index, int role) const {
  const JobRecord* job = jobs_.job(ids_.value(index.row()));
  if (!job) return {};
  switch (role) {
    case Qt::DisplayRole:
      return text(*job, index.column());
    case Qt::ToolTipRole:
      if (index.column() == kJob) return job->title;
      return job->error || job->line.error ? job_reason_text(*job) : job_progress_text(*job);
    case Qt::DecorationRole:
      return index.column() == kState ? QVariant(dot(theme_.color(job_state_color(*job)))) : QVariant();
    case Qt::TextAlignmentRole: {
      const bool number = index.column() == kProgress || index.column() == kTimeLeft || index.column() == kStarted;
      return QVariant(Qt::AlignVCenter | (number ? Qt::AlignRight : Qt::AlignLeft));
    }
    default:
      return {};
  }
}

QVariant JobListModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) {
    const bool number = section == kProgress || section == kTimeLeft || section == kStarted;
    return QVariant(Qt::AlignVCenter | (number ? Qt::AlignRight : Qt::AlignLeft));
  }
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kState:
      return tr("State");
    case kJob:
      return tr("Job");
    case kKind:
      return tr("What");
    case kWhere:
      return tr("Where");
    case kProgress:
      return tr("Progress");
    case kTimeLeft:
      return tr("Time left");
    case kStarted:
      return tr("Started");
    default:
      return {};
  }
}

}  // namespace cw::ui
