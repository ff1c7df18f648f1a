// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/session_state.h"

#include "ui/document/cell_rows.h"

#include <algorithm>

namespace cw::ui {
namespace {

Json to_json(const Group& group) {
  return {{"selection", group.kind == Group::Kind::kSelection},
          {"column", group.column.toStdString()},
          {"value", group.value.toStdString()},
          {"color", group.color.name().toStdString()},
          {"count", group.count}};
}

std::optional<Group> group_from(const Json& json, const Dataset& dataset) {
  if (!json.is_object() || !json.contains("value") || !json["value"].is_string()) return std::nullopt;
  Group group;
  group.kind = json.value("selection", false) ? Group::Kind::kSelection : Group::Kind::kColumnValue;
  group.column = QString::fromStdString(json.value("column", std::string()));
  group.value = QString::fromStdString(json["value"].get<std::string>());
  group.color = QColor(QString::fromStdString(json.value("color", std::string())));
  group.count = json.value("count", std::int64_t{0});
  if (group.kind == Group::Kind::kColumnValue && !dataset.cells.find(group.column.toStdString())) return std::nullopt;
  return group;
}

// Projects of version 1 kept runs of rows: [first, length, first, length, ...].
std::vector<std::uint8_t> mask_of_runs(const Json& runs, std::size_t size) {
  std::vector<std::uint8_t> mask(size, 0);
  for (std::size_t i = 0; i + 1 < runs.size(); i += 2) {
    if (!runs[i].is_number_unsigned() || !runs[i + 1].is_number_unsigned()) continue;
    const auto first = std::min(runs[i].get<std::size_t>(), size);
    const auto end = first + std::min(runs[i + 1].get<std::size_t>(), size - first);
    std::fill(mask.begin() + static_cast<std::ptrdiff_t>(first), mask.begin() + static_cast<std::ptrdiff_t>(end),
              std::uint8_t{1});
  }
  return mask;
}

std::vector<std::uint8_t> mask_of(const Json& cells, std::size_t size) {
  if (cells.contains("runs") && cells["runs"].is_array()) return mask_of_runs(cells["runs"], size);
  return unpack_rows(QByteArray::fromBase64(QByteArray::fromStdString(cells.value("rows", std::string()))), size);
}

}  // namespace

Json session_to_json(const SelectionHub& selection) {
  Json session = Json::object();
  if (const auto& cells = selection.cells()) {
    session["cells"] = {{"name", cells->name.toStdString()},
                        {"size", cells->mask.size()},
                        {"rows", pack_rows(cells->mask).toBase64().toStdString()}};
  }
  Json ids = Json::array();
  for (const QString& id : selection.genes().ensemblIds) ids.push_back(id.toStdString());
  session["genes"] = {{"name", selection.genes().name.toStdString()}, {"ids", std::move(ids)}};
  Json groups = Json::object();
  if (selection.groups().start) groups["start"] = to_json(*selection.groups().start);
  if (selection.groups().goal) groups["goal"] = to_json(*selection.groups().goal);
  groups["alternatives"] = Json::array();
  for (const Group& group : selection.groups().alternatives) groups["alternatives"].push_back(to_json(group));
  session["groups"] = std::move(groups);
  return session;
}

namespace {

void restore(const Json& session, const Dataset& dataset, SelectionHub& selection) {
  const auto size = static_cast<std::size_t>(dataset.num_cells());
  CellSelectionPtr cells;
  if (session.contains("cells") && session["cells"].is_object() &&
      session["cells"].value("size", std::size_t{0}) == size) {
    const Json& body = session["cells"];
    auto kept = make_selection(mask_of(body, size), QString::fromStdString(body.value("name", std::string())),
                               QStringLiteral("session"));
    if (kept->count > 0) cells = std::move(kept);
  }
  selection.setCells(std::move(cells));
  GeneSelection genes;
  if (session.contains("genes") && session["genes"].is_object()) {
    genes.name = QString::fromStdString(session["genes"].value("name", std::string()));
    genes.origin = QStringLiteral("session");
    for (const auto& id : session["genes"].value("ids", Json::array())) {
      if (id.is_string()) genes.ensemblIds << QString::fromStdString(id.get<std::string>());
    }
  }
  selection.setGenes(std::move(genes));
  const Json groups = session.value("groups", Json::object());
  GroupChoice choice;
  if (groups.contains("start")) choice.start = group_from(groups["start"], dataset);
  if (groups.contains("goal")) choice.goal = group_from(groups["goal"], dataset);
  for (const auto& one : groups.value("alternatives", Json::array())) {
    if (auto group = group_from(one, dataset)) choice.alternatives.append(*group);
  }
  selection.setGroups(std::move(choice));
}

}  // namespace

void session_from_json(const Json& session, const Dataset& dataset, SelectionHub& selection) {
  if (!session.is_object()) return;
  try {
    restore(session, dataset, selection);
  } catch (const Json::exception&) {
    return;  // another program wrote other types: what was read so far stays
  }
}

}  // namespace cw::ui
