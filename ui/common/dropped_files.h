// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

class QMimeData;

namespace cw::ui {

/// Paths of the files of this computer in what is dropped, in order. File managers may write the name of the computer
/// into the address ("file://lab-pc/home/…"); addresses of other computers and of the web are left out.
[[nodiscard]] QStringList dropped_files(const QMimeData& data);

}  // namespace cw::ui
