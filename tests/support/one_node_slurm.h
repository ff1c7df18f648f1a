// SPDX-License-Identifier: GPL-3.0-or-later
// A real Slurm of one node, in a folder, as any user: no root, no systemd, no cgroups, no accounting.
#pragma once
#include "core/base/files.h"
#include "tests/support/run_program.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <regex>

namespace cw {

class OneNodeSlurm {
 public:
  /// `folder` must be short: munge's socket has a name of at most 107 characters.
  explicit OneNodeSlurm(std::filesystem::path folder) : folder_(std::move(folder)) {}
  OneNodeSlurm(const OneNodeSlurm&) = delete;
  OneNodeSlurm& operator=(const OneNodeSlurm&) = delete;
  ~OneNodeSlurm() {
    for (auto* daemon : {&node_, &controller_, &munge_}) stop(*daemon);
  }

  void start(int port) {
    namespace fs = std::filesystem;
    for (const char* name : {"munge", "state", "spool", "log"}) fs::create_directories(folder_ / name);
    ::chmod(folder_.parent_path().c_str(), 0711);  // munge wants its socket to be reached by everybody
    ::chmod(folder_.c_str(), 0755);
    ::chmod((folder_ / "munge").c_str(), 0711);
    write_key();
    munge_ = daemon("/usr/sbin/munged", {"--foreground", "--key-file=" + at("munge/key"), "--socket=" + at("munge/s"),
                                         "--pid-file=" + at("munge/pid"), "--seed-file=" + at("munge/seed"),
                                         "--log-file=" + at("log/munged.log"), "--num-threads=2"});
    ASSERT_TRUE(munge_->started()) << "is munge installed?";
    for (int i = 0; i < 400 && !fs::exists(at("munge/s")); ++i) pause(25);
    ASSERT_TRUE(fs::exists(at("munge/s"))) << *read_file(at("munged.err"));
    ASSERT_NO_FATAL_FAILURE(write_configuration(port));
    ::setenv("SLURM_CONF", configuration().c_str(), 1);
    controller_ = daemon("/usr/sbin/slurmctld", {"-D", "-f", configuration()});
    node_ = daemon("/usr/sbin/slurmd", {"-D", "-f", configuration()});
    ASSERT_TRUE(controller_->started() && node_->started()) << "are slurmctld and slurmd installed?";
    for (int i = 0; i < 600; ++i) {
      if (run_program_to_end("/usr/bin/sinfo", {"-h", "-o", "%t"}, folder_).out.find("idle") == 0) return;
      pause(100);
    }
    FAIL() << *read_file(at("slurmctld.err")) << *read_file(at("slurmd.err"));
  }

  [[nodiscard]] std::string configuration() const { return at("slurm.conf"); }
  [[nodiscard]] std::string ask(const std::string& program, const std::vector<std::string>& arguments) const {
    return run_program_to_end("/usr/bin/" + program, arguments, folder_).out;
  }

 private:
  [[nodiscard]] std::string at(const std::string& name) const { return (folder_ / name).string(); }
  static void pause(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

  [[nodiscard]] std::unique_ptr<RunningProgram> daemon(const std::string& program,
                                                       const std::vector<std::string>& arguments) const {
    const std::string name = std::filesystem::path(program).filename().string();
    return std::make_unique<RunningProgram>(program, arguments, at(name + ".out"), at(name + ".err"));
  }
  static void stop(std::unique_ptr<RunningProgram>& program) {
    if (!program) return;
    program->send(SIGTERM);
    static_cast<void>(program->wait(std::chrono::seconds(15)));  // else it is killed with the object
    program.reset();
  }

  void write_key() const {
    std::random_device source;
    std::ofstream key(at("munge/key"), std::ios::binary);
    for (int i = 0; i < 1024; ++i) key.put(static_cast<char>(source() & 255U));
    key.close();
    ::chmod(at("munge/key").c_str(), 0400);
  }

  void write_configuration(int port) const {
    const std::string node = run_program_to_end("/usr/sbin/slurmd", {"-C"}, folder_).out;
    std::string shape;
    for (const char* key : {"CPUs", "SocketsPerBoard", "CoresPerSocket", "ThreadsPerCore"}) {
      std::smatch found;
      const std::regex wanted(std::string(key) + "=[0-9]+");
      ASSERT_TRUE(std::regex_search(node, found, wanted)) << node;
      shape += found.str() + " ";
    }
    std::smatch memory;
    ASSERT_TRUE(std::regex_search(node, memory, std::regex("RealMemory=([0-9]+)"))) << node;
    shape += "RealMemory=" + std::to_string(std::stol(memory[1].str()) * 8 / 10);
    std::string host = run_program_to_end("/usr/bin/hostname", {"-s"}, folder_).out;
    host.erase(host.find_last_not_of('\n') + 1);
    std::string user = run_program_to_end("/usr/bin/id", {"-un"}, folder_).out;
    user.erase(user.find_last_not_of('\n') + 1);
    // Without the file system slurmd finds no kind of control groups and gives up, though nothing here uses them.
    if (std::error_code none; std::filesystem::is_empty("/sys/fs/cgroup", none) || none) {
      std::ofstream(at("cgroup.conf")) << "CgroupPlugin=cgroup/v1\n";
    }
    std::ofstream(configuration())
        << "ClusterName=loop\nSlurmctldHost=" << host << "(127.0.0.1)\nSlurmUser=" << user << "\nSlurmdUser=" << user
        << "\nSlurmctldPort=" << port << "\nSlurmdPort=" << port + 1
        << "\nAuthType=auth/munge\nAuthInfo=socket=" << at("munge/s") << ",cred_expire=10"
        << "\nCredType=cred/munge\nStateSaveLocation=" << at("state") << "\nSlurmdSpoolDir=" << at("spool")
        << "\nSlurmctldPidFile=" << at("slurmctld.run") << "\nSlurmdPidFile=" << at("slurmd.run")
        << "\nSlurmctldLogFile=" << at("log/slurmctld.log") << "\nSlurmdLogFile=" << at("log/slurmd.log")
        << "\nProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nMpiDefault=none\nSwitchType=switch/none\n"
           "SelectType=select/cons_tres\nSelectTypeParameters=CR_Core_Memory\nSchedulerType=sched/backfill\n"
           "SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0\nReturnToService=2\n"
           "JobAcctGatherType=jobacct_gather/none\nAccountingStorageType=accounting_storage/none\n"
           "JobCompType=jobcomp/none\nMailProg=/bin/true\nKillWait=2\nMinJobAge=300\nDefMemPerCPU=512\n"
        << "NodeName=" << host << " NodeAddr=127.0.0.1 " << shape << " State=UNKNOWN\n"
        << "PartitionName=main Nodes=" << host << " Default=YES MaxTime=INFINITE State=UP\n"
        << "PartitionName=short Nodes=" << host << " MaxTime=10 State=UP\n";
  }

  std::filesystem::path folder_;
  std::unique_ptr<RunningProgram> munge_;
  std::unique_ptr<RunningProgram> controller_;
  std::unique_ptr<RunningProgram> node_;
};

}  // namespace cw
