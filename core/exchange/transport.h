// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/exchange/bfloat16.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace cw {

/// Numbers in one piece of memory, the same count in every process of a group.
struct Values {
  Values(std::span<Bf16> values)  // NOLINT
      : data(values.data()), count(values.size()), width(sizeof(Bf16)) {}
  Values(std::span<float> values) : data(values.data()), count(values.size()), width(sizeof(float)) {}    // NOLINT
  Values(std::span<double> values) : data(values.data()), count(values.size()), width(sizeof(double)) {}  // NOLINT

  void* data;
  std::size_t count;
  std::size_t width;  ///< bytes of one number: bfloat16, float or double

  [[nodiscard]] std::byte* at(std::size_t element) const noexcept {
    return static_cast<std::byte*>(data) + element * width;
  }
};

/// The elements [begin, end) that one process is responsible for.
struct ElementRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
};

/// `count` elements divided among `num_ranks` processes: equal multiples of 16 elements, the last parts may be shorter.
[[nodiscard]] ElementRange part_of(std::size_t count, int num_ranks, int rank) noexcept;

/// How the numbers of one process reach the others. Every process calls the same functions in the same order, from one
/// thread. Part p is added up in the order of ranks p+1, p+2, ..., p whatever the transport and the time of arrival, by
/// one process: all get the same bits. Numbers of two bytes are added up as floats and rounded once.
///
/// Errors   kIo E-COM-004 (a process is silent for too long), E-COM-005 (one has ended or given up), kInternal
/// E-COM-006
///          (the processes do not call the same function). After an error the group is of no use any more.
class Transport {
 public:
  virtual ~Transport() = default;
  [[nodiscard]] virtual int rank() const noexcept = 0;
  [[nodiscard]] virtual int size() const noexcept = 0;

  /// Leaves the sum over all processes in this process's part; the other parts are undefined after it.
  virtual Result<> reduce_scatter(Values values) = 0;
  /// Every process gives its part and receives the others'.
  virtual Result<> all_gather(Values values) = 0;
  /// Leaves the sum over all processes everywhere.
  virtual Result<> all_reduce(Values values);
  virtual Result<> broadcast(std::span<std::byte> bytes, int root) = 0;
  /// Memory full of zeros, as long as the transport lives. What lies in it is exchanged best; every process asks for
  /// the same sizes in the same order. Errors: also kOutOfMemory E-COM-009.
  virtual Result<std::span<std::byte>> allocate(std::size_t bytes);
  /// From any thread: lets this process and the others fail at once instead of waiting.
  virtual void abort() noexcept = 0;

 private:
  std::vector<std::unique_ptr<std::byte[]>> allocated_;
};

/// A group of one process.
class LoneTransport final : public Transport {
 public:
  [[nodiscard]] int rank() const noexcept override { return 0; }
  [[nodiscard]] int size() const noexcept override { return 1; }
  Result<> reduce_scatter(Values /*values*/) override { return {}; }
  Result<> all_gather(Values /*values*/) override { return {}; }
  Result<> broadcast(std::span<std::byte> /*bytes*/, int /*root*/) override { return {}; }
  void abort() noexcept override {}
};

}  // namespace cw
