// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace cw {

/// Adds the plugins that this program was built with to `data_formats()`. A plugin that fails is reported on standard
/// error and skipped. Call once, before the first file is opened.
void register_plugins();

}  // namespace cw
