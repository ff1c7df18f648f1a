// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <string>
#include <vector>

namespace cw {

enum class MachineKind { kThisPc, kSsh, kSlurm };

/// "this-pc", "ssh", "slurm".
[[nodiscard]] std::string_view name_of(MachineKind kind) noexcept;

/// What a job asks of a cluster. Empty text and 0 leave the choice to the cluster.
struct SlurmRequest {
  std::string partition;
  std::string account;
  std::string time;                ///< of one job, as sbatch understands it: "12:00:00", "2-00"
  std::string memory;              ///< of one job: "16G"
  std::string gpus;                ///< "1", "a100:2"
  int cpus = 0;                    ///< of one job
  int poll_s = 30;                 ///< seconds between questions to the scheduler, 1 to 3600
  std::vector<std::string> extra;  ///< further sbatch options, one per entry: "--constraint=avx512"
};

/// A place where jobs can run. Nothing secret is in it: signing in is the business of the user's own ssh.
struct Machine {
  std::string name;  ///< what the user calls it
  MachineKind kind = MachineKind::kThisPc;
  std::string host;  ///< as typed behind `ssh`: an alias of the user's configuration, HOST or USER@HOST. Empty:
                     ///< commands run here, as on a login node
  std::string folder = "~/.cellwright";  ///< on that machine: engine, staged data, jobs
  std::string setup;                     ///< shell line run first on that machine: "module load slurm"
  SlurmRequest slurm;                    ///< defaults for its jobs; kSlurm only
};

inline constexpr const char* kThisPcName = "this-pc";

/// The machine that the program runs on.
[[nodiscard]] Machine this_pc();

/// Whether names and values can be used. Errors: kInvalidArgument E-MCH-003.
[[nodiscard]] Result<> validate(const Machine& machine);

[[nodiscard]] Json to_json(const SlurmRequest& request);
[[nodiscard]] Json to_json(const Machine& machine);

/// `where` goes into errors. Errors: kParse E-MCH-001.
[[nodiscard]] Result<SlurmRequest> slurm_request_from_json(const Json& json, const std::string& where);
[[nodiscard]] Result<Machine> machine_from_json(const Json& json, const std::string& where);

}  // namespace cw
