// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/counts_source.h"

#include "ui/document/file_link.h"

namespace cw::ui {

std::string counts_source(const Dataset& dataset) {
  const FileLink link = link_of(dataset.path);
  if (link.bytes < 0) return {};
  return std::to_string(link.bytes) + '|' + std::to_string(link.modified) + '|' + dataset.counts_where + '|' +
         std::to_string(dataset.genes.size());
}

}  // namespace cw::ui
