// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/machines/agent.h"
#include "core/machines/connection.h"
#include "core/machines/remote_job.h"

#include <string>

namespace cw {

/// Orders to the agent (agent.h) of the engine that a job uses. Each may be repeated without harm, and is where the
/// line is cut. A machine from which that engine has gone gives kNotFound E-MCH-025.

/// Errors: those of the agent, E-MCH-018 after ten cuts.
[[nodiscard]] Result<> order_start(const Connection& connection, const RemoteJob& job, const Json& order,
                                   JobContext& context);
[[nodiscard]] Result<> order_cancel(const Connection& connection, const RemoteJob& job, const std::string& name);

/// Follows until the agent or the line ends. `options` has on_output, stop and silence.
[[nodiscard]] Result<> order_follow(const Connection& connection, const RemoteJob& job, const FollowOrder& order,
                                    const CommandOptions& options);

/// Writes machine.json. Errors: kIo, kNoSpace.
[[nodiscard]] Result<> save_remote_job(const JobFolder& folder, const RemoteJob& job);

}  // namespace cw
