// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/tile_state.h"

namespace cw::ui {
namespace {

Json list_of(const QStringList& texts) {
  Json list = Json::array();
  for (const QString& text : texts) list.push_back(text.toStdString());
  return list;
}

QStringList texts_of(const Json& json, const char* key) {
  QStringList texts;
  if (!json.contains(key) || !json[key].is_array()) return texts;
  for (const Json& text : json[key]) {
    if (text.is_string()) texts << QString::fromStdString(text.get<std::string>());
  }
  return texts;
}

QString text_of(const Json& json, const char* key, const QString& otherwise = {}) {
  return json.contains(key) && json[key].is_string() ? QString::fromStdString(json[key].get<std::string>()) : otherwise;
}

}  // namespace

Json to_json(const TileState& state) {
  Json json = Json::object();
  switch (state.coloring.kind) {
    case Coloring::Kind::kNothing:
      break;
    case Coloring::Kind::kColumn:
      json["column"] = state.coloring.column.toStdString();
      break;
    case Coloring::Kind::kGenes:
      json["genes"] = list_of(state.coloring.genes);
      break;
    case Coloring::Kind::kSelectedGenes:
      json["selected_genes"] = true;
      break;
    case Coloring::Kind::kQuality:
      json["quality"] = state.coloring.column.toStdString();
      break;
  }
  json["name"] = state.coloring.name.toStdString();
  json["hidden"] = list_of(state.hidden);
  json["missing_hidden"] = state.missingHidden;
  json["scale"] = state.scale.toStdString();
  if (state.range) json["range"] = {state.range->first, state.range->second};
  return json;
}

TileState tile_state_from_json(const Json& json) {
  TileState state;
  if (!json.is_object()) return state;
  state.coloring.name = text_of(json, "name");
  if (json.contains("column")) {
    state.coloring.kind = Coloring::Kind::kColumn;
    state.coloring.column = text_of(json, "column");
  } else if (json.contains("quality")) {
    state.coloring.kind = Coloring::Kind::kQuality;
    state.coloring.column = text_of(json, "quality");
  } else if (json.contains("genes")) {
    state.coloring.kind = Coloring::Kind::kGenes;
    state.coloring.genes = texts_of(json, "genes");
  } else if (json.contains("selected_genes")) {
    state.coloring.kind = Coloring::Kind::kSelectedGenes;
  }
  state.hidden = texts_of(json, "hidden");
  state.missingHidden = json.contains("missing_hidden") && json["missing_hidden"] == Json(true);
  state.scale = text_of(json, "scale", state.scale);
  if (json.contains("range") && json["range"].is_array() && json["range"].size() == 2 && json["range"][0].is_number() &&
      json["range"][1].is_number()) {
    state.range = {json["range"][0].get<double>(), json["range"][1].get<double>()};
  }
  return state;
}

}  // namespace cw::ui
