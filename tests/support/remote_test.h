// SPDX-License-Identifier: GPL-3.0-or-later
// Tests that run jobs on "another machine": this one, reached by a real ssh. The engine is sent once for all tests of a
// program.
#pragma once
#include "tests/support/command_line_test.h"
#include "tests/support/loopback_ssh.h"

namespace cw {

class RemoteTest : public CommandLineTest {
 protected:
  static void SetUpTestSuite() {
    far_ = make_scratch_folder(std::filesystem::temp_directory_path()).value();
    // half a gigabyte is packed once per build, not per test
    ::setenv("XDG_CACHE_HOME", (std::filesystem::path(CW_BIN_DIR).parent_path() / "cache").c_str(), 1);
    ssh_ = std::make_unique<LoopbackSsh>(far_ / "ssh");
    ssh_->start();
  }
  static void TearDownTestSuite() {
    ssh_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(far_, ignored);
  }

  void SetUp() override {
    CommandLineTest::SetUp();
    ::setenv("XDG_CONFIG_HOME", (folder_ / "config").c_str(), 1);
    std::filesystem::remove_all(root() / "jobs");
    static_cast<void>(succeed({"machines", "add", "far", "--ssh", "loop", "--folder", root().string(), "--no-probe"}));
    model_ = small_model("model", 1);
  }

  static std::filesystem::path root() { return far_ / "root folder"; }
  /// The folder of the only job on the machine.
  static std::filesystem::path place() {
    std::error_code status;
    for (const auto& entry : std::filesystem::directory_iterator(root() / "jobs", status)) return entry.path();
    return {};
  }

  [[nodiscard]] std::string cells() const { return test_data("datasets/kang_pbmc_labelled.h5ad"); }
  [[nodiscard]] std::vector<std::string> embed(const std::string& name, int max_cells) const {
    return {"embed",       cells(),
            "--model",     model_,
            "--max-cells", std::to_string(max_cells),
            "--out",       in(name + ".h5ad"),
            "--csv",       in(name + ".csv")};
  }
  [[nodiscard]] std::vector<std::string> perturb(const std::string& name, int max_cells) const {
    return {"perturb", cells(), "--model", model_, "--delete", "all", "--max-cells", std::to_string(max_cells),
            "--out",   in(name)};
  }
  static std::vector<std::string> there(std::vector<std::string> command) {
    command.insert(command.end(), {"--machine", "far"});
    return command;
  }

  [[nodiscard]] std::unique_ptr<RunningProgram> start(const std::vector<std::string>& arguments,
                                                      const std::string& log = "running") const {
    return std::make_unique<RunningProgram>(std::filesystem::path(CW_BIN_DIR) / "cellwright", arguments,
                                            folder_ / (log + ".out"), folder_ / (log + ".err"));
  }
  [[nodiscard]] std::string errors(const std::string& log = "running") const {
    const auto text = read_file(folder_ / (log + ".err"));
    return text.ok() ? *text : std::string();
  }
  static Json state_of(const std::filesystem::path& run) {
    const auto state = read_json(run / "state.json");
    return state.ok() ? *state : Json::object();
  }
  static std::string bytes_of(const std::filesystem::path& file) {
    const auto text = read_file(file);
    return text.ok() ? *text : "(" + file.string() + " is missing)";
  }
  template <class Condition>
  static bool wait_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  // NOLINTBEGIN: shared by the tests of a program on purpose
  static inline std::filesystem::path far_;
  static inline std::unique_ptr<LoopbackSsh> ssh_;
  // NOLINTEND
  std::string model_;
};

}  // namespace cw
