// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_form.h"

#include "core/api/job_kinds.h"
#include "ui/common/tab_order.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/machines/where_row.h"
#include "ui/runs/outlook_view.h"
#include "ui/runs/recipes_page.h"
#include "ui/runs/run_question.h"
#include "ui/runs/search_section.h"
#include "ui/runs/settings_grid.h"
#include "ui/runs/suited_defaults.h"
#include "ui/statistics/label_columns.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedLayout>
#include <QToolButton>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

const QString kCells = QStringLiteral("finetune-cells");
const QString kPretrain = QStringLiteral("pretrain");
const QString kRecipes = QStringLiteral("recipes");
constexpr int kAnswerWidth = 300;
constexpr int kSoon = 250;  // ms

QList<RunSetting> part_of_settings(const QString& kind, bool first) {
  QList<RunSetting> part;
  for (const RunSetting& setting : settings_of(kind)) {
    if (setting.first == first) part << setting;
  }
  return part;
}

QScrollArea* make_scroll(QWidget* content, QWidget* parent) {
  auto* scroll = new QScrollArea(parent);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidget(content);
  return scroll;
}

}  // namespace

RunForm::RunForm(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      kinds_(new QButtonGroup(this)),
      pages_(new QStackedLayout),
      recipes_(new RecipesPage(services, this)),
      data_(make_label({}, "secondary", this)),
      title_(new QLineEdit(this)),
      questions_(new QVBoxLayout),
      where_(new WhereRow(services.theme, QStringLiteral("runWhere"), this)),
      grids_(new QVBoxLayout),
      showMore_(make_pill(QStringLiteral("runMoreSettings"), tr("All settings"), this)),
      search_(new SearchSection(this)),
      outlook_(new OutlookView(services.theme, this)),
      forecast_(make_label({}, "small", this)),
      problem_(make_label({}, "bad", this)),
      recipeProblem_(make_label({}, "bad", this)),
      start_(make_button(QStringLiteral("runStart"), tr("Start training"), "primary", this)) {
  setObjectName(QStringLiteral("runForm"));
  auto* page = new QVBoxLayout(this);
  page->setContentsMargins(0, 0, 0, 0);
  page->setSpacing(0);
  page->addWidget(makeBar());
  page->addWidget(make_line(Qt::Horizontal, this));
  recipeProblem_->setObjectName(QStringLiteral("recipeProblem"));
  recipeProblem_->setWordWrap(true);
  recipeProblem_->setContentsMargins(services_.theme.size("padding"), 8, services_.theme.size("padding"), 8);
  page->addWidget(recipeProblem_);
  page->addLayout(pages_, 1);
  pages_->addWidget(makeForm());
  pages_->addWidget(recipes_);
  soon_.setSingleShot(true);
  soon_.setInterval(kSoon);
  connect(&soon_, &QTimer::timeout, this, [this] {
    orderTabs();
    if (question_ && !isRecipe()) question_->judge(options());
  });
  connect(where_, &WhereRow::changed, this, [this] {
    if (!question_ || isRecipe()) return;
    showForecast();
    showProblem();
  });
  connect(showMore_, &QToolButton::toggled, this, [this](bool shown) {
    if (more_) more_->setVisible(shown);
    soon_.start();
  });
  connect(search_, &SearchSection::edited, this, &RunForm::check);
  connect(recipes_, &RecipesPage::edited, this, &RunForm::check);
  connect(start_, &QPushButton::clicked, this, &RunForm::start);
}

QWidget* RunForm::makeBar() {
  auto* bar = new QWidget(this);
  bar->setFixedHeight(services_.theme.size("bar"));
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(services_.theme.size("padding"), 0, services_.theme.size("padding"), 0);
  row->setSpacing(8);
  row->addWidget(make_label(tr("New run"), "heading", bar));
  struct Choice {
    QString kind, text, help;
  };
  const Choice choices[] = {
      {kCells, tr("One label"), tr("Learn a label of the cells: classes, or a number")},
      {QStringLiteral("finetune-multitask"), tr("Several labels"), tr("Learn several labels of the cells at once")},
      {QStringLiteral("finetune-genes"), tr("Gene classes"), tr("Learn classes of genes from lists of them")},
      {kPretrain, tr("Gene model"), tr("Train a model of which genes go together, or go on with one")},
      {kRecipes, tr("Recipes"), tr("Published analyses, one click each")}};
  for (const Choice& choice : choices) {
    QToolButton* pill = make_pill(QStringLiteral("runKind-") + choice.kind, choice.text, bar);
    pill->setCheckable(true);
    pill->setToolTip(choice.help);
    kinds_->addButton(pill);
    row->addWidget(pill);
    connect(pill, &QToolButton::clicked, this, [this, kind = choice.kind] { setKind(kind); });
  }
  row->addStretch(1);
  back_ = make_button(QStringLiteral("runFormCancel"), tr("Cancel"), "", bar);
  connect(back_, &QPushButton::clicked, this, &RunForm::cancelled);
  row->addWidget(back_);
  row->addWidget(start_);
  return bar;
}

QWidget* RunForm::makeForm() {
  auto* form = new QWidget(this);
  auto* halves = new QHBoxLayout(form);
  halves->setContentsMargins(0, 0, 0, 0);
  halves->setSpacing(0);
  halves->addWidget(make_scroll(makeFields(), form), 1);
  halves->addWidget(make_line(Qt::Vertical, form));
  halves->addWidget(makeAnswer());
  return form;
}

QWidget* RunForm::makeFields() {
  const int pad = services_.theme.size("padding");
  title_->setObjectName(QStringLiteral("runName"));
  title_->setAccessibleName(tr("Name of the run"));
  showMore_->setCheckable(true);
  auto* page = make_surface("panel", this);
  fields_ = page;
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(pad, pad, pad, pad);
  column->setSpacing(12);
  column->addWidget(make_caption(tr("Data"), page));
  column->addWidget(data_);
  column->addWidget(make_caption(tr("Name"), page));
  column->addWidget(title_);
  column->addLayout(questions_);
  column->addWidget(make_caption(tr("Where"), page));
  column->addWidget(where_);
  column->addWidget(make_caption(tr("Settings"), page));
  column->addLayout(grids_);
  column->addWidget(showMore_, 0, Qt::AlignLeft);
  column->addWidget(search_);
  column->addStretch(1);
  return page;
}

QWidget* RunForm::makeAnswer() {
  const int pad = services_.theme.size("padding");
  auto* answer = make_surface("ground", this);
  answer_ = answer;
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
  QScrollArea* scroll = make_scroll(answer, this);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFixedWidth(kAnswerWidth);
  return scroll;
}

void RunForm::makeQuestion() {
  delete question_;
  question_ = make_question(kind_, services_, *outlook_, this);
  questions_->addWidget(question_);
  connect(question_, &RunQuestion::edited, this, [this] {
    suitDefaults();
    check();
  });
  connect(question_, &RunQuestion::judged, this, &RunForm::showProblem);
  connect(question_, &RunQuestion::settingWanted, this, [this](const QString& key, const QString& value) {
    for (SettingsGrid* grid : {first_, more_}) grid->setValue(key, value);
  });
}

void RunForm::makeGrids() {
  delete first_;
  delete more_;
  defaults_ = suited_defaults(kind_, question_->size(default_options(kind_)));
  first_ = new SettingsGrid(part_of_settings(kind_, true), defaults_, this);
  more_ = new SettingsGrid(part_of_settings(kind_, false), defaults_, this);
  for (SettingsGrid* grid : {first_, more_}) {
    grids_->addWidget(grid);
    connect(grid, &SettingsGrid::edited, this, &RunForm::check);
  }
  more_->setVisible(showMore_->isChecked());
  search_->setVisible(kind_ != kPretrain);
}

void RunForm::suitDefaults() {
  const Json suited = suited_defaults(kind_, question_->size(default_options(kind_)));
  const Json now = options();
  for (const auto& [key, value] : suited.items()) {
    if (value == defaults_[key] || now[key] != defaults_[key]) continue;
    for (SettingsGrid* grid : {first_, more_}) grid->setValue(QString::fromStdString(key), setting_text(value));
  }
  defaults_ = suited;
}

void RunForm::begin() {
  const DatasetPtr& dataset = services_.document.dataset();
  search_->setOn(false);
  data_->setText(dataset ? tr("%1 · %2 cells").arg(dataset->name, count_text(dataset->num_cells())) : QString());
  setKind(dataset && !label_columns(*dataset).isEmpty() ? kCells : kPretrain);
}

bool RunForm::isRecipe() const { return kind_ == kRecipes; }

void RunForm::setKind(const QString& kind) {
  kind_ = kind;
  for (QAbstractButton* button : kinds_->buttons()) {
    button->setChecked(button->objectName() == QStringLiteral("runKind-") + kind);
  }
  pages_->setCurrentIndex(isRecipe() ? 1 : 0);
  soon_.stop();
  if (!isRecipe()) {
    outlook_->setText({});
    makeQuestion();
    makeGrids();
    title_->clear();
  }
  check();
}

void RunForm::setSearch(bool on) { search_->setOn(on); }

QString RunForm::title() const {
  if (isRecipe()) return recipes_->title();
  return title_->text().trimmed().isEmpty() ? title_->placeholderText() : title_->text().trimmed();
}

QString RunForm::obstacle() const {
  const ProjectStore* project = services_.document.project();
  if (!project || project->isReadOnly()) return tr("This project is open for reading only.");
  if (isRecipe()) return recipes_->obstacle();
  const QString obstacle = question_->obstacle();
  return obstacle.isEmpty() ? where_->obstacle() : obstacle;
}

// As the fields stand, whether they hold what they should or not.
Json RunForm::options() const {
  Json options = default_options(kind_);
  for (const SettingsGrid* grid : {first_, more_}) options.update(grid->values());
  question_->fill(options);
  return options;
}

Result<JobSpec> RunForm::job() const {
  for (const SettingsGrid* grid : {first_, more_}) {
    if (const QString problem = grid->problem(); !problem.isEmpty()) {
      return Error{ErrorCode::kInvalidArgument, "", problem.toStdString()};
    }
  }
  JobSpec job = new_job(kind_.toStdString(), options());
  CW_TRY(check_job(job.kind, job.options));
  if (!search_->isOn()) return job;
  if (const QString problem = search_->problem(); !problem.isEmpty()) {
    return Error{ErrorCode::kInvalidArgument, "", problem.toStdString()};
  }
  job = new_job("search", search_->optionsAround(kind_, job.options));
  CW_TRY(check_job(job.kind, job.options));
  return job;
}

RunForecast RunForm::forecast() const {
  if (!job()) return {};
  const Json options = this->options();
  const RunSize size = question_->size(options);
  RunForecast forecast = forecast_run(size.shape, options, size.cells, size.genes, where_->processors());
  // of a search every trial trains one fold
  forecast.seconds *= search_->isOn() ? search_->runs() : size.times;
  return forecast;
}

void RunForm::check() {
  if (!isRecipe()) {
    title_->setPlaceholderText(question_->suggestedTitle());
    search_->offer(kind_, options(), static_cast<std::int64_t>(question_->size(options()).shape.layers));
    soon_.start();
    showForecast();
    start_->setText(search_->isOn() ? tr("Start search") : tr("Start training"));
  } else {
    start_->setText(tr("Start recipe"));
    soon_.start();
  }
  showProblem();
}

void RunForm::showForecast() {
  const RunForecast forecast = this->forecast();
  const QString note = where_->memoryNote(forecast.bytes);
  forecast_->setText(forecast_text(forecast, where_->machine() ? where_->machine()->name() : QString()) +
                     (note.isEmpty() ? QString() : QLatin1Char(' ') + note));
}

void RunForm::orderTabs() {
  QList<QWidget*> order;
  for (QAbstractButton* kind : kinds_->buttons()) order << kind;
  if (isRecipe()) {
    order << in_reading_order(*recipes_);
  } else {
    order << in_reading_order(*fields_) << in_reading_order(*answer_);
  }
  tab_through(order << back_ << start_);
}

void RunForm::showProblem() {
  QString problem = obstacle();
  if (problem.isEmpty() && !isRecipe()) {
    if (const auto job = this->job(); !job) problem = in_window_words(QString::fromStdString(job.error().message));
  }
  setProblem(problem);
}

void RunForm::setProblem(const QString& problem) {
  QLabel* shown = isRecipe() ? recipeProblem_ : problem_;
  recipeProblem_->hide();
  problem_->hide();
  shown->setText(problem);
  shown->setVisible(!problem.isEmpty());
  start_->setEnabled(problem.isEmpty());
  start_->setToolTip(problem);
}

}  // namespace cw::ui
