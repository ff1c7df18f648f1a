// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>

class QImage;

namespace cw::ui {

/// A baseline TIFF 6.0 of the picture: RGB, 8 bits, one deflate-compressed strip, with its resolution. Qt's own writer
/// is in a package that the window does not need otherwise.
[[nodiscard]] QByteArray tiff_of(const QImage& image, int dpi);

}  // namespace cw::ui
