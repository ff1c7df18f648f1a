// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/nccl_transport.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace cw {
namespace {

constexpr double kFarewellSeconds = 10.0;  // for what NCCL still has to send when the work is done

// Asks often while an exchange of a bucket may end any moment, then rarely.
class Patience {
 public:
  void wait() {
    ++times_;
    if (times_ < kOftenTimes) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(times_ < 2 * kOftenTimes ? 20 : 500));
    }
  }

 private:
  static constexpr int kOftenTimes = 200;
  int times_ = 0;
};

int type_of(const Values& values) {
  if (values.width == sizeof(Bf16)) return nccl::kBFloat16;
  return values.width == sizeof(float) ? nccl::kFloat32 : nccl::kFloat64;
}

std::span<std::byte> bytes_of(const Values& values) {
  return {static_cast<std::byte*>(values.data), values.count * values.width};
}

bool in_equal_parts(std::size_t count, int size) {
  return part_of(count, size, 0).size() * static_cast<std::size_t>(size) == count;
}

}  // namespace

NcclTransport::NcclTransport(const Group& group, std::shared_ptr<const NcclLibrary> library,
                             std::shared_ptr<DeviceQueue> device, std::unique_ptr<NeighbourWatch> watch)
    : group_(group), library_(std::move(library)), device_(std::move(device)), watch_(std::move(watch)) {}

Result<std::unique_ptr<NcclTransport>> NcclTransport::meet(const Group& group,
                                                           std::shared_ptr<const NcclLibrary> library,
                                                           std::shared_ptr<DeviceQueue> device,
                                                           const nccl::UniqueId& id,
                                                           std::unique_ptr<NeighbourWatch> watch) {
  std::unique_ptr<NcclTransport> transport(
      new NcclTransport(group, std::move(library), std::move(device), std::move(watch)));
  NcclTransport& t = *transport;
  CW_TRY(t.device_->make_current());
  const Deadline deadline(group.meeting_timeout_s);
  nccl::Config config;
  CW_TRY(t.settle(t.library_->api().comm_init_rank_config(&t.comm_, group.size, id, group.rank, &config), deadline));
  return transport;
}

NcclTransport::~NcclTransport() {
  // Every step may fail without harm: the process has all it wanted, or has said already what went wrong.
  static_cast<void>(device_->make_current());
  const nccl::Api& api = library_->api();
  if (comm_ != nullptr && !failure_) {
    const Deadline deadline(kFarewellSeconds);
    int state = api.comm_finalize(comm_);
    for (Patience patience; state == nccl::kInProgress && !deadline.passed(); patience.wait()) {
      if (api.comm_get_async_error(comm_, &state) != nccl::kSuccess) break;
    }
    if (state == nccl::kSuccess) {
      watch_->leave();
      api.comm_destroy(comm_);
    } else {
      watch_->give_up();
      api.comm_abort(comm_);
    }
  }
  for (std::byte* memory : allocated_) device_->release(memory);
  if (stage_ != nullptr) device_->release(stage_);
}

void NcclTransport::abort() noexcept { watch_->give_up(); }  // whoever waits sees it and tells NCCL

Error NcclTransport::fail(Error error) {
  if (failure_) return *failure_;
  failure_ = error;
  watch_->give_up();
  if (comm_ != nullptr) library_->api().comm_abort(comm_);
  return error;
}

// Errors of NCCL, of the others, and of the clock.
Result<> NcclTransport::check(const Deadline& deadline, bool& agreed) {
  const std::string self = "process " + std::to_string(group_.rank) + " of " + std::to_string(group_.size);
  const NeighbourWatch::State state = watch_->look();
  agreed = state == NeighbourWatch::State::kAgreed;
  if (state == NeighbourWatch::State::kEnded) {
    return fail({ErrorCode::kIo, "E-COM-005",
                 "a process beside " + self + " has ended or given up in the middle of the work of the group"});
  }
  if (state == NeighbourWatch::State::kDiffers) {
    return fail({ErrorCode::kInternal, "E-COM-006",
                 self + " and the one before it exchange different things; they do not run the same program with the "
                        "same options (or a bug)"});
  }
  if (deadline.passed()) {
    return fail({ErrorCode::kIo, "E-COM-004",
                 self + " has waited too long for the others in NCCL; one of them is stuck, much slower than the "
                        "others, or its host cannot be reached"});
  }
  return {};
}

Result<> NcclTransport::settle(int result, const Deadline& deadline) {
  bool ignored = false;
  for (Patience patience; result == nccl::kInProgress; patience.wait()) {
    CW_TRY(check(deadline, ignored));
    int state = nccl::kSuccess;
    const int asked = library_->api().comm_get_async_error(comm_, &state);
    result = asked == nccl::kSuccess ? state : asked;
  }
  if (result == nccl::kSuccess) return {};
  return fail({ErrorCode::kIo, "E-COM-011",
               "NCCL failed in process " + std::to_string(group_.rank) + " of " + std::to_string(group_.size) + ": " +
                   library_->words_for(result, comm_) + "; NCCL_DEBUG=INFO makes it write more"});
}

// NCCL's errors come through `settle`: a queue whose peer has failed never becomes idle.
Result<> NcclTransport::wait_until_idle(const Deadline& deadline) {
  bool agreed = false;
  for (Patience patience;; patience.wait()) {
    const Result<bool> idle = device_->is_idle();
    if (!idle.ok()) return fail(idle.error());
    CW_TRY(check(deadline, agreed));
    if (*idle && agreed) return {};
    int state = nccl::kSuccess;
    const int asked = library_->api().comm_get_async_error(comm_, &state);
    CW_TRY(settle(asked == nccl::kSuccess ? state : asked, deadline));
  }
}

Result<> NcclTransport::exchange_in_place(Kind kind, std::span<std::byte> memory, const Call& call) {
  const Deadline deadline(group_.timeout_s);
  watch_->announce(static_cast<std::uint64_t>(kind) << 56U | memory.size());
  CW_TRY(settle(call(memory.data()), deadline));
  return wait_until_idle(deadline);
}

Result<> NcclTransport::exchange(Kind kind, std::span<std::byte> memory, const Call& call) {
  if (memory.empty()) return {};
  if (failure_) return *failure_;
  const auto failed = [this](const Result<>& result) { return result.ok() ? result : Result<>(fail(result.error())); };
  CW_TRY(failed(device_->make_current()));
  if (device_->holds(memory.data())) {
    CW_TRY(failed(device_->follow_computation()));
    return exchange_in_place(kind, memory, call);
  }
  if (stage_bytes_ < memory.size()) {
    if (stage_ != nullptr) device_->release(stage_);
    stage_bytes_ = 0;
    const Result<std::byte*> stage = device_->allocate(memory.size());
    stage_ = stage.ok() ? *stage : nullptr;
    if (!stage.ok()) return fail(stage.error());
    stage_bytes_ = memory.size();
  }
  CW_TRY(failed(device_->copy(stage_, memory.data(), memory.size())));
  CW_TRY(exchange_in_place(kind, {stage_, memory.size()}, call));
  // Only now: a copy to ordinary memory of the host stands still until all before it is finished, for ever if need be.
  CW_TRY(failed(device_->copy(memory.data(), stage_, memory.size())));
  return wait_until_idle(Deadline(group_.timeout_s));
}

// One call for the part of every process, which NCCL carries out together.
int NcclTransport::by_parts(const Values& values, const std::function<int(const ElementRange&, int)>& call) {
  const nccl::Api& api = library_->api();
  int result = api.group_start();
  for (int owner = 0; owner < group_.size && result == nccl::kSuccess; ++owner) {
    const ElementRange part = part_of(values.count, group_.size, owner);
    if (part.size() > 0) result = call(part, owner);
  }
  const int ended = api.group_end();
  return result == nccl::kSuccess ? ended : result;
}

Result<> NcclTransport::reduce_scatter(Values values) {
  return exchange(Kind::kReduceScatter, bytes_of(values), [&](std::byte* place) {
    const nccl::Api& api = library_->api();
    if (in_equal_parts(values.count, group_.size)) {
      const ElementRange own = part_of(values.count, group_.size, group_.rank);
      return api.reduce_scatter(place, place + own.begin * values.width, own.size(), type_of(values), nccl::kSum, comm_,
                                device_->handle());
    }
    return by_parts(values, [&](const ElementRange& part, int owner) {
      std::byte* begin = place + part.begin * values.width;
      return api.reduce(begin, begin, part.size(), type_of(values), nccl::kSum, owner, comm_, device_->handle());
    });
  });
}

Result<> NcclTransport::all_gather(Values values) {
  return exchange(Kind::kAllGather, bytes_of(values), [&](std::byte* place) {
    const nccl::Api& api = library_->api();
    if (in_equal_parts(values.count, group_.size)) {
      const ElementRange own = part_of(values.count, group_.size, group_.rank);
      return api.all_gather(place + own.begin * values.width, place, own.size(), type_of(values), comm_,
                            device_->handle());
    }
    return by_parts(values, [&](const ElementRange& part, int owner) {
      std::byte* begin = place + part.begin * values.width;
      return api.broadcast(begin, begin, part.size(), type_of(values), owner, comm_, device_->handle());
    });
  });
}

Result<> NcclTransport::all_reduce(Values values) {
  return exchange(Kind::kAllReduce, bytes_of(values), [&](std::byte* place) {
    return library_->api().all_reduce(place, place, values.count, type_of(values), nccl::kSum, comm_,
                                      device_->handle());
  });
}

Result<> NcclTransport::broadcast(std::span<std::byte> bytes, int root) {
  return exchange(Kind::kBroadcast, bytes, [&](std::byte* place) {
    return library_->api().broadcast(place, place, bytes.size(), nccl::kUint8, root, comm_, device_->handle());
  });
}

Result<std::span<std::byte>> NcclTransport::allocate(std::size_t bytes) {
  CW_TRY(device_->make_current());
  CW_ASSIGN(std::byte* const memory, device_->allocate(std::max<std::size_t>(1, bytes)));
  allocated_.push_back(memory);
  return std::span(memory, bytes);
}

}  // namespace cw
