// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_form.h"

#include "core/api/job_kinds.h"
#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/machines/where_row.h"
#include "ui/runs/settings_grid.h"
#include "ui/statistics/label_columns.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace cw::ui {
namespace {

const QString kCells = QStringLiteral("finetune-cells");
const QString kPretrain = QStringLiteral("pretrain");
constexpr int kAnswerWidth = 300;
constexpr int kSoon = 250;  // ms

double genes_per_cell(const Dataset& dataset) {
  constexpr double kTypical = 900.0;
  for (const MatrixInfo& matrix : dataset.info.matrices) {
    if (matrix.where != dataset.counts_where || matrix.num_stored <= 0 || matrix.num_cells <= 0) continue;
    return static_cast<double>(matrix.num_stored) / static_cast<double>(matrix.num_cells);
  }
  return kTypical;
}

QList<RunSetting> part_of_settings(const QString& kind, bool first) {
  QList<RunSetting> part;
  for (const RunSetting& setting : settings_of(kind)) {
    if (setting.first == first) part << setting;
  }
  return part;
}

void merge(Json& into, const Json& from) {
  for (const auto& [key, value] : from.items()) into[key] = value;
}

}  // namespace

RunForm::RunForm(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      kinds_(new QButtonGroup(this)),
      data_(make_label({}, "secondary", this)),
      title_(new QLineEdit(this)),
      question_(new QWidget(this)),
      label_(new QComboBox(this)),
      group_(new QComboBox(this)),
      model_(new QComboBox(this)),
      where_(new WhereRow(services.theme, QStringLiteral("runWhere"), this)),
      grids_(new QVBoxLayout),
      showMore_(make_pill(QStringLiteral("runMoreSettings"), tr("All settings"), this)),
      outlook_(new OutlookView(services.theme, this)),
      forecast_(make_label({}, "small", this)),
      problem_(make_label({}, "bad", this)),
      start_(make_button(QStringLiteral("runStart"), tr("Start training"), "primary", this)) {
  setObjectName(QStringLiteral("runForm"));
  auto* halves = new QHBoxLayout;
  halves->setContentsMargins(0, 0, 0, 0);
  halves->setSpacing(0);
  auto* scroll = new QScrollArea(this);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidget(makeQuestion());
  halves->addWidget(scroll, 1);
  halves->addWidget(make_line(Qt::Vertical, this));
  halves->addWidget(makeAnswer());
  auto* page = new QVBoxLayout(this);
  page->setContentsMargins(0, 0, 0, 0);
  page->setSpacing(0);
  page->addWidget(makeBar());
  page->addWidget(make_line(Qt::Horizontal, this));
  page->addLayout(halves, 1);
  soon_.setSingleShot(true);
  soon_.setInterval(kSoon);
  connect(&soon_, &QTimer::timeout, this, &RunForm::judge);
  connect(label_, &QComboBox::currentIndexChanged, this, &RunForm::takeLabel);
  for (QComboBox* box : {group_, model_}) connect(box, &QComboBox::currentIndexChanged, this, &RunForm::check);
  connect(where_, &WhereRow::changed, this, [this] {
    showForecast();
    showProblem();
  });
  connect(outlook_, &OutlookView::remedyChosen, this, &RunForm::remedy);
  connect(showMore_, &QToolButton::toggled, this, [this](bool shown) {
    if (more_) more_->setVisible(shown);
  });
  connect(start_, &QPushButton::clicked, this, &RunForm::start);
  makeGrids();
}

QWidget* RunForm::makeBar() {
  auto* bar = new QWidget(this);
  bar->setFixedHeight(services_.theme.size("bar"));
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(services_.theme.size("padding"), 0, services_.theme.size("padding"), 0);
  row->setSpacing(8);
  row->addWidget(make_label(tr("New run"), "heading", bar));
  const std::pair<QString, QString> kinds[] = {{kCells, tr("Learn a label of the cells")},
                                               {kPretrain, tr("Train a gene model")}};
  for (const auto& [kind, text] : kinds) {
    QToolButton* pill = make_pill(QStringLiteral("runKind-") + kind, text, bar);
    pill->setCheckable(true);
    kinds_->addButton(pill);
    row->addWidget(pill);
    connect(pill, &QToolButton::clicked, this, [this, kind] { setKind(kind); });
  }
  row->addStretch(1);
  auto* back = make_button(QStringLiteral("runFormCancel"), tr("Cancel"), "", bar);
  connect(back, &QPushButton::clicked, this, &RunForm::cancelled);
  row->addWidget(back);
  row->addWidget(start_);
  return bar;
}

QWidget* RunForm::makeQuestion() {
  const int pad = services_.theme.size("padding");
  auto* fields = new QFormLayout(question_);
  fields->setContentsMargins(0, 0, 0, 0);
  fields->setHorizontalSpacing(12);
  fields->setVerticalSpacing(8);
  for (const auto& [box, key] : {std::pair(label_, "label"), std::pair(group_, "group"), std::pair(model_, "model")}) {
    const QString title = setting_title(QLatin1String(key));
    box->setObjectName(QStringLiteral("run-") + QLatin1String(key));
    box->setAccessibleName(title);
    box->setMinimumWidth(240);
    fields->addRow(title, box);
  }
  title_->setObjectName(QStringLiteral("runName"));
  title_->setAccessibleName(tr("Name of the run"));
  showMore_->setCheckable(true);
  auto* page = make_surface("panel", this);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(pad, pad, pad, pad);
  column->setSpacing(12);
  column->addWidget(make_caption(tr("Data"), page));
  column->addWidget(data_);
  column->addWidget(make_caption(tr("Name"), page));
  column->addWidget(title_);
  column->addWidget(question_);
  column->addWidget(make_caption(tr("Where"), page));
  column->addWidget(where_);
  column->addWidget(make_caption(tr("Settings"), page));
  column->addLayout(grids_);
  column->addWidget(showMore_, 0, Qt::AlignLeft);
  column->addStretch(1);
  return page;
}

QWidget* RunForm::makeAnswer() {
  const int pad = services_.theme.size("padding");
  auto* answer = make_surface("ground", this);
  auto* column = new QVBoxLayout(answer);
  column->setContentsMargins(pad, pad, pad, pad);
  column->setSpacing(8);
  column->addWidget(make_caption(tr("Will this work?"), answer));
  forecast_->setObjectName(QStringLiteral("runForecast"));
  problem_->setObjectName(QStringLiteral("runProblem"));
  column->addWidget(outlook_);
  column->addSpacing(8);
  column->addWidget(make_caption(tr("Before you start"), answer));
  for (QLabel* text : {forecast_, problem_}) {
    text->setWordWrap(true);
    column->addWidget(text);
  }
  column->addStretch(1);
  auto* scroll = new QScrollArea(this);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFixedWidth(kAnswerWidth);
  scroll->setWidget(answer);
  return scroll;
}

void RunForm::makeGrids() {
  delete first_;
  delete more_;
  const Json options = default_options(kind_);
  first_ = new SettingsGrid(part_of_settings(kind_, true), options, this);
  more_ = new SettingsGrid(part_of_settings(kind_, false), options, this);
  for (SettingsGrid* grid : {first_, more_}) {
    grids_->addWidget(grid);
    connect(grid, &SettingsGrid::edited, this, &RunForm::check);
  }
  more_->setVisible(showMore_->isChecked());
}

void RunForm::begin() {
  const Document& document = services_.document;
  const DatasetPtr& dataset = document.dataset();
  {
    const QSignalBlocker blocks[] = {QSignalBlocker(label_), QSignalBlocker(group_), QSignalBlocker(model_)};
    const QStringList columns = dataset ? label_columns(*dataset) : QStringList();
    leftOut_.clear();
    label_->clear();
    label_->addItems(columns);
    group_->clear();
    group_->addItem(tr("auto: donors where they are known"), QStringLiteral("auto"));
    group_->addItem(tr("nothing: cell by cell"), QStringLiteral("none"));
    for (const QString& column : columns) group_->addItem(column, column);
    const QString donors = document.donorColumn();
    const Column* column = dataset ? dataset->cells.find(donors.toStdString()) : nullptr;
    if (column && column->categories.size() > 1 && group_->findData(donors) >= 0) {
      group_->setCurrentIndex(group_->findData(donors));
    }
    model_->clear();
    for (const ModelEntry& model : document.models()) model_->addItem(model.name, model.id);
    if (const ModelEntry* active = document.activeModel()) model_->setCurrentIndex(model_->findData(active->id));
  }
  data_->setText(dataset ? tr("%1 · %2 cells").arg(dataset->name, count_text(dataset->num_cells())) : QString());
  setKind(label_->count() > 0 ? kCells : kPretrain);
}

void RunForm::setKind(const QString& kind) {
  kind_ = kind;
  for (QAbstractButton* button : kinds_->buttons()) button->setChecked(button->objectName().endsWith(kind));
  question_->setVisible(kind_ == kCells);
  makeGrids();
  title_->clear();
  check();
}

QString RunForm::suggestedTitle() const {
  const DatasetPtr& dataset = services_.document.dataset();
  const QString cells = dataset ? dataset->name : QString();
  return kind_ == kCells ? tr("%1 of %2").arg(label_->currentText(), cells) : tr("Gene model of %1").arg(cells);
}

QString RunForm::obstacle() const {
  const DatasetPtr& dataset = services_.document.dataset();
  if (!dataset) return tr("Open a data set first.");
  if (dataset->counts_where.empty()) return tr("This file holds no counts, so no model can read it.");
  const ProjectStore* project = services_.document.project();
  if (!project || project->isReadOnly()) return tr("This project is open for reading only.");
  if (kind_ == kCells && label_->count() == 0) return tr("This file has no labels: join a table of labels first.");
  if (kind_ == kCells && model_->count() == 0) return tr("There is no model to start from: add one in Data.");
  if (const QString why = where_->obstacle(); !why.isEmpty()) return why;
  if (impossible_ && kind_ == kCells) return tr("This label cannot be tested; see above.");
  return {};
}

Result<Json> RunForm::options() const {
  for (const SettingsGrid* grid : {first_, more_}) {
    if (const QString problem = grid->problem(); !problem.isEmpty()) {
      return Error{ErrorCode::kInvalidArgument, "", problem.toStdString()};
    }
  }
  Json options = default_options(kind_);
  merge(options, first_->values());
  merge(options, more_->values());
  const DatasetPtr& dataset = services_.document.dataset();
  const std::string path = dataset ? dataset->path.string() : std::string();
  if (kind_ == kCells) {
    options["input"] = path;
    options["label"] = label_->currentText().toStdString();
    if (const Column* column =
            dataset && !leftOut_.isEmpty() ? dataset->cells.find(label_->currentText().toStdString()) : nullptr) {
      Json kept = Json::array();
      for (const std::string& value : column->categories) {
        if (!leftOut_.contains(QString::fromStdString(value))) kept.push_back(value);
      }
      options["filter"] = {{label_->currentText().toStdString(), kept}};
    }
    options["group"] = group_->currentData().toString().toStdString();
    for (const ModelEntry& model : services_.document.models()) {
      if (model.id == model_->currentData().toString()) options["model"] = model.path.string();
    }
    options["output"] = ".";
  } else {
    options["tokens"] = path;
    options["out"] = ".";
    // one length: what is given by steps or minutes is not also given by passes
    if (options["steps"] != 0 || options["minutes"] != 0.0) options["epochs"] = 0.0;
  }
  CW_TRY(check_job(kind_.toStdString(), options));
  return options;
}

RunForecast RunForm::forecast() const {
  const DatasetPtr& dataset = services_.document.dataset();
  const auto options = this->options();
  if (!dataset || !options) return {};
  ModelShape shape;
  if (kind_ == kPretrain) {
    shape = shape_of_preset((*options)["preset"].get<std::string>());
  } else {
    for (const ModelEntry& model : services_.document.models()) {
      if (model.id == model_->currentData().toString()) shape = shape_of_model(model.description);
    }
  }
  return forecast_run(shape, *options, static_cast<double>(dataset->num_cells()), genes_per_cell(*dataset),
                      where_->processors());
}

void RunForm::check() {
  title_->setPlaceholderText(suggestedTitle());
  soon_.start();
  showForecast();
  showProblem();
}

void RunForm::showForecast() {
  const RunForecast forecast = this->forecast();
  const QString note = where_->memoryNote(forecast.bytes);
  forecast_->setText(forecast_text(forecast, where_->machine() ? where_->machine()->name() : QString()) +
                     (note.isEmpty() ? QString() : QLatin1Char(' ') + note));
}

void RunForm::showProblem() {
  const auto options = this->options();
  const QString problem = obstacle();
  setProblem(!problem.isEmpty() ? problem
             : options          ? QString()
                                : in_window_words(QString::fromStdString(options.error().message)));
}

void RunForm::takeLabel() {
  leftOut_.clear();
  check();
}

void RunForm::setProblem(const QString& problem) {
  problem_->setText(problem);
  problem_->setVisible(!problem.isEmpty());
  start_->setEnabled(problem.isEmpty());
  start_->setToolTip(problem);
}

}  // namespace cw::ui
