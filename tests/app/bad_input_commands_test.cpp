// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the table that are the same for every command: files that are empty, cut off, of another kind, without
// cells or genes, with impossible counts; columns without use; places that cannot be written.
#include "tests/app/bad_input.h"

namespace cw {
namespace {

TEST_P(BadInputTest, IsRefusedWithOneSentenceAndLeavesNothing) { expect_refusal(GetParam()); }

/// A command with `<FILE>` for its input, and what its kind of input shares with others.
struct Command {
  std::string name;
  std::vector<std::string> arguments;
  bool reads_counts = false;  ///< data files with counts are read, by way of tokens or directly
  bool writes = true;         ///< has an output that `<OUT>` stands for
};

const std::vector<Command> kCommands = {
    {"Inspect", {"inspect", "<FILE>"}, false, false},
    {"Tokenize", {"tokenize", "<FILE>", "--dictionary", "v1", "--out", "<OUT>"}, true},
    {"Medians", {"medians", "<FILE>", "--out", "<OUT>"}, true},
    {"Embed", {"embed", "<FILE>", "--model", "<model>", "--out", "<OUT>"}, true},
    {"Map", {"map", "<FILE>", "--out", "<OUT>"}, true},
    {"Markers", {"markers", "<FILE>", "--groups", "state", "--out", "<OUT>"}, true},
    {"Perturb", {"perturb", "<FILE>", "--model", "<model>", "--delete", "ACTB", "--out", "<OUT>"}, true},
    {"Preview", {"perturb", "<FILE>", "--model", "<model>", "--delete", "ACTB", "--preview", "4"}, true, false},
    {"Stats", {"stats", "<FILE>", "--out", "<OUT>"}},
    {"Pretrain", {"pretrain", "<FILE>", "--config", "<model>/config.json", "--steps", "1", "--out", "<OUT>"}},
    {"FinetuneCells",
     {"finetune", "cells", "<FILE>", "--model", "<model>", "--label", "state", "--out", "<OUT>"},
     true},
    {"ModelInspect", {"model", "inspect", "<FILE>"}, false, false},
    {"ModelConvert", {"model", "convert", "<FILE>", "--out", "<OUT>"}},
    {"ModelCompare", {"model", "compare", "<model>", "<FILE>"}, false, false},
    {"ModelNew", {"model", "new", "--config", "<FILE>", "--out", "<OUT>"}},
    {"Run", {"run", "<FILE>"}, false, false},
    {"Resume", {"resume", "<FILE>"}, false, false},
};

std::vector<BadInput> every_command() {
  struct File {
    const char* name;
    const char* file;
    bool counts;  ///< only for commands that read counts
  };
  const std::vector<File> files = {
      {"Missing", "nowhere.h5ad", false},
      {"BelowAFile", "text.h5ad/cells.h5ad", false},
      {"Empty", "empty.h5ad", false},
      {"WrongType", "text.h5ad", false},
      {"Truncated", "truncated.h5ad", false},
      {"Folder", "folder.h5ad", false},
      {"NoCells", "no_cells.h5ad", true},
      {"CellsWithoutGenes", "cells_without_genes.h5ad", true},
      {"Negative", "negative.h5ad", true},
      {"Fractional", "fractional.h5ad", true},
      {"Infinite", "infinite.h5ad", true},
      {"NaN", "nan.h5ad", true},
      {"ForeignGenes", "foreign_genes.h5ad", true},
  };
  std::vector<BadInput> cases;
  for (const auto& command : kCommands) {
    for (const auto& file : files) {
      if (file.counts && !command.reads_counts) continue;
      const bool names_do_not_matter = command.name == "Map" || command.name == "Markers";
      if (names_do_not_matter && std::string(file.name) == "ForeignGenes") continue;
      auto arguments = command.arguments;
      for (auto& argument : arguments) {
        if (argument == "<FILE>") argument = "<" + std::string(file.file) + ">";
      }
      std::vector<std::string> words = {file.file};
      if (std::string(file.name) == "NoCells") words.emplace_back("no cells");
      cases.push_back({command.name + file.name, arguments, kInput, words});
    }
    if (!command.writes) continue;
    for (const auto& [name, place, word] : {std::tuple("OutputBelowFile", "<text.h5ad>/result", "text.h5ad"),
                                            {"OutputInProc", "/proc/result", "/proc"}}) {
      auto arguments = command.arguments;
      for (auto& argument : arguments) {
        if (argument == "<OUT>") argument = place;
        if (argument == "<FILE>") argument = "<good.h5ad>";
      }
      if (command.name == "Stats") arguments[1] = "<run>";
      if (command.name == "Pretrain") arguments[1] = "<v1.tokens.h5>";
      if (command.name == "ModelConvert") arguments[2] = "<model>";
      if (command.name == "ModelNew") arguments[3] = "<model>/config.json";
      cases.push_back({command.name + name, arguments, kInput, {word}});
    }
  }
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Every, BadInputTest, testing::ValuesIn(every_command()), case_name);

}  // namespace
}  // namespace cw
