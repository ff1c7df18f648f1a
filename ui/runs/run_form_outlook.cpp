// SPDX-License-Identifier: GPL-3.0-or-later
// RunForm: whether the question can be answered, from the labels at once and from a simple method a little later.
#include "core/api/split_options.h"
#include "ui/document/document.h"
#include "ui/runs/run_form.h"
#include "ui/runs/settings_grid.h"

#include <QComboBox>

namespace cw::ui {
namespace {

std::vector<std::string> words_of(const QStringList& texts) {
  std::vector<std::string> words;
  for (const QString& text : texts) words.push_back(text.toStdString());
  return words;
}

}  // namespace

void RunForm::judge() {
  judging_.cancel();
  checker_.cancel(asked_);
  asked_ = 0;
  const DatasetPtr dataset = services_.document.dataset();
  if (kind_ != QLatin1String("finetune-cells") || !dataset || label_->count() == 0) {
    impossible_ = false;
    return outlook_->setText(
        kind_ == QLatin1String("pretrain")
            ? tr("A gene model learns which genes go together. It takes many cells: under 100,000 it knows little more "
                 "than how frequent genes are; start from a published model where you can.")
            : QString());
  }
  judging_ = services_.background.run<Json>(
      Background::Lane::kCompute, this,
      [dataset, label = label_->currentText().toStdString(), group = group_->currentData().toString().toStdString(),
       leftOut = words_of(leftOut_)](JobContext&) { return labels_outlook(dataset->cells, label, group, leftOut); },
      [this](Result<Json> outlook) {
        if (!outlook) {
          impossible_ = true;
          outlook_->setText(QString::fromStdString(outlook.error().message), "bad");
          outlook_->setLeftOut(leftOut_);
          return showProblem();
        }
        const bool testable = outlook->value("prospect", std::string()) != "impossible";
        showOutlook(*outlook, testable);
        if (testable) tryMethod(*outlook);
      });
}

// In a process of its own: it reads the file again and computes for seconds.
void RunForm::tryMethod(const Json& labels) {
  SplitOptions options;
  const Dataset& dataset = *services_.document.dataset();
  options.input = dataset.path.string();
  options.label = label_->currentText().toStdString();
  options.group = group_->currentData().toString().toStdString();
  options.leave_out = words_of(leftOut_);
  options.counts = dataset.counts_where;
  options.check = true;
  asked_ = checker_.request(QStringLiteral("check"), to_json(options), this, [this, labels](Result<Json> result) {
    if (!result) {
      if (result.error().code == ErrorCode::kCancelled) return;
      showOutlook(labels, false);
      return outlook_->setNote(
          tr("The simple method could not be tried: %1").arg(QString::fromStdString(result.error().message)));
    }
    asked_ = 0;
    showOutlook(result->value("outlook", Json::object()), false);
  });
}

void RunForm::showOutlook(const Json& outlook, bool trying) {
  outlook_->setOutlook(outlook, trying);
  outlook_->setLeftOut(leftOut_);
  impossible_ = !OutlookView::isPossible(outlook);
  showProblem();
}

void RunForm::remedy(OutlookView::Remedy remedy, const QStringList& subjects) {
  switch (remedy) {
    case OutlookView::Remedy::kLeaveOut:
      leftOut_ << subjects;
      return check();
    case OutlookView::Remedy::kTakeIn:
      leftOut_.clear();
      return check();
    case OutlookView::Remedy::kCellByCell:
      return group_->setCurrentIndex(group_->findData(QStringLiteral("none")));
    case OutlookView::Remedy::kKeepTogether:
      if (const int at = group_->findData(subjects.value(0)); at >= 0) group_->setCurrentIndex(at);
      return;
    case OutlookView::Remedy::kWeighClasses:
      return more_->setValue(QStringLiteral("class_weights"), QStringLiteral("balanced"));
  }
}

}  // namespace cw::ui
