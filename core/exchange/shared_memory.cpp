// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/shared_memory.h"

#include "core/base/parallel.h"
#include "core/exchange/number_sums.h"

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>
#include <ctime>

namespace cw {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHeaderBytes = 256;  // one process's counters share no cache line with another's
constexpr std::size_t kRounds = 2;         // slots are used in turn: one is filled while the other is read
constexpr int kManySpins = 4000;           // some ten microseconds, about what a sleep and a wake-up cost
constexpr int kFewSpins = 50;              // where the processes share processors, the other needs ours
constexpr long kSliceOfSleepNs = 50'000'000;
constexpr std::size_t kDescriptorStride = 16;  // of `part_of`

// Together the slots that a process fills in one round are a quarter of a megabyte: they stay in its cache.
std::size_t slice_bytes(int num_ranks) noexcept {
  constexpr std::size_t kPage = 4096;
  const std::size_t share = (std::size_t{256} << 10U) / static_cast<std::size_t>(num_ranks);
  return std::max(2 * kPage, share / kPage * kPage);
}

long futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value, const timespec* timeout) noexcept {
  static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));
  return ::syscall(SYS_futex, &word, operation, value, timeout, nullptr, 0);
}

void relax() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// Counters run over; what counts is which is ahead.
bool reached(std::uint32_t counter, std::uint32_t wanted) noexcept {
  return static_cast<std::int32_t>(counter - wanted) >= 0;
}

}  // namespace

struct SharedMemoryTransport::Header {
  std::atomic<std::uint32_t> posted;    ///< how often this process has said "go on"
  std::atomic<std::uint32_t> sleepers;  ///< processes that sleep until `posted` changes
  std::atomic<std::uint32_t> gave_up;
  std::uint32_t unused;
  std::array<std::uint64_t, 2> operations;  ///< what this process is doing, in turn; checked by the others
};

// An exchange goes in rounds: in each, one slice of every part.
class SharedMemoryTransport::Pieces {
 public:
  Pieces(Values values, int num_ranks) : values_(values), num_ranks_(num_ranks) {
    slice_ = slice_bytes(num_ranks) / values.width;
    const std::size_t longest = part_of(values.count, num_ranks, 0).size();
    rounds_ = (longest + slice_ - 1) / slice_;
  }

  [[nodiscard]] std::uint64_t rounds() const noexcept { return rounds_; }
  [[nodiscard]] const Values& values() const noexcept { return values_; }
  [[nodiscard]] ElementRange slice(int rank, std::uint64_t round) const noexcept {
    const ElementRange part = part_of(values_.count, num_ranks_, rank);
    const std::size_t begin = std::min(part.end, part.begin + round * slice_);
    return {begin, std::min(part.end, begin + slice_)};
  }

 private:
  Values values_;
  int num_ranks_;
  std::size_t slice_ = 0;
  std::uint64_t rounds_ = 0;
};

std::size_t shared_bytes(int num_ranks) noexcept {
  const auto ranks = static_cast<std::size_t>(num_ranks);
  return ranks * kHeaderBytes + ranks * (ranks + 1) * kRounds * slice_bytes(num_ranks);
}

SharedMemoryTransport::SharedMemoryTransport(std::unique_ptr<SharedPiece> piece, int rank,
                                             std::vector<std::int64_t> processes, double timeout_s)
    : piece_(std::move(piece)),
      rank_(rank),
      processes_(std::move(processes)),
      timeout_s_(timeout_s),
      spins_(size() <= effective_threads(0) ? kManySpins : kFewSpins) {
  static_assert(sizeof(Header) <= kHeaderBytes);
  CW_ASSERT(piece_->size() >= shared_bytes(size()));
}

// Who has done everything is waited for by nobody; who has not is not to be waited for.
SharedMemoryTransport::~SharedMemoryTransport() { abort(); }

SharedMemoryTransport::Header& SharedMemoryTransport::header(int rank) const noexcept {
  return *reinterpret_cast<Header*>(piece_->data() + static_cast<std::size_t>(rank) * kHeaderBytes);
}

// Per process one slot for every other process, and in the place of its own the result of its part.
std::byte* SharedMemoryTransport::slot(int owner, int reader, std::uint64_t round) const noexcept {
  const auto ranks = processes_.size();
  const std::size_t place =
      (static_cast<std::size_t>(owner) * (ranks + 1) + static_cast<std::size_t>(reader)) * kRounds +
      static_cast<std::size_t>(round % kRounds);
  return piece_->data() + ranks * kHeaderBytes + place * slice_bytes(size());
}

std::byte* SharedMemoryTransport::result(int owner, std::uint64_t round) const noexcept {
  return slot(owner, size(), round);
}

std::uint32_t SharedMemoryTransport::post() noexcept {
  Header& own = header(rank_);
  own.posted.store(++posted_, std::memory_order_seq_cst);
  if (own.sleepers.load(std::memory_order_seq_cst) > 0) futex(own.posted, FUTEX_WAKE, INT_MAX, nullptr);
  return posted_;
}

void SharedMemoryTransport::abort() noexcept {
  Header& own = header(rank_);
  own.gave_up.store(1, std::memory_order_seq_cst);
  for (int rank = 0; rank < size(); ++rank) futex(header(rank).posted, FUTEX_WAKE, INT_MAX, nullptr);
}

Error SharedMemoryTransport::silent(int rank) const {
  return {ErrorCode::kIo, "E-COM-004",
          "process " + std::to_string(rank) + " of " + std::to_string(size()) + " has been silent for " +
              std::to_string(static_cast<int>(timeout_s_)) + " s while process " + std::to_string(rank_) +
              " waited for its numbers; it is stuck or much slower than the others"};
}

Result<> SharedMemoryTransport::wait_for(int rank, std::uint32_t count) {
  Header& other = header(rank);
  for (int spin = 0; spin < spins_; ++spin) {
    if (reached(other.posted.load(std::memory_order_acquire), count)) return {};
    relax();
  }
  const auto deadline = Clock::now() + std::chrono::duration<double>(timeout_s_);
  for (;;) {
    other.sleepers.fetch_add(1, std::memory_order_seq_cst);
    const std::uint32_t seen = other.posted.load(std::memory_order_seq_cst);
    if (!reached(seen, count)) {
      const timespec slice{0, kSliceOfSleepNs};
      futex(other.posted, FUTEX_WAIT, seen, &slice);
    }
    other.sleepers.fetch_sub(1, std::memory_order_seq_cst);
    if (reached(other.posted.load(std::memory_order_acquire), count)) return {};
    for (int peer = 0; peer < size(); ++peer) {
      const bool gone =
          ::kill(static_cast<pid_t>(processes_[static_cast<std::size_t>(peer)]), 0) != 0 && errno == ESRCH;
      if (gone || header(peer).gave_up.load(std::memory_order_relaxed) != 0) {
        // a process that has done its last share may leave
        if (reached(other.posted.load(std::memory_order_acquire), count)) return {};
        abort();
        return Error{ErrorCode::kIo, "E-COM-005",
                     "process " + std::to_string(peer) + " of " + std::to_string(size()) +
                         (gone ? " has ended" : " has given up") + " in the middle of the work of the group"};
      }
    }
    if (Clock::now() > deadline) {
      abort();
      return silent(rank);
    }
  }
}

Result<> SharedMemoryTransport::wait_for_all(std::uint32_t count) {
  for (int step = 1; step < size(); ++step) CW_TRY(wait_for((rank_ + step) % size(), count));
  return {};
}

// Tells the others what this process is about to do; `post` and `wait_for_all` follow before the same place is used
// again.
Result<> SharedMemoryTransport::begin(std::uint64_t kind, std::size_t bytes) {
  const std::size_t place = operation_++ % 2;
  const std::uint64_t signature = kind << 60U | bytes;
  header(rank_).operations[place] = signature;
  CW_TRY(wait_for_all(post()));
  for (int rank = 0; rank < size(); ++rank) {
    if (header(rank).operations[place] == signature) continue;
    abort();
    return Error{ErrorCode::kInternal, "E-COM-006",
                 "processes " + std::to_string(rank_) + " and " + std::to_string(rank) +
                     " exchange different things; they do not run the same program with the same options (or a bug)"};
  }
  return {};
}

Result<std::span<std::byte>> SharedMemoryTransport::allocate(std::size_t bytes) {
  Region region(processes_.size());
  CW_ASSIGN(region[static_cast<std::size_t>(rank_)], SharedPiece::make(std::max<std::size_t>(1, bytes)));
  // Descriptors are small numbers; each process's lies at the begin of its part.
  std::vector<double> descriptors(kDescriptorStride * processes_.size());
  const auto place = [](int rank) { return static_cast<std::size_t>(rank) * kDescriptorStride; };
  descriptors[place(rank_)] = region[static_cast<std::size_t>(rank_)]->descriptor();
  CW_TRY(all_gather(std::span(descriptors)));
  for (int rank = 0; rank < size(); ++rank) {
    if (rank == rank_) continue;
    CW_ASSIGN(region[static_cast<std::size_t>(rank)],
              SharedPiece::open(processes_[static_cast<std::size_t>(rank)], static_cast<int>(descriptors[place(rank)]),
                                std::max<std::size_t>(1, bytes)));
  }
  regions_.push_back(std::move(region));
  return std::span(regions_.back()[static_cast<std::size_t>(rank_)]->data(), bytes);
}

// Where the values lie in the memory of every process, by rank; empty if they are not in memory of `allocate`.
std::vector<std::byte*> SharedMemoryTransport::everywhere(const Values& values) const {
  for (const Region& region : regions_) {
    const SharedPiece& own = *region[static_cast<std::size_t>(rank_)];
    const std::byte* begin = values.at(0);
    if (begin < own.data() || begin + values.count * values.width > own.data() + own.size()) continue;
    std::vector<std::byte*> places;
    for (const auto& piece : region) places.push_back(piece->data() + (begin - own.data()));
    return places;
  }
  return {};
}

// Own part in the memory of all: the others in the order in which they are added, then this process's.
std::vector<std::byte*> SharedMemoryTransport::own_parts(const std::vector<std::byte*>& everywhere,
                                                         const Values& values) const {
  const std::size_t offset = part_of(values.count, size(), rank_).begin * values.width;
  std::vector<std::byte*> parts;
  for (int step = 1; step <= size(); ++step) {
    parts.push_back(everywhere[static_cast<std::size_t>((rank_ + step) % size())] + offset);
  }
  return parts;
}

void SharedMemoryTransport::add_from(const std::vector<std::byte*>& everywhere, const Values& values) const {
  const std::vector<std::byte*> parts = own_parts(everywhere, values);
  sum_to({parts.begin(), parts.end()}, {parts.back()}, part_of(values.count, size(), rank_).size(), values.width);
}

// To all others' memory too: what has just been read is still in the cache when it is written.
void SharedMemoryTransport::add_to_all(const std::vector<std::byte*>& everywhere, const Values& values) const {
  const std::vector<std::byte*> parts = own_parts(everywhere, values);
  sum_to({parts.begin(), parts.end()}, parts, part_of(values.count, size(), rank_).size(), values.width);
}

void SharedMemoryTransport::copy_from(const std::vector<std::byte*>& everywhere, const Values& values) const {
  for (int step = 1; step < size(); ++step) {
    const int owner = (rank_ + step) % size();
    const ElementRange part = part_of(values.count, size(), owner);
    std::memcpy(values.at(part.begin), everywhere[static_cast<std::size_t>(owner)] + part.begin * values.width,
                part.size() * values.width);
  }
}

void SharedMemoryTransport::give_slices(const Pieces& pieces, std::uint64_t round) const {
  for (int reader = 0; reader < size(); ++reader) {
    if (reader == rank_) continue;
    const ElementRange part = pieces.slice(reader, round);
    std::memcpy(slot(rank_, reader, round), pieces.values().at(part.begin), part.size() * pieces.values().width);
  }
}

void SharedMemoryTransport::add_own_slice(const Pieces& pieces, std::uint64_t round, bool publish) const {
  std::vector<const std::byte*> terms;
  for (int step = 1; step < size(); ++step) terms.push_back(slot((rank_ + step) % size(), rank_, round));
  const ElementRange part = pieces.slice(rank_, round);
  std::vector<std::byte*> targets = {pieces.values().at(part.begin)};
  terms.push_back(targets.front());
  if (publish) targets.push_back(result(rank_, round));
  sum_to(terms, targets, part.size(), pieces.values().width);
}

void SharedMemoryTransport::take_results(const Pieces& pieces, std::uint64_t round) const {
  for (int step = 1; step < size(); ++step) {
    const int owner = (rank_ + step) % size();
    const ElementRange part = pieces.slice(owner, round);
    std::memcpy(pieces.values().at(part.begin), result(owner, round), part.size() * pieces.values().width);
  }
}

// A slot is filled again two rounds later. By then every process has said of the round between that it has its slices,
// and it says so only after it has read the round before.
Result<> SharedMemoryTransport::reduce_scatter(Values values) {
  if (size() == 1 || values.count == 0) return {};
  if (const auto places = everywhere(values); !places.empty()) {
    CW_TRY(begin(5, values.count * values.width));
    add_from(places, values);
    return wait_for_all(post());  // until the others have read ours
  }
  CW_TRY(begin(1, values.count * values.width));
  const Pieces pieces(values, size());
  for (std::uint64_t round = 0; round < pieces.rounds(); ++round) {
    give_slices(pieces, round);
    CW_TRY(wait_for_all(post()));
    add_own_slice(pieces, round, false);
  }
  return {};
}

Result<> SharedMemoryTransport::all_gather(Values values) {
  if (size() == 1 || values.count == 0) return {};
  if (const auto places = everywhere(values); !places.empty()) {
    CW_TRY(begin(6, values.count * values.width));
    copy_from(places, values);
    return wait_for_all(post());
  }
  CW_TRY(begin(2, values.count * values.width));
  const Pieces pieces(values, size());
  for (std::uint64_t round = 0; round < pieces.rounds(); ++round) {
    const ElementRange part = pieces.slice(rank_, round);
    std::memcpy(result(rank_, round), values.at(part.begin), part.size() * values.width);
    CW_TRY(wait_for_all(post()));
    take_results(pieces, round);
  }
  return {};
}

// Without shared memory of both sides: as the two above, with the slices of the next round given before the results of
// this one are waited for.
Result<> SharedMemoryTransport::all_reduce(Values values) {
  if (size() == 1 || values.count == 0) return {};
  if (const auto places = everywhere(values); !places.empty()) {
    CW_TRY(begin(7, values.count * values.width));
    add_to_all(places, values);
    return wait_for_all(post());
  }
  CW_TRY(begin(3, values.count * values.width));
  const Pieces pieces(values, size());
  give_slices(pieces, 0);
  std::uint32_t given = post();
  for (std::uint64_t round = 0; round < pieces.rounds(); ++round) {
    CW_TRY(wait_for_all(given));
    add_own_slice(pieces, round, true);
    const std::uint32_t added = post();
    if (round + 1 < pieces.rounds()) {
      give_slices(pieces, round + 1);
      given = post();
    }
    CW_TRY(wait_for_all(added));
    take_results(pieces, round);
  }
  return {};
}

Result<> SharedMemoryTransport::broadcast(std::span<std::byte> bytes, int root) {
  if (size() == 1 || bytes.empty()) return {};
  CW_TRY(begin(4, bytes.size()));
  const std::size_t slice = slice_bytes(size());
  for (std::size_t first = 0, round = 0; first < bytes.size(); first += slice, ++round) {
    const std::span<std::byte> piece = bytes.subspan(first, std::min(slice, bytes.size() - first));
    if (rank_ == root) std::memcpy(result(root, round), piece.data(), piece.size());
    CW_TRY(wait_for_all(post()));
    if (rank_ != root) std::memcpy(piece.data(), result(root, round), piece.size());
  }
  return {};
}

}  // namespace cw
