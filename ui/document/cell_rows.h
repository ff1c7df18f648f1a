// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <cstdint>
#include <vector>

namespace cw::ui {

/// Cells of a selection as the project keeps them: 'R' and the lengths of alternating stretches (left out, chosen, left
/// out, ...) as base-128 numbers, or 'B' and one bit per row, lowest first, whichever is shorter. At most one bit a
/// row: 125 kB for a million cells, however they are scattered. Rows behind the last chosen one are not written.
[[nodiscard]] QByteArray pack_rows(const std::vector<std::uint8_t>& mask);

/// One byte per row, `size` of them; rows beyond are left out. All zero where `packed` was not made by `pack_rows`.
[[nodiscard]] std::vector<std::uint8_t> unpack_rows(const QByteArray& packed, std::size_t size);

}  // namespace cw::ui
