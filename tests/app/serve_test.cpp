// SPDX-License-Identifier: GPL-3.0-or-later
// A conversation with the warm engine, as the window holds it (docs/serve.md).
#include "tests/support/command_line_test.h"

#include <csignal>
#include <cstdio>

namespace cw {
namespace {

namespace fs = std::filesystem;

/// `cellwright-engine serve` with both ends of its pipes.
class WarmEngine {
 public:
  WarmEngine() {
    int to[2] = {-1, -1};
    int from[2] = {-1, -1};
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
    std::string program = (fs::path(CW_BIN_DIR) / "cellwright-engine").string();
    std::string command = "serve";
    char* arguments[] = {program.data(), command.data(), nullptr};
    if (posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments, environ) != 0) process_ = 0;
    posix_spawn_file_actions_destroy(&actions);
    ::close(to[0]);
    ::close(from[1]);
    in_ = ::fdopen(to[1], "w");
    out_ = ::fdopen(from[0], "r");
  }
  WarmEngine(const WarmEngine&) = delete;
  WarmEngine& operator=(const WarmEngine&) = delete;
  ~WarmEngine() {
    if (in_ != nullptr) std::fclose(in_);
    if (out_ != nullptr) std::fclose(out_);
    if (process_ > 0) ::kill(process_, SIGKILL);
    if (process_ > 0) ::waitpid(process_, nullptr, 0);
  }

  void send(const std::string& line) {
    std::fputs((line + "\n").c_str(), in_);
    std::fflush(in_);
  }
  /// The next line; null at the end.
  Json receive() {
    std::string line;
    for (int c = std::fgetc(out_); c != EOF && c != '\n'; c = std::fgetc(out_)) line += static_cast<char>(c);
    return line.empty() ? Json() : Json::parse(line, nullptr, false);
  }
  /// The answer to a request; events before it are counted.
  Json ask(const std::string& method, const Json& params) {
    const int id = ++last_id_;
    send(Json{{"id", id}, {"method", method}, {"params", params}}.dump());
    for (Json line = receive(); !line.is_null(); line = receive()) {
      if (line.value("id", Json()) == id && !line.contains("event")) return line;
      num_events_ += line.contains("event") ? 1 : 0;
    }
    return {};
  }
  [[nodiscard]] int num_events() const { return num_events_; }

  /// Ends the conversation; the exit code.
  int close() {
    std::fclose(std::exchange(in_, nullptr));
    int status = 0;
    ::waitpid(std::exchange(process_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t process_ = 0;
  std::FILE* in_ = nullptr;
  std::FILE* out_ = nullptr;
  int last_id_ = 0;
  int num_events_ = 0;
};

std::string error_of(const Json& answer) {
  return answer.contains("error") ? answer["error"].value("code", "") : "no error: " + answer.dump();
}

class ServeTest : public CommandLineTest {};

TEST_F(ServeTest, AConversationFromLoadingToACellUnderTheMicroscope) {
  const std::string model = small_model("model", 2);
  static_cast<void>(succeed({"tokenize", test_data("datasets/kang_pbmc_labelled.h5ad"), "--dictionary", "v1",
                             "--max-length", "128", "--keep", "cell_type", "--out", in("k.tokens.h5")}));
  WarmEngine engine;
  EXPECT_EQ(engine.receive().value("ready", false), true);
  EXPECT_EQ(error_of(engine.ask("preview", {{"preview", 4}})), "E-SRV-002");
  EXPECT_EQ(error_of(engine.ask("cell", {{"row", 1}})), "E-SRV-002");
  EXPECT_EQ(error_of(engine.ask("dance", Json::object())), "E-SRV-003");
  const Json base = {{"input", in("k.tokens.h5")}, {"model", model}};
  const Json loaded = engine.ask("load", base);
  ASSERT_GT(loaded["result"].value("cells", 0), 100) << loaded;

  const Json cell = engine.ask("cell", {{"row", 3}});
  ASSERT_TRUE(cell.contains("result")) << cell;
  const Json& genes = cell["result"]["genes"];
  ASSERT_GT(genes.size(), 20U);
  Json tokens = Json::array();
  for (std::size_t i = 1; i < genes.size(); ++i) tokens.push_back(genes[i]["token"]);
  const Json states = {{"state_column", "cell_type"}, {"start", "B cells"}, {"goal", "CD4 T cells"}};
  Json asked = {{"row", 3}, {"tokens", tokens}, {"changed", {genes[0]["token"]}}};
  const Json without_first = engine.ask("cell", asked);
  ASSERT_TRUE(without_first.contains("result")) << without_first;
  EXPECT_LT(without_first["result"].value("similarity", 2.0), 1.0);
  EXPECT_EQ(without_first["result"].value("length", 0U), genes.size() - 1);
  asked.update(states);
  const Json moved = engine.ask("cell", asked);
  ASSERT_TRUE(moved.contains("result")) << moved;
  EXPECT_NE(moved["result"].value("progress", 0.0), 0.0);
  EXPECT_EQ(moved["result"]["states"], Json({"B cells", "CD4 T cells"}));
  EXPECT_EQ(error_of(engine.ask("cell", {{"row", 1 << 30}})), "E-PRT-030");
  EXPECT_EQ(error_of(engine.ask("cell", {{"row", 3}, {"colour", 1}})), "E-ARG-001");

  Json preview = base;
  preview.update({{"preview", 8}, {"requests", {{{"kind", "delete"}, {"genes", {genes[0]["ensembl_id"]}}}}}});
  const Json previewed = engine.ask("preview", preview);
  ASSERT_TRUE(previewed.contains("result")) << previewed;
  EXPECT_EQ(previewed["result"]["perturbations"].size(), 1U);
  EXPECT_GT(engine.num_events(), 0);

  engine.send("{ not json");
  EXPECT_TRUE(engine.receive().contains("error"));
  EXPECT_EQ(engine.ask("status", Json::object())["result"].value("waiting", -1), 0);
  EXPECT_EQ(engine.ask("cancel", {{"id", 999}})["result"].value("cancelled", true), false);
  EXPECT_EQ(engine.close(), 0);
}

}  // namespace
}  // namespace cw
