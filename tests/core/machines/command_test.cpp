// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/command.h"

#include <gtest/gtest.h>

namespace cw {
namespace {

TEST(Command, GivesOutputErrorsAndCode) {
  CommandOptions options;
  options.input = std::string(300'000, 'x');  // more than a pipe holds
  const auto outcome = run_command({"sh", "-c", "wc -c; echo trouble >&2; exit 3"}, options);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->exit_code, 3);
  EXPECT_NE(outcome->out.find("300000"), std::string::npos) << outcome->out;
  EXPECT_EQ(outcome->err, "trouble\n");
}

TEST(Command, ThatDoesNotReadItsInputIsNoHarm) {
  CommandOptions options;
  options.input = std::string(3'000'000, 'x');
  const auto outcome = run_command({"true"}, options);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->exit_code, 0);
}

TEST(Command, EndsThoughADaemonKeepsItsStreams) {
  const auto began = std::chrono::steady_clock::now();
  const auto outcome = run_command({"sh", "-c", "sleep 20 & echo done"});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->out, "done\n");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

TEST(Command, IsEndedWhenItIsSilentTooLong) {
  CommandOptions options;
  options.silence = std::chrono::milliseconds(300);
  const auto outcome = run_command({"sh", "-c", "echo one; exec sleep 30"}, options);
  ASSERT_TRUE(outcome.ok());
  EXPECT_TRUE(outcome->timed_out);
  EXPECT_EQ(outcome->exit_code, 128 + SIGTERM);
  EXPECT_EQ(outcome->out, "one\n");
}

TEST(Command, ThatIgnoresTheRequestIsKilled) {
  CommandOptions options;
  bool asked = false;
  options.on_output = [&](std::string_view) { asked = true; };
  options.stop = [&] { return asked; };
  const auto outcome = run_command({"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"}, options);
  ASSERT_TRUE(outcome.ok());
  EXPECT_TRUE(outcome->stopped);
  EXPECT_EQ(outcome->exit_code, 128 + SIGKILL);
}

TEST(Command, ThatDoesNotExistIsNamed) {
  const auto outcome = run_command({"no-such-program-of-cellwright"});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().id, "E-MCH-017");
}

TEST(Command, QuotingKeepsEveryCharacter) {
  const std::string odd = "it's $HOME `x` \"y\" \\ \n!";
  const auto outcome = run_command({"sh", "-c", "printf %s " + shell_quoted(odd)});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->out, odd);
}

}  // namespace
}  // namespace cw
