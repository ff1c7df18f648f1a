// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QSet>

namespace cw::ui {

/// A TrueType font that holds the shapes of `characters` only (and what these are built from); widths and numbers of
/// all glyphs stay, so that the result is used like the whole font. Empty where `font` is no TrueType font.
[[nodiscard]] QByteArray font_subset(const QByteArray& font, const QSet<char32_t>& characters);

/// Puts the bundled figure font into an SVG as far as its text needs it, so that it looks the same everywhere.
void embed_fonts_in_svg(QByteArray& svg);

}  // namespace cw::ui
