// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/perturb/original_cache.h"

namespace cw {

void OriginalCache::prepare(const ReadOut& read_out) {
  const bool is_same = read_out.layer == read_out_.layer && read_out.first_row_only == read_out_.first_row_only;
  read_out_ = read_out;
  if (is_same && has_room()) return;
  cells_.clear();
  bytes_ = 0;
}

OriginalCell* OriginalCache::find(std::int64_t row) {
  const auto found = cells_.find(row);
  return found == cells_.end() ? nullptr : &found->second;
}

OriginalCell* OriginalCache::add(std::int64_t row, OriginalCell cell) {
  const auto [place, is_new] = cells_.insert_or_assign(row, std::move(cell));
  bytes_ += place->second.num_bytes();
  return &place->second;
}

}  // namespace cw
