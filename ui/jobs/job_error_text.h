// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/error.h"

#include <QString>

namespace cw::ui {

/// Why a job ended, for the window: the engine's sentence without the paths and commands that it has for a shell; here
/// a button does what they say.
[[nodiscard]] QString job_error_text(const Error& error);

}  // namespace cw::ui
