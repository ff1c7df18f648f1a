// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/machine_list.h"

#include "tests/support/scratch_folder.h"

#include <cstdlib>
#include <thread>

namespace cw {
namespace {

class MachineListTest : public ScratchFolderTest {
 protected:
  void SetUp() override {
    ScratchFolderTest::SetUp();
    ::setenv("XDG_CONFIG_HOME", folder_.c_str(), 1);
  }
  static Machine cluster(const std::string& name) {
    Machine machine;
    machine.name = name;
    machine.kind = MachineKind::kSlurm;
    machine.host = "login.example.org";
    machine.folder = "/scratch/me/cell wright";
    machine.setup = "module load slurm";
    machine.slurm = {"gpu", "lab", "12:00:00", "16G", "a100:2", 8, 5, {"--constraint=avx512"}};
    return machine;
  }
};

TEST_F(MachineListTest, KeepsEveryField) {
  ASSERT_TRUE(add_machine(cluster("big"), false).ok());
  const auto found = find_machine("big");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(to_json(*found), to_json(cluster("big")));
  EXPECT_EQ(to_json(*found)["slurm"]["extra"][0], "--constraint=avx512");
}

TEST_F(MachineListTest, ThisPcIsAlwaysThere) {
  EXPECT_EQ(find_machine("this-pc")->kind, MachineKind::kThisPc);
  auto impostor = cluster("this-pc");
  EXPECT_EQ(add_machine(impostor, true).error().id, "E-MCH-004");
}

TEST_F(MachineListTest, ANameIsTakenOnceUnlessReplaced) {
  ASSERT_TRUE(add_machine(cluster("a"), false).ok());
  EXPECT_EQ(add_machine(cluster("a"), false).error().id, "E-MCH-004");
  auto changed = cluster("a");
  changed.host = "other";
  ASSERT_TRUE(add_machine(changed, true).ok());
  EXPECT_EQ(find_machine("a")->host, "other");
  EXPECT_EQ(known_machines()->size(), 1U);
  ASSERT_TRUE(remove_machine("a").ok());
  EXPECT_EQ(find_machine("a").error().id, "E-MCH-002");
  EXPECT_EQ(remove_machine("a").error().id, "E-MCH-002");
}

TEST_F(MachineListTest, SeveralProgramsAddAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([i] { EXPECT_TRUE(add_machine(cluster("m" + std::to_string(i)), false).ok()); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(known_machines()->size(), 8U);
}

TEST_F(MachineListTest, RefusesWhatAnotherProgramCouldMisread) {
  const auto refuses = [](auto change) {
    Machine machine = cluster("ok");
    change(machine);
    const auto valid = validate(machine);
    return !valid.ok() && valid.error().id == "E-MCH-003";
  };
  EXPECT_FALSE(refuses([](Machine&) {}));
  EXPECT_TRUE(refuses([](Machine& m) { m.name = "../x"; }));
  EXPECT_TRUE(refuses([](Machine& m) { m.name = ""; }));
  EXPECT_TRUE(refuses([](Machine& m) { m.host = "-oProxyCommand=evil"; }));
  EXPECT_TRUE(refuses([](Machine& m) { m.host = "a b"; }));
  EXPECT_TRUE(refuses([](Machine& m) { m.folder = "relative"; }));
  EXPECT_TRUE(refuses([](Machine& m) { m.folder = "/a\nb"; }));
  EXPECT_TRUE(refuses([](Machine& m) { m.setup = "a\nb"; }));
  EXPECT_TRUE(refuses([](Machine& m) { m.slurm.partition = "-x"; }));
  EXPECT_TRUE(refuses([](Machine& m) { m.slurm.cpus = -1; }));
  EXPECT_TRUE(refuses([](Machine& m) { m.slurm.extra = {"wrap"}; }));
  EXPECT_TRUE(refuses([](Machine& m) {
    m.kind = MachineKind::kSsh;
    m.host = "";
  }));
}

TEST_F(MachineListTest, ADamagedListIsNamedAndLeftAlone) {
  for (const char* text : {"{", "[]", R"({"machines": [1]})", R"({"machines": [{"name": "a", "kind": "mars"}]})",
                           R"({"machines": [{"name": "a", "kind": "ssh", "host": 5}]})"}) {
    ASSERT_TRUE(write_file_atomically(machines_file(), text).ok());
    const auto machines = known_machines();
    ASSERT_FALSE(machines.ok()) << text;
    EXPECT_EQ(machines.error().code, ErrorCode::kParse) << text;
    EXPECT_NE(machines.error().message.find("machines.json"), std::string::npos);
    EXPECT_FALSE(add_machine(cluster("b"), false).ok());
    EXPECT_EQ(*read_file(machines_file()), text);
  }
}

}  // namespace
}  // namespace cw
