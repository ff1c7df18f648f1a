// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/perturb_options.h"
#include "core/api/stats_options.h"
#include "core/api/tokenize_options.h"
#include "ui/provenance/script_export.h"

#include <algorithm>
#include <array>
#include <span>

namespace cw::ui {
namespace {

// How an option is written: its word, or what is special about it.
enum class Form {
  kValue,   // --word value
  kList,    // --word a,b
  kFlag,    // --word where true
  kNoFlag,  // --word where false
  kEach,    // --word value for each
  kFilter,  // --word column=a,b for each column
  kElsewhere,
};

struct Word {
  const char* key;
  const char* word;
  Form form;
};

constexpr auto kTokenize = std::to_array<Word>({{"inputs", "", Form::kElsewhere},
                                                {"output", "", Form::kElsewhere},
                                                {"num_threads", "", Form::kElsewhere},
                                                {"overwrite", "", Form::kElsewhere},
                                                {"dictionary", "--dictionary", Form::kValue},
                                                {"counts", "--counts", Form::kValue},
                                                {"gene_ids", "--gene-ids", Form::kValue},
                                                {"species", "--species", Form::kValue},
                                                {"keep", "--keep", Form::kEach},
                                                {"keep_all", "--keep-all", Form::kFlag},
                                                {"filter", "--filter", Form::kFilter},
                                                {"cell_filter", "--no-cell-filter", Form::kNoFlag},
                                                {"max_length", "--max-length", Form::kValue},
                                                {"recursive", "--recursive", Form::kFlag},
                                                {"format", "--format", Form::kValue},
                                                {"match_upstream", "--match-upstream", Form::kFlag},
                                                {"force", "--force", Form::kFlag}});

constexpr auto kPerturb = std::to_array<Word>({{"input", "", Form::kElsewhere},
                                               {"model", "", Form::kElsewhere},
                                               {"output", "", Form::kElsewhere},
                                               {"requests", "", Form::kElsewhere},
                                               {"first_cell", "", Form::kElsewhere},
                                               {"end_cell", "", Form::kElsewhere},
                                               {"shard", "", Form::kElsewhere},
                                               {"shards", "", Form::kElsewhere},
                                               {"num_threads", "", Form::kElsewhere},
                                               {"device", "", Form::kElsewhere},
                                               {"overwrite", "", Form::kElsewhere},
                                               {"preview", "", Form::kElsewhere},
                                               {"preview_seconds", "", Form::kElsewhere},
                                               {"screen_probes", "", Form::kElsewhere},
                                               {"dictionary", "--dictionary", Form::kValue},
                                               {"labels", "--labels", Form::kValue},
                                               {"how", "--how", Form::kValue},
                                               {"anchor", "--anchor", Form::kValue},
                                               {"quartiles", "--quartiles", Form::kValue},
                                               {"position", "--position", Form::kValue},
                                               {"state_column", "--state", Form::kValue},
                                               {"start", "--start", Form::kValue},
                                               {"goal", "--goal", Form::kValue},
                                               {"alternatives", "--alt", Form::kList},
                                               {"donor_column", "--donor", Form::kValue},
                                               {"filter", "--filter", Form::kFilter},
                                               {"max_cells", "--max-cells", Form::kValue},
                                               {"layer", "--layer", Form::kValue},
                                               {"mode", "--mode", Form::kValue},
                                               {"gene_effects", "--gene-effects", Form::kFlag},
                                               {"method", "--method", Form::kValue},
                                               {"null_count", "--null", Form::kValue},
                                               {"screen_top", "--screen-top", Form::kValue},
                                               {"screen_sample", "--screen-sample", Form::kValue},
                                               {"tokens_per_batch", "--tokens-per-batch", Form::kValue},
                                               {"match_upstream", "--match-upstream", Form::kFlag},
                                               {"seed", "--seed", Form::kValue}});

constexpr auto kStats = std::to_array<Word>({{"runs", "", Form::kElsewhere},
                                             {"null_run", "", Form::kElsewhere},
                                             {"output", "", Form::kElsewhere},
                                             {"xlsx", "", Form::kElsewhere},
                                             {"data", "", Form::kElsewhere},
                                             {"num_threads", "", Form::kElsewhere},
                                             {"overwrite", "", Form::kElsewhere},
                                             {"test", "--test", Form::kValue},
                                             {"columns", "--columns", Form::kValue},
                                             {"dictionary", "--dictionary", Form::kValue},
                                             {"baseline", "--no-baseline", Form::kNoFlag},
                                             {"bootstrap_samples", "--bootstrap-samples", Form::kValue},
                                             {"seed", "--seed", Form::kValue}});

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::string joined(const Json& list) {
  std::string text;
  for (const Json& one : list) text += (text.empty() ? "" : ",") + text_of(one);
  return text;
}

void add_words(const Word& word, const Json& value, std::vector<std::string>& words) {
  switch (word.form) {
    case Form::kElsewhere:
      break;
    case Form::kValue:
      words.insert(words.end(), {word.word, text_of(value)});
      break;
    case Form::kList:
      words.insert(words.end(), {word.word, joined(value)});
      break;
    case Form::kFlag:
    case Form::kNoFlag:
      if (value.get<bool>() == (word.form == Form::kFlag)) words.emplace_back(word.word);
      break;
    case Form::kEach:
      for (const Json& one : value) words.insert(words.end(), {word.word, text_of(one)});
      break;
    case Form::kFilter:
      for (const auto& [column, values] : value.items()) {
        words.insert(words.end(), {word.word, column + "=" + joined(values)});
      }
      break;
  }
}

}  // namespace

Result<std::vector<std::string>> command_words(const std::string& kind, const Json& options) {
  std::span<const Word> table;
  Json usual;
  if (kind == "tokenize") {
    table = kTokenize;
    usual = to_json(TokenizeOptions{});
  } else if (kind == "perturb") {
    table = kPerturb;
    usual = to_json(PerturbOptions{});
  } else if (kind == "stats") {
    table = kStats;
    usual = to_json(StatsOptions{});
  }
  std::vector<std::string> words;
  for (const auto& [key, value] : options.items()) {
    if (usual.contains(key) && usual[key] == value) continue;
    const auto word = std::find_if(table.begin(), table.end(), [&](const Word& one) { return one.key == key; });
    if (word == table.end()) {
      return Error{ErrorCode::kUnsupported, "E-UI-009",
                   "no command of the shell sets \"" + key + "\" of a " + kind + " job; this result has no script"};
    }
    add_words(*word, value, words);
  }
  return words;
}

}  // namespace cw::ui
