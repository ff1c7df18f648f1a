// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <QList>
#include <QString>

namespace cw::ui {

/// A paragraph for the methods section and its references, in journal tone, from the provenance of a ranked list or a
/// run: numbers of cells, donors and genes, model, settings, statistics, versions, checksums.
[[nodiscard]] QString methods_text(const Json& provenance);

/// What a reader wants to check first, as name and value: data, model, states, genes, settings, seed, version.
struct ProvenanceFact {
  QString name;
  QString value;
  bool caution = false;
};
[[nodiscard]] QList<ProvenanceFact> provenance_facts(const Json& provenance);

}  // namespace cw::ui
