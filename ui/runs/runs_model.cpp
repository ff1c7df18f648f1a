// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/runs_model.h"

#include "ui/jobs/job_center.h"
#include "ui/jobs_strip/job_text.h"
#include "ui/theme/numbers.h"
#include "ui/theme/palettes.h"
#include "ui/theme/theme.h"

#include <QLocale>
#include <QPainter>
#include <QPixmap>
#include <cmath>
#include <utility>

namespace cw::ui {
namespace {

constexpr int kSwatch = 10;
constexpr int kDigits = 4;

QPixmap swatch(const QColor& color) {
  constexpr int kScale = 2;  // crisp on a dense screen
  QPixmap picture(kSwatch * kScale, kSwatch * kScale);
  picture.fill(Qt::transparent);
  QPainter painter(&picture);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(color);
  painter.drawEllipse(picture.rect());
  painter.end();
  picture.setDevicePixelRatio(kScale);
  return picture;
}

QString figure_text(const std::optional<double>& value) {
  return value ? number_text(*value, kDigits) : QStringLiteral("–");
}

QString started_text(const QDateTime& started) {
  if (!started.isValid()) return {};
  const bool today = started.date() == QDate::currentDate();
  return QLocale::c().toString(started, today ? QStringLiteral("HH:mm") : QStringLiteral("d MMM HH:mm"));
}

}  // namespace

bool is_training_kind(const QString& kind) {
  return kind == QLatin1String("pretrain") || kind == QLatin1String("search") ||
         kind.startsWith(QLatin1String("finetune"));
}

bool is_training(const JobRecord& job) { return is_training_kind(job.kind); }

RunFigures figures_of(const RunEvents& events) {
  return {events.last("loss"), events.last("validation_loss"), events.last("tokens_per_second")};
}

RunsModel::RunsModel(JobCenter& jobs, const Theme& theme, QObject* parent)
    : QAbstractTableModel(parent), jobs_(jobs), theme_(theme) {
  QStringList present;
  for (const JobRecord& job : jobs.jobs()) present << job.id;
  add(present);
  connect(&jobs, &JobCenter::added, this, &RunsModel::add);
  connect(&jobs, &JobCenter::removed, this, &RunsModel::drop);
  connect(&jobs, &JobCenter::changed, this, &RunsModel::refresh);
  connect(&jobs, &JobCenter::logged, this, &RunsModel::take);
  connect(&theme, &Theme::changed, this, [this] {
    if (!ids_.isEmpty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, kColumns - 1));
  });
}

int RunsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(ids_.size());
}

int RunsModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QString RunsModel::idAt(int row) const { return ids_.value(ids_.size() - 1 - row); }

int RunsModel::rowOf(const QString& id) const {
  const auto place = places_.constFind(id);
  return place == places_.constEnd() ? -1 : static_cast<int>(ids_.size() - 1 - *place);
}

void RunsModel::add(const QStringList& ids) {
  QStringList runs;
  for (const QString& id : ids) {
    const JobRecord* job = jobs_.job(id);
    if (job && is_training(*job) && !places_.contains(id)) runs << id;
  }
  if (runs.isEmpty()) return;
  beginInsertRows({}, 0, static_cast<int>(runs.size()) - 1);
  for (const QString& id : std::as_const(runs)) {
    places_.insert(id, ids_.size());
    ids_.append(id);
  }
  endInsertRows();
}

void RunsModel::drop(const QString& id) {
  const int row = rowOf(id);
  if (row < 0) return;
  setTicked(id, false);
  beginRemoveRows({}, row, row);
  ids_.removeAt(places_.take(id));
  for (qsizetype place = 0; place < ids_.size(); ++place) places_[ids_[place]] = place;
  figures_.remove(id);
  endRemoveRows();
}

void RunsModel::refresh(const QString& id) {
  const int row = rowOf(id);
  if (row >= 0) Q_EMIT dataChanged(index(row, 0), index(row, kColumns - 1));
}

void RunsModel::take(const QString& id, const Json& event) {
  if (!places_.contains(id) || event.value("type", Json()) != Json("metric")) return;
  const auto value = event.find("value");
  if (value == event.end() || !value->is_number()) return;
  RunFigures& figures = figures_[id];
  const Json name = event.value("name", Json());
  if (name == Json("loss")) figures.loss = value->get<double>();
  if (name == Json("validation_loss")) figures.validation = value->get<double>();
  if (name == Json("tokens_per_second")) figures.speed = value->get<double>();
}

void RunsModel::setFigures(const QHash<QString, RunFigures>& figures) {
  for (auto it = figures.begin(); it != figures.end(); ++it) {
    if (places_.contains(it.key())) figures_.insert(it.key(), it.value());
  }
  if (!ids_.isEmpty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, kColumns - 1));
}

void RunsModel::setTicked(const QString& id, bool ticked) {
  const int row = rowOf(id);
  if (row < 0 || ticked_.contains(id) == ticked) return;
  if (ticked) {
    int color = 0;
    while (colors_.values().contains(color)) ++color;
    colors_.insert(id, color);
    ticked_ << id;
  } else {
    colors_.remove(id);
    ticked_.removeAll(id);
  }
  Q_EMIT dataChanged(index(row, 0), index(row, 0));
  Q_EMIT tickedChanged();
}

Qt::ItemFlags RunsModel::flags(const QModelIndex& index) const {
  const Qt::ItemFlags flags = QAbstractTableModel::flags(index);
  return index.column() == kRun ? flags | Qt::ItemIsUserCheckable : flags;
}

bool RunsModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (index.column() != kRun || role != Qt::CheckStateRole) return false;
  setTicked(idAt(index.row()), value.toInt() == Qt::Checked);
  return true;
}

QString RunsModel::text(const JobRecord& job, int column) const {
  const RunFigures figures = figures_.value(job.id);
  switch (column) {
    case kRun:
      return job.title;
    case kState:
      return job_state_text(job);
    case kProgress:
      return job.phase == JobPhase::kQueued ? QString() : percent_text(job.fraction);
    case kSpeed:
      return figures.speed ? count_text(std::llround(*figures.speed)) : QStringLiteral("–");
    case kLoss:
      return figure_text(figures.loss);
    case kValidation:
      return figure_text(figures.validation);
    case kTimeLeft:
      return job_time_left_text(job);
    case kWhere:
      return job_place_text(job);
    case kStarted:
      return started_text(job.started);
    default:
      return {};
  }
}

QVariant RunsModel::sortValue(const JobRecord& job, int column) const {
  const RunFigures figures = figures_.value(job.id);
  const auto number = [](const std::optional<double>& value) { return value.value_or(-1.0); };
  switch (column) {
    case kProgress:
      return job.fraction;
    case kSpeed:
      return number(figures.speed);
    case kLoss:
      return number(figures.loss);
    case kValidation:
      return number(figures.validation);
    case kTimeLeft:
      return job.secondsLeft;
    case kStarted:
      return job.started;
    default:
      return text(job, column);
  }
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
  const JobRecord* job = index.isValid() ? jobs_.job(idAt(index.row())) : nullptr;
  if (!job) return {};
  const int column = index.column();
  switch (role) {
    case Qt::DisplayRole:
      return text(*job, column);
    case Qt::ToolTipRole:
      if (column == kState) return job_progress_text(*job);
      return column == kRun ? QVariant(job->title) : QVariant();
    case Qt::CheckStateRole:
      return column == kRun ? QVariant(ticked_.contains(job->id) ? Qt::Checked : Qt::Unchecked) : QVariant();
    case Qt::DecorationRole:
      return column == kRun && colors_.contains(job->id) ? QVariant(swatch(category_color(colors_.value(job->id))))
                                                         : QVariant();
    case Qt::ForegroundRole:
      if (column == kState) return theme_.color(job_state_color(*job));
      return column == kRun ? QVariant() : QVariant(theme_.color("ink-2"));
    case Qt::TextAlignmentRole:
      return QVariant(Qt::AlignVCenter | (column >= kSpeed && column <= kTimeLeft ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::AccessibleTextRole:
      return QStringLiteral("%1: %2").arg(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(),
                                          text(*job, column));
    case kFractionRole:
      return job->phase == JobPhase::kQueued ? -1.0 : job->fraction;
    case kSortRole:
      return sortValue(*job, column);
    default:
      return {};
  }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) {
    return QVariant(Qt::AlignVCenter | (section >= kSpeed && section <= kTimeLeft ? Qt::AlignRight : Qt::AlignLeft));
  }
  if (role == Qt::ToolTipRole && section == kRun) return tr("Tick runs to compare their curves and settings");
  if (role == Qt::ToolTipRole && section == kSpeed) return tr("Gene tokens read per second");
  if (role != Qt::DisplayRole) return {};
  static const char* const kTitles[] = {QT_TR_NOOP("Run"),       QT_TR_NOOP("State"), QT_TR_NOOP("Progress"),
                                        QT_TR_NOOP("Genes/s"),   QT_TR_NOOP("Loss"),  QT_TR_NOOP("Validation"),
                                        QT_TR_NOOP("Time left"), QT_TR_NOOP("Where"), QT_TR_NOOP("Started")};
  return section >= 0 && section < kColumns ? tr(kTitles[section]) : QVariant();
}

}  // namespace cw::ui
