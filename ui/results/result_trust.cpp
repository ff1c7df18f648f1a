// SPDX-License-Identifier: GPL-3.0-or-later
// How far to trust the list, and how far the run is.
#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/jobs/job_center.h"
#include "ui/results/result_view.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <cmath>

namespace cw::ui {
namespace {

void clear_layout(QLayout& layout) {
  while (QLayoutItem* item = layout.takeAt(0)) {
    if (QWidget* widget = item->widget()) {
      widget->hide();
      widget->deleteLater();
    }
    delete item;
  }
}

// What a reader of a complete list must know, a sentence each, the gravest first.
QStringList cautions_of(const RunResult& result) {
  QStringList sentences;
  const RankingSummary& summary = result.ranking.summary;
  const Json::json_pointer seen("/pretraining/seen");
  const Json& provenance = result.effects->provenance;
  if (provenance.contains(seen) && provenance.at(seen) == Json(true)) {
    sentences << ResultView::tr("The model was trained on these cells: effects may look better than on new data.");
  }
  if (summary.has_null && summary.num_by_donor < summary.num_perturbations) {
    const std::int64_t by_cells = summary.num_perturbations - summary.num_by_donor;
    sentences << ResultView::tr(
                     "Cells, not donors, are the replicates of %1 of %2 rows; their p-values do not speak about "
                     "other donors.")
                     .arg(count_text(by_cells), count_text(summary.num_perturbations));
  }
  if (const Stability& stability = summary.stability; result.effects->complete && !stability.stable) {
    sentences << (std::isnan(stability.tau.value)
                      ? ResultView::tr("There are too few cells to say whether the top of the list is stable.")
                      : ResultView::tr(
                            "The top of the list would still change with more cells (by half of the cells and by all "
                            "it agrees to %1; stable is 0.95).")
                            .arg(fixed_text(stability.tau.value, 2)));
  }
  return sentences;
}

}  // namespace

void ResultView::showTrust() {
  clear_layout(*trust_);
  const RankingSummary& summary = result_->ranking.summary;
  Message message;
  if (result_->hasBaseline && std::isfinite(summary.baseline.value)) {
    const double rho = summary.baseline.value;
    message.title = tr("Agreement with the baseline %1").arg(fixed_text(rho, 2));
    const QString between = std::isfinite(summary.baseline.ci.low) ? tr(" (95 %: %1 to %2)")
                                                                         .arg(fixed_text(summary.baseline.ci.low, 2),
                                                                              fixed_text(summary.baseline.ci.high, 2))
                                                                   : QString();
    if (!std::isfinite(summary.baseline.ci.low)) {
      message.kind = Message::Kind::kInfo;
      message.title = tr("Agreement with the baseline");
      message.text = tr("Too few genes to say how far the model and the plain expression change agree.");
    } else if (rho >= 0.9) {
      message.kind = Message::Kind::kWarning;
      message.text = tr("The expression change alone gives nearly the same order%1: nothing was gained by the model.")
                         .arg(between);
    } else if (rho >= 0.5) {
      message.kind = Message::Kind::kInfo;
      message.text = tr("The model's order is partly that of the expression change%1.").arg(between);
    } else {
      message.kind = Message::Kind::kInfo;
      message.text = tr("The model's order is not explained by the expression change%1. It may be insight or noise: an "
                        "experiment can tell.")
                         .arg(between);
    }
  } else if (result_->details.contains("baseline") && result_->details["baseline"].contains("reason") &&
             baselineAsked_) {
    message.title = tr("No baseline");
    message.text = QString::fromStdString(result_->details["baseline"].value("reason", std::string()));
  }
  if (!message.title.isEmpty()) trust_->addWidget(make_message_bar(services_.theme, message));
  if (!summary.has_null) {
    trust_->addWidget(make_message_bar(
        services_.theme, Message{Message::Kind::kInfo,
                                 {},
                                 tr("No p-values"),
                                 tr("There is nothing to compare with, and any change moves any cell. Run "
                                    "all genes, or choose random genes on the bench."),
                                 {},
                                 {},
                                 {}}));
  }
  const QStringList cautions = cautions_of(*result_);
  if (cautions.isEmpty()) return;
  Message care;
  care.title = tr("How far to trust it");
  care.text = cautions.join(QLatin1Char(' '));
  trust_->addWidget(make_message_bar(services_.theme, care));
}

void ResultView::showJob() {
  const JobRecord* job = services_.jobs.job(jobId_);
  const bool running = job != nullptr && job->phase == JobPhase::kRunning;
  const bool stopped = job != nullptr && (job->phase == JobPhase::kCancelled || job->phase == JobPhase::kFailed ||
                                          job->phase == JobPhase::kLost);
  runningRow_->setVisible(running || stopped);
  stop_->setVisible(running);
  if (stopped) {
    running_->setText(tr("Stopped at %1. The list is valid for the cells it saw; “Go on” in the queue continues.")
                          .arg(percent_text(job->fraction)));
    return;
  }
  if (!running) return;
  QString text =
      tr("%1: %2.").arg(job->phaseText.isEmpty() ? tr("Running") : job->phaseText, percent_text(job->fraction));
  if (job->secondsLeft >= 0) text += QLatin1Char(' ') + tr("%1 left.").arg(duration_text(job->secondsLeft));
  if (partial_.is_object()) {
    const bool known = partial_.contains("tau") && partial_["tau"].is_number();
    const bool stable = partial_.value("stable", false);
    if (known) {
      text += QLatin1Char(' ') + tr("The top 50 by half of the cells and by all agree to %1.")
                                     .arg(fixed_text(partial_["tau"].get<double>(), 2));
      text += QLatin1Char(' ') + (stable ? tr("It has not changed any more: you may stop.") : tr("It still changes."));
    }
    stop_->setText(stable ? tr("Stop, it will hardly change") : tr("Stop, keep this"));
  }
  running_->setText(text);
}

}  // namespace cw::ui
