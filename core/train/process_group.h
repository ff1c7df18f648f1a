// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/exchange/communicator.h"
#include "core/train/gradient_exchange.h"

#include <cstdint>
#include <vector>

namespace cw {

/// What the processes of a training run exchange.
struct ExchangeRules {
  bool share_state = false;  ///< ZeRO stage 1, see ProcessGroup
  /// Gradients are sent with two bytes each: every process rounds its own to bfloat16, their sum is rounded again.
  bool in_bfloat16 = false;
};

/// One of several processes that train a model together. Gradients lie in flat buckets, in the order in which a
/// backward pass completes them, last layer first; a bucket is sent when its last gradient is there, while the pass
/// goes on.
///
/// With `share_state` (ZeRO stage 1, Rajbhandari et al. 2020, doi:10.1109/SC41405.2020.00024) every process has the
/// optimiser state of its part of each bucket only, updates that part and gets the rest from the others.
class ProcessGroup final : public GradientExchange {
 public:
  static constexpr std::int64_t kBucketElements = std::int64_t{1} << 20U;  // 4 MB

  ProcessGroup(Communicator& communicator, ExchangeRules rules, std::int64_t bucket_elements = kBucketElements);

  /// Memory for `Parameters::allocate` that lives as long as the communicator. Throws std::bad_alloc.
  [[nodiscard]] FlatMemory memory();
  /// Cuts the gradients into buckets and watches over them. Once, before anything else; `parameters` stay where they
  /// are and must not outlive this object. `memory` is as that of the parameters.
  void attach(Parameters& parameters, const FlatMemory& memory);

  [[nodiscard]] int rank() const noexcept override { return communicator_.rank(); }
  [[nodiscard]] int num_ranks() const noexcept override { return communicator_.size(); }
  Result<> sum(std::span<double> values) override;
  Result<> from_first(std::span<std::byte> bytes) override;
  void last_backward_comes() override;
  Result<> sum_gradients(Parameters& parameters) override;
  Result<> sum_of_own(double& figure) override;
  Result<> gather_values(Parameters& parameters) override;
  Result<> gather_moments(Parameters& parameters) override;
  Result<> spread_values(Parameters& parameters) override;
  Result<> spread_moments(Parameters& parameters) override;

  [[nodiscard]] std::size_t num_buckets() const noexcept { return buckets_.size(); }
  /// Buckets of the last step that were sent while the backward pass went on.
  [[nodiscard]] std::size_t sent_early() const noexcept { return sent_early_; }
  /// Called by the hooks: the gradient of a parameter of this bucket is complete.
  void complete(std::size_t bucket);

 private:
  struct Bucket {
    std::size_t group = 0;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::size_t first_parameter = 0;  ///< the one completed last
    int parameters = 0;
    int missing = 0;
  };

  [[nodiscard]] std::vector<Bucket> buckets_of(const Parameters& parameters) const;
  [[nodiscard]] OwnElements own_part(const Bucket& bucket) const;
  void send_next();
  [[nodiscard]] std::span<Bf16> narrow(const Bucket& bucket) const;
  void widen_sums();
  Result<> gather(const std::array<at::Tensor, 2>& flat);

  Communicator& communicator_;
  ExchangeRules rules_;
  std::int64_t bucket_elements_;
  std::vector<Bucket> buckets_;          ///< in the order in which they are sent, the same in every process
  std::array<at::Tensor, 2> gradients_;  ///< of the groups
  std::array<at::Tensor, 2> narrow_;     ///< the same in bfloat16, two in the place of a float; where they are sent so
  std::size_t next_ = 0;                 ///< bucket to send
  std::size_t sent_early_ = 0;
  bool watching_ = false;
};

}  // namespace cw
