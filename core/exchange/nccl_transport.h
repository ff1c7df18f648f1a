// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/exchange/nccl_library.h"
#include "core/exchange/neighbour_watch.h"
#include "core/exchange/transport.h"
#include "plugins/sdk/device_queue.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace cw {

/// Exchange between processes that compute on a GPU each. Values may lie in memory of the GPU, best in that of
/// `allocate`; what lies in memory of the host is copied there and back.
///
/// The order of summation is NCCL's: it depends on the number of processes, on how the GPUs are connected and on NCCL's
/// version, not on the time of arrival. All processes get the same bits, another machine may give others, and a run on
/// CPUs does.
///
/// Nothing here waits inside NCCL: calls return at once and their end is asked for, so that a time limit, a process
/// that has ended and `abort` are seen within a millisecond. Errors: also kIo E-COM-011 (NCCL failed, in its words).
class NcclTransport final : public Transport {
 public:
  struct Group {
    int rank = 0;
    int size = 1;
    double meeting_timeout_s = 120.0;
    double timeout_s = 600.0;
  };
  /// Meets the others in NCCL; all processes come with the same `id`.
  [[nodiscard]] static Result<std::unique_ptr<NcclTransport>> meet(const Group& group,
                                                                   std::shared_ptr<const NcclLibrary> library,
                                                                   std::shared_ptr<DeviceQueue> device,
                                                                   const nccl::UniqueId& id,
                                                                   std::unique_ptr<NeighbourWatch> watch);
  NcclTransport(const NcclTransport&) = delete;
  NcclTransport& operator=(const NcclTransport&) = delete;
  ~NcclTransport() override;

  [[nodiscard]] int rank() const noexcept override { return group_.rank; }
  [[nodiscard]] int size() const noexcept override { return group_.size; }
  Result<> reduce_scatter(Values values) override;
  Result<> all_gather(Values values) override;
  Result<> all_reduce(Values values) override;
  Result<> broadcast(std::span<std::byte> bytes, int root) override;
  /// Memory of the GPU.
  Result<std::span<std::byte>> allocate(std::size_t bytes) override;
  void abort() noexcept override;

 private:
  enum class Kind : std::uint64_t { kReduceScatter = 1, kAllGather, kAllReduce, kBroadcast };
  /// Gives NCCL the work on memory of the GPU at `place`; returns its result.
  using Call = std::function<int(std::byte* place)>;

  NcclTransport(const Group& group, std::shared_ptr<const NcclLibrary> library, std::shared_ptr<DeviceQueue> device,
                std::unique_ptr<NeighbourWatch> watch);

  Result<> exchange(Kind kind, std::span<std::byte> memory, const Call& call);
  Result<> exchange_in_place(Kind kind, std::span<std::byte> memory, const Call& call);
  /// Until NCCL has taken over what it was given, which returned `result`.
  Result<> settle(int result, const Deadline& deadline);
  Result<> wait_until_idle(const Deadline& deadline);
  Result<> check(const Deadline& deadline, bool& agreed);
  /// Gives up for good, here and in the others; returns the error.
  Error fail(Error error);
  int by_parts(const Values& values, const std::function<int(const ElementRange& part, int owner)>& call);

  Group group_;
  std::shared_ptr<const NcclLibrary> library_;
  std::shared_ptr<DeviceQueue> device_;
  std::unique_ptr<NeighbourWatch> watch_;
  nccl::Comm comm_ = nullptr;
  std::vector<std::byte*> allocated_;
  std::byte* stage_ = nullptr;  ///< of the GPU, for values of the host
  std::size_t stage_bytes_ = 0;
  std::optional<Error> failure_;
};

}  // namespace cw
