// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/parameters.h"

#include "core/base/check.h"
#include "core/train/keyed_random.h"

#include <ATen/ops/zeros.h>

#include <algorithm>

namespace cw {
namespace {

std::int64_t elements_of(const ParameterSpec& spec) {
  std::int64_t count = 1;
  for (const std::int64_t size : spec.shape) count *= size;
  return count;
}

TensorRef reference_to(const std::string& name, const at::Tensor& tensor) {
  TensorRef ref;
  ref.name = name;
  ref.dtype = DType::kFloat32;
  ref.shape.assign(tensor.sizes().begin(), tensor.sizes().end());
  ref.bytes = {static_cast<const std::byte*>(tensor.const_data_ptr()),
               static_cast<std::size_t>(tensor.numel()) * sizeof(float)};
  return ref;
}

Result<> copy_in(const std::string& name, const TensorRef* from, const at::Tensor& to, const std::string& where) {
  const std::vector<std::int64_t> wanted(to.sizes().begin(), to.sizes().end());
  if (from == nullptr) {
    return Error{ErrorCode::kShape, "E-TRN-005",
                 where + ": the tensor '" + name + "' " + shape_text(wanted) +
                     " is missing; choose a masked-LM model of this architecture"};
  }
  if (from->shape != wanted) {
    return Error{ErrorCode::kShape, "E-TRN-005",
                 where + ": the tensor '" + name + "' is " + shape_text(from->shape) + ", expected " +
                     shape_text(wanted) + "; choose a model of this architecture and vocabulary"};
  }
  return copy_as_float32(*from, {to.data_ptr<float>(), static_cast<std::size_t>(to.numel())});
}

}  // namespace

std::vector<PlannedParameter> planned_parameters(const ModelConfig& config) {
  std::vector<PlannedParameter> list;
  for (ParameterSpec& spec : encoder_parameters(config)) list.push_back({std::move(spec)});
  for (ParameterSpec& spec : head_parameters(config)) list.push_back({std::move(spec)});
  return list;
}

at::Tensor plain_memory(std::int64_t elements) { return at::zeros({elements}, at::kFloat); }

Parameters Parameters::allocate(const std::vector<PlannedParameter>& list, const FlatMemory& memory) {
  Parameters p;
  std::array<std::int64_t, 2> sizes{0, 0};
  for (const auto& [spec, frozen] : list) {
    p.starts_.push_back(spec.start);
    if (frozen) {
      p.places_.push_back({kFrozen, 0});
      continue;
    }
    // What starts at random decays; biases and LayerNorm parameters do not (spec 4.3).
    const std::size_t group = spec.start == InitialValue::kNormal ? 0 : 1;
    p.places_.push_back({group, sizes[group]});
    sizes[group] += elements_of(spec);
  }
  for (std::size_t g = 0; g < 2; ++g) {
    ParameterGroup& group = p.groups_[g];
    group.decays = g == 0;
    group.values = memory(sizes[g]);
    group.gradients = memory(sizes[g]);
  }
  p.own({std::vector<OwnElements>{{0, sizes[0], 0}}, std::vector<OwnElements>{{0, sizes[1], 0}}});
  for (std::size_t i = 0; i < list.size(); ++i) {
    const ParameterSpec& spec = list[i].spec;
    const Place& place = p.places_[i];
    const auto view_of = [&](const at::Tensor& flat) {
      return flat.narrow(0, place.offset, elements_of(spec)).view(spec.shape);
    };
    at::Tensor value;
    if (place.group == kFrozen) {
      value = at::zeros(spec.shape, at::kFloat);
    } else {
      value = view_of(p.groups_[place.group].values).detach();
      value.set_requires_grad(true);
      // Autograd adds to a gradient that exists, so the flat gradients fill up by themselves.
      value.mutable_grad() = view_of(p.groups_[place.group].gradients).detach();
    }
    p.index_.emplace(spec.name, i);
    p.all_.push_back({spec.name, std::move(value)});
  }
  return p;
}

std::optional<Parameters::Place> Parameters::place_of(std::size_t index) const {
  if (places_[index].group == kFrozen) return std::nullopt;
  return places_[index];
}

void Parameters::own(std::array<std::vector<OwnElements>, 2> elements) {
  for (std::size_t g = 0; g < 2; ++g) {
    ParameterGroup& group = groups_[g];
    group.own = std::move(elements[g]);
    std::int64_t count = 0;
    for (const OwnElements& own : group.own) count += own.count;
    group.first_moment = at::zeros({count}, at::kFloat);
    group.second_moment = at::zeros({count}, at::kFloat);
  }
  whole_.reset();
}

Moments& Parameters::whole_moments() {
  if (whole_) return *whole_;
  whole_.emplace();
  for (std::size_t g = 0; g < 2; ++g) {
    const std::int64_t count = groups_[g].values.numel();
    const bool whole = groups_[g].first_moment.numel() == count;
    (*whole_)[g] = {whole ? groups_[g].first_moment : at::zeros({count}, at::kFloat),
                    whole ? groups_[g].second_moment : at::zeros({count}, at::kFloat)};
  }
  return *whole_;
}

const at::Tensor& Parameters::at(const std::string& name) const {
  const auto found = index_.find(name);
  CW_ASSERT(found != index_.end());
  return all_[found->second].value;
}

std::int64_t Parameters::num_elements() const noexcept {
  std::int64_t count = 0;
  for (const Parameter& p : all_) count += p.value.numel();
  return count;
}

std::int64_t Parameters::num_trained() const noexcept { return groups_[0].values.numel() + groups_[1].values.numel(); }

void Parameters::initialise(const ModelConfig& config, std::uint64_t seed) {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    float* data = static_cast<float*>(all_[i].value.data_ptr());
    const std::int64_t count = all_[i].value.numel();
    if (starts_[i] != InitialValue::kNormal) {
      std::fill(data, data + count, starts_[i] == InitialValue::kOne ? 1.0F : 0.0F);
      continue;
    }
    KeyedRandom random(seed, RandomUse::kWeights, {i});
    for (std::int64_t k = 0; k < count; ++k) data[k] = static_cast<float>(config.initializer_range * random.normal());
  }
  float* words = static_cast<float*>(at("bert.embeddings.word_embeddings.weight").data_ptr());
  std::fill(words + config.pad_token * config.hidden, words + (config.pad_token + 1) * config.hidden, 0.0F);
}

void Parameters::zero_gradients() {
  for (ParameterGroup& group : groups_) group.gradients.zero_();
}

Result<> Parameters::load(const std::function<const TensorRef*(const std::string&)>& find, const std::string& where,
                          const std::function<bool(const std::string&)>& is_wanted) {
  for (const Parameter& p : all_) {
    if (is_wanted && !is_wanted(p.name)) continue;
    CW_TRY(copy_in(p.name, find(p.name), p.value.detach(), where));
  }
  return {};
}

std::vector<TensorRef> Parameters::tensors() const {
  std::vector<TensorRef> refs;
  refs.reserve(all_.size());
  for (const Parameter& p : all_) refs.push_back(reference_to(p.name, p.value));
  return refs;
}

at::Tensor Parameters::moment(std::size_t index, bool second) const {
  CW_ASSERT(whole_.has_value());
  const at::Tensor& value = all_[index].value;
  return (*whole_)[places_[index].group][second ? 1 : 0]
      .narrow(0, places_[index].offset, value.numel())
      .view(value.sizes());
}

std::vector<TensorRef> Parameters::optimiser_tensors() const {
  std::vector<TensorRef> refs;
  refs.reserve(2 * all_.size());
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (places_[i].group == kFrozen) continue;
    refs.push_back(reference_to("first_moment." + all_[i].name, moment(i, false)));
    refs.push_back(reference_to("second_moment." + all_[i].name, moment(i, true)));
  }
  return refs;
}

Result<> Parameters::load_optimiser(const std::function<const TensorRef*(const std::string&)>& find,
                                    const std::string& where) {
  whole_moments();
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (places_[i].group == kFrozen) continue;
    for (const bool second : {false, true}) {
      const std::string name = (second ? "second_moment." : "first_moment.") + all_[i].name;
      CW_TRY(copy_in(name, find(name), moment(i, second), where));
    }
  }
  return {};
}

}  // namespace cw
