// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/machines/machine_book.h"

#include <QPair>

namespace cw::ui {

/// "This PC", else the machine's own name.
[[nodiscard]] QString machine_title(const MachineEntry& entry);
/// Its state in a few words: "load 1.2 of 8 · 12 of 16 GB free", "did not answer", "key not accepted yet".
[[nodiscard]] QString machine_state(const MachineEntry& entry);
/// Token of the theme for the state's dot.
[[nodiscard]] const char* machine_color(const MachineEntry& entry);
/// Whether its host key is unknown: to be looked at and accepted by the user.
[[nodiscard]] bool has_unknown_key(const MachineEntry& entry);
/// What stands in the way of jobs there, a sentence each; the last look's error first.
[[nodiscard]] QStringList machine_problems(const MachineEntry& entry);
/// What it is and has, as rows of name and value.
[[nodiscard]] QList<QPair<QString, QString>> machine_facts(const MachineEntry& entry);

/// What is free there for a job: "30 of 32 cores free · 1 of 2 GPUs free", "Slurm: gpu, short". Empty where it has not
/// answered.
[[nodiscard]] QString machine_room(const MachineEntry& entry);

/// A share between 0 and 1 with its name: processors, memory, each GPU. Empty where the machine has not answered.
struct MachineGauge {
  QString name;
  double share = 0.0;
};
[[nodiscard]] QList<MachineGauge> machine_gauges(const MachineEntry& entry);

}  // namespace cw::ui
