// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/pages.h"

#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/runs/curve_plot.h"
#include "ui/runs/figure_at.h"
#include "ui/runs/page_grid.h"
#include "ui/runs/run_settings.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr int kConfusionColumn = 76;
constexpr int kDecimals = 2;
constexpr double kStrongest = 0.5;  // of the colour behind a count
constexpr int kShareRole = Qt::UserRole;

/// A count on a ground that is the stronger the larger its share of the class is.
class ShareDelegate : public QStyledItemDelegate {
 public:
  ShareDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(theme) {}

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QColor ground = theme_.color("accent");
    ground.setAlphaF(static_cast<float>(index.data(kShareRole).toDouble() * kStrongest));
    painter->fillRect(option.rect, ground);
    QStyledItemDelegate::paint(painter, option, index);
  }

 private:
  const Theme& theme_;
};

// "0.92 (0.89–0.96)" of a figure with its interval.
QString interval_text(const Json& figure) {
  if (!figure.is_object() || !figure.contains("value") || !figure["value"].is_number()) return QStringLiteral("–");
  QString value = fixed_text(figure["value"].get<double>(), kDecimals);
  const auto has = [&figure](const char* key) { return figure.contains(key) && figure[key].is_number(); };
  if (!has("low") || !has("high")) return value;
  return QObject::tr("%1 (%2–%3)")
      .arg(value, fixed_text(figure["low"].get<double>(), kDecimals),
           fixed_text(figure["high"].get<double>(), kDecimals));
}

// What can be laid side by side: figures of the cells kept out, and the loss, that every run has.
QStringList common_figures(const std::vector<RunEventsPtr>& events) {
  QStringList names;
  for (const char* name : {"validation_loss", "loss", "macro_f1", "accuracy", "rmse", "r2"}) {
    const bool everywhere =
        std::all_of(events.begin(), events.end(), [name](const RunEventsPtr& one) { return one && one->curve(name); });
    if (everywhere) names << QLatin1String(name);
  }
  return names;
}

}  // namespace

OutcomePage::OutcomePage(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      verdict_(make_label({}, "small", this)),
      comparison_(
          make_grid(QStringLiteral("runComparison"), tr("Comparison with simple methods"), &services.theme, this)),
      confusionTitle_(make_caption(tr("True class (row), called (column)"), this)),
      confusion_(make_grid(QStringLiteral("runConfusion"), tr("Who was taken for whom"), &services.theme, this)) {
  verdict_->setObjectName(QStringLiteral("runVerdict"));
  verdict_->setWordWrap(true);
  set_headings(*comparison_, {tr("Method"), tr("macro-F1"), tr("Accuracy")});
  comparison_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  comparison_->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  comparison_->setWordWrap(true);
  comparison_->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  confusion_->horizontalHeader()->setMinimumSectionSize(kConfusionColumn);
  confusion_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  confusion_->setItemDelegate(new ShareDelegate(services.theme, confusion_));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kPageMargin, kPageMargin, kPageMargin, kPageMargin);
  column->addWidget(verdict_);
  column->addWidget(comparison_, 1);
  column->addWidget(confusionTitle_);
  column->addWidget(confusion_, 1);
  setRun(nullptr);
}

void OutcomePage::setRun(const RunFilesPtr& files) {
  files_ = files;
  const bool judged = files && files->evaluation.is_object();
  const bool confused = files && !files->confusion.classes.empty();
  comparison_->setVisible(judged);
  confusion_->setVisible(confused);
  confusionTitle_->setVisible(confused);
  verdict_->setText(
      tr("The test comes at the end of fine-tuning: figures of cells that were not trained on, beside "
         "those of simple methods."));
  if (judged) showComparison(files->evaluation);
  if (confused) showConfusion(files->confusion);
}

void OutcomePage::showComparison(const Json& evaluation) {
  verdict_->setText(QString::fromStdString(evaluation.value("verdict", std::string())));
  const Json models = evaluation.value("models", Json::array());
  comparison_->setRowCount(static_cast<int>(models.size()));
  int row = 0;
  for (const Json& model : models) {
    const QString name = QString::fromStdString(model.value("model", std::string())).replace('-', ' ');
    const QString features = QString::fromStdString(model.value("features", std::string()));
    put(*comparison_, row, 0, features.isEmpty() || row == 0 ? name : tr("%1 on %2").arg(name, features));
    const Json metrics = model.value("metrics", Json::object());
    put(*comparison_, row, 1, interval_text(metrics.value("macro_f1", Json())), true);
    put(*comparison_, row, 2, interval_text(metrics.value("accuracy", Json())), true);
    ++row;
  }
}

void OutcomePage::showConfusion(const ConfusionMatrix& confusion) {
  QStringList names;
  for (const std::string& name : confusion.classes) names << QString::fromStdString(name);
  const int size = static_cast<int>(names.size());
  confusion_->setColumnCount(size);
  confusion_->setRowCount(size);
  confusion_->setHorizontalHeaderLabels(names);
  confusion_->setVerticalHeaderLabels(names);
  confusion_->verticalHeader()->show();
  for (int truth = 0; truth < size; ++truth) {
    std::int64_t all = 0;
    for (int called = 0; called < size; ++called) {
      all += confusion.at(static_cast<std::size_t>(truth), static_cast<std::size_t>(called));
    }
    for (int called = 0; called < size; ++called) {
      const std::int64_t count = confusion.at(static_cast<std::size_t>(truth), static_cast<std::size_t>(called));
      put(*confusion_, truth, called, count > 0 ? count_text(count) : QString(), true);
      const double share = all > 0 ? static_cast<double>(count) / static_cast<double>(all) : 0.0;
      QTableWidgetItem& cell = *confusion_->item(truth, called);
      cell.setData(kShareRole, share);
      cell.setToolTip(tr("%1 called %2: %3 of %4 cells").arg(names[truth], names[called]).arg(count).arg(all));
    }
  }
}

DifferencesPage::DifferencesPage(QWidget* parent)
    : QWidget(parent),
      table_(make_grid(QStringLiteral("runDifferences"), tr("Settings that differ"), nullptr, this)),
      note_(make_label({}, "small", this)) {
  note_->setObjectName(QStringLiteral("runDifferencesNote"));
  note_->setWordWrap(true);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kPageMargin, kPageMargin, kPageMargin, kPageMargin);
  column->addWidget(note_);
  column->addWidget(table_, 1);
  setRuns({}, {}, {}, -1);
}

void DifferencesPage::setRuns(const QStringList& titles, const std::vector<RunFilesPtr>& files,
                              const std::vector<RunEventsPtr>& events, std::int64_t step) {
  std::vector<Json> options;
  for (const RunFilesPtr& one : files) options.push_back(one->options);
  const bool compared = options.size() > 1;
  const QList<SettingDifference> found = compared ? differing_settings(options) : QList<SettingDifference>();
  const QStringList figures = compared ? common_figures(events) : QStringList();
  table_->setVisible(compared);
  note_->setVisible(!compared || found.isEmpty());
  note_->setText(compared ? tr("The runs ticked have the same settings.")
                          : tr("Tick two runs or more to see in which settings and figures they differ."));
  set_headings(*table_, QStringList{tr("Setting or figure")} + titles);
  table_->setRowCount(static_cast<int>(found.size() + figures.size()));
  int row = 0;
  for (const SettingDifference& difference : found) {
    put(*table_, row, 0, setting_title(difference.key));
    for (int run = 0; run < difference.values.size(); ++run) put(*table_, row, run + 1, difference.values[run]);
    ++row;
  }
  for (const QString& figure : figures) {
    put(*table_, row, 0,
        step < 0 ? figure_title(figure) : tr("%1 at step %2").arg(figure_title(figure), count_text(step)));
    for (std::size_t run = 0; run < events.size(); ++run) {
      put(*table_, row, static_cast<int>(run) + 1, figure_at(events[run], figure.toStdString(), step), true);
    }
    ++row;
  }
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
}

}  // namespace cw::ui
