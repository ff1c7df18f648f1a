// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <iosfwd>

namespace cw {

/// Keeps a model and a data set warm and answers requests, one JSON object per line in, one per line out, until the
/// input ends. No socket is opened: the caller owns both streams (a pipe, or ssh).
///
///     {"id": 1, "method": "load",    "params": {perturb options with input and model}}
///     {"id": 2, "method": "preview", "params": {perturb options}}
///     {"id": 3, "method": "estimate", "params": {perturb options}}
///     {"id": 4, "method": "place",   "params": {perturb options}}
///     {"id": 5, "method": "cell",    "params": {"row": 0, "tokens": [...], "changed": [...], perturb options}}
///     {"id": 6, "method": "cancel",  "params": {"id": 2}}
///     {"id": 7, "method": "status"}
///
/// Answers: {"id": 2, "result": {...}} or {"id": 2, "error": {"code", "kind", "text"}}; while working also
/// {"id": 2, "event": {"type": "progress", ...}}. The first line out is {"ready": true, "version": ...}. Requests are
/// worked on in order; `cancel` and `status` are answered at once.
void serve(std::istream& in, std::ostream& out);

}  // namespace cw
