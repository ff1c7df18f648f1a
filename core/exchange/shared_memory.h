// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/exchange/transport.h"

#include <memory>
#include <vector>

namespace cw {

/// A piece of memory without a name in any file system, so that nothing is left behind however its users end. Another
/// process of the same user on this host can map it as long as its maker lives.
class SharedPiece {
 public:
  /// Zeros. Errors: kOutOfMemory E-COM-009.
  [[nodiscard]] static Result<std::unique_ptr<SharedPiece>> make(std::size_t bytes);
  /// That of process `maker`, who knows it as `descriptor`. Errors: kIo E-COM-009.
  [[nodiscard]] static Result<std::unique_ptr<SharedPiece>> open(std::int64_t maker, int descriptor, std::size_t bytes);
  SharedPiece(const SharedPiece&) = delete;
  SharedPiece& operator=(const SharedPiece&) = delete;
  ~SharedPiece();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  SharedPiece(int descriptor, std::byte* data, std::size_t size) : descriptor_(descriptor), data_(data), size_(size) {}
  [[nodiscard]] static Result<std::unique_ptr<SharedPiece>> map(int descriptor, std::size_t bytes);

  int descriptor_;
  std::byte* data_;
  std::size_t size_;
};

/// Bytes of shared memory that a group of this size uses.
[[nodiscard]] std::size_t shared_bytes(int num_ranks) noexcept;

/// Exchange between processes of one host. What lies in memory of `allocate` is read and written where it is, in every
/// process's memory; for anything else
/// every process writes what the others need into its own slots of the shared piece, small enough to stay in the
/// caches. Processes wait (futex) for the others' counters.
class SharedMemoryTransport final : public Transport {
 public:
  /// `piece` was zero when the group began; `processes` are the numbers of all, by rank; `timeout_s` is how long a
  /// process may be waited for.
  SharedMemoryTransport(std::unique_ptr<SharedPiece> piece, int rank, std::vector<std::int64_t> processes,
                        double timeout_s);
  ~SharedMemoryTransport() override;

  [[nodiscard]] int rank() const noexcept override { return rank_; }
  [[nodiscard]] int size() const noexcept override { return static_cast<int>(processes_.size()); }
  Result<> reduce_scatter(Values values) override;
  Result<> all_gather(Values values) override;
  Result<> all_reduce(Values values) override;
  Result<> broadcast(std::span<std::byte> bytes, int root) override;
  Result<std::span<std::byte>> allocate(std::size_t bytes) override;
  void abort() noexcept override;

 private:
  struct Header;
  class Pieces;
  using Region = std::vector<std::unique_ptr<SharedPiece>>;  ///< the same piece of every process, by rank

  [[nodiscard]] Header& header(int rank) const noexcept;
  [[nodiscard]] std::byte* slot(int owner, int reader, std::uint64_t round) const noexcept;
  [[nodiscard]] std::byte* result(int owner, std::uint64_t round) const noexcept;

  Result<> begin(std::uint64_t kind, std::size_t bytes);
  [[nodiscard]] std::vector<std::byte*> everywhere(const Values& values) const;
  [[nodiscard]] std::vector<std::byte*> own_parts(const std::vector<std::byte*>& everywhere,
                                                  const Values& values) const;
  void add_from(const std::vector<std::byte*>& everywhere, const Values& values) const;
  void add_to_all(const std::vector<std::byte*>& everywhere, const Values& values) const;
  void copy_from(const std::vector<std::byte*>& everywhere, const Values& values) const;
  void give_slices(const Pieces& pieces, std::uint64_t round) const;
  void add_own_slice(const Pieces& pieces, std::uint64_t round, bool publish) const;
  void take_results(const Pieces& pieces, std::uint64_t round) const;
  std::uint32_t post() noexcept;
  Result<> wait_for_all(std::uint32_t count);
  Result<> wait_for(int rank, std::uint32_t count);
  [[nodiscard]] Error silent(int rank) const;

  std::unique_ptr<SharedPiece> piece_;
  int rank_;
  std::vector<std::int64_t> processes_;
  double timeout_s_;
  int spins_;
  std::uint32_t posted_ = 0;
  std::uint64_t operation_ = 0;
  std::vector<Region> regions_;
};

}  // namespace cw
