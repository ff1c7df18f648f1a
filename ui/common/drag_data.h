// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/selection_hub.h"

#include <QStringList>
#include <memory>
#include <optional>

class QMimeData;
class QPixmap;
class QWidget;

namespace cw::ui {

/// What is dragged between panels. Every payload also carries plain text, so that it can be dropped into other
/// programs.
inline constexpr auto kGenesMime = "application/x-cellwright-genes";
inline constexpr auto kGroupMime = "application/x-cellwright-group";

struct GeneDrag {
  QStringList ensemblIds;
  QStringList symbols;  ///< one per id
  QString origin;
  bool allDetected = false;  ///< "every gene that a cell has" instead of the ids
};

[[nodiscard]] std::unique_ptr<QMimeData> mime_of(const GeneDrag& genes);
[[nodiscard]] std::unique_ptr<QMimeData> mime_of(const Group& group);
/// Nothing where the data are of another kind. Text from other programs is not genes yet: see `gene_words`.
[[nodiscard]] std::optional<GeneDrag> genes_of(const QMimeData& data);
[[nodiscard]] std::optional<Group> group_of(const QMimeData& data);

/// Words that may be gene names in text dragged or pasted from another program: split at spaces, commas, semicolons
/// and line ends, quotes removed, in order, each once; at most 20,000.
[[nodiscard]] QStringList gene_words(const QString& text);

/// Starts a drag with the ghost "12 genes" or the group's name under the mouse; returns what the target did.
Qt::DropAction start_drag(QWidget* source, std::unique_ptr<QMimeData> data, const QString& ghost);

}  // namespace cw::ui
