// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/cell_rows.h"

#include <algorithm>

namespace cw::ui {
namespace {

constexpr char kRuns = 'R';
constexpr char kBits = 'B';

void append_number(QByteArray& bytes, std::uint64_t number) {
  for (; number >= 128; number >>= 7U) bytes.append(static_cast<char>(number | 128U));
  bytes.append(static_cast<char>(number));
}

QByteArray bits_of(const std::vector<std::uint8_t>& mask, std::size_t end) {
  QByteArray bytes(static_cast<qsizetype>((end + 7) / 8) + 1, '\0');
  bytes[0] = kBits;
  char* bits = bytes.data() + 1;
  for (std::size_t i = 0; i < end; ++i) {
    if (mask[i] != 0) bits[i / 8] = static_cast<char>(static_cast<unsigned char>(bits[i / 8]) | (1U << (i % 8)));
  }
  return bytes;
}

void unpack_bits(const QByteArray& packed, std::vector<std::uint8_t>& mask) {
  const auto* bits = reinterpret_cast<const unsigned char*>(packed.constData()) + 1;
  const std::size_t end = std::min(mask.size(), 8 * static_cast<std::size_t>(packed.size() - 1));
  for (std::size_t i = 0; i < end; ++i) mask[i] = (bits[i / 8] >> (i % 8)) & 1U;
}

void unpack_runs(const QByteArray& packed, std::vector<std::uint8_t>& mask) {
  std::size_t row = 0;
  bool chosen = false;
  for (qsizetype at = 1; at < packed.size() && row < mask.size(); chosen = !chosen) {
    std::uint64_t length = 0;
    for (unsigned shift = 0; at < packed.size() && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(packed[at++]);
      length |= std::uint64_t{byte & 127U} << shift;
      if (byte < 128) break;
    }
    const std::size_t end = row + static_cast<std::size_t>(std::min<std::uint64_t>(length, mask.size() - row));
    if (chosen) {
      std::fill(mask.begin() + static_cast<std::ptrdiff_t>(row), mask.begin() + static_cast<std::ptrdiff_t>(end),
                std::uint8_t{1});
    }
    row = end;
  }
}

}  // namespace

QByteArray pack_rows(const std::vector<std::uint8_t>& mask) {
  std::size_t end = mask.size();
  while (end > 0 && mask[end - 1] == 0) --end;
  const auto longest = static_cast<qsizetype>((end + 7) / 8) + 1;
  QByteArray runs(1, kRuns);
  bool chosen = false;
  for (std::size_t row = 0; row < end; chosen = !chosen) {
    const std::size_t first = row;
    while (row < end && (mask[row] != 0) == chosen) ++row;
    append_number(runs, row - first);
    if (runs.size() > longest) return bits_of(mask, end);
  }
  return runs;
}

std::vector<std::uint8_t> unpack_rows(const QByteArray& packed, std::size_t size) {
  std::vector<std::uint8_t> mask(size, 0);
  if (packed.startsWith(kBits)) unpack_bits(packed, mask);
  if (packed.startsWith(kRuns)) unpack_runs(packed, mask);
  return mask;
}

}  // namespace cw::ui
