// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/error.h"
#include "core/base/json.h"

#include <QDateTime>
#include <QList>
#include <QObject>
#include <QString>
#include <QStringList>
#include <functional>
#include <optional>

namespace cw::ui {

/// A machine that jobs can run on, as far as it is known.
struct MachineEntry {
  Json machine;                ///< as `cellwright machines list --json` has it
  Json report;                 ///< of the last look that was answered, null = none yet
  std::optional<Error> error;  ///< why the last look was not answered
  QDateTime seen;              ///< when it answered last
  bool looking = false;
  [[nodiscard]] QString name() const;
  [[nodiscard]] QString kind() const;  ///< "this-pc", "ssh", "slurm"
};

/// The user's machines and what they answer: the window's side of `cellwright machines`, which is run for every
/// question as a process of its own. So a machine that does not answer holds up nothing, and closing the window ends
/// the asking.
class MachineBook : public QObject {
  Q_OBJECT
 public:
  explicit MachineBook(QObject* parent = nullptr);
  [[nodiscard]] const QList<MachineEntry>& machines() const noexcept { return machines_; }
  /// nullptr where it is not on the list.
  [[nodiscard]] const MachineEntry* find(const QString& name) const;

  /// Reads the list anew and looks at every machine.
  void refresh();
  /// Looks at one machine; `acceptedKey`: the fingerprint of its host key that the user accepts.
  void probe(const QString& name, const QString& acceptedKey = {});
  /// `arguments` of `cellwright machines add`. `done` gets the error, or nothing once it is on the list.
  void add(const QStringList& arguments, QObject* receiver, std::function<void(std::optional<Error>)> done);
  void remove(const QString& name);

 Q_SIGNALS:
  void changed();
  /// What could not be done, apart from looking.
  void failed(const cw::Error& error);

 private:
  using Answer = std::function<void(const Json& json, const std::optional<Error>& error)>;
  void ask(const QStringList& arguments, QObject* receiver, Answer answer);
  void takeList(const Json& list);
  MachineEntry* entry(const QString& name);

  QList<MachineEntry> machines_;
};

/// "SHA256:..." in a message on an unknown host key, "" where there is none.
[[nodiscard]] QString fingerprint_in(const QString& message);

}  // namespace cw::ui
