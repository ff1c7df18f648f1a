// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/column_style.h"

namespace cw::ui {

Json to_json(const ColumnStyle& style) {
  Json json = {{"colours", Json::object()}, {"names", Json::object()}, {"order", Json::array()}};
  for (auto it = style.colors.begin(); it != style.colors.end(); ++it) {
    json["colours"][it.key().toStdString()] = it.value().name().toStdString();
  }
  for (auto it = style.names.begin(); it != style.names.end(); ++it) {
    json["names"][it.key().toStdString()] = it.value().toStdString();
  }
  for (const QString& value : style.order) json["order"].push_back(value.toStdString());
  return json;
}

ColumnStyle column_style_from_json(const Json& json) {
  ColumnStyle style;
  if (!json.is_object()) return style;
  const auto texts = [&json](const char* key, const auto& take) {
    if (!json.contains(key) || !json[key].is_object()) return;
    for (const auto& [name, text] : json[key].items()) {
      if (text.is_string())
        take(QString::fromStdString(name), QString::fromStdString(text.template get<std::string>()));
    }
  };
  texts("colours", [&style](const QString& value, const QString& text) {
    if (QColor::isValidColor(text)) style.colors.insert(value, QColor(text));
  });
  texts("names", [&style](const QString& value, const QString& text) { style.names.insert(value, text); });
  if (json.contains("order") && json["order"].is_array()) {
    for (const Json& value : json["order"]) {
      if (value.is_string()) style.order.append(QString::fromStdString(value.get<std::string>()));
    }
  }
  return style;
}

}  // namespace cw::ui
