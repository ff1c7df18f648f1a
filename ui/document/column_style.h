// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <QColor>
#include <QHash>
#include <QStringList>

namespace cw::ui {

/// How the values of a label column look wherever they appear; the file is never changed. Values without an entry keep
/// their name, the colour of their place, and the order of the file.
struct ColumnStyle {
  QHash<QString, QColor> colors;
  QHash<QString, QString> names;  ///< display names
  QStringList order;              ///< values as they are listed; those not named here follow

  [[nodiscard]] bool operator==(const ColumnStyle& other) const = default;
  [[nodiscard]] QString nameOf(const QString& value) const { return names.value(value, value); }
};

[[nodiscard]] Json to_json(const ColumnStyle& style);
/// Entries that make no sense are left out: a later version may have written more.
[[nodiscard]] ColumnStyle column_style_from_json(const Json& json);

}  // namespace cw::ui
