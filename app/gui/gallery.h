// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>

class QWidget;

namespace cw::ui {

class Theme;

/// All controls in all their states, light and dark: what docs/design-sheet.md shows. `cellwright-gui --gallery`.
[[nodiscard]] std::unique_ptr<QWidget> make_gallery(Theme& theme);

}  // namespace cw::ui
