// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/machines/machine_sheet.h"

#include "ui/common/widgets.h"
#include "ui/machines/machine_text.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr int kWidth = 460;

QLabel* make_text(const char* role, const QString& name, QWidget* parent) {
  QLabel* label = make_label({}, role, parent);
  label->setObjectName(name);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  return label;
}

}  // namespace

MachineSheet::MachineSheet(const Theme& theme, MachineBook& book, const QString& name, QWidget* parent)
    : QDialog(parent),
      book_(book),
      name_(name),
      title_(make_label({}, "title", this)),
      state_(make_label({}, "secondary", this)),
      facts_(new QFormLayout),
      problems_(make_text("warning", QStringLiteral("machineProblems"), this)),
      key_(make_text("small", QStringLiteral("machineKey"), this)),
      accept_(make_button(QStringLiteral("machineAcceptKey"), tr("The fingerprint is right: accept it"), "", this)),
      look_(make_button(QStringLiteral("machineLook"), tr("Look again"), "", this)) {
  setObjectName(QStringLiteral("machineSheet"));
  setAttribute(Qt::WA_DeleteOnClose);
  setMinimumWidth(kWidth);
  state_->setObjectName(QStringLiteral("machineState"));
  facts_->setHorizontalSpacing(12);
  facts_->setVerticalSpacing(4);
  auto* remove = make_button(QStringLiteral("machineRemove"), tr("Remove"), "link", this);
  remove->setToolTip(tr("Takes it off the list; what is on it stays"));
  remove->setVisible(book.find(name) && book.find(name)->kind() != QLatin1String("this-pc"));
  auto* close = make_button(QStringLiteral("machineClose"), tr("Close"), "primary", this);
  close->setDefault(true);
  close->setFocus();
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(remove);
  buttons->addStretch(1);
  buttons->addWidget(look_);
  buttons->addWidget(close);
  const int pad = theme.size("padding");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(pad, pad, pad, pad);
  column->setSpacing(8);
  for (QWidget* part : {static_cast<QWidget*>(title_), static_cast<QWidget*>(state_)}) column->addWidget(part);
  column->addLayout(facts_);
  column->addWidget(problems_);
  column->addWidget(key_);
  column->addWidget(accept_, 0, Qt::AlignLeft);
  column->addStretch(1);
  column->addLayout(buttons);
  connect(&book, &MachineBook::changed, this, &MachineSheet::refresh);
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
  connect(look_, &QPushButton::clicked, this, [this] { book_.probe(name_); });
  connect(remove, &QPushButton::clicked, this, [this] {
    book_.remove(name_);
    accept();
  });
  connect(accept_, &QPushButton::clicked, this, [this] {
    const MachineEntry* one = book_.find(name_);
    if (one && one->error) book_.probe(name_, fingerprint_in(QString::fromStdString(one->error->message)));
  });
  refresh();
}

void MachineSheet::refresh() {
  const MachineEntry* one = book_.find(name_);
  if (!one) return;
  setWindowTitle(machine_title(*one));
  title_->setText(machine_title(*one));
  state_->setText(machine_state(*one));
  look_->setEnabled(!one->looking);
  while (facts_->rowCount() > 0) facts_->removeRow(0);
  for (const auto& [name, value] : machine_facts(*one)) {
    auto* text = make_text("", QString(), this);
    text->setText(value);
    facts_->addRow(make_label(name, "secondary", this), text);
  }
  const QString fingerprint =
      has_unknown_key(*one) ? fingerprint_in(QString::fromStdString(one->error->message)) : QString();
  key_->setText(
      tr("You have never connected to this host from here. It shows the key %1. Ask its administrator whether "
         "this fingerprint is right: whoever answers in its place would show another one.")
          .arg(fingerprint));
  key_->setVisible(!fingerprint.isEmpty());
  accept_->setVisible(!fingerprint.isEmpty());
  accept_->setEnabled(!one->looking);
  const QString problems = machine_problems(*one).join(QLatin1Char('\n'));
  problems_->setText(problems);
  problems_->setVisible(!problems.isEmpty() && fingerprint.isEmpty());
  adjustSize();
}

AddMachineSheet::AddMachineSheet(const Theme& theme, MachineBook& book, QWidget* parent)
    : QDialog(parent),
      book_(book),
      fields_(new QFormLayout),
      kind_(new QComboBox(this)),
      name_(addField("machineName", tr("Name"), tr("what you call it: lab"))),
      host_(addField("machineHost", tr("Host"), tr("as you type it behind ssh: me@lab-gpu"))),
      problem_(make_text("bad", QStringLiteral("machineProblem"), this)),
      add_(make_button(QStringLiteral("machineAddNow"), tr("Add"), "primary", this)) {
  setObjectName(QStringLiteral("addMachineSheet"));
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(tr("Add a machine"));
  setMinimumWidth(kWidth);
  kind_->setObjectName(QStringLiteral("machineKind"));
  kind_->setAccessibleName(tr("Kind of machine"));
  kind_->addItem(tr("Runs jobs itself"), QString());
  kind_->addItem(tr("Gives jobs to Slurm"), QStringLiteral("--slurm"));
  fields_->addRow(tr("Kind"), kind_);
  fields_->setHorizontalSpacing(12);
  fields_->setVerticalSpacing(8);
  const auto option = [this](const char* flag, const char* object, const QString& title, const QString& hint) {
    options_ << qMakePair(QString::fromLatin1(flag), addField(object, title, hint));
  };
  option("--partition", "machinePartition", tr("Partition"), tr("the cluster's default"));
  option("--time", "machineTime", tr("Time of a job"), tr("12:00:00; the partition's default"));
  option("--memory", "machineMemory", tr("Memory of a job"), tr("16G; the cluster's default"));
  option("--gpus", "machineGpus", tr("GPUs of a job"), tr("1 or a100:2; none"));
  option("--account", "machineAccount", tr("Account"), tr("your default"));
  option("--folder", "machineFolder", tr("Folder there"), QStringLiteral("~/.cellwright"));
  option("--setup", "machineSetup", tr("First run there"), QStringLiteral("module load slurm"));
  auto* note =
      make_label(tr("Signing in is the business of your own ssh: its configuration, keys and agent. No password is "
                    "asked for or kept. Cellwright need not be installed there."),
                 "secondary", this);
  note->setWordWrap(true);
  auto* cancel = make_button(QStringLiteral("machineAddCancel"), tr("Cancel"), "", this);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  buttons->addWidget(cancel);
  buttons->addWidget(add_);
  add_->setDefault(true);
  const int pad = theme.size("padding");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(pad, pad, pad, pad);
  column->setSpacing(12);
  column->addWidget(make_label(tr("Add a machine"), "title", this));
  column->addLayout(fields_);
  column->addWidget(note);
  column->addWidget(problem_);
  column->addLayout(buttons);
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  connect(add_, &QPushButton::clicked, this, &AddMachineSheet::add);
  connect(kind_, &QComboBox::currentIndexChanged, this, &AddMachineSheet::check);
  problem_->hide();
  check();
  name_->setFocus();
}

QLineEdit* AddMachineSheet::addField(const char* name, const QString& title, const QString& hint) {
  auto* field = new QLineEdit(this);
  field->setObjectName(QLatin1String(name));
  field->setAccessibleName(title);
  field->setPlaceholderText(hint);
  connect(field, &QLineEdit::textChanged, this, &AddMachineSheet::check);
  fields_->addRow(title, field);
  return field;
}

// What only a cluster is asked for is shown for a cluster only.
void AddMachineSheet::check() {
  const bool slurm = !kind_->currentData().toString().isEmpty();
  for (const auto& [flag, field] : options_) {
    if (flag == QLatin1String("--folder") || flag == QLatin1String("--setup")) continue;
    field->setVisible(slurm);
    fields_->labelForField(field)->setVisible(slurm);
  }
  add_->setEnabled(!name_->text().trimmed().isEmpty() && !host_->text().trimmed().isEmpty());
}

QStringList AddMachineSheet::arguments() const {
  QStringList arguments{QStringLiteral("--ssh"), host_->text().trimmed()};
  const QString slurm = kind_->currentData().toString();
  if (!slurm.isEmpty()) arguments << slurm;
  for (const auto& [flag, field] : options_) {
    const QString value = field->text().trimmed();
    if (!value.isEmpty() && (!slurm.isEmpty() || field->isVisible())) arguments << flag << value;
  }
  return arguments << QStringLiteral("--") << name_->text().trimmed();
}

void AddMachineSheet::add() {
  add_->setEnabled(false);
  book_.add(arguments(), this, [this](const std::optional<Error>& error) {
    if (!error) return accept();
    problem_->setText(
        QStringLiteral("%1 [%2]").arg(QString::fromStdString(error->message), QString::fromStdString(error->id)));
    problem_->show();
    check();
  });
}

}  // namespace cw::ui
