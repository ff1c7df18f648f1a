// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/jobs/job_center.h"

#include <QString>

namespace cw::ui {

/// A job in plain words, the same in the strip, the list and the details.
/// "running", "waiting", "done", "failed", "stopped", "interrupted"; of a job elsewhere also "sending", "no
/// connection".
[[nodiscard]] QString job_state_text(const JobRecord& job);
/// The name of a colour token for the state.
[[nodiscard]] const char* job_state_color(const JobRecord& job);
/// "This PC", or the machine's name.
[[nodiscard]] QString job_place_text(const JobRecord& job);
/// "38 % · 2,410 cells/s · 6 min left ±1": as much of it as is known; "sending to lab: 80 of 210 MB", "no connection to
/// lab since 14:02; the run goes on there". Empty for a job that does not run.
[[nodiscard]] QString job_progress_text(const JobRecord& job);
/// "6 min ±1", "" where it is not known.
[[nodiscard]] QString job_time_left_text(const JobRecord& job);
/// Why a job ended without a result and what can be done, in one or two sentences without paths; "" where it did not.
[[nodiscard]] QString job_reason_text(const JobRecord& job);
/// "perturb" -> "Perturbation".
[[nodiscard]] QString job_kind_text(const QString& kind);

}  // namespace cw::ui
