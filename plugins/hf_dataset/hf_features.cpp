// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/hf_dataset/hf_features.h"

namespace cw {
namespace {

Json value_type(const char* dtype) { return {{"dtype", dtype}, {"_type", "Value"}}; }

const char* dtype_of(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kInteger:
      return "int64";
    case ColumnKind::kReal:
      return "float64";
    case ColumnKind::kBoolean:
      return "bool";
    case ColumnKind::kString:
    case ColumnKind::kCategorical:
      break;
  }
  return "string";
}

}  // namespace

std::vector<std::string> class_names(const Json& features, const std::string& column) {
  std::vector<std::string> names;
  if (!features.is_object()) return names;
  const auto feature = features.find(column);
  if (feature == features.end() || !feature->is_object() || feature->value("_type", Json()) != "ClassLabel")
    return names;
  const auto list = feature->find("names");
  if (list == feature->end() || !list->is_array()) return names;
  for (const auto& name : *list) names.push_back(name.is_string() ? name.get<std::string>() : name.dump());
  return names;
}

Json features_of(const std::vector<Column>& columns) {
  Json features = Json::object();
  // "Sequence", not the "List" of datasets 4: older versions refuse that, newer ones read both
  features[kTokensColumn] = {{"feature", value_type("int32")}, {"_type", "Sequence"}};
  features[kLengthColumn] = value_type("int64");
  for (const auto& column : columns) features[column.name] = value_type(dtype_of(column.kind));
  return features;
}

}  // namespace cw
