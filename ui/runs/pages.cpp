// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/pages.h"

#include "ui/common/action_registry.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
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
constexpr int kPageMargin = 8;
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

QTableWidget* make_grid(const QString& objectName, const QString& name, const Theme* theme, QWidget* parent) {
  auto* table = new QTableWidget(parent);
  table->setObjectName(objectName);
  table->setAccessibleName(name);
  table->setShowGrid(false);
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setTabKeyNavigation(false);
  table->setFrameShape(QFrame::NoFrame);
  table->verticalHeader()->hide();
  if (theme) table->verticalHeader()->setDefaultSectionSize(theme->size("table-row"));
  table->horizontalHeader()->setHighlightSections(false);
  return table;
}

void put(QTableWidget& table, int row, int column, const QString& text, bool number = false) {
  auto* item = new QTableWidgetItem(text);
  item->setToolTip(text);
  item->setTextAlignment(Qt::AlignVCenter | (number ? Qt::AlignRight : Qt::AlignLeft));
  table.setItem(row, column, item);
}

void set_headings(QTableWidget& table, const QStringList& titles) {
  table.setColumnCount(static_cast<int>(titles.size()));
  table.setHorizontalHeaderLabels(titles);
}

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

QString validation_at(const RunEventsPtr& events, std::int64_t step) {
  const Curve* curve = events ? events->curve("validation_loss") : nullptr;
  if (!curve) return QStringLiteral("–");
  const auto after = std::upper_bound(curve->steps.begin(), curve->steps.end(), static_cast<double>(step));
  if (after == curve->steps.begin()) return QStringLiteral("–");
  return number_text(curve->values[static_cast<std::size_t>(after - curve->steps.begin()) - 1], 4);
}

}  // namespace

CheckpointsPage::CheckpointsPage(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      table_(make_grid(QStringLiteral("runCheckpoints"), tr("Checkpoints"), &services.theme, this)),
      note_(make_label({}, "small", this)),
      use_(make_button(QStringLiteral("runUseModel"), tr("Use as model"), "", this)),
      embed_(make_button(QStringLiteral("runEmbed"), tr("Embed with it"), "", this)) {
  use_->setToolTip(tr("Adds the finished model to the project and takes it for what comes next"));
  embed_->setToolTip(tr("Uses the model and makes a map of the cells in view with it"));
  set_headings(*table_, {tr("Step"), tr("Validation"), tr("Size"), {}});
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setStretchLastSection(true);
  note_->setWordWrap(true);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(use_);
  buttons->addWidget(embed_);
  buttons->addStretch(1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kPageMargin, kPageMargin, kPageMargin, kPageMargin);
  column->addWidget(note_);
  column->addWidget(table_, 1);
  column->addLayout(buttons);
  connect(use_, &QPushButton::clicked, this, &CheckpointsPage::useModel);
  connect(embed_, &QPushButton::clicked, this, &CheckpointsPage::embed);
  setRun(nullptr, nullptr);
}

void CheckpointsPage::setRun(const RunFilesPtr& files, const RunEventsPtr& events) {
  files_ = files;
  const bool finished = files && !files->model.empty();
  use_->setEnabled(finished);
  embed_->setEnabled(finished);
  const int count = files ? static_cast<int>(files->checkpoints.size()) : 0;
  table_->setRowCount(count);
  for (int row = 0; row < count; ++row) {
    const RunCheckpoint& checkpoint = files->checkpoints[static_cast<std::size_t>(row)];
    put(*table_, row, 0, count_text(checkpoint.step), true);
    put(*table_, row, 1, validation_at(events, checkpoint.step), true);
    put(*table_, row, 2, bytes_text(static_cast<double>(checkpoint.bytes)), true);
    put(*table_, row, 3, row == 0 ? tr("Resume goes on here") : tr("kept in case the newer one is damaged"));
  }
  QStringList sentences;
  if (finished) {
    sentences << tr("The model is ready (%1).").arg(bytes_text(static_cast<double>(files->model_bytes)));
    if (files->best_step >= 0) sentences << tr("It is that of step %1, the best.").arg(count_text(files->best_step));
  } else if (files && files->best_step >= 0) {
    sentences << tr("Best so far: step %1.").arg(count_text(files->best_step));
  }
  if (!finished) sentences << tr("The model is written when the run ends.");
  note_->setText(sentences.join(QLatin1Char(' ')));
}

void CheckpointsPage::useModel() {
  if (!files_ || files_->model.empty()) return;
  Document& document = services_.document;
  const std::filesystem::path folder = files_->model;
  const auto choose = [&document, folder] {
    for (const ModelEntry& model : document.models()) {
      if (model.path != folder) continue;
      document.setActiveModel(model.id);
      return true;
    }
    return false;
  };
  if (choose()) return;
  connect(&document, &Document::modelsChanged, this, choose, Qt::SingleShotConnection);
  document.addModel(folder);
}

void CheckpointsPage::embed() {
  if (!files_ || files_->model.empty()) return;
  Document& document = services_.document;
  const auto start = [this] {
    const ModelEntry* active = services_.document.activeModel();
    if (!active || !files_ || active->path != files_->model) return;
    if (QAction* action = services_.actions.find(QStringLiteral("analyze.embed-map"))) action->trigger();
  };
  const ModelEntry* active = document.activeModel();
  if (active && active->path == files_->model) return start();
  connect(&document, &Document::activeModelChanged, this, start, Qt::SingleShotConnection);
  useModel();
}

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
  setRuns({}, {});
}

void DifferencesPage::setRuns(const QStringList& titles, const std::vector<RunFilesPtr>& files) {
  std::vector<Json> options;
  for (const RunFilesPtr& one : files) options.push_back(one->options);
  const QList<SettingDifference> found = options.size() > 1 ? differing_settings(options) : QList<SettingDifference>();
  table_->setVisible(!found.isEmpty());
  note_->setVisible(found.isEmpty());
  note_->setText(options.size() > 1 ? tr("The runs ticked have the same settings.")
                                    : tr("Tick two runs or more to see in which settings they differ."));
  set_headings(*table_, QStringList{tr("Setting")} + titles);
  table_->setRowCount(static_cast<int>(found.size()));
  for (int row = 0; row < found.size(); ++row) {
    put(*table_, row, 0, setting_title(found[row].key));
    for (int run = 0; run < found[row].values.size(); ++run) put(*table_, row, run + 1, found[row].values[run]);
  }
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
}

}  // namespace cw::ui
