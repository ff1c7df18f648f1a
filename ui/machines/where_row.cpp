// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/machines/where_row.h"

#include "core/base/parallel.h"
#include "ui/common/widgets.h"
#include "ui/jobs/job_error_text.h"
#include "ui/machines/machine_sheet.h"
#include "ui/machines/machine_text.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <unistd.h>

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr int kAgain = 30'000;  // ms between looks at the chosen machine
constexpr int kLeastWidth = 240;
constexpr double kMegabyte = 1024.0 * 1024.0;

double number(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_number() ? json[key].get<double>() : 0.0;
}

// "16G", "16000" (megabytes, as Slurm has it); 0 where it is neither.
double bytes_asked(const QString& text) {
  static const QString kUnits = QStringLiteral("KMGT");
  if (text.isEmpty()) return 0.0;
  const auto unit = kUnits.indexOf(text.back().toUpper());
  bool is_number = false;
  const double value = (unit < 0 ? text : text.chopped(1)).toDouble(&is_number);
  return is_number ? value * std::pow(1024.0, unit < 0 ? 2.0 : static_cast<double>(unit) + 1.0) : 0.0;
}

const Json* partition_in(const Json& report, const std::string& name) {
  if (!report.is_object() || !report.contains("partitions")) return nullptr;
  const Json& all = report["partitions"];
  const auto found = std::find_if(all.begin(), all.end(), [&name](const Json& one) {
    return name.empty() ? one.value("default", false) : one.value("name", std::string()) == name;
  });
  return found == all.end() ? nullptr : &*found;
}

std::string word(const QLineEdit* field) { return field->text().trimmed().toStdString(); }

}  // namespace

WhereRow::WhereRow(const Theme& theme, const QString& name, QWidget* parent)
    : QWidget(parent),
      theme_(theme),
      name_(name),
      book_(this),
      machines_(new QComboBox(this)),
      note_(make_label({}, "small", this)),
      look_(make_button(name + QStringLiteral("-look"), tr("Look at it"), "link", this)),
      cluster_(new QWidget(this)),
      partition_(new QComboBox(cluster_)) {
  machines_->setObjectName(name);
  machines_->setAccessibleName(tr("Where it is computed"));
  machines_->setMinimumWidth(kLeastWidth);
  machines_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  machines_->addItem(tr("This PC"), QLatin1String(kThisPcName));
  note_->setObjectName(name + QStringLiteral("-note"));
  note_->setWordWrap(true);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  column->addWidget(machines_);
  column->addWidget(cluster_);
  column->addWidget(note_);
  column->addWidget(look_, 0, Qt::AlignLeft);
  auto* fields = new QGridLayout(cluster_);
  fields->setContentsMargins(0, 0, 0, 0);
  fields->setHorizontalSpacing(8);
  fields->setVerticalSpacing(6);
  partition_->setObjectName(name + QStringLiteral("-partition"));
  partition_->setAccessibleName(tr("Partition"));
  partition_->setEditable(true);
  partition_->setInsertPolicy(QComboBox::NoInsert);
  time_ = addField(*cluster_, "time", tr("Longest time"), tr("the partition's"));
  gpus_ = addField(*cluster_, "gpus", tr("GPUs"), tr("none"));
  memory_ = addField(*cluster_, "memory", tr("Memory"), tr("the cluster's default"));
  const std::pair<QString, QWidget*> places[] = {
      {tr("Partition"), partition_}, {tr("Longest time"), time_}, {tr("GPUs"), gpus_}, {tr("Memory"), memory_}};
  int place = 0;
  for (const auto& [title, field] : places) {
    fields->addWidget(make_label(title, "secondary", cluster_), place / 2, place % 2 * 2);
    fields->addWidget(field, place / 2, place % 2 * 2 + 1);
    ++place;
  }
  for (const int growing : {1, 3}) fields->setColumnStretch(growing, 1);
  again_.setInterval(kAgain);
  connect(&again_, &QTimer::timeout, this, [this] {
    if (const MachineEntry* one = machine()) book_.probe(one->name());
  });
  connect(&book_, &MachineBook::changed, this, &WhereRow::fill);
  connect(machines_, &QComboBox::currentIndexChanged, this, [this] {
    if (const MachineEntry* one = machine()) book_.probe(one->name());
    showChoice();
  });
  connect(partition_, &QComboBox::editTextChanged, this, &WhereRow::showChoice);
  connect(look_, &QPushButton::clicked, this, [this] {
    if (const MachineEntry* one = machine()) (new MachineSheet(theme_, book_, one->name(), this))->open();
  });
  showChoice();
}

QLineEdit* WhereRow::addField(QWidget& row, const char* key, const QString& title, const QString& hint) {
  auto* field = new QLineEdit(&row);
  field->setObjectName(name_ + QLatin1Char('-') + QLatin1String(key));
  field->setAccessibleName(title);
  field->setPlaceholderText(hint);
  field->setMinimumWidth(60);
  connect(field, &QLineEdit::textChanged, this, &WhereRow::showChoice);
  return field;
}

void WhereRow::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  book_.refresh();
  again_.start();
}

void WhereRow::hideEvent(QHideEvent* event) {
  again_.stop();
  QWidget::hideEvent(event);
}

const MachineEntry* WhereRow::machine() const {
  const QString name = machines_->currentData().toString();
  return name == QLatin1String(kThisPcName) ? nullptr : book_.find(name);
}

bool WhereRow::isCluster() const { return machine() && machine()->kind() == QLatin1String("slurm"); }

// The list of machines as it is now; the choice stays while its machine does.
void WhereRow::fill() {
  {
    const QSignalBlocker block(machines_);
    const QString chosen = machines_->currentData().toString();
    machines_->clear();
    machines_->addItem(tr("This PC"), QLatin1String(kThisPcName));
    for (const MachineEntry& one : book_.machines()) {
      const bool isHere = one.kind() == QLatin1String("this-pc");
      const QString room = one.report.is_null() && !one.error ? QString() : machine_room(one);
      const QString text = room.isEmpty() ? machine_title(one) : machine_title(one) + QStringLiteral(" · ") + room;
      if (isHere) {
        machines_->setItemText(0, text);
      } else {
        machines_->addItem(text, one.name());
      }
    }
    machines_->setCurrentIndex(std::max(0, machines_->findData(chosen)));
  }
  showChoice();
}

void WhereRow::showChoice() {
  const MachineEntry* one = machine();
  showCluster(isCluster() ? one : nullptr);
  machines_->setToolTip(machines_->currentText());
  const QString problem = obstacle();
  if (!problem.isEmpty()) {
    note_->setText(problem);
  } else if (one) {
    note_->setText(tr("Data and model are sent to %1, once; the run goes on there when this PC is switched off, and "
                      "its results are fetched here.")
                       .arg(one->name()));
  }
  note_->setVisible(one);
  look_->setText(one ? tr("Look at %1").arg(one->name()) : QString());
  look_->setVisible(one && one->error);
  Q_EMIT changed();
}

// The defaults of the cluster are filled in when it is chosen; what is typed then stays.
void WhereRow::showCluster(const MachineEntry* one) {
  cluster_->setVisible(one);
  if (!one) return;
  const QSignalBlocker blocks[] = {QSignalBlocker(partition_), QSignalBlocker(time_), QSignalBlocker(memory_),
                                   QSignalBlocker(gpus_)};
  QStringList names;
  const Json partitions = one->report.is_object() ? one->report.value("partitions", Json::array()) : Json::array();
  for (const Json& partition : partitions) names << QString::fromStdString(partition.value("name", std::string()));
  const bool isNew = shownCluster_ != one->name();
  shownCluster_ = one->name();
  const Json defaults = one->machine.is_object() ? one->machine.value("slurm", Json::object()) : Json::object();
  const auto given = [&defaults](const char* key) {
    return QString::fromStdString(defaults.value(key, std::string()));
  };
  QStringList shown;
  for (int i = 0; i < partition_->count(); ++i) shown << partition_->itemText(i);
  if (isNew || shown != names) {
    const QString typed = isNew ? given("partition") : partition_->currentText();
    partition_->clear();
    partition_->addItems(names);
    partition_->setCurrentText(typed);
  }
  const Json* preset = partition_in(one->report, {});
  partition_->lineEdit()->setPlaceholderText(preset ? QString::fromStdString(preset->value("name", std::string()))
                                                    : tr("the cluster's default"));
  if (!isNew) return;
  time_->setText(given("time"));
  memory_->setText(given("memory"));
  gpus_->setText(given("gpus"));
}

Result<JobPlace> WhereRow::place() const {
  const MachineEntry* one = machine();
  JobPlace place;
  if (!one) return place;
  CW_ASSIGN(place.machine, machine_from_json(one->machine, one->name().toStdString()));
  if (place.machine.kind != MachineKind::kSlurm) return place;
  place.request = place.machine.slurm;
  place.request.partition = partition_->currentText().trimmed().toStdString();
  place.request.time = word(time_);
  place.request.memory = word(memory_);
  place.request.gpus = word(gpus_);
  Machine asked = place.machine;
  asked.slurm = place.request;
  CW_TRY(validate(asked));
  return place;
}

QString WhereRow::obstacle() const {
  const MachineEntry* one = machine();
  if (!one) return {};
  if (has_unknown_key(*one)) {
    return tr("You have never accepted the key of %1. Look at it, compare its fingerprint, and accept it there.")
        .arg(one->name());
  }
  if (one->error) {
    return QStringLiteral("%1 [%2]").arg(job_error_text(*one->error), QString::fromStdString(one->error->id));
  }
  const Json problems = one->report.is_object() ? one->report.value("problems", Json::array()) : Json::array();
  if (!problems.empty()) {
    const Error first{ErrorCode::kIo, problems[0].value("code", std::string()),
                      problems[0].value("text", std::string())};
    return QStringLiteral("%1 [%2]").arg(job_error_text(first), QString::fromStdString(first.id));
  }
  const auto asked = place();
  if (!asked) return job_error_text(asked.error());
  const std::string& partition = asked->request.partition;
  const bool isKnown = !one->report.is_object() || partition_in(one->report, partition);
  if (isCluster() && !partition.empty() && !isKnown) {
    return tr("%1 has no partition “%2”. Choose one of the list.").arg(one->name(), QString::fromStdString(partition));
  }
  return {};
}

int WhereRow::processors() const {
  const MachineEntry* one = machine();
  if (!one) return effective_threads(0);
  if (isCluster()) return 0;
  return static_cast<int>(number(one->report, "cpus"));
}

double WhereRow::memory() const {
  const MachineEntry* one = machine();
  if (!one) return static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  if (!isCluster()) return number(one->report, "memory_free_mb") * kMegabyte;
  if (const double asked = bytes_asked(memory_->text().trimmed()); asked > 0.0) return asked;
  const Json* partition = partition_in(one->report, partition_->currentText().trimmed().toStdString());
  return partition ? number(*partition, "memory_mb_per_node") * kMegabyte : 0.0;
}

QString WhereRow::memoryNote(double bytes) const {
  const MachineEntry* one = machine();
  const double there = memory();
  if (!one || there <= 0.0 || bytes <= there) return {};
  const QString room = bytes_text(there);
  if (isCluster() && !memory_->text().trimmed().isEmpty()) {
    return tr("The job asks for %1 of memory only: ask for more, or choose a smaller size.").arg(room);
  }
  return isCluster()
             ? tr("A computer of this partition has %1 only: choose another partition, or a smaller size.").arg(room)
             : tr("%1 has %2 free: wait until others are done, or choose a smaller size.").arg(one->name(), room);
}

}  // namespace cw::ui
