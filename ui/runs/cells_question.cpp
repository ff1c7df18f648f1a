// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/cells_question.h"

#include "core/api/split_options.h"
#include "ui/document/document.h"
#include "ui/runs/label_choices.h"
#include "ui/statistics/label_columns.h"

#include <QComboBox>

namespace cw::ui {
namespace {

std::vector<std::string> words_of(const QStringList& texts) {
  std::vector<std::string> words;
  for (const QString& text : texts) words.push_back(text.toStdString());
  return words;
}

}  // namespace

CellsQuestion::CellsQuestion(Services& services, OutlookView& outlook, QWidget* parent)
    : RunQuestion(services, outlook, parent), label_(new QComboBox(this)) {
  const DatasetPtr& dataset = services_.document.dataset();
  const QStringList classes = dataset ? label_columns(*dataset) : QStringList();
  for (const QString& column : classes) label_->addItem(column, column);
  for (const QString& column : dataset ? number_columns(*dataset) : QStringList()) {
    label_->addItem(tr("%1 (a number)").arg(column), column);
  }
  addField(QStringLiteral("label"), label_);
  group_ = addGroups(classes);
  model_ = addModels();
  connect(label_, &QComboBox::currentIndexChanged, this, &CellsQuestion::takeLabel);
  connect(&outlook, &OutlookView::remedyChosen, this, &CellsQuestion::remedy);
}

std::string CellsQuestion::label() const { return chosen(label_).toStdString(); }

bool CellsQuestion::isNumber() const {
  const DatasetPtr& dataset = services_.document.dataset();
  return dataset && number_columns(*dataset).contains(chosen(label_));
}

QString CellsQuestion::obstacle() const {
  if (QString problem = dataObstacle(); !problem.isEmpty()) return problem;
  if (label_->count() == 0) return tr("This file has no labels: join a table of labels first.");
  if (model_->count() == 0) return tr("There is no model to start from: add one in Data.");
  return impossible_ ? tr("This label cannot be tested; see above.") : QString();
}

void CellsQuestion::fill(Json& options) const {
  const DatasetPtr& dataset = services_.document.dataset();
  const ModelEntry* model = modelIn(model_);
  options["input"] = dataset ? dataset->path.string() : std::string();
  options["model"] = model ? model->path.string() : std::string();
  options["label"] = label();
  options["group"] = chosen(group_).toStdString();
  options["output"] = ".";
  // a column of text is never learnt as a number
  if (isNumber()) options["target_type"] = "number";
  const Column* column = dataset && !leftOut_.isEmpty() ? dataset->cells.find(label()) : nullptr;
  if (!column) return;
  Json kept = Json::array();
  for (const std::string& value : column->categories) {
    if (!leftOut_.contains(QString::fromStdString(value))) kept.push_back(value);
  }
  options["filter"] = {{label(), kept}};
}

QString CellsQuestion::suggestedTitle() const {
  const DatasetPtr& dataset = services_.document.dataset();
  return tr("%1 of %2").arg(chosen(label_), dataset ? dataset->name : QString());
}

void CellsQuestion::takeLabel() {
  leftOut_.clear();
  Q_EMIT edited();
}

void CellsQuestion::judge(const Json&) {
  judging_.cancel();
  checker_.cancel(asked_);
  asked_ = 0;
  const DatasetPtr dataset = services_.document.dataset();
  if (!dataset || label_->count() == 0) return outlook_.setText({});
  if (isNumber()) {
    const NumberOutlook outlook = number_outlook(*dataset, label());
    impossible_ = !outlook.possible;
    outlook_.setText(outlook.text, outlook.possible ? "small" : "bad");
    return Q_EMIT judged();
  }
  judging_ = services_.background.run<Json>(
      Background::Lane::kCompute, this,
      [dataset, label = label(), group = chosen(group_).toStdString(), leftOut = words_of(leftOut_)](JobContext&) {
        return labels_outlook(dataset->cells, label, group, leftOut);
      },
      [this](Result<Json> outlook) {
        if (!outlook) {
          impossible_ = true;
          outlook_.setText(QString::fromStdString(outlook.error().message), "bad");
          outlook_.setLeftOut(leftOut_);
          return Q_EMIT judged();
        }
        const bool testable = outlook->value("prospect", std::string()) != "impossible";
        showOutlook(*outlook, testable);
        if (testable) tryMethod(*outlook);
      });
}

// In a process of its own: it reads the file again and computes for seconds.
void CellsQuestion::tryMethod(const Json& labels) {
  SplitOptions options;
  const Dataset& dataset = *services_.document.dataset();
  options.input = dataset.path.string();
  options.label = label();
  options.group = chosen(group_).toStdString();
  options.leave_out = words_of(leftOut_);
  options.counts = dataset.counts_where;
  options.check = true;
  asked_ = checker_.request(QStringLiteral("check"), to_json(options), this, [this, labels](Result<Json> result) {
    if (!result) {
      if (result.error().code == ErrorCode::kCancelled) return;
      showOutlook(labels, false);
      return outlook_.setNote(
          tr("The simple method could not be tried: %1").arg(QString::fromStdString(result.error().message)));
    }
    asked_ = 0;
    showOutlook(result->value("outlook", Json::object()), false);
  });
}

void CellsQuestion::showOutlook(const Json& outlook, bool trying) {
  outlook_.setOutlook(outlook, trying);
  outlook_.setLeftOut(leftOut_);
  impossible_ = !OutlookView::isPossible(outlook);
  Q_EMIT judged();
}

void CellsQuestion::remedy(OutlookView::Remedy remedy, const QStringList& subjects) {
  switch (remedy) {
    case OutlookView::Remedy::kLeaveOut:
      leftOut_ << subjects;
      return Q_EMIT edited();
    case OutlookView::Remedy::kTakeIn:
      leftOut_.clear();
      return Q_EMIT edited();
    case OutlookView::Remedy::kCellByCell:
      return group_->setCurrentIndex(group_->findData(QStringLiteral("none")));
    case OutlookView::Remedy::kKeepTogether:
      if (const int at = group_->findData(subjects.value(0)); at >= 0) group_->setCurrentIndex(at);
      return;
    case OutlookView::Remedy::kWeighClasses:
      return Q_EMIT settingWanted(QStringLiteral("class_weights"), QStringLiteral("balanced"));
  }
}

}  // namespace cw::ui
