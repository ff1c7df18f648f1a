// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/effects/upstream_pickles.h"

#include "core/effects/effects_file.h"
#include "core/weights/unpickler.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace cw {
namespace {

using Tokens = std::vector<std::int32_t>;

struct CellValue {
  std::int32_t cell = 0;
  std::size_t state = 0;
  double value = 0.0;
};

struct GeneSum {
  double n = 0.0;
  double sum = 0.0;
  double squares = 0.0;
};

/// What the files of one folder hold together.
struct Collected {
  std::string kind;
  std::vector<std::string> states;
  std::map<Tokens, std::vector<CellValue>> cells;
  std::map<std::pair<Tokens, std::int32_t>, GeneSum> genes;
  std::map<std::pair<Tokens, std::size_t>, std::int32_t> num_values;  // per perturbation and state, for numbering
};

Error not_a_result(const std::filesystem::path& file, const std::string& what) {
  return {ErrorCode::kParse, "E-EFF-008",
          file.string() + ": " + what + "; expected a raw result of the published in silico perturber"};
}

std::vector<std::filesystem::path> raw_pickles(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().string().ends_with("_raw.pickle")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// "in_silico_delete_..." -> "delete"
std::string kind_from(const std::string& name) {
  for (const char* kind : {"delete", "overexpress", "inhibit", "activate"}) {
    if (name.find("in_silico_" + std::string(kind)) != std::string::npos) return kind;
  }
  return "delete";
}

/// The number before "batch" in "..._dict_cell_embs_12batch-1_raw.pickle"; "1Kbatch" of old files is no cell.
std::optional<std::int32_t> cell_from(const std::string& name) {
  const auto end = name.rfind("batch");
  if (end == std::string::npos) return std::nullopt;
  auto begin = end;
  while (begin > 0 && name[begin - 1] >= '0' && name[begin - 1] <= '9') --begin;
  if (begin == end || end - begin > 8) return std::nullopt;
  return static_cast<std::int32_t>(std::stol(name.substr(begin, end - begin)));
}

std::optional<Tokens> tokens_from(const PickleValue& value) {
  Tokens tokens;
  if (value.is(PickleKind::kTuple)) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto token = value.at(i).integer();
      if (!token) return std::nullopt;
      tokens.push_back(static_cast<std::int32_t>(*token));
    }
  } else if (const auto token = value.integer()) {
    tokens.push_back(static_cast<std::int32_t>(*token));
  }
  if (tokens.empty()) return std::nullopt;
  return tokens;
}

std::size_t state_index(Collected& all, const std::string& state) {
  const auto found = std::find(all.states.begin(), all.states.end(), state);
  if (found != all.states.end()) return static_cast<std::size_t>(found - all.states.begin());
  all.states.push_back(state);
  return all.states.size() - 1;
}

/// One value of a list: a number, or the tuple (start, goal[, alternative]) of old V1 runs.
bool add_cell_value(Collected& all, const Tokens& tokens, const std::string& state, std::optional<std::int32_t> cell,
                    const PickleValue& value) {
  const auto put = [&](const std::string& of_state, double number) {
    const std::size_t column = of_state.empty() ? 0 : state_index(all, of_state);
    std::int32_t& count = all.num_values[{tokens, column}];
    all.cells[tokens].push_back({cell.value_or(0) + count, column, number});
    ++count;
    // the number in a file's name counts cells, so each file begins anew
    if (cell) count = 0;
  };
  if (const auto number = value.real()) {
    put(state, *number);
    return true;
  }
  if (!value.is(PickleKind::kTuple) || value.size() < 2 || value.size() > 3) return false;
  static constexpr const char* kOldStates[] = {"start", "goal", "alternative"};
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto number = value.at(i).real();
    if (!number) return false;
    put(kOldStates[i], *number);
  }
  return true;
}

Result<> add_dictionary(Collected& all, const PickleValue& dictionary, const std::string& state,
                        const std::filesystem::path& file) {
  const std::optional<std::int32_t> cell = cell_from(file.filename().string());
  for (std::size_t i = 0; i < dictionary.size(); ++i) {
    const PickleValue key = dictionary.key(i);
    const PickleValue values = dictionary.value(i);
    if (!key.is(PickleKind::kTuple) || key.size() != 2 || !values.is(PickleKind::kList)) {
      return not_a_result(file, "an entry is not (perturbed, affected) with a list of values");
    }
    const auto tokens = tokens_from(key.at(0));
    if (!tokens) return not_a_result(file, "a perturbed gene is not a token");
    const auto affected = key.at(1).integer();
    if (!affected && key.at(1).text() != std::optional<std::string_view>("cell_emb")) {
      return not_a_result(file, "an affected gene is neither a token nor cell_emb");
    }
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (!affected) {
        if (!add_cell_value(all, *tokens, state, cell, values.at(k))) return not_a_result(file, "a value is no number");
        continue;
      }
      const auto number = values.at(k).real();
      if (!number) return not_a_result(file, "a value is no number");
      GeneSum& sum = all.genes[{*tokens, static_cast<std::int32_t>(*affected)}];
      sum.n += 1.0;
      sum.sum += *number;
      sum.squares += *number * *number;
    }
  }
  return {};
}

Result<> add_file(Collected& all, const std::filesystem::path& file) {
  CW_ASSIGN(const PickleDocument document, read_pickle(file));
  const PickleValue root = document.root();
  if (!root.is(PickleKind::kDictionary)) return not_a_result(file, "holds " + std::string(name_of(root.kind())));
  const bool by_state = root.size() > 0 && root.key(0).is(PickleKind::kText);
  if (!by_state) return add_dictionary(all, root, "", file);
  for (std::size_t i = 0; i < root.size(); ++i) {
    const auto state = root.key(i).text();
    if (!state || !root.value(i).is(PickleKind::kDictionary)) return not_a_result(file, "a state holds no results");
    state_index(all, std::string(*state));
    CW_TRY(add_dictionary(all, root.value(i), std::string(*state), file));
  }
  return {};
}

Perturbation perturbation_of(const Tokens& tokens, const std::string& kind, const Dictionary& dictionary) {
  Perturbation p;
  p.kind = kind;
  p.role = tokens.size() == 1 ? "single" : "group";
  p.tokens = tokens;
  for (const std::int32_t token : tokens) {
    p.ensembl_ids.push_back(dictionary.ensembl_id(token));
    p.symbols.push_back(dictionary.symbol(token));
  }
  return p;
}

/// Rows of one perturbation: the values of all states of a cell together.
void add_rows(Effects& effects, std::int32_t perturbation, const std::vector<CellValue>& values) {
  const auto columns = static_cast<std::size_t>(effects.num_columns());
  std::map<std::int32_t, std::vector<float>> of_cell;
  for (const CellValue& value : values) {
    auto& row = of_cell[value.cell];
    row.resize(columns, std::nanf(""));
    row[value.state] = static_cast<float>(value.value);
  }
  for (const auto& [cell, row] : of_cell) {
    effects.cell.push_back(cell);
    effects.perturbation.push_back(perturbation);
    effects.rank.push_back(-1);
    effects.cosine.insert(effects.cosine.end(), row.begin(), row.end());
    if (!effects.states.empty()) effects.progress.push_back(std::nanf(""));
  }
}

void add_gene_effects(Effects& effects, const Collected& all, const std::map<Tokens, std::int32_t>& index_of,
                      const Dictionary& dictionary) {
  std::set<std::int32_t> affected;
  for (const auto& [key, sum] : all.genes) {
    const double mean = sum.sum / sum.n;
    effects.gene_effects.perturbation.push_back(index_of.at(key.first));
    effects.gene_effects.affected.push_back(key.second);
    effects.gene_effects.mean.push_back(static_cast<float>(mean));
    effects.gene_effects.sd.push_back(static_cast<float>(std::sqrt(std::max(0.0, sum.squares / sum.n - mean * mean))));
    effects.gene_effects.n.push_back(static_cast<std::int32_t>(sum.n));
    affected.insert(key.second);
  }
  for (const std::int32_t token : affected) {
    effects.genes.push_back({token, dictionary.ensembl_id(token), dictionary.symbol(token)});
  }
}

}  // namespace

bool holds_upstream_pickles(const std::filesystem::path& folder) {
  std::error_code ignored;
  return !std::filesystem::exists(folder / kEffectsFileName, ignored) && !raw_pickles(folder).empty();
}

Result<Effects> import_upstream_pickles(const std::filesystem::path& folder, const Dictionary& dictionary) {
  const std::vector<std::filesystem::path> files = raw_pickles(folder);
  if (files.empty()) {
    return Error{ErrorCode::kNotFound, "E-EFF-007",
                 folder.string() + ": holds no *_raw.pickle; name the output folder of the published perturber"};
  }
  Collected all;
  all.kind = kind_from(files.front().filename().string());
  for (const auto& file : files) CW_TRY(add_file(all, file));
  Effects effects;
  effects.states = all.states;
  std::set<Tokens> perturbed;
  for (const auto& [tokens, values] : all.cells) perturbed.insert(tokens);
  for (const auto& [key, sum] : all.genes) perturbed.insert(key.first);
  std::map<Tokens, std::int32_t> index_of;
  for (const Tokens& tokens : perturbed) {
    index_of[tokens] = static_cast<std::int32_t>(effects.perturbations.size());
    effects.perturbations.push_back(perturbation_of(tokens, all.kind, dictionary));
  }
  for (const auto& [tokens, values] : all.cells) add_rows(effects, index_of.at(tokens), values);
  add_gene_effects(effects, all, index_of, dictionary);
  const std::int32_t num_cells =
      effects.cell.empty() ? 0 : *std::max_element(effects.cell.begin(), effects.cell.end()) + 1;
  for (std::int32_t i = 0; i < num_cells; ++i) {
    effects.cells.push_back({"cell " + std::to_string(i), i, 0, all.states.empty() ? "" : all.states.front(), ""});
  }
  effects.provenance = Json{{"kind", "perturb"},
                            {"imported_from", folder.string()},
                            {"files", files.size()},
                            {"dictionary", {{"name", dictionary.name()}, {"vocabulary_sha256", dictionary.sha256()}}}};
  return effects;
}

}  // namespace cw
