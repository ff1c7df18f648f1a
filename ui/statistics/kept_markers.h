// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/document/project_store.h"
#include "ui/statistics/marker_search.h"

#include <QString>
#include <string>
#include <vector>

namespace cw::ui {

/// Kind of the project's items that hold markers.
inline constexpr auto kMarkersKind = "markers";

/// What markers were computed from: equal ones have equal markers.
struct MarkerOrigin {
  std::string dataset;  ///< id of the project's item
  std::string counts;   ///< counts_source.h
  std::string cells;    ///< SHA-256 of the cells inside
  std::string donors;   ///< SHA-256 of the donor of every cell, "" without donors
  bool operator==(const MarkerOrigin& other) const = default;
};

/// `donors` may be null. Looks at the disk; may run on any thread.
[[nodiscard]] MarkerOrigin marker_origin(const Dataset& dataset, const std::vector<std::uint8_t>& inside,
                                         const Column* donors);

/// Markers as a project keeps them: where they are from and how many cells were compared in the body, the numbers of
/// every gene in `rows` (compressed; a few dozen bytes a gene). `name` is that of the cells. May run on any thread.
[[nodiscard]] ProjectItem keep_markers(const MarkerList& markers, const MarkerOrigin& origin, const QString& name);

/// Where kept markers are from; all empty where the item says nothing.
[[nodiscard]] MarkerOrigin origin_of_markers(const ProjectItem& item);

/// The kept markers with every number as it was. May run on any thread.
/// Errors: kParse E-UI-304 (the item is damaged, or names genes beyond `num_genes`).
[[nodiscard]] Result<MarkerListPtr> read_kept_markers(const ProjectItem& item, std::int64_t num_genes);

}  // namespace cw::ui
