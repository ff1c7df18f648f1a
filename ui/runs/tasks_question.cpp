// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/tasks_question.h"

#include "ui/document/document.h"
#include "ui/runs/label_choices.h"
#include "ui/runs/outlook_view.h"
#include "ui/statistics/label_columns.h"
#include "ui/theme/theme.h"

#include <QListWidget>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kMostRows = 7;
constexpr int kColumnRole = Qt::UserRole;

/// What the labels tell of each column, as core/evaluate/outlook.h writes it.
struct TaskOutlook {
  QStringList sentences;
  QString problem;
};

TaskOutlook outlook_of(const Table& cells, const QStringList& labels, const std::string& group) {
  TaskOutlook all;
  for (const QString& label : labels) {
    const auto outlook = labels_outlook(cells, label.toStdString(), group, {});
    if (!outlook) {
      all.problem = TasksQuestion::tr("%1: %2").arg(label, QString::fromStdString(outlook.error().message));
      continue;
    }
    const auto verdict = QString::fromStdString(outlook->value("verdict", std::string()));
    const bool possible = outlook->value("prospect", std::string()) != "impossible";
    if (!possible) all.problem = TasksQuestion::tr("%1: %2").arg(label, verdict);
    all.sentences << TasksQuestion::tr("%1: %2").arg(label, verdict);
  }
  return all;
}

}  // namespace

TasksQuestion::TasksQuestion(Services& services, OutlookView& outlook, QWidget* parent)
    : RunQuestion(services, outlook, parent), labels_(new QListWidget(this)) {
  const DatasetPtr& dataset = services_.document.dataset();
  const QStringList classes = dataset ? label_columns(*dataset) : QStringList();
  addLabels(classes, dataset ? number_columns(*dataset) : QStringList());
  group_ = addGroups(classes);
  model_ = addModels();
  connect(labels_, &QListWidget::itemChanged, this, &TasksQuestion::edited);
}

void TasksQuestion::addLabels(const QStringList& classes, const QStringList& numbers) {
  const DatasetPtr& dataset = services_.document.dataset();
  for (const QString& column : classes) {
    const auto values = static_cast<int>(dataset->cells.find(column.toStdString())->categories.size());
    auto* item = new QListWidgetItem(values > 1 ? tr("%1 · %2 classes").arg(column).arg(values) : column, labels_);
    item->setData(kColumnRole, column);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
    item->setCheckState(Qt::Unchecked);
  }
  for (const QString& column : numbers) {
    auto* item = new QListWidgetItem(tr("%1 · a number: learn it alone").arg(column), labels_);
    item->setFlags(Qt::NoItemFlags);
    item->setToolTip(tr("Several columns together are classes; “One label” learns a number"));
  }
  addField(QStringLiteral("labels"), labels_);
  const int rows = std::clamp(labels_->count(), 2, kMostRows);
  labels_->setFixedHeight(rows * services_.theme.size("table-row") + 2 * labels_->frameWidth());
}

QStringList TasksQuestion::ticked() const {
  QStringList columns;
  for (int row = 0; row < labels_->count(); ++row) {
    const QListWidgetItem* item = labels_->item(row);
    if (item->checkState() == Qt::Checked) columns << item->data(kColumnRole).toString();
  }
  return columns;
}

QString TasksQuestion::obstacle() const {
  if (QString problem = dataObstacle(); !problem.isEmpty()) return problem;
  if (model_->count() == 0) return tr("There is no model to start from: add one in Data.");
  if (ticked().size() < 2) return tr("Tick two label columns or more.");
  return problem_.isEmpty() ? QString() : tr("One of these labels cannot be tested; see above.");
}

void TasksQuestion::fill(Json& options) const {
  const DatasetPtr& dataset = services_.document.dataset();
  const ModelEntry* model = modelIn(model_);
  options["input"] = dataset ? dataset->path.string() : std::string();
  options["model"] = model ? model->path.string() : std::string();
  options["group"] = chosen(group_).toStdString();
  options["output"] = ".";
  options["labels"] = Json::array();
  for (const QString& column : ticked()) options["labels"].push_back(column.toStdString());
}

QString TasksQuestion::suggestedTitle() const {
  const DatasetPtr& dataset = services_.document.dataset();
  const QStringList labels = ticked();
  return labels.isEmpty() ? tr("Several labels")
                          : tr("%1 of %2").arg(labels.join(QStringLiteral(", ")), dataset ? dataset->name : QString());
}

void TasksQuestion::judge(const Json&) {
  judging_.cancel();
  problem_.clear();
  const DatasetPtr dataset = services_.document.dataset();
  const QStringList labels = ticked();
  if (!dataset || labels.isEmpty()) {
    return outlook_.setText(
        tr("One model learns several columns at once; a cell counts for those where it has a value. It pays where the "
           "columns have something to do with each other."));
  }
  judging_ = services_.background.run<TaskOutlook>(
      Background::Lane::kCompute, this,
      [dataset, labels, group = chosen(group_).toStdString()](JobContext&) -> Result<TaskOutlook> {
        return outlook_of(dataset->cells, labels, group);
      },
      [this](Result<TaskOutlook> outlook) {
        if (!outlook) return;
        problem_ = outlook->problem;
        outlook_.setText(problem_.isEmpty() ? outlook->sentences.join(QLatin1Char('\n')) : problem_,
                         problem_.isEmpty() ? "small" : "bad");
        Q_EMIT judged();
      });
}

}  // namespace cw::ui
