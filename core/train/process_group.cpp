// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/process_group.h"

#include <ATen/ops/from_blob.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <new>

namespace cw {
namespace {

// Tells the group that a gradient is complete: LibTorch calls it once per backward pass, after the last contribution.
class CompletionHook final : public torch::autograd::PostAccumulateGradHook {
 public:
  CompletionHook(ProcessGroup& group, std::size_t bucket) : group_(group), bucket_(bucket) {}
  void operator()(const at::Tensor& /*parameter*/) override { group_.complete(bucket_); }

 private:
  ProcessGroup& group_;
  std::size_t bucket_;
};

std::span<float> floats(const at::Tensor& flat, std::int64_t begin, std::int64_t end) {
  return {static_cast<float*>(flat.data_ptr()) + begin, static_cast<std::size_t>(end - begin)};
}

std::span<float> floats(const at::Tensor& flat) { return floats(flat, 0, flat.numel()); }

}  // namespace

ProcessGroup::ProcessGroup(Communicator& communicator, ExchangeRules rules, std::int64_t bucket_elements)
    : communicator_(communicator), rules_(rules), bucket_elements_(bucket_elements) {}

FlatMemory ProcessGroup::memory() {
  return [this](std::int64_t elements) {
    const auto memory = communicator_.allocate(static_cast<std::size_t>(elements) * sizeof(float));
    if (!memory.ok()) throw std::bad_alloc();
    return at::from_blob(memory->data(), {elements}, at::kFloat);
  };
}

std::vector<ProcessGroup::Bucket> ProcessGroup::buckets_of(const Parameters& parameters) const {
  std::vector<Bucket> buckets;
  std::array<std::int64_t, 2> open{-1, -1};  // the bucket that still grows, of each group
  for (std::size_t i = parameters.all().size(); i-- > 0;) {
    const auto place = parameters.place_of(i);
    if (!place) continue;
    std::int64_t& current = open[place->group];
    if (current < 0) {
      current = static_cast<std::int64_t>(buckets.size());
      buckets.push_back({});
      buckets.back().group = place->group;
      buckets.back().end = place->offset + parameters.all()[i].value.numel();
    }
    Bucket& bucket = buckets[static_cast<std::size_t>(current)];
    bucket.begin = place->offset;
    bucket.first_parameter = i;
    ++bucket.parameters;
    if (bucket.end - bucket.begin >= bucket_elements_) current = -1;
  }
  std::stable_sort(buckets.begin(), buckets.end(),
                   [](const Bucket& a, const Bucket& b) { return a.first_parameter > b.first_parameter; });
  return buckets;
}

OwnElements ProcessGroup::own_part(const Bucket& bucket) const {
  const ElementRange part = part_of(static_cast<std::size_t>(bucket.end - bucket.begin), num_ranks(), rank());
  return {bucket.begin + static_cast<std::int64_t>(part.begin), static_cast<std::int64_t>(part.size()), 0};
}

void ProcessGroup::attach(Parameters& parameters, const FlatMemory& memory) {
  buckets_ = buckets_of(parameters);
  for (std::size_t g = 0; g < 2; ++g) {
    gradients_[g] = parameters.groups()[g].gradients;
    if (rules_.in_bfloat16) narrow_[g] = memory((gradients_[g].numel() + 1) / 2);
  }
  for (std::size_t i = 0; i < parameters.all().size(); ++i) {
    const auto place = parameters.place_of(i);
    if (!place) continue;
    const auto bucket = std::find_if(buckets_.begin(), buckets_.end(), [&](const Bucket& b) {
      return b.group == place->group && place->offset >= b.begin && place->offset < b.end;
    });
    torch::autograd::impl::set_post_acc_grad_hooks(
        parameters.all()[i].value,
        std::make_unique<CompletionHook>(*this, static_cast<std::size_t>(bucket - buckets_.begin())));
  }
  if (!rules_.share_state) return;
  std::array<std::vector<OwnElements>, 2> own;
  std::array<std::int64_t, 2> state{0, 0};
  for (const Bucket& bucket : buckets_) {
    OwnElements part = own_part(bucket);
    if (part.count == 0) continue;
    part.state = state[bucket.group];
    state[bucket.group] += part.count;
    own[bucket.group].push_back(part);
  }
  parameters.own(std::move(own));
}

Result<> ProcessGroup::sum(std::span<double> values) { return communicator_.wait(communicator_.all_reduce(values)); }

Result<> ProcessGroup::from_first(std::span<std::byte> bytes) {
  return communicator_.wait(communicator_.broadcast(bytes, 0));
}

void ProcessGroup::last_backward_comes() {
  for (Bucket& bucket : buckets_) bucket.missing = bucket.parameters;
  sent_early_ = 0;
  watching_ = true;
}

void ProcessGroup::complete(std::size_t bucket) {
  if (!watching_) return;
  --buckets_[bucket].missing;
  while (next_ < buckets_.size() && buckets_[next_].missing == 0) {
    send_next();
    ++sent_early_;
  }
}

void ProcessGroup::send_next() {
  const Bucket& bucket = buckets_[next_++];
  const std::span<float> gradients = floats(gradients_[bucket.group], bucket.begin, bucket.end);
  Values values = gradients;
  if (rules_.in_bfloat16) {
    round_to(gradients, narrow(bucket));
    values = narrow(bucket);
  }
  if (rules_.share_state) {
    communicator_.reduce_scatter(values);
  } else {
    communicator_.all_reduce(values);
  }
}

std::span<Bf16> ProcessGroup::narrow(const Bucket& bucket) const {
  return {static_cast<Bf16*>(narrow_[bucket.group].data_ptr()) + bucket.begin,
          static_cast<std::size_t>(bucket.end - bucket.begin)};
}

// The sums of the elements that this process updates.
void ProcessGroup::widen_sums() {
  for (const Bucket& bucket : buckets_) {
    const OwnElements own =
        rules_.share_state ? own_part(bucket) : OwnElements{bucket.begin, bucket.end - bucket.begin, 0};
    widen_to(
        narrow(bucket).subspan(static_cast<std::size_t>(own.begin - bucket.begin), static_cast<std::size_t>(own.count)),
        floats(gradients_[bucket.group], own.begin, own.begin + own.count));
  }
}

// Also what no backward pass has reached: a process may have had no cells in this step.
Result<> ProcessGroup::sum_gradients(Parameters& /*parameters*/) {
  watching_ = false;
  while (next_ < buckets_.size()) send_next();
  next_ = 0;
  CW_TRY(communicator_.wait_all());
  if (rules_.in_bfloat16) widen_sums();
  return {};
}

Result<> ProcessGroup::sum_of_own(double& figure) {
  if (!rules_.share_state) return {};
  return sum(std::span(&figure, 1));
}

// Every process's part of every bucket of a flat pair of tensors becomes that of all.
Result<> ProcessGroup::gather(const std::array<at::Tensor, 2>& flat) {
  for (const Bucket& bucket : buckets_) {
    communicator_.all_gather(floats(flat[bucket.group], bucket.begin, bucket.end));
  }
  return communicator_.wait_all();
}

Result<> ProcessGroup::gather_values(Parameters& parameters) {
  if (!rules_.share_state) return {};
  return gather({parameters.groups()[0].values, parameters.groups()[1].values});
}

// The gradients are the room in which the parts of a moment meet: they are not needed between two steps.
Result<> ProcessGroup::gather_moments(Parameters& parameters) {
  if (!rules_.share_state) {
    parameters.whole_moments();
    return {};
  }
  for (std::size_t m = 0; m < 2; ++m) {
    for (const ParameterGroup& group : parameters.groups()) {
      const std::span<float> state = floats(m == 0 ? group.first_moment : group.second_moment);
      const std::span<float> room = floats(group.gradients);
      for (const OwnElements& own : group.own) {
        std::copy_n(state.begin() + own.state, own.count, room.begin() + own.begin);
      }
    }
    CW_TRY(gather(gradients_));
    if (rank() != 0) continue;
    for (std::size_t g = 0; g < 2; ++g) parameters.whole_moments()[g][m].copy_(gradients_[g]);
  }
  return {};
}

Result<> ProcessGroup::spread_values(Parameters& parameters) {
  for (const ParameterGroup& group : parameters.groups()) {
    CW_TRY(from_first(std::as_writable_bytes(floats(group.values))));
  }
  return {};
}

Result<> ProcessGroup::spread_moments(Parameters& parameters) {
  for (std::size_t g = 0; g < 2; ++g) {
    const ParameterGroup& group = parameters.groups()[g];
    for (std::size_t m = 0; m < 2; ++m) {
      const std::span<float> room = floats(group.gradients);
      if (rank() == 0) group.gradients.copy_(parameters.whole_moments()[g][m]);
      CW_TRY(from_first(std::as_writable_bytes(room)));
      const std::span<float> state = floats(m == 0 ? group.first_moment : group.second_moment);
      for (const OwnElements& own : group.own) {
        std::copy_n(room.begin() + own.begin, own.count, state.begin() + own.state);
      }
    }
  }
  return {};
}

}  // namespace cw
