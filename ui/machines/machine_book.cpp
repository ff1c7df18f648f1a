// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/machines/machine_book.h"

#include "core/jobs/local_launch.h"

#include <QPointer>
#include <QProcess>
#include <QRegularExpression>
#include <algorithm>
#include <utility>

namespace cw::ui {
namespace {

// The command line's program lies beside the engine.
Result<QString> command_program() {
  CW_ASSIGN(const std::filesystem::path engine, engine_program());
  return QString::fromStdString((engine.parent_path() / "cellwright").string());
}

std::optional<Error> error_in(const Json& json) {
  if (!json.is_object() || !json.contains("error")) return std::nullopt;
  const Json& error = json["error"];
  return Error{error_code_of(error.value("kind", std::string())), error.value("code", std::string()),
               error.value("text", std::string())};
}

}  // namespace

QString MachineEntry::name() const { return QString::fromStdString(machine.value("name", std::string())); }

QString MachineEntry::kind() const { return QString::fromStdString(machine.value("kind", std::string())); }

QString fingerprint_in(const QString& message) {
  static const QRegularExpression kFingerprint(QStringLiteral("SHA256:[A-Za-z0-9+/=]+"));
  return kFingerprint.match(message).captured();
}

MachineBook::MachineBook(QObject* parent) : QObject(parent) {}

const MachineEntry* MachineBook::find(const QString& name) const { return const_cast<MachineBook*>(this)->entry(name); }

MachineEntry* MachineBook::entry(const QString& name) {
  const auto found =
      std::find_if(machines_.begin(), machines_.end(), [&name](const MachineEntry& one) { return one.name() == name; });
  return found == machines_.end() ? nullptr : &*found;
}

void MachineBook::ask(const QStringList& arguments, QObject* receiver, Answer answer) {
  const auto program = command_program();
  if (!program) return answer({}, program.error());
  auto* process = new QProcess(this);
  const QPointer<QObject> alive(receiver);
  connect(process, &QProcess::finished, this, [process, alive, answer] {
    process->deleteLater();
    if (!alive) return;
    const Json json = Json::parse(process->readAllStandardOutput().toStdString(), nullptr, false);
    if (json.is_discarded()) {
      return answer({}, Error{ErrorCode::kInternal, "E-UI-031",
                              "what 'cellwright machines' answered cannot be read: " +
                                  process->readAllStandardError().trimmed().toStdString()});
    }
    answer(json, error_in(json));
  });
  connect(process, &QProcess::errorOccurred, this, [process, alive, answer](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart) return;
    process->deleteLater();
    if (alive) {
      answer({}, Error{ErrorCode::kNotFound, "E-UI-030",
                       process->program().toStdString() + ": this program, which looks at other machines, is missing; "
                                                          "install Cellwright again"});
    }
  });
  process->setStandardInputFile(QProcess::nullDevice());
  process->start(*program, QStringList{QStringLiteral("--json"), QStringLiteral("machines")} + arguments);
}

void MachineBook::refresh() {
  ask({QStringLiteral("list")}, this, [this](const Json& list, const std::optional<Error>& error) {
    if (error) {
      Q_EMIT failed(*error);
      return;
    }
    takeList(list);
    for (const MachineEntry& one : std::as_const(machines_)) probe(one.name());
  });
}

// Keeps what is known of those that stay.
void MachineBook::takeList(const Json& list) {
  QList<MachineEntry> machines;
  for (const Json& machine : list) {
    MachineEntry one;
    one.machine = machine;
    if (const MachineEntry* before = find(one.name())) {
      one = *before;
      one.machine = machine;
    }
    machines << one;
  }
  machines_ = machines;
  Q_EMIT changed();
}

void MachineBook::probe(const QString& name, const QString& acceptedKey) {
  MachineEntry* one = entry(name);
  if (!one || one->looking) return;
  one->looking = true;
  Q_EMIT changed();
  QStringList arguments{QStringLiteral("probe"), name};
  if (!acceptedKey.isEmpty()) arguments << QStringLiteral("--accept-host-key") << acceptedKey;
  ask(arguments, this, [this, name](const Json& json, const std::optional<Error>& error) {
    MachineEntry* looked = entry(name);
    if (!looked) return;
    looked->looking = false;
    looked->error = error;
    if (!error && json.contains("report")) {
      looked->report = json["report"];
      looked->seen = QDateTime::currentDateTime();
    }
    Q_EMIT changed();
  });
}

void MachineBook::add(const QStringList& arguments, QObject* receiver, std::function<void(std::optional<Error>)> done) {
  ask(QStringList{QStringLiteral("add"), QStringLiteral("--no-probe")} + arguments, receiver,
      [this, done](const Json&, const std::optional<Error>& error) {
        done(error);
        if (!error) refresh();
      });
}

void MachineBook::remove(const QString& name) {
  ask({QStringLiteral("remove"), name}, this, [this, name](const Json&, const std::optional<Error>& error) {
    if (error) Q_EMIT failed(*error);
    if (!error) machines_.removeIf([&name](const MachineEntry& one) { return one.name() == name; });
    Q_EMIT changed();
  });
}

}  // namespace cw::ui
