// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/split_report.h"

#include "core/base/random.h"
#include "core/base/words.h"
#include "core/tokenize/tokenized_cells.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <unordered_map>

namespace cw {
namespace {

constexpr std::size_t kMostExamples = 5;

std::string examples_of(const Leak& leak) {
  return listed(leak.examples) + (leak.count > static_cast<std::int64_t>(leak.examples.size()) ? ", ..." : "");
}

void add_example(Leak& leak, const std::string& name) {
  ++leak.count;
  if (leak.examples.size() < kMostExamples) leak.examples.push_back(name);
}

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) { return scramble(hash ^ scramble(value)); }

/// Which fold or side of the split a row is on; -1 = unused. Training and validation are one side: both are seen before
/// the test.
std::int32_t side_of(const Split& split, std::size_t row) {
  if (split.parts[row] == Part::kUnused) return -1;
  if (!split.folds.empty()) return split.folds[row];
  return split.parts[row] == Part::kTest ? 1 : 0;
}

}  // namespace

std::vector<ClassParts> class_parts(const SplitDesign& design, const Split& split) {
  const std::size_t num_classes = design.classes.size();
  std::vector<ClassParts> result(num_classes + 1);
  std::vector<std::array<std::set<std::int32_t>, 4>> donors(num_classes + 1);
  for (std::size_t c = 0; c < num_classes; ++c) result[c].name = design.classes[c];
  result[num_classes].name = "all";
  for (std::size_t i = 0; i < design.labels.size(); ++i) {
    if (design.labels[i] < 0) continue;
    const auto part = static_cast<std::size_t>(split.parts[i]);
    for (const auto c : {static_cast<std::size_t>(design.labels[i]), num_classes}) {
      ++result[c].cells[part];
      if (design.by_group() && design.groups[i] >= 0) donors[c][part].insert(design.groups[i]);
    }
  }
  for (std::size_t c = 0; c <= num_classes; ++c) {
    std::set<std::int32_t> all;
    for (std::size_t part = 0; part < 4; ++part) {
      result[c].donors[part] = static_cast<std::int64_t>(donors[c][part].size());
      if (static_cast<Part>(part) != Part::kUnused) all.insert(donors[c][part].begin(), donors[c][part].end());
    }
    result[c].total_donors = static_cast<std::int64_t>(all.size());
  }
  return result;
}

std::vector<Leak> find_group_leaks(const SplitDesign& design, const Split& split) {
  if (!design.by_group()) return {};
  std::vector<std::int32_t> side(design.group_names.size(), -1);
  std::set<std::int32_t> torn;
  for (std::size_t i = 0; i < design.groups.size(); ++i) {
    const auto group = design.groups[i];
    const auto here = side_of(split, i);
    if (group < 0 || here < 0) continue;
    auto& known = side[static_cast<std::size_t>(group)];
    if (known >= 0 && known != here) torn.insert(group);
    known = here;
  }
  if (torn.empty()) return {};
  Leak leak{"W-EVA-001", 0, {}, ""};
  for (const auto group : torn) add_example(leak, design.group_names[static_cast<std::size_t>(group)]);
  leak.text = std::to_string(leak.count) + " of '" + design.group_column + "' have cells in training and in test (" +
              examples_of(leak) +
              "): the model is tested on donors it knows, which makes the result look better than it is for new ones; "
              "split by '" +
              design.group_column + "'";
  return {leak};
}

std::vector<Leak> find_duplicate_cells(const Split& split, std::span<const std::uint64_t> content,
                                       std::span<const std::string> cell_names) {
  std::unordered_map<std::uint64_t, std::int32_t> side;
  std::set<std::uint64_t> torn;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const auto here = side_of(split, i);
    if (here < 0) continue;
    const auto known = side.emplace(content[i], here).first;
    if (known->second != here) torn.insert(content[i]);
  }
  if (torn.empty()) return {};
  Leak leak{"W-EVA-002", 0, {}, ""};
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (side_of(split, i) >= 0 && torn.contains(content[i])) {
      add_example(leak, i < cell_names.size() ? cell_names[i] : std::to_string(i));
    }
  }
  leak.text =
      std::to_string(leak.count) + " cells are copies of one another on both sides of the split (" + examples_of(leak) +
      "): the model is tested on cells it has learned by heart; leave the copies out, or merge the files so that "
      "each cell is there once";
  return {leak};
}

std::vector<Leak> find_gene_leaks(std::span<const NamedGenes> sets) {
  std::map<std::string, std::vector<std::string>> sets_of;
  for (const auto& set : sets) {
    for (const auto& gene : std::set<std::string>(set.genes.begin(), set.genes.end())) {
      sets_of[gene].push_back(set.name);
    }
  }
  Leak leak{"W-EVA-003", 0, {}, ""};
  for (const auto& [gene, names] : sets_of) {
    if (names.size() > 1) add_example(leak, gene + " (" + listed(names) + ")");
  }
  if (leak.count == 0) return {};
  leak.text = std::to_string(leak.count) + " genes are in more than one set: " + examples_of(leak) +
              "; a gene can be learned or tested, and belong to one class, not both: remove it from all but one set";
  return {leak};
}

std::int64_t leave_out_duplicates(Split& split, std::span<const std::uint64_t> content) {
  // the first side that shows a content keeps it; training comes first, or the first cell where there are folds
  std::unordered_map<std::uint64_t, std::int32_t> owner;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const auto here = side_of(split, i);
    if (here < 0) continue;
    auto& known = owner.emplace(content[i], here).first->second;
    if (split.folds.empty()) known = std::min(known, here);
  }
  std::int64_t count = 0;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const auto here = side_of(split, i);
    if (here < 0 || owner.at(content[i]) == here) continue;
    split.parts[i] = Part::kUnused;
    if (!split.folds.empty()) split.folds[i] = -1;
    ++count;
  }
  return count;
}

std::vector<std::uint64_t> content_of(const TokenizedCells& cells) {
  std::vector<std::uint64_t> result;
  std::vector<std::int32_t> tokens;
  for (std::int64_t i = 0; i < cells.num_cells(); ++i) {
    cells.copy_tokens(i, tokens);
    std::uint64_t hash = tokens.size();
    for (const auto token : tokens) hash = mixed(hash, static_cast<std::uint64_t>(token));
    result.push_back(hash);
  }
  return result;
}

std::vector<std::uint64_t> content_of(std::span<const std::uint64_t> offsets, std::span<const std::uint32_t> genes,
                                      std::span<const float> counts) {
  std::vector<std::uint64_t> result;
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    std::uint64_t hash = offsets[i + 1] - offsets[i];
    for (auto at = offsets[i]; at < offsets[i + 1]; ++at) {
      hash = mixed(hash, (static_cast<std::uint64_t>(genes[at]) << 32U) | std::bit_cast<std::uint32_t>(counts[at]));
    }
    result.push_back(hash);
  }
  return result;
}

Json to_json(const std::vector<ClassParts>& classes) {
  Json rows = Json::array();
  for (const auto& entry : classes) {
    Json row{{"class", entry.name}};
    for (const auto part : {Part::kTrain, Part::kValidation, Part::kTest, Part::kUnused}) {
      const auto p = static_cast<std::size_t>(part);
      row[std::string(name_of(part)) + "_cells"] = entry.cells[p];
      row[std::string(name_of(part)) + "_donors"] = entry.donors[p];
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace cw
