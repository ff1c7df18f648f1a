// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/exchange/communicator.h"
#include "core/exchange/nccl_library.h"
#include "plugins/sdk/device_queue.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cw {

enum class TransportChoice {
  kAuto,    ///< NCCL if they compute on GPUs, else shared memory if all processes are on one host, else TCP
  kShared,  ///< refused with E-COM-006 if they are not
  kTcp
};

/// Where a process stands in its group and how it finds the others.
struct GroupPlace {
  int rank = 0;
  int size = 1;
  std::string host = "127.0.0.1";  ///< where process 0 listens until all have come
  std::uint16_t port = 0;
  std::string secret;     ///< known to the processes of this job alone
  std::string interface;  ///< network interface or address for TCP; empty = the one on which the processes met
  int listener = -1;      ///< of process 0: a socket that listens already, handed down by whoever started it
  TransportChoice transport = TransportChoice::kAuto;
  std::shared_ptr<DeviceQueue> device;      ///< of the GPU that this process computes on; none = the CPU
  std::shared_ptr<const NcclLibrary> nccl;  ///< there if `device` is
  double meeting_timeout_s = 120.0;
  double timeout_s = 600.0;  ///< how long one process may be waited for, as PyTorch's watchdog waits
};

/// Meets the other processes and connects to them. When it returns nothing listens any more.
/// Errors: kIo E-COM-002 (not all came; names those who are missing), kRefused E-COM-003, kInvalidArgument E-COM-006
/// (places that contradict each other), E-COM-008 (no such interface), kOutOfMemory E-COM-009, kIo E-COM-011 (NCCL).
[[nodiscard]] Result<std::unique_ptr<Communicator>> join_group(const GroupPlace& place);

/// The value of an environment variable, "" where it is not set.
using Environment = std::function<std::string(const std::string& name)>;
[[nodiscard]] Environment process_environment();

/// The place that a launcher gave this process: CELLWRIGHT_RANK, CELLWRIGHT_WORLD_SIZE, CELLWRIGHT_MASTER_ADDR,
/// CELLWRIGHT_MASTER_PORT first, then torchrun's names (RANK, ...), then those of a Slurm step (SLURM_PROCID, ...); the
/// secret is CELLWRIGHT_GROUP_SECRET, the interface CELLWRIGHT_INTERFACE. Nothing if no launcher speaks of several
/// processes. Errors: kInvalidArgument E-COM-001.
[[nodiscard]] Result<std::optional<GroupPlace>> place_from_environment(const Environment& environment);

/// The first host of a Slurm list: "gpu[03-05,9],login1" -> "gpu03".
[[nodiscard]] std::string first_host(const std::string& slurm_list);

}  // namespace cw
