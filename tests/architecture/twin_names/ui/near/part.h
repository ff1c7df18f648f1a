// SPDX-License-Identifier: GPL-3.0-or-later
// Not found: the window has a namespace of its own.
#pragma once

namespace cw::ui {
class Part {};
}  // namespace cw::ui
