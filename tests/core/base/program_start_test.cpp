// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/program_start.h"

#include "core/base/files.h"
#include "tests/support/scratch_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>
#include <string>
#include <vector>

namespace cw {
namespace {

class ProgramStartTest : public ScratchFolderTest {
 protected:
  static int exit_code_of(pid_t process) {
    int status = 0;
    ::waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string said() const { return read_file(folder_ / "said").value(); }

  // What a shell script says of itself.
  std::string result_of(const std::string& script, bool detached) const {
    ProgramStart program({"sh", "-c", script});
    program.open("/dev/null", O_RDONLY, STDIN_FILENO);
    program.open(folder_ / "said", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
    if (detached) program.detach();
    const auto process = program.start();
    EXPECT_TRUE(process.ok()) << process.error().message;
    EXPECT_EQ(exit_code_of(*process), 0);
    return said();
  }
};

TEST_F(ProgramStartTest, TheProgramHasTheFilesAndArgumentsItWasGiven) {
  EXPECT_EQ(result_of("cat; echo 'two words'", false), "two words\n");
  const int file = ::open((folder_ / "given").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::write(file, "text\n", 5), 5);
  ::lseek(file, 0, SEEK_SET);
  ProgramStart program({"/bin/sh", "-c", "cat <&7"});
  program.give(file, 7);
  program.open(folder_ / "said", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  const auto process = program.start();
  ASSERT_TRUE(process.ok()) << process.error().message;
  EXPECT_EQ(exit_code_of(*process), 0);
  EXPECT_EQ(said(), "text\n");
  ::close(file);
}

TEST_F(ProgramStartTest, ItIsInAGroupOfItsOwnAndDetachedInASession) {
  // fields 5 and 6 of stat(5): process group and session
  const std::string fields = "cut -d' ' -f1,5,6 /proc/$$/stat";
  const auto numbers = [](const std::string& text) {
    std::vector<pid_t> found;
    std::istringstream words(text);
    for (pid_t number = 0; words >> number;) found.push_back(number);
    return found;
  };
  const auto grouped = numbers(result_of(fields, false));
  ASSERT_EQ(grouped.size(), 3U);
  EXPECT_EQ(grouped[0], grouped[1]);
  EXPECT_EQ(grouped[2], ::getsid(0));
  const auto detached = numbers(result_of(fields, true));
  ASSERT_EQ(detached.size(), 3U);
  EXPECT_EQ(detached[0], detached[2]);
}

TEST_F(ProgramStartTest, AMissingProgramIsNamed) {
  ProgramStart program({(folder_ / "nothing").string()});
  const auto process = program.start();
  ASSERT_FALSE(process.ok());
  EXPECT_EQ(process.error().code, ErrorCode::kNotFound);
  EXPECT_NE(process.error().message.find("nothing"), std::string::npos) << process.error().message;
}

}  // namespace
}  // namespace cw
