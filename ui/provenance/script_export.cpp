// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/provenance/script_export.h"

#include <filesystem>

namespace cw::ui {
namespace {

constexpr std::size_t kMostGenesInLine = 20;

std::string line_of(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += " " + shell_word(word);
  return line;
}

class Script {
 public:
  Result<std::string> of(const Json& provenance) {
    const std::string kind = provenance.value("kind", std::string());
    if (kind == "stats") {
      CW_TRY(add_stats(provenance));
    } else if (kind == "perturb") {
      CW_TRY(add_run(provenance));
    } else {
      return Error{ErrorCode::kUnsupported, "E-UI-009",
                   "only perturbation runs and ranked lists can be exported as a script, this is: " + kind};
    }
    return head(provenance) + body_;
  }

 private:
  [[nodiscard]] std::string head(const Json& provenance) const {
    return "#!/usr/bin/env bash\n"
           "# Makes a result of Cellwright " +
           provenance.value("version", std::string()) +
           " again.  Usage: bash SCRIPT [FOLDER FOR THE RESULTS]\n"
           "# Other places: CELLWRIGHT=program DATA=file MODEL=folder bash SCRIPT\n"
           "set -euo pipefail\n"
           "cellwright=${CELLWRIGHT:-cellwright}\n"
           "out=${1:-reproduced}\n" +
           variables_ + "mkdir -p \"$out\"\n" + checks_;
  }

  Result<> add_stats(const Json& stats) {
    std::string runs;
    std::string null;
    for (const Json& run : stats.at("runs")) {
      CW_TRY(add_run(run.at("provenance")));
      const std::string name = "\"$out\"/run-" + std::to_string(runs_);
      if (run.value("use", std::string("test")) == "test") {
        runs += " " + name;
      } else {
        null = " --null-run " + name;
      }
    }
    const Json& options = stats.at("options");
    CW_ASSIGN(const auto words, command_words("stats", options));
    body_ += "\n# The ranked list\n\"$cellwright\" stats" + runs + null + " --out \"$out\"/ranked.csv";
    if (!options.value("xlsx", std::string()).empty()) body_ += " --xlsx \"$out\"/ranked.xlsx";
    if (!options.value("data", std::string()).empty()) body_ += " --data \"$data\"";
    body_ += line_of(words) + "\n";
    return {};
  }

  Result<> add_run(const Json& run) {
    ++runs_;
    const Json& options = run.at("options");
    CW_TRY(take_data(run));
    const std::string model = options.value("model", std::string());
    if (model_.empty()) {
      model_ = model;
      variables_ += "model=${MODEL:-" + shell_word(model) + "}\n";
    }
    std::string input = "\"$data\"";
    const Json tokens = run.value("tokens", Json::object());
    if (tokens.contains("options") && !tokens["options"].value("output", std::string()).empty()) {
      if (!tokenized_) {
        CW_ASSIGN(const auto words, command_words("tokenize", tokens["options"]));
        body_ +=
            "\n# Genes of each cell in their order\n\"$cellwright\" tokenize \"$data\" --out \"$out\"/cells.tokens.h5" +
            line_of(words) + "\n";
        tokenized_ = true;
      }
      input = "\"$out\"/cells.tokens.h5";
    }
    body_ += "\n# The perturbation\n";
    std::string requests;
    int file = 0;
    for (const Json& request : options.at("requests")) {
      const std::string kind = request.value("kind", std::string("delete"));
      const Json& genes = request.at("genes");
      if (genes.size() <= kMostGenesInLine) {
        std::string list;
        for (const Json& gene : genes) list += (list.empty() ? "" : ",") + gene.get<std::string>();
        requests += " --" + kind + " " + shell_word(list);
        continue;
      }
      const std::string name = "\"$out\"/genes-" + std::to_string(runs_) + "-" + std::to_string(++file) + ".txt";
      body_ += "cat >" + name + " <<'GENES'\n";
      for (const Json& gene : genes) body_ += gene.get<std::string>() + "\n";
      body_ += "GENES\n";
      requests += " --" + kind + " @" + name;
    }
    CW_ASSIGN(const auto words, command_words("perturb", options));
    body_ += "\"$cellwright\" perturb " + input + " --model " + (model == model_ ? "\"$model\"" : shell_word(model)) +
             " --out \"$out\"/run-" + std::to_string(runs_) + requests + cells_of(options) + line_of(words) + "\n";
    return {};
  }

  [[nodiscard]] static std::string cells_of(const Json& options) {
    std::string words;
    const auto first = options.value("first_cell", std::int64_t{0});
    const auto end = options.value("end_cell", std::int64_t{-1});
    if (first != 0 || end >= 0) {
      words += " --cells " + std::to_string(first) + ":" + (end < 0 ? "" : std::to_string(end));
    }
    const auto shards = options.value("shards", std::int64_t{1});
    if (shards > 1) {
      words += " --shard " + std::to_string(options.value("shard", std::int64_t{1})) + "/" + std::to_string(shards);
    }
    return words;
  }

  // The data file with its checksum; a specification alone knows the name only.
  Result<> take_data(const Json& run) {
    if (!data_.empty()) return {};
    const Json tokens = run.value("tokens", Json::object());
    const Json files = tokens.value("files", Json::array());
    if (files.size() > 1) {
      return Error{ErrorCode::kUnsupported, "E-UI-009",
                   "this result was made from " + std::to_string(files.size()) + " files; a script is made for one"};
    }
    data_ = files.empty() ? run.at("options").value("input", std::string()) : files[0].value("path", std::string());
    variables_ += "data=${DATA:-" + shell_word(data_) + "}\n";
    std::error_code status;
    const std::string sum = files.empty() ? std::string() : files[0].value("sha256", std::string());
    if (!sum.empty() && !std::filesystem::is_directory(data_, status)) {
      checks_ += "echo \"" + sum +
                 "  $data\" | sha256sum --check --quiet - || {\n"
                 "  echo \"$data is not the file that the result was made from\" >&2\n  exit 1\n}\n";
    }
    return {};
  }

  std::string variables_;
  std::string checks_;
  std::string body_;
  std::string data_;
  std::string model_;
  bool tokenized_ = false;
  int runs_ = 0;
};

}  // namespace

std::string shell_word(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-+=.,:/@%") == std::string::npos;
  if (plain) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

Result<std::string> shell_script(const Json& provenance) {
  try {
    return Script().of(provenance);
  } catch (const Json::exception& problem) {
    return Error{ErrorCode::kParse, "E-UI-010", std::string("the provenance is incomplete: ") + problem.what()};
  }
}

}  // namespace cw::ui
