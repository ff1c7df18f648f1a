// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/machines/connection.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cw {

/// A graphics card as nvidia-smi shows it.
struct GpuReport {
  std::string name;
  std::string driver;
  std::int64_t memory_mb = 0;
  std::int64_t memory_used_mb = 0;
  int load_percent = 0;
};

/// A partition of a cluster as sinfo shows it.
struct PartitionReport {
  std::string name;
  bool is_default = false;
  bool is_up = false;
  std::string time_limit;  ///< "1-00:00:00", "infinite"
  int nodes = 0;
  int cpus_per_node = 0;
  std::int64_t memory_mb_per_node = 0;
  std::string gpus;  ///< of a node: "gpu:a100:4", "" without
};

/// What a machine is and has, asked for now.
struct MachineReport {
  double latency_ms = 0.0;  ///< of one command over the open connection
  double clock_ahead_s = 0.0;
  std::string user;
  std::string folder;  ///< absolute
  std::string system;  ///< "Linux x86_64"
  std::string os;      ///< "Debian GNU/Linux 12 (bookworm)"
  std::string glibc;
  std::string cpu;
  int cpus = 0;
  double load = 0.0;  ///< average number of busy processors in the last minute
  std::int64_t memory_mb = 0;
  std::int64_t memory_free_mb = 0;
  std::int64_t disk_free_mb = 0;  ///< where the folder is
  std::vector<GpuReport> gpus;
  std::string scheduler;  ///< "slurm 22.05.8", "" without
  std::vector<PartitionReport> partitions;
  std::vector<std::string> engines;   ///< installed, newest last: "0.1.0-1a2b3c4d5e6f"
  std::vector<Error> problems;        ///< that keep jobs from running there, most serious first
  std::vector<std::string> warnings;  ///< worth knowing
};

/// Asks the machine what it is and has. What keeps jobs from running there, but not the probe from looking, is in
/// `problems`: kUnsupported E-MCH-020 (not Linux on x86-64), kNoSpace E-MCH-021, E-MCH-022, kIo E-MCH-023 (the folder),
/// kNotFound E-MCH-024 (a program is missing), E-MCH-030 (no Slurm), E-MCH-031 (no such partition).
/// Errors: those of connection_error.
[[nodiscard]] Result<MachineReport> probe(const Connection& connection);

[[nodiscard]] Json to_json(const MachineReport& report);

/// Several lines for people.
[[nodiscard]] std::string report_text(const Machine& machine, const MachineReport& report);

}  // namespace cw
