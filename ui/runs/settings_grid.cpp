// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/settings_grid.h"

#include "ui/common/widgets.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>

namespace cw::ui {
namespace {

constexpr int kFieldWidth = 150;
constexpr int kTitleWidth = 170;

}  // namespace

SettingsGrid::SettingsGrid(const QList<RunSetting>& settings, const Json& options, QWidget* parent,
                           const QString& prefix)
    : QWidget(parent), settings_(settings) {
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(12);
  grid->setVerticalSpacing(8);
  grid->setColumnMinimumWidth(0, kTitleWidth);
  grid->setColumnStretch(2, 1);
  int row = 0;
  for (const RunSetting& setting : settings_) {
    const Json value = options.value(setting.key.toStdString(), Json());
    QWidget* field = makeField(setting, value, prefix + setting.key);
    auto* title = new QLabel(setting.title, this);
    title->setBuddy(field);
    auto* help = make_label(setting.help, "small", this);
    help->setWordWrap(true);
    grid->addWidget(title, row, 0);
    grid->addWidget(field, row, 1);
    grid->addWidget(help, row, 2);
    fields_.insert(setting.key, {field, value});
    ++row;
  }
}

QWidget* SettingsGrid::makeField(const RunSetting& setting, const Json& value, const QString& name) {
  QWidget* field = nullptr;
  if (value.is_boolean()) {
    auto* box = new QCheckBox(this);
    box->setChecked(value.get<bool>());
    connect(box, &QCheckBox::toggled, this, &SettingsGrid::edited);
    field = box;
  } else if (!setting.choices.isEmpty()) {
    auto* box = new QComboBox(this);
    const QString now = setting_text(value);
    if (!setting.choices.contains(now)) box->addItem(now);
    box->addItems(setting.choices);
    box->setCurrentText(now);
    connect(box, &QComboBox::currentIndexChanged, this, &SettingsGrid::edited);
    field = box;
  } else {
    auto* line = new QLineEdit(setting_text(value), this);
    connect(line, &QLineEdit::textChanged, this, &SettingsGrid::edited);
    field = line;
  }
  field->setObjectName(name);
  field->setAccessibleName(setting.title);
  field->setToolTip(setting.help);
  if (!value.is_boolean()) field->setFixedWidth(kFieldWidth);
  return field;
}

QString SettingsGrid::textOf(const QWidget* widget) {
  if (const auto* box = qobject_cast<const QComboBox*>(widget)) return box->currentText();
  if (const auto* line = qobject_cast<const QLineEdit*>(widget)) return line->text().trimmed();
  return {};
}

Json SettingsGrid::values() const {
  Json values = Json::object();
  for (auto it = fields_.begin(); it != fields_.end(); ++it) {
    Json& value = values[it.key().toStdString()];
    const QString text = textOf(it->widget);
    bool is_number = false;
    if (const auto* box = qobject_cast<const QCheckBox*>(it->widget)) {
      value = box->isChecked();
      continue;
    }
    if (it->before.is_number_integer()) {
      const qlonglong number = text.toLongLong(&is_number);
      if (is_number) value = number;
    } else if (it->before.is_number()) {
      const double number = text.toDouble(&is_number);
      if (is_number) value = number;
    }
    if (!is_number) value = text.toStdString();
  }
  return values;
}

QString SettingsGrid::problem() const {
  const Json values = this->values();
  for (const RunSetting& setting : settings_) {
    const Field field = fields_.value(setting.key);
    if (!field.before.is_number() || values[setting.key.toStdString()].is_number()) continue;
    const QString given = textOf(field.widget);
    return field.before.is_number_integer() ? tr("“%1” is “%2”; it must be a whole number.").arg(setting.title, given)
                                            : tr("“%1” is “%2”; it must be a number.").arg(setting.title, given);
  }
  return {};
}

void SettingsGrid::setValue(const QString& key, const QString& text) {
  QWidget* widget = fields_.value(key).widget;
  if (auto* line = qobject_cast<QLineEdit*>(widget)) line->setText(text);
  if (auto* box = qobject_cast<QComboBox*>(widget)) box->setCurrentText(text);
}

}  // namespace cw::ui
