// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

#include <filesystem>

namespace cw::ui {

/// Adds a model to the project's models, unless it is there, and takes it for what comes next.
void use_model(Services& services, const std::filesystem::path& folder);

/// The same, then makes a map of the data in view with it, as long as `receiver` lives.
void embed_with(Services& services, const std::filesystem::path& folder, QObject* receiver);

}  // namespace cw::ui
