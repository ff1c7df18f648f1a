// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/group.h"

#include <array>
#include <charconv>
#include <cstdlib>

namespace cw {
namespace {

constexpr std::uint16_t kFirstSlurmPort = 20000;
constexpr std::uint16_t kSlurmPorts = 20000;

struct Names {
  const char* launcher;
  const char* rank;
  const char* size;
  const char* host;
  const char* port;
};

constexpr std::array<Names, 2> kNames{
    Names{"Cellwright", "CELLWRIGHT_RANK", "CELLWRIGHT_WORLD_SIZE", "CELLWRIGHT_MASTER_ADDR", "CELLWRIGHT_MASTER_PORT"},
    Names{"torchrun", "RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"}};

Result<std::int64_t> number(const Environment& environment, const std::string& name, std::int64_t least,
                            std::int64_t most) {
  const std::string text = environment(name);
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!text.empty() && status == std::errc() && end == text.data() + text.size() && value >= least && value <= most) {
    return value;
  }
  return Error{ErrorCode::kInvalidArgument, "E-COM-001",
               "the environment variable " + name + " is '" + text + "', expected a whole number from " +
                   std::to_string(least) + " to " + std::to_string(most) + "; the launcher sets it"};
}

Result<> set_rank(const Environment& environment, const std::string& rank, const std::string& size, GroupPlace& place) {
  constexpr std::int64_t kMostProcesses = 4096;
  CW_ASSIGN(const std::int64_t processes, number(environment, size, 1, kMostProcesses));
  CW_ASSIGN(const std::int64_t own, number(environment, rank, 0, processes - 1));
  place.rank = static_cast<int>(own);
  place.size = static_cast<int>(processes);
  return {};
}

Result<> set_meeting(const Environment& environment, const Names& names, GroupPlace& place) {
  place.host = environment(names.host);
  if (place.host.empty()) {
    return Error{ErrorCode::kInvalidArgument, "E-COM-001",
                 std::string("the environment variable ") + names.host +
                     " is missing: the address of the host of process 0, on a network that all hosts share"};
  }
  CW_ASSIGN(const std::int64_t port, number(environment, names.port, 1, 65534));
  // torchrun's own store stays on its port; ours is the next one
  const bool taken = environment("TORCHELASTIC_USE_AGENT_STORE") == "True" && names.launcher == kNames[1].launcher;
  place.port = static_cast<std::uint16_t>(port + (taken ? 1 : 0));
  return {};
}

Result<> set_slurm_meeting(const Environment& environment, GroupPlace& place) {
  if (!environment("MASTER_ADDR").empty() && !environment("MASTER_PORT").empty()) {
    return set_meeting(environment, kNames[1], place);
  }
  std::string hosts = environment("SLURM_STEP_NODELIST");
  if (hosts.empty()) hosts = environment("SLURM_JOB_NODELIST");
  place.host = first_host(hosts);
  if (place.host.empty()) {
    return Error{ErrorCode::kInvalidArgument, "E-COM-001",
                 "Slurm names no hosts (SLURM_STEP_NODELIST, SLURM_JOB_NODELIST); start the processes with srun"};
  }
  CW_ASSIGN(const std::int64_t job, number(environment, "SLURM_JOB_ID", 0, INT64_MAX));
  place.port = static_cast<std::uint16_t>(kFirstSlurmPort + job % kSlurmPorts);
  return {};
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value == nullptr ? "" : value);
  };
}

std::string first_host(const std::string& slurm_list) {
  const auto end = slurm_list.find_first_of(",[");
  if (end == std::string::npos || slurm_list[end] == ',') return slurm_list.substr(0, end);
  const auto close = slurm_list.find(']', end);
  if (close == std::string::npos) return {};
  const std::string numbers = slurm_list.substr(end + 1, close - end - 1);
  const auto rest_end = slurm_list.find(',', close);
  const std::string rest =
      slurm_list.substr(close + 1, rest_end == std::string::npos ? std::string::npos : rest_end - close - 1);
  return slurm_list.substr(0, end) + numbers.substr(0, numbers.find_first_of(",-")) + rest;
}

Result<std::optional<GroupPlace>> place_from_environment(const Environment& environment) {
  GroupPlace place;
  bool found = false;
  for (const Names& names : kNames) {
    if (environment(names.rank).empty() || environment(names.size).empty()) continue;
    CW_TRY(set_rank(environment, names.rank, names.size, place));
    CW_TRY(set_meeting(environment, names, place));
    found = true;
    break;
  }
  // Slurm describes the job to its batch script too, which is one process: only a step counts.
  if (!found && !environment("SLURM_STEP_NUM_TASKS").empty() && !environment("SLURM_PROCID").empty()) {
    CW_TRY(set_rank(environment, "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", place));
    CW_TRY(set_slurm_meeting(environment, place));
    found = true;
  }
  if (!found) return std::optional<GroupPlace>();
  place.secret = environment("CELLWRIGHT_GROUP_SECRET");
  place.interface = environment("CELLWRIGHT_INTERFACE");
  return std::optional<GroupPlace>(std::move(place));
}

}  // namespace cw
