// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/read_apart.h"

#include <gtest/gtest.h>

#include <csignal>
#include <new>
#include <stdexcept>

namespace cw {
namespace {

TEST(ReadApartTest, givesWhatWasReadHoweverLong) {
  const std::string text(300'000, 'x');
  const auto outcome = read_apart("cells.h5ad", [&] { return Result<Json>(Json{{"text", text}}); });
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ((*outcome)["text"], text);
}

TEST(ReadApartTest, givesTheErrorOfTheReader) {
  const auto outcome = read_apart("cells.h5ad", []() -> Result<Json> {
    return Error{ErrorCode::kRefused, "E-TST-001", "these are not counts"};
  });
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kRefused);
  EXPECT_EQ(outcome.error().id, "E-TST-001");
  EXPECT_EQ(outcome.error().message, "these are not counts");
}

TEST(ReadApartTest, aCrashBecomesASentenceThatNamesTheFile) {
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS}) {
    const auto outcome = read_apart("cells.h5ad", [signal]() -> Result<Json> {
      std::signal(signal, SIG_DFL);  // a sanitizer would answer first
      std::raise(signal);
      return Json();
    });
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().id, "E-IO-021");
    EXPECT_EQ(exit_code(outcome.error().code), 3);
    EXPECT_EQ(outcome.error().message.rfind("cells.h5ad: ", 0), 0U);
    EXPECT_NE(outcome.error().message.find("signal " + std::to_string(signal)), std::string::npos);
  }
}

TEST(ReadApartTest, lackOfMemoryIsTold) {
  const auto thrown = read_apart("cells.h5ad", []() -> Result<Json> { throw std::bad_alloc(); });
  const auto killed = read_apart("cells.h5ad", []() -> Result<Json> {
    std::raise(SIGKILL);
    return Json();
  });
  for (const auto* outcome : {&thrown, &killed}) {
    ASSERT_FALSE(outcome->ok());
    EXPECT_EQ(outcome->error().id, "E-JOB-006");
    EXPECT_EQ(exit_code(outcome->error().code), 5);
  }
}

TEST(ReadApartTest, otherExceptionsAreInternalErrors) {
  const auto outcome = read_apart("cells.h5ad", []() -> Result<Json> { throw std::runtime_error("unexpected"); });
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().id, "E-JOB-007");
}

}  // namespace
}  // namespace cw
