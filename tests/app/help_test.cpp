// SPDX-License-Identifier: GPL-3.0-or-later
// The public contract of the command line: every command and option that is promised is there and explains itself.
#include "tests/support/command_line_test.h"
#include "tests/support/running_program.h"

#include <regex>

namespace cw {
namespace {

struct Promise {
  std::vector<std::string> command;
  std::vector<std::string> options;
};

const std::vector<Promise> kPromises = {
    {{"inspect"}, {"--json"}},
    {{"tokenize"},
     {"--dictionary", "--out", "--counts", "--gene-ids", "--species", "--keep", "--keep-all", "--filter",
      "--no-cell-filter", "--max-length", "--recursive", "--format", "--match-upstream"}},
    {{"medians"}, {"--out"}},
    {{"embed"},
     {"--model", "--out", "--layer", "--mode", "--filter", "--max-cells", "--precision", "--csv", "--match-upstream"}},
    {{"map"}, {"--out", "--pca", "--umap", "--tsne", "--clusters", "--neighbors", "--of", "--batch"}},
    {{"markers"}, {"--groups", "--out"}},
    {{"split"},
     {"--label", "--group", "--folds", "--validation", "--test", "--balance", "--from", "--drop-duplicates", "--check",
      "--out"}},
    {{"evaluate"}, {"--true", "--group", "--genes", "--against", "--regression", "--leave-out-unknown", "--out"}},
    {{"perturb"}, {"--model", "--out",          "--delete",    "--inhibit",   "--activate", "--overexpress",
                   "--how",   "--anchor",       "--quartiles", "--state",     "--start",    "--goal",
                   "--alt",   "--donor",        "--filter",    "--max-cells", "--cells",    "--layer",
                   "--mode",  "--gene-effects", "--method",    "--null",      "--preview",  "--match-upstream"}},
    {{"merge"}, {"--out", "--csv"}},
    {{"stats"}, {"--test", "--null-run", "--out", "--xlsx", "--columns"}},
    {{"pretrain"},
     {"--out", "--preset", "--config", "--init", "--epochs", "--steps", "--minutes", "--tokens-per-batch",
      "--precision", "--resume", "--validation"}},
    {{"recipe", "list"}, {}},
    {{"recipe", "show"}, {}},
    {{"recipe", "run"}, {"--out", "--model", "--data", "--set"}},
    {{"search", "cells"},
     {"--model", "--label", "--search", "--trials", "--sampler", "--rungs", "--keep", "--parallel", "--without-given",
      "--metric", "--out"}},
    {{"search", "genes"}, {"--classes", "--search", "--out"}},
    {{"search", "multitask"}, {"--label", "--search", "--out"}},
    {{"example"}, {"--out"}},
    {{"model", "new"}, {"--out"}},
    {{"model", "inspect"}, {}},
    {{"model", "convert"}, {"--out"}},
    {{"model", "compare"}, {}},
    {{"jobs", "list"}, {}},
    {{"jobs", "show"}, {}},
    {{"jobs", "follow"}, {}},
    {{"jobs", "cancel"}, {}},
    {{"jobs", "resume"}, {}},
    {{"jobs", "remove"}, {}},
    {{"run"}, {}},
    {{"resume"}, {}},
};

class HelpTest : public CommandLineTest {
 protected:
  [[nodiscard]] std::string help_of(std::vector<std::string> command) const {
    command.emplace_back("--help");
    const auto outcome = cellwright(command);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_TRUE(outcome.err.empty()) << outcome.err;
    return outcome.out;
  }
  static bool has_option(const std::string& help, const std::string& option) {
    return std::regex_search(help, std::regex("(^|[ ,\n])" + option + "([ ,\n]|$)"));
  }
};

TEST_F(HelpTest, EveryPromisedCommandAndOptionIsThere) {
  for (const auto& promise : kPromises) {
    const std::string help = help_of(promise.command);
    for (const auto& option : promise.options) {
      EXPECT_TRUE(has_option(help, option) || option == "--json") << promise.command[0] << " lacks " << option;
    }
  }
}

TEST_F(HelpTest, TheProgramNamesTheOptionsThatWorkEverywhere) {
  const std::string help = help_of({});
  for (const char* option :
       {"--json", "--threads", "--seed", "--device", "--quiet", "--verbose", "--log", "--overwrite"}) {
    EXPECT_TRUE(has_option(help, option)) << option;
  }
}

TEST_F(HelpTest, EveryCommandHasAnExample) {
  for (const auto& promise : kPromises) {
    EXPECT_NE(help_of(promise.command).find("Example"), std::string::npos)
        << promise.command[0] << " " << (promise.command.size() > 1 ? promise.command[1] : "");
  }
}

// An option line is "  --name TYPE [default]  text"; where the text is missing, nothing follows on the line or the
// next.
TEST_F(HelpTest, EveryOptionSaysWhatItMeansAndANumberItsDefault) {
  const std::regex option_line("^  +(?:-[a-z],)?(--[a-z-]+)( .*)?$");
  for (const auto& promise : kPromises) {
    std::istringstream lines(help_of(promise.command));
    std::string all;
    for (std::string line; std::getline(lines, line);) {
      // continuation lines are indented far
      if (line.rfind("                    ", 0) == 0)
        all += " " + line.substr(line.find_first_not_of(' '));
      else
        all += "\n" + line;
    }
    std::istringstream joined(all);
    for (std::string line; std::getline(joined, line);) {
      std::smatch found;
      if (!std::regex_match(line, found, option_line)) continue;
      const std::string rest = found[2];
      EXPECT_TRUE(std::regex_search(rest, std::regex("[a-z]{2,}.* ?[a-zA-Z]"))) << promise.command[0] << ": " << line;
      const bool number = std::regex_search(rest, std::regex("^ +(U?INT|FLOAT)"));
      const bool says_default = std::regex_search(rest, std::regex("^ +[A-Z]+=|\\[|0 = "));
      const bool one_of_three = found[1] == "--epochs" || found[1] == "--steps" || found[1] == "--minutes";
      EXPECT_TRUE(!number || says_default || one_of_three) << promise.command[0] << " without a default: " << line;
    }
  }
}

TEST_F(HelpTest, OutputThatIsLostIsAnError) {
  RunningProgram program(std::filesystem::path(CW_BIN_DIR) / "cellwright", {"--help"}, "/dev/full", in("err.txt"));
  EXPECT_EQ(program.wait(std::chrono::seconds(30)), 5);
  const auto text = read_file(in("err.txt"));
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->rfind("error [E-IO-003] standard output", 0), 0U) << *text;
}

TEST_F(HelpTest, WithoutArgumentsHelpIsPrinted) {
  const auto outcome = cellwright({});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const auto& promise : kPromises) {
    EXPECT_NE(outcome.out.find(promise.command[0]), std::string::npos) << promise.command[0];
  }
}

}  // namespace
}  // namespace cw
