// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <string>

namespace cw::ui {

/// A bash script of `cellwright` commands that makes a result again from its data and model: from the provenance of a
/// ranked list (`*.provenance.json`), of a run (`effects.h5`), or from the specification of a job. The script checks
/// the data's checksums first and takes a folder for the results; CELLWRIGHT, DATA and MODEL in its environment name
/// programs and files that lie elsewhere. Errors: kUnsupported E-UI-009 (a kind of result that no script makes).
[[nodiscard]] Result<std::string> shell_script(const Json& provenance);

/// `text` as one word of a shell.
[[nodiscard]] std::string shell_word(const std::string& text);

/// The options of a job as words of the command line, those that have their usual value left out. `kind`: "tokenize",
/// "perturb" or "stats". Inputs, model and outputs are left to the caller. Errors: kUnsupported E-UI-009 (an option
/// that has no word).
[[nodiscard]] Result<std::vector<std::string>> command_words(const std::string& kind, const Json& options);

}  // namespace cw::ui
