// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/gene_classes.h"

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/io/label_table.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <sstream>

namespace cw {
namespace {

namespace fs = std::filesystem;

// Classes as the file lists them.
class ClassGenes {
 public:
  std::vector<std::string>& operator[](const std::string& name) {
    const auto [place, added] = place_of_.emplace(name, lists_.size());
    if (added) lists_.push_back({name, {}});
    return lists_[place->second].second;
  }
  [[nodiscard]] bool empty() const { return lists_.empty(); }
  [[nodiscard]] auto begin() const { return lists_.begin(); }
  [[nodiscard]] auto end() const { return lists_.end(); }

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> lists_;
  std::map<std::string, std::size_t> place_of_;
};

Error unfit(const fs::path& path, const std::string& what) {
  return {ErrorCode::kParse, "E-FIN-004",
          path.string() + ": " + what +
              "; give JSON {\"class\": [\"gene\", ...]}, a GMT file, or a CSV with genes in the "
              "first column and a column 'class'"};
}

Result<ClassGenes> from_json(const fs::path& path) {
  CW_ASSIGN(const Json json, read_json(path));
  ClassGenes found;
  if (!json.is_object()) return unfit(path, "is not an object of lists of genes");
  try {
    for (const auto& [name, genes] : json.items()) found[name] = genes.get<std::vector<std::string>>();
  } catch (const Json::exception&) {
    return unfit(path, "is not an object of lists of genes");
  }
  return found;
}

Result<ClassGenes> from_gmt(const fs::path& path) {
  CW_ASSIGN(const std::string text, read_file(path));
  ClassGenes found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    std::istringstream fields(line);
    std::string name;
    std::string field;
    std::getline(fields, name, '\t');
    std::getline(fields, field, '\t');  // the description
    while (std::getline(fields, field, '\t')) {
      if (!field.empty()) found[name].push_back(field);
    }
  }
  return found;
}

// "yes" and "no" of a column that marks the genes of its class; nothing for any other word.
std::optional<bool> flag_of(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
  constexpr std::array<std::string_view, 5> kYes{"yes", "true", "1", "y", "x"};
  constexpr std::array<std::string_view, 5> kNo{"no", "false", "0", "n", ""};
  if (std::find(kYes.begin(), kYes.end(), text) != kYes.end()) return true;
  if (std::find(kNo.begin(), kNo.end(), text) != kNo.end()) return false;
  return std::nullopt;
}

bool is_flag(const Column& column) {
  return std::all_of(column.categories.begin(), column.categories.end(),
                     [](const std::string& text) { return flag_of(text).has_value(); });
}

const Column* class_column(const Table& table, const std::string& asked) {
  if (!asked.empty()) return table.find(asked);
  for (const char* usual : {"class", "label"}) {
    if (const Column* found = table.find(usual); found != nullptr) return found;
  }
  return table.columns.size() == 1 ? &table.columns.front() : nullptr;
}

Result<ClassGenes> from_csv(const fs::path& path, const std::string& asked) {
  CW_ASSIGN(const Table table, read_label_table(path));
  ClassGenes found;
  const Column* classes = class_column(table, asked);
  if (classes == nullptr && !asked.empty()) return unfit(path, "has no column '" + asked + "'");
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    const std::string& gene = table.index[static_cast<std::size_t>(row)];
    if (classes != nullptr) {
      if (!classes->is_missing(row)) found[classes->text(row)].push_back(gene);
      continue;
    }
    for (const Column& column : table.columns) {
      if (is_flag(column) && !column.is_missing(row) && *flag_of(column.text(row))) found[column.name].push_back(gene);
    }
  }
  if (found.empty()) return unfit(path, "has neither a column 'class' nor columns that say yes or no");
  return found;
}

Result<ClassGenes> read_lists(const fs::path& path, const std::string& column) {
  const std::string kind = path.extension().string();
  if (kind == ".json") return from_json(path);
  if (kind == ".gmt") return from_gmt(path);
  return from_csv(path, column);
}

}  // namespace

Result<GeneClassList> read_gene_classes(const fs::path& path, const std::string& column, const Dictionary& dictionary,
                                        ClassOrder order, JobContext& ctx) {
  CW_ASSIGN(const ClassGenes lists, read_lists(path, column));
  std::map<std::int32_t, std::string> class_of;
  std::set<std::string> unknown;
  for (const auto& [name, genes] : lists) {
    for (const std::string& gene : genes) {
      const auto token = dictionary.resolve(gene);
      if (!token.ok()) {
        unknown.insert(gene);
        continue;
      }
      const auto [there, added] = class_of.emplace(*token, name);
      if (!added && there->second != name) {
        return Error{ErrorCode::kRefused, "E-FIN-006",
                     path.string() + ": the gene " + gene + " is in the classes '" + there->second + "' and '" + name +
                         "'; leave it in one of them"};
      }
    }
  }
  if (!unknown.empty()) {
    std::string names;
    for (const std::string& gene : unknown) names += (names.empty() ? "" : ", ") + gene;
    ctx.warn("W-FIN-004", std::to_string(unknown.size()) + " genes are not in the vocabulary '" + dictionary.name() +
                              "' and are left out: " + names);
  }
  GeneClassList list;
  for (const auto& [name, genes] : lists) {
    const bool has_genes =
        std::any_of(class_of.begin(), class_of.end(), [&](const auto& g) { return g.second == name; });
    if (has_genes) list.classes.push_back(name);
  }
  if (order == ClassOrder::kByName) std::sort(list.classes.begin(), list.classes.end());
  if (list.classes.size() < 2) {
    return Error{ErrorCode::kRefused, "E-FIN-005",
                 path.string() + ": " + std::to_string(list.classes.size()) +
                     " class(es) with genes of this vocabulary, but a classifier needs two"};
  }
  for (const auto& [token, name] : class_of) {
    list.tokens.push_back(token);
    list.class_of.push_back(
        static_cast<std::int32_t>(std::find(list.classes.begin(), list.classes.end(), name) - list.classes.begin()));
  }
  return list;
}

}  // namespace cw
