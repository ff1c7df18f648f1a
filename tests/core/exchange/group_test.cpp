// SPDX-License-Identifier: GPL-3.0-or-later
// How processes meet: who is let in, who is not, and what is left listening.
#include "core/exchange/group.h"

#include "core/exchange/handshake.h"
#include "tests/core/exchange/group_of_threads.h"

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <set>
#include <sstream>

namespace cw {
namespace {

/// Ports on which this process listens, from the kernel's table (state 0A).
std::set<std::string> listening_ports() {
  std::set<std::string> own;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string name = std::filesystem::read_symlink(entry.path(), gone).string();
    if (name.rfind("socket:[", 0) == 0) own.insert(name.substr(8, name.size() - 9));
  }
  std::set<std::string> ports;
  std::ifstream table("/proc/self/net/tcp");
  std::string line;
  std::getline(table, line);
  while (std::getline(table, line)) {
    std::istringstream fields(line);
    std::vector<std::string> words(std::istream_iterator<std::string>(fields), {});
    if (words.size() > 9 && words[3] == "0A" && own.count(words[9]) > 0) ports.insert(words[1]);
  }
  return ports;
}

Environment environment_of(const std::map<std::string, std::string>& variables) {
  return [variables](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  };
}

std::string join_error(const GroupPlace& place) {
  const auto joined = join_group(place);
  return joined.ok() ? "joined" : joined.error().id;
}

TEST(Meeting, NothingListensAfterTheGroupHasMet) {
  for (const auto transport : {TransportChoice::kShared, TransportChoice::kTcp}) {
    const std::set<std::string> before = listening_ports();
    const auto group = places(3, transport);
    EXPECT_EQ(listening_ports().size(), before.size() + 1) << "the look itself must find the meeting";
    std::atomic<int> met{0};
    run_group(group, [&](Communicator& communicator) {
      ASSERT_TRUE(communicator.wait(communicator.barrier()).ok());
      ++met;
      EXPECT_EQ(listening_ports(), before);
      ASSERT_TRUE(communicator.wait(communicator.barrier()).ok());
    });
    EXPECT_EQ(met, 3);
  }
}

TEST(Meeting, AProcessWithAnotherSecretIsRefusedAndTheOthersStillMeet) {
  auto group = places(2, TransportChoice::kAuto);
  GroupPlace stranger = group[1];
  stranger.secret = "guessed";
  auto host = std::async(std::launch::async, [&] { return join_group(group[0]); });
  EXPECT_EQ(join_error(stranger), "E-COM-003");
  auto member = join_group(group[1]);
  ASSERT_TRUE(member.ok()) << member.error().message;
  EXPECT_TRUE(host.get().ok());
}

TEST(Meeting, AHostThatDoesNotKnowTheSecretIsNotBelieved) {
  const auto listener = Socket::listen("127.0.0.1", 0);
  ASSERT_TRUE(listener.ok());
  GroupPlace place = places(2, TransportChoice::kAuto)[1];
  place.port = listener->local_port();
  auto guest = std::async(std::launch::async, [&] { return join_error(place); });
  const Deadline deadline(10);
  const auto caller = listener->accept(deadline);
  ASSERT_TRUE(caller);
  ASSERT_TRUE(caller->send_json({{"number", "00"}}, deadline).ok());
  ASSERT_TRUE(caller->receive_json(deadline).ok());
  ASSERT_TRUE(caller->send_json({{"proof", "0000"}}, deadline).ok());
  EXPECT_EQ(guest.get(), "E-COM-003");
}

TEST(Meeting, StrangersWhoHangUpOrTalkNonsenseDoNotStopIt) {
  const auto group = places(2, TransportChoice::kTcp);
  const Deadline deadline(10);
  const auto nonsense = Socket::connect("127.0.0.1", group[0].port, deadline);
  ASSERT_TRUE(nonsense.ok());
  ASSERT_TRUE(nonsense->send(std::as_bytes(std::span("GET / HTTP/1.1\r\n\r\n")), deadline).ok());
  {
    const auto hangs_up = Socket::connect("127.0.0.1", group[0].port, deadline);
    ASSERT_TRUE(hangs_up.ok());
  }
  run_group(group, [](Communicator& communicator) { EXPECT_TRUE(communicator.wait(communicator.barrier()).ok()); });
}

TEST(Meeting, SaysWhoIsMissing) {
  auto group = places(4, TransportChoice::kAuto);
  for (GroupPlace& place : group) place.meeting_timeout_s = 0.6;
  auto present = std::async(std::launch::async, [&] { return join_error(group[2]); });
  const auto host = join_group(group[0]);
  ASSERT_FALSE(host.ok());
  EXPECT_EQ(host.error().id, "E-COM-002");
  EXPECT_NE(host.error().message.find("missing: 1, 3"), std::string::npos) << host.error().message;
  EXPECT_NE(present.get(), "joined");
}

TEST(Meeting, RefusesPlacesThatContradictEachOther) {
  auto group = places(2, TransportChoice::kAuto);
  auto host = std::async(std::launch::async, [&] { return join_group(group[0]); });
  GroupPlace larger = group[1];
  larger.size = 3;
  EXPECT_EQ(join_error(larger), "E-COM-006");
  EXPECT_TRUE(join_group(group[1]).ok());
  EXPECT_TRUE(host.get().ok());
  GroupPlace outside = group[1];
  outside.rank = 2;
  EXPECT_EQ(join_error(outside), "E-COM-001");
  GroupPlace open = group[1];
  open.secret.clear();
  EXPECT_EQ(join_error(open), "E-COM-001");
}

TEST(Meeting, ListensOnTheNamedInterfaceOnly) {
  GroupPlace place = places(2, TransportChoice::kAuto)[0];
  ::close(place.listener);
  place.listener = -1;
  place.interface = "no-such-interface0.invalid";
  EXPECT_EQ(join_error(place), "E-COM-008");
  place.interface = "203.0.113.7";  // of nobody (RFC 5737)
  EXPECT_EQ(join_error(place), "E-COM-008");
  const auto loopback = address_of("lo");
  ASSERT_TRUE(loopback.ok());
  EXPECT_EQ(*loopback, "127.0.0.1");
}

TEST(Place, OwnVariablesComeBeforeThoseOfLaunchers) {
  const auto place = place_from_environment(environment_of({{"CELLWRIGHT_RANK", "1"},
                                                            {"CELLWRIGHT_WORLD_SIZE", "3"},
                                                            {"CELLWRIGHT_MASTER_ADDR", "10.0.0.1"},
                                                            {"CELLWRIGHT_MASTER_PORT", "4000"},
                                                            {"CELLWRIGHT_GROUP_SECRET", "s"},
                                                            {"CELLWRIGHT_INTERFACE", "ib0"},
                                                            {"RANK", "7"},
                                                            {"WORLD_SIZE", "8"}}));
  ASSERT_TRUE(place.ok() && place->has_value());
  EXPECT_EQ((*place)->rank, 1);
  EXPECT_EQ((*place)->size, 3);
  EXPECT_EQ((*place)->host, "10.0.0.1");
  EXPECT_EQ((*place)->port, 4000);
  EXPECT_EQ((*place)->secret, "s");
  EXPECT_EQ((*place)->interface, "ib0");
}

TEST(Place, UnderstandsTorchrunAndLeavesItsPortAlone) {
  std::map<std::string, std::string> variables = {
      {"RANK", "2"}, {"WORLD_SIZE", "4"}, {"MASTER_ADDR", "node1"}, {"MASTER_PORT", "29500"}};
  auto place = place_from_environment(environment_of(variables));
  ASSERT_TRUE(place.ok() && place->has_value());
  EXPECT_EQ((*place)->rank, 2);
  EXPECT_EQ((*place)->port, 29500);
  variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  place = place_from_environment(environment_of(variables));
  ASSERT_TRUE(place.ok() && place->has_value());
  EXPECT_EQ((*place)->port, 29501);
}

TEST(Place, UnderstandsASlurmStepButNotItsBatchScript) {
  std::map<std::string, std::string> variables = {{"SLURM_JOB_ID", "123456"},
                                                  {"SLURM_JOB_NODELIST", "gpu[07-09],big1"},
                                                  {"SLURM_PROCID", "0"},
                                                  {"SLURM_NTASKS", "4"}};
  auto place = place_from_environment(environment_of(variables));
  ASSERT_TRUE(place.ok());
  EXPECT_FALSE(place->has_value());
  variables["SLURM_STEP_NUM_TASKS"] = "4";
  variables["SLURM_PROCID"] = "3";
  place = place_from_environment(environment_of(variables));
  ASSERT_TRUE(place.ok() && place->has_value());
  EXPECT_EQ((*place)->rank, 3);
  EXPECT_EQ((*place)->size, 4);
  EXPECT_EQ((*place)->host, "gpu07");
  EXPECT_EQ((*place)->port, 20000 + 123456 % 20000);
}

TEST(Place, SaysWhichVariableIsWrong) {
  const auto wrong = place_from_environment(
      environment_of({{"RANK", "4"}, {"WORLD_SIZE", "4"}, {"MASTER_ADDR", "a"}, {"MASTER_PORT", "1"}}));
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().id, "E-COM-001");
  EXPECT_NE(wrong.error().message.find("RANK is '4'"), std::string::npos);
  EXPECT_EQ(place_from_environment(environment_of({{"RANK", "0"}, {"WORLD_SIZE", "2"}})).error().id, "E-COM-001");
}

TEST(Place, FindsTheFirstHostOfASlurmList) {
  EXPECT_EQ(first_host("node1"), "node1");
  EXPECT_EQ(first_host("node1,node2"), "node1");
  EXPECT_EQ(first_host("gpu[03-05,9],login1"), "gpu03");
  EXPECT_EQ(first_host("rack[2,4]-n"), "rack2-n");
  EXPECT_EQ(first_host(""), "");
  EXPECT_EQ(first_host("gpu[03"), "");
}

TEST(Proof, IsTheHmacOfRfc4231) {
  // test case 2
  EXPECT_EQ(proof_of("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_FALSE(equal_proofs("ab", "ac"));
  EXPECT_FALSE(equal_proofs("ab", ""));
}

}  // namespace
}  // namespace cw
