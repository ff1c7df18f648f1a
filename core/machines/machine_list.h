// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/machines/machine.h"

#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// $XDG_CONFIG_HOME/cellwright/machines.json (default ~/.config): the user's machines, readable and editable.
[[nodiscard]] std::filesystem::path machines_file();

/// The user's machines in the order they were added; this PC is not among them. Errors: kParse E-MCH-001, kIo.
[[nodiscard]] Result<std::vector<Machine>> known_machines();

/// A machine by name; "this-pc" is always there. Errors: kNotFound E-MCH-002, those of known_machines.
[[nodiscard]] Result<Machine> find_machine(const std::string& name);

/// Adds a machine, or with `replace` changes the one of that name. The file is rewritten atomically.
/// Errors: kInvalidArgument E-MCH-003, E-MCH-004 (the name is taken), those of known_machines, kNoSpace.
[[nodiscard]] Result<> add_machine(const Machine& machine, bool replace);

/// Forgets a machine; what is on it stays. Errors: kNotFound E-MCH-002, those of known_machines, kNoSpace.
[[nodiscard]] Result<> remove_machine(const std::string& name);

}  // namespace cw
