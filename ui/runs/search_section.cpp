// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/search_section.h"

#include "core/api/search_options.h"
#include "core/api/search_space.h"
#include "core/evaluate/search_plan.h"
#include "core/search/default_space.h"
#include "ui/common/widgets.h"
#include "ui/runs/run_settings.h"
#include "ui/runs/settings_grid.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

namespace cw::ui {
namespace {

constexpr int kEndWidth = 84;
constexpr double kFinish = 0.3;  // of a run: judging the best one (core/search)

// What may vary besides the published space; not ticked to begin with.
constexpr std::array kFurther{"epochs=1:10",          "batch_size=8,16,32",          "train_embeddings=no,yes",
                              "hidden_dropout=0:0.3", "attention_dropout=0:0.3",     "lora_rank=0,8,64",
                              "clip=0.5:2",           "class_weights=none,balanced", "focal_gamma=0:3"};

QString end_text(double value) { return QString::number(value, 'g', 6); }

QList<RunSetting> effort_settings() {
  QList<RunSetting> asked;
  for (const RunSetting& setting : settings_of(QStringLiteral("search"))) {
    if (setting.first) asked << setting;
  }
  return asked;
}

QLineEdit* make_end(const QString& name, const QString& words, const QString& text, QWidget* parent) {
  auto* line = new QLineEdit(text, parent);
  line->setObjectName(name);
  line->setAccessibleName(words);
  line->setToolTip(words);
  line->setFixedWidth(kEndWidth);
  return line;
}

}  // namespace

SearchSection::SearchSection(QWidget* parent)
    : QWidget(parent),
      on_(new QCheckBox(tr("Search for good settings"), this)),
      body_(new QWidget(this)),
      effort_(new SettingsGrid(effort_settings(), default_options(QStringLiteral("search")), body_)) {
  on_->setObjectName(QStringLiteral("runSearch"));
  on_->setToolTip(
      tr("Tries several settings, trains the promising ones on, and keeps the best by the validation cells"));
  auto* note = make_label(tr("Ticked settings vary between these ends; the others stay as they are above. Trials are "
                             "compared on the validation part alone; only the best is judged on the test part."),
                          "small", body_);
  note->setWordWrap(true);
  auto* inner = new QVBoxLayout(body_);
  inner->setContentsMargins(0, 0, 0, 0);
  inner->addWidget(note);
  inner->addWidget(effort_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(on_);
  column->addWidget(body_);
  body_->hide();
  connect(on_, &QCheckBox::toggled, body_, &QWidget::setVisible);
  connect(on_, &QCheckBox::toggled, this, &SearchSection::edited);
  connect(effort_, &SettingsGrid::edited, this, &SearchSection::edited);
}

bool SearchSection::isOn() const { return on_->isChecked() && isVisibleTo(parentWidget()); }

void SearchSection::setOn(bool on) { on_->setChecked(on); }

void SearchSection::offer(const QString& kind, const Json& options, std::int64_t layers) {
  if (kind == kind_ && layers == layers_) return;
  kind_ = kind;
  layers_ = layers;
  rows_.clear();
  delete table_;
  table_ = new QWidget(body_);
  grid_ = new QGridLayout(table_);
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setHorizontalSpacing(8);
  grid_->setVerticalSpacing(4);
  for (const std::string& text : default_search(kind.toStdString(), options, layers)) addRow(options, text, true);
  for (const char* text : kFurther) addRow(options, text, false);
  grid_->setColumnStretch(4, 1);
  static_cast<QVBoxLayout*>(body_->layout())->insertWidget(1, table_);
}

void SearchSection::addRow(const Json& options, const std::string& text, bool ticked) {
  const auto setting = parse_search_setting(options, text);
  if (!setting) return;  // this kind of job has no such option
  const QString title = setting_title(QString::fromStdString(setting->name));
  const QString name = QStringLiteral("search-") + QString::fromStdString(setting->name);
  Row row;
  row.name = setting->name;
  row.tick = new QCheckBox(title, table_);
  row.tick->setObjectName(name);
  row.tick->setChecked(ticked);
  const int at = static_cast<int>(rows_.size());
  grid_->addWidget(row.tick, at, 0);
  if (setting->choices.empty()) {
    row.low = make_end(name + QStringLiteral("-low"), tr("Lowest: %1").arg(title), end_text(setting->low), table_);
    row.high = make_end(name + QStringLiteral("-high"), tr("Highest: %1").arg(title), end_text(setting->high), table_);
    row.logarithmic = new QCheckBox(tr("by factors"), table_);
    row.logarithmic->setObjectName(name + QStringLiteral("-log"));
    row.logarithmic->setAccessibleName(tr("By factors: %1").arg(title));
    row.logarithmic->setToolTip(
        tr("Drawn evenly on the logarithm, so that small values are tried as often as large ones"));
    row.logarithmic->setChecked(setting->logarithmic);
    grid_->addWidget(row.low, at, 1);
    grid_->addWidget(new QLabel(tr("to"), table_), at, 2);
    grid_->addWidget(row.high, at, 3);
    grid_->addWidget(row.logarithmic, at, 4);
  } else {
    QStringList words;
    for (const std::string& word : setting->choices) words << QString::fromStdString(word);
    row.words = make_end(name + QStringLiteral("-words"), tr("One of: %1").arg(title), words.join(QStringLiteral(", ")),
                         table_);
    row.words->setFixedWidth(QWIDGETSIZE_MAX);
    row.words->setMinimumWidth(kEndWidth);
    row.words->setMaximumWidth(QWIDGETSIZE_MAX);
    grid_->addWidget(row.words, at, 1, 1, 4);
  }
  const auto follow = [row](bool on) {
    for (QWidget* field : std::initializer_list<QWidget*>{row.low, row.high, row.logarithmic, row.words}) {
      if (field) field->setEnabled(on);
    }
  };
  follow(ticked);
  connect(row.tick, &QCheckBox::toggled, table_, follow);
  connect(row.tick, &QCheckBox::toggled, this, &SearchSection::edited);
  if (row.logarithmic) connect(row.logarithmic, &QCheckBox::toggled, this, &SearchSection::edited);
  for (QLineEdit* line : {row.low, row.high, row.words}) {
    if (line) connect(line, &QLineEdit::textChanged, this, &SearchSection::edited);
  }
  rows_ << row;
}

// As parse_search_setting takes it.
std::vector<std::string> SearchSection::space() const {
  std::vector<std::string> texts;
  for (const Row& row : rows_) {
    if (!row.tick->isChecked()) continue;
    QString values = row.words ? row.words->text().remove(QLatin1Char(' '))
                               : row.low->text().trimmed() + QLatin1Char(':') + row.high->text().trimmed();
    if (row.logarithmic && row.logarithmic->isChecked()) values += QStringLiteral(":log");
    texts.push_back(row.name + "=" + values.toStdString());
  }
  return texts;
}

Json SearchSection::optionsAround(const QString& kind, const Json& finetune) const {
  Json options = default_options(QStringLiteral("search"));
  options.update(effort_->values());
  options["kind"] = kind.toStdString();
  options["finetune"] = finetune;
  options["finetune"].erase("output");
  options["search"] = space();
  options["seed"] = finetune.at("seed");
  options["num_threads"] = finetune.at("num_threads");
  options["output"] = ".";
  return options;
}

QString SearchSection::Row::problem() const {
  if (!low)
    return words->text().trimmed().isEmpty() ? SearchSection::tr("“%1” has no values.").arg(tick->text()) : QString();
  double ends[2] = {};
  for (const auto& [line, end] : {std::pair(low, &ends[0]), std::pair(high, &ends[1])}) {
    bool is_number = false;
    *end = line->text().trimmed().toDouble(&is_number);
    if (!is_number) {
      return SearchSection::tr("“%1” is to begin or end at “%2”; it must be a number.").arg(tick->text(), line->text());
    }
  }
  if (ends[0] > ends[1]) return SearchSection::tr("The lowest “%1” is above the highest.").arg(tick->text());
  if (logarithmic->isChecked() && ends[0] <= 0.0) {
    return SearchSection::tr("“%1” by factors must begin above 0.").arg(tick->text());
  }
  return {};
}

QString SearchSection::problem() const {
  if (QString problem = effort_->problem(); !problem.isEmpty()) return problem;
  bool varies = false;
  for (const Row& row : rows_) {
    if (!row.tick->isChecked()) continue;
    varies = true;
    if (QString problem = row.problem(); !problem.isEmpty()) return problem;
  }
  return varies ? QString() : tr("Tick a setting that is to vary.");
}

double SearchSection::runs() const {
  Json effort = default_options(QStringLiteral("search"));
  effort.update(effort_->values());
  const auto number = [&effort](const char* key) { return effort[key].is_number() ? effort[key].get<double>() : 0.0; };
  SearchOptions options;
  options.settings.push_back({"learning_rate", 0.0, 1.0, false, false, {}});
  options.num_trials = static_cast<int>(number("trials"));
  options.num_rungs = static_cast<int>(number("rungs"));
  options.keep = number("keep");
  const auto plan = SearchPlan::create(options);
  return plan ? plan->total_budget(true) + (effort.value("baseline", true) ? 1.0 : 0.0) + kFinish : 0.0;
}

}  // namespace cw::ui
