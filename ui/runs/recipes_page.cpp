// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/recipes_page.h"

#include "core/api/job_kinds.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/runs/file_line.h"
#include "ui/runs/run_settings.h"
#include "ui/runs/runs_model.h"
#include "ui/runs/settings_grid.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr int kListWidth = 250;
constexpr int kModelWidth = 240;

QString text_of(const std::string& text) { return QString::fromStdString(text); }

// As the user types it: the value of a field, without the quotes of JSON.
std::string typed(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

void add_paragraph(QVBoxLayout& column, const QString& caption, const QString& text, QWidget* page) {
  if (!caption.isEmpty()) column.addWidget(make_caption(caption, page));
  auto* label = make_label(text, "", page);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  column.addWidget(label);
}

}  // namespace

RecipesPage::RecipesPage(Services& services, QWidget* parent)
    : QWidget(parent), services_(services), list_(new QListWidget(this)), view_(new QScrollArea(this)) {
  setObjectName(QStringLiteral("runRecipes"));
  list_->setObjectName(QStringLiteral("recipeList"));
  list_->setAccessibleName(tr("Recipes"));
  list_->setFixedWidth(kListWidth);
  list_->setFrameShape(QFrame::NoFrame);
  list_->setWordWrap(true);
  view_->setWidgetResizable(true);
  view_->setFrameShape(QFrame::NoFrame);
  view_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  view_->setAccessibleName(tr("The recipe"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(list_);
  row->addWidget(make_line(Qt::Vertical, this));
  row->addWidget(view_, 1);
  if (auto recipes = bundled_recipes()) {
    recipes_ = std::move(*recipes);
  } else {
    problem_ = text_of(recipes.error().message);
  }
  for (const Recipe& recipe : recipes_) {
    auto* item = new QListWidgetItem(text_of(recipe.title), list_);
    item->setSizeHint({kListWidth - 8, services_.theme.size("table-row")});
  }
  connect(list_, &QListWidget::currentRowChanged, this, &RecipesPage::show);
  list_->setCurrentRow(0);
}

const Recipe* RecipesPage::recipe() const {
  const int row = list_->currentRow();
  return row >= 0 && row < static_cast<int>(recipes_.size()) ? &recipes_[static_cast<std::size_t>(row)] : nullptr;
}

QString RecipesPage::title() const { return recipe() ? text_of(recipe()->title) : QString(); }

void RecipesPage::show(int) {
  files_.clear();
  if (const Recipe* chosen = recipe()) view_->setWidget(makePage(*chosen));
  Q_EMIT edited();
}

QWidget* RecipesPage::makePage(const Recipe& recipe) {
  const int pad = services_.theme.size("padding");
  auto* page = make_surface("panel", nullptr);
  page->setObjectName(QStringLiteral("recipePage"));
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(pad, pad, pad, pad);
  column->setSpacing(8);
  auto* heading = make_label(text_of(recipe.title), "heading", page);
  heading->setObjectName(QStringLiteral("recipeTitle"));
  column->addWidget(heading);
  add_paragraph(*column, {}, text_of(recipe.about), page);
  add_paragraph(*column, tr("The paper reported"), text_of(recipe.reported + ".\n" + recipe.citation), page);
  add_paragraph(*column, tr("Measured here"), text_of(recipe.measured), page);
  column->addWidget(make_caption(tr("Data"), page));
  for (const RecipeData& needed : recipe.data) {
    auto* words =
        make_label(tr("%1: %2. Source: %3").arg(text_of(needed.name), text_of(needed.what), text_of(needed.source)),
                   "small", page);
    words->setWordWrap(true);
    auto* file =
        new FileLine(QStringLiteral("recipe-") + text_of(needed.name), text_of(needed.name), tr("All files (*)"), page);
    file->setPath(text_of(place_of(needed, {})));
    files_.insert(text_of(needed.name), file);
    connect(file, &FileLine::edited, this, &RecipesPage::edited);
    column->addWidget(words);
    column->addWidget(file);
  }
  column->addWidget(make_caption(setting_title(QStringLiteral("model")), page));
  model_ = new QComboBox(page);
  model_->setObjectName(QStringLiteral("recipe-model"));
  model_->setAccessibleName(setting_title(QStringLiteral("model")));
  model_->setMaximumWidth(kModelWidth);
  for (const ModelEntry& model : services_.document.models()) model_->addItem(model.name, text_of(model.path.string()));
  column->addWidget(model_);
  QList<RunSetting> asked;
  Json values = Json::object();
  for (const RecipeSetting& setting : recipe.settings) {
    asked << RunSetting{text_of(setting.name), setting_title(text_of(setting.name)), text_of(setting.what), {}, true};
    values[setting.name] = setting.value;
  }
  column->addWidget(make_caption(tr("Settings"), page));
  settings_ = new SettingsGrid(asked, values, page, QStringLiteral("recipe-setting-"));
  connect(settings_, &SettingsGrid::edited, this, &RecipesPage::edited);
  column->addWidget(settings_);
  column->addStretch(1);
  return page;
}

RecipeInputs RecipesPage::inputs(const std::filesystem::path& folder) const {
  RecipeInputs inputs;
  inputs.out = folder;
  inputs.model = model_->currentData().toString().toStdString();
  for (auto it = files_.begin(); it != files_.end(); ++it) {
    inputs.data[it.key().toStdString()] = it.value()->path().toStdString();
  }
  const Json values = settings_->values();
  for (const auto& [name, value] : values.items()) inputs.settings[name] = typed(value);
  return inputs;
}

QString RecipesPage::obstacle() const {
  const Recipe* chosen = recipe();
  if (!chosen) return problem_;
  for (const RecipeData& needed : chosen->data) {
    const QString path = files_.value(text_of(needed.name))->path();
    if (path.isEmpty()) {
      return tr("Choose a file with %1; it does not come with the program.").arg(text_of(needed.what));
    }
    if (!QFileInfo::exists(path)) return tr("There is no file %1.").arg(path);
  }
  if (QString problem = settings_->problem(); !problem.isEmpty()) return problem;
  const auto jobs = fill_in(*chosen, inputs("/"));
  return jobs ? QString() : in_window_words(text_of(jobs.error().message));
}

Result<QString> RecipesPage::start(const std::filesystem::path& folder, const QString& title) {
  CW_ASSIGN(const std::vector<RecipeJob> jobs, fill_in(*recipe(), inputs(folder)));
  QString shown;
  for (const RecipeJob& job : jobs) {
    const bool trains = is_training_kind(text_of(job.spec.kind));
    const auto place = output_is_folder(job.spec.kind) ? job.output : folder / ("step-" + job.step);
    CW_ASSIGN(const QString id, services_.jobs.submit(job.spec, trains ? title : text_of(job.what), place));
    if (trains || shown.isEmpty()) shown = id;
  }
  return shown;
}

}  // namespace cw::ui
