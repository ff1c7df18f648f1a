// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "tests/support/run_program.h"
#include "tests/support/scratch_folder.h"

#include <cstdlib>
#include <set>

namespace cw {

/// Tests that use the program as a person does: a folder of their own, also for the list of jobs.
class CommandLineTest : public ScratchFolderTest {
 protected:
  void SetUp() override {
    ScratchFolderTest::SetUp();
    ::setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
  }

  [[nodiscard]] std::string in(const std::string& name) const { return (folder_ / name).string(); }

  [[nodiscard]] ProgramOutcome cellwright(const std::vector<std::string>& arguments) const {
    return run_program_to_end(std::filesystem::path(CW_BIN_DIR) / "cellwright", arguments, folder_);
  }

  /// Runs a command that must succeed, with --json, and gives its object.
  [[nodiscard]] Json succeed(std::vector<std::string> arguments) const {
    arguments.emplace_back("--json");
    const auto outcome = cellwright(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << arguments[0] << ": " << outcome.err;
    const Json json = Json::parse(outcome.out, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << arguments[0] << " printed: " << outcome.out;
    return json.is_object() || json.is_array() ? json : Json::object();
  }

  /// A model folder with random weights, small enough for tests: 2 layers of 64, the vocabulary of v1.
  [[nodiscard]] std::string small_model(const std::string& name = "model", int layers = 2) const {
    const Json config = {{"architectures", {"BertForMaskedLM"}},
                         {"model_type", "bert"},
                         {"hidden_act", "relu"},
                         {"vocab_size", 25426},
                         {"hidden_size", 64},
                         {"num_hidden_layers", layers},
                         {"num_attention_heads", 2},
                         {"intermediate_size", 128},
                         {"max_position_embeddings", 2048}};
    EXPECT_TRUE(write_json(folder_ / "config.json", config).ok());
    static_cast<void>(succeed({"model", "new", "--config", in("config.json"), "--out", in(name)}));
    return in(name);
  }
};

/// Everything below a folder, as paths relative to it.
inline std::set<std::string> names_below(const std::filesystem::path& folder) {
  std::set<std::string> names;
  std::error_code status;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, status)) {
    names.insert(std::filesystem::relative(entry.path(), folder).string());
  }
  return names;
}

/// Bundled data of this test tree.
inline std::string test_data(const std::string& name) { return std::string(CW_TEST_DATA) + "/" + name; }

}  // namespace cw
