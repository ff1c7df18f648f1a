// SPDX-License-Identifier: GPL-3.0-or-later
// A real sshd on this machine: what goes wrong on the way there is said in plain words.
#include "core/machines/connection.h"

#include "core/machines/host_key.h"
#include "core/machines/probe.h"
#include "tests/support/loopback_ssh.h"
#include "tests/support/scratch_folder.h"

namespace cw {
namespace {

Machine far() {
  Machine machine;
  machine.name = "far";
  machine.kind = MachineKind::kSsh;
  machine.host = "host";
  return machine;
}

TEST(ScriptError, NamesTheRemedyOfWhatTheMachineSaid) {
  const auto id = [](int code, const std::string& words) { return script_error(far(), code, words).id; };
  EXPECT_EQ(id(1, "dd: error writing 'x.part': No space left on device\n"), "E-MCH-021");
  EXPECT_EQ(id(1, "dd: error writing 'x.part': Disk quota exceeded\n"), "E-MCH-022");
  EXPECT_EQ(id(1, "mkdir: cannot create directory '/root/x': Permission denied"), "E-MCH-023");
  EXPECT_EQ(id(1, "touch: cannot touch 'x': Read-only file system"), "E-MCH-023");
  EXPECT_EQ(id(127, "sh: 1: sha256sum: not found"), "E-MCH-024");
  EXPECT_EQ(id(3, "something else"), "E-MCH-019");
  EXPECT_EQ(script_error(far(), 1, "Disk quota exceeded").code, ErrorCode::kNoSpace);
}

TEST(ScriptError, OfOurOwnProgramStandsAsItIs) {
  const Error error = script_error(far(), 5, "loading\nerror [E-IO-003] run: the disk is full\n");
  EXPECT_EQ(error.id, "E-IO-003");
  EXPECT_EQ(error.code, ErrorCode::kNoSpace);
  EXPECT_NE(error.message.find("far (ssh host): run: the disk is full"), std::string::npos) << error.message;
}

TEST(ConnectionError, TellsWhatCanBeTriedAgain) {
  const auto lost = [](const std::string& words) { return is_lost_connection(connection_error(far(), words)); };
  EXPECT_TRUE(lost("client_loop: send disconnect: Broken pipe"));
  EXPECT_TRUE(lost("ssh: connect to host h port 22: Connection timed out"));
  EXPECT_TRUE(lost("ssh: connect to host h port 22: No route to host"));
  EXPECT_TRUE(lost("ssh: Could not resolve hostname h: Temporary failure in name resolution"));
  EXPECT_TRUE(lost(""));
  EXPECT_FALSE(lost("me@h: Permission denied (publickey)."));
  EXPECT_FALSE(lost("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed."));
  EXPECT_FALSE(lost("No ED25519 host key is known for h and you have requested strict checking."));
}

class ConnectionTest : public ScratchFolderTest {
 protected:
  void SetUp() override {
    ScratchFolderTest::SetUp();
    ssh_ = std::make_unique<LoopbackSsh>(folder_ / "ssh");
    ASSERT_NO_FATAL_FAILURE(ssh_->start());
    machine_.name = "loop";
    machine_.kind = MachineKind::kSsh;
    machine_.host = "loop";
    machine_.folder = (folder_ / "far away").string();
  }
  void TearDown() override {
    ssh_.reset();
    ScratchFolderTest::TearDown();
  }
  [[nodiscard]] Error failure() const {
    const auto outcome = Connection(machine_).run("true");
    EXPECT_FALSE(outcome.ok());
    return outcome.ok() ? Error() : outcome.error();
  }

  std::unique_ptr<LoopbackSsh> ssh_;
  Machine machine_;
};

TEST_F(ConnectionTest, RunsScriptsWithTheirInput) {
  const Connection connection(machine_);
  CommandOptions options;
  options.input = "some text";
  const auto outcome = connection.run("cat; printf %s \"$root\"", options);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->out, "some text" + machine_.folder);
}

TEST_F(ConnectionTest, WithoutAHostCommandsRunHere) {
  machine_.host.clear();
  machine_.setup = "echo noise; answer=42";
  const auto outcome = Connection(machine_).run("echo $answer");
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->out, "42\n");
}

TEST_F(ConnectionTest, AFailingScriptIsAnErrorWithItsLastWords) {
  const auto outcome = Connection(machine_).run("echo first >&2; echo the reason >&2; exit 9");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().id, "E-MCH-019");
  EXPECT_NE(outcome.error().message.find("code 9: the reason"), std::string::npos) << outcome.error().message;
}

TEST_F(ConnectionTest, AnUnknownHostKeyIsShownAndAcceptedOnlyByItsFingerprint) {
  ssh_->forget_host_key();
  EXPECT_EQ(failure().id, "E-MCH-014");
  const auto key = shown_host_key(machine_);
  ASSERT_TRUE(key.ok()) << key.error().message;
  EXPECT_EQ(key->fingerprint, ssh_->fingerprint());
  EXPECT_EQ(failure().id, "E-MCH-014") << "looking at a key must not accept it";
  EXPECT_EQ(accept_host_key(machine_, "SHA256:somethingelse").error().id, "E-MCH-016");
  EXPECT_EQ(failure().id, "E-MCH-014");
  ASSERT_TRUE(accept_host_key(machine_, ssh_->fingerprint()).ok());
  EXPECT_TRUE(Connection(machine_).run("true").ok());
}

TEST_F(ConnectionTest, AChangedHostKeyIsRefused) {
  ssh_->know_another_key();
  const Error error = failure();
  EXPECT_EQ(error.id, "E-MCH-015");
  EXPECT_NE(error.message.find(ssh_->fingerprint()), std::string::npos) << error.message;
}

TEST_F(ConnectionTest, AWrongUserKeyIsRefused) {
  ssh_->lose_user_key();
  const Error error = failure();
  EXPECT_EQ(error.id, "E-MCH-013");
  EXPECT_NE(error.message.find("ssh-add"), std::string::npos);
}

TEST_F(ConnectionTest, AnUnknownUserIsRefused) {
  machine_.host = "nobody-of-this-name@loop";
  EXPECT_EQ(failure().id, "E-MCH-013");
}

TEST_F(ConnectionTest, AnUnknownHostAndAClosedPortAreToldApart) {
  machine_.host = "no-such-host.invalid";
  EXPECT_EQ(failure().id, "E-MCH-010");
  machine_.host = "loop";
  ssh_->stop();
  const Error error = failure();
  EXPECT_EQ(error.id, "E-MCH-011");
  EXPECT_TRUE(is_lost_connection(error));
}

TEST_F(ConnectionTest, ACutLineIsToldFromAFailingScript) {
  const Connection connection(machine_);
  CommandOptions options;
  options.on_output = [&](std::string_view) { EXPECT_GT(ssh_->cut_connections(), 0); };
  const auto outcome = connection.run("echo here; sleep 20", options);
  ASSERT_FALSE(outcome.ok());
  EXPECT_TRUE(is_lost_connection(outcome.error())) << outcome.error().id << outcome.error().message;
  EXPECT_TRUE(connection.run("true").ok()) << "the next command makes a new connection";
}

TEST_F(ConnectionTest, TheProbeSeesThisMachine) {
  const auto report = probe(Connection(machine_));
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->system, "Linux x86_64");
  EXPECT_GT(report->cpus, 0);
  EXPECT_GT(report->memory_mb, 100);
  EXPECT_GT(report->disk_free_mb, 0);
  EXPECT_GT(report->latency_ms, 0.0);
  EXPECT_EQ(report->folder, machine_.folder);
  EXPECT_NE(report->glibc.find("glibc"), std::string::npos);
  EXPECT_LT(std::abs(report->clock_ahead_s), 60.0);
  EXPECT_TRUE(report->problems.empty()) << report->problems[0].message;
  EXPECT_TRUE(report->engines.empty());
}

TEST_F(ConnectionTest, TheProbeNamesMissingProgramsAndAMissingScheduler) {
  machine_.kind = MachineKind::kSlurm;
  machine_.setup = "command() { [ \"$2\" != sbatch ] && [ \"$2\" != setsid ] && type \"$2\"; }";
  const auto report = probe(Connection(machine_));
  ASSERT_TRUE(report.ok()) << report.error().message;
  ASSERT_EQ(report->problems.size(), 2U);
  EXPECT_EQ(report->problems[0].id, "E-MCH-024");
  EXPECT_NE(report->problems[0].message.find("setsid"), std::string::npos);
  EXPECT_EQ(report->problems[1].id, "E-MCH-030");
}

TEST_F(ConnectionTest, TheProbeNamesASchedulerThatDoesNotWork) {
  machine_.kind = MachineKind::kSlurm;
  machine_.setup =
      "command() { [ \"$2\" = sbatch ] || type \"$2\"; }; sinfo() { echo 'sinfo: fatal: no source' >&2; return 1; }";
  const auto report = probe(Connection(machine_));
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->scheduler, "") << "an error message is no version";
  ASSERT_EQ(report->problems.size(), 1U);
  EXPECT_EQ(report->problems[0].id, "E-MCH-030");
  EXPECT_NE(report->problems[0].message.find("fatal: no source"), std::string::npos) << report->problems[0].message;
}

TEST_F(ConnectionTest, TheProbeNamesAFolderThatCannotBeWritten) {
  machine_.folder = "/proc/cellwright";
  const auto report = probe(Connection(machine_));
  ASSERT_TRUE(report.ok()) << report.error().message;
  ASSERT_FALSE(report->problems.empty());
  EXPECT_NE(report->problems[0].message.find("/proc/cellwright"), std::string::npos);
}

}  // namespace
}  // namespace cw
