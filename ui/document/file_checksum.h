// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"

#include <filesystem>
#include <functional>
#include <string>

namespace cw::ui {

/// SHA-256 of a file (or folder, as `sha256_of_path`) in the files lane, in steps so that other files can be read in
/// between. `done` on this thread while `receiver` lives.
void file_checksum(Background& background, QObject* receiver, const std::filesystem::path& path,
                   std::function<void(Result<std::string>)> done);

}  // namespace cw::ui
