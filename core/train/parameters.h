// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/weights/model_config.h"
#include "core/weights/model_layout.h"
#include "core/weights/tensor.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cw {

/// One tensor of a model, named as in the checkpoint (spec 3.4).
struct Parameter {
  std::string name;
  at::Tensor value;  ///< trained: a leaf that requires a gradient, a view into the flat weights of its group
};

/// What a set of parameters is made from.
struct PlannedParameter {
  ParameterSpec spec;
  bool frozen = false;  ///< keeps its value: no gradient, no optimiser state, no backward work
};

/// The encoder and the head of `config.architecture`, in the order of the checkpoint, nothing frozen.
[[nodiscard]] std::vector<PlannedParameter> planned_parameters(const ModelConfig& config);

/// Elements [begin, begin + count) of a group that this process updates; its optimiser state of them begins at `state`.
struct OwnElements {
  std::int64_t begin = 0;
  std::int64_t count = 0;
  std::int64_t state = 0;
};

/// All weights of one kind of treatment in one piece of memory, so that optimiser, clipping and exchange between
/// processes each handle two tensors instead of two hundred.
struct ParameterGroup {
  at::Tensor values, gradients;            ///< [elements], float32
  at::Tensor first_moment, second_moment;  ///< [own elements], float32: the optimiser state
  std::vector<OwnElements> own;            ///< all, unless several processes share the optimiser state
  bool decays = false;                     ///< weight decay applies (no biases, no LayerNorm)
};

/// Makes the flat memory of weights and gradients: zeros, float32.
using FlatMemory = std::function<at::Tensor(std::int64_t elements)>;
[[nodiscard]] at::Tensor plain_memory(std::int64_t elements);

/// First and second moment of both groups.
using Moments = std::array<std::array<at::Tensor, 2>, 2>;

/// The parameters of a model, those that are trained with gradients and optimiser state.
class Parameters {
 public:
  /// Zeros, in the order of `list`.
  [[nodiscard]] static Parameters allocate(const std::vector<PlannedParameter>& list,
                                           const FlatMemory& memory = plain_memory);
  /// All parameters of `config`, all trained.
  [[nodiscard]] static Parameters allocate(const ModelConfig& config, const FlatMemory& memory = plain_memory) {
    return allocate(planned_parameters(config), memory);
  }

  Parameters(Parameters&&) noexcept = default;
  Parameters& operator=(Parameters&&) noexcept = default;

  [[nodiscard]] const std::vector<Parameter>& all() const noexcept { return all_; }
  [[nodiscard]] std::array<ParameterGroup, 2>& groups() noexcept { return groups_; }
  [[nodiscard]] const std::array<ParameterGroup, 2>& groups() const noexcept { return groups_; }
  /// Where a trained parameter lies in the flat tensors; nothing for a frozen one.
  struct Place {
    std::size_t group;
    std::int64_t offset;
  };
  [[nodiscard]] std::optional<Place> place_of(std::size_t index) const;
  /// Must exist.
  [[nodiscard]] const at::Tensor& at(const std::string& name) const;
  [[nodiscard]] bool contains(const std::string& name) const { return index_.count(name) > 0; }
  /// Of all, and of those that are trained.
  [[nodiscard]] std::int64_t num_elements() const noexcept;
  [[nodiscard]] std::int64_t num_trained() const noexcept;

  /// Linear and embedding weights ~ Normal(0, `initializer_range`), biases 0, LayerNorm weights 1, padding row 0 (spec
  /// 3.5). Depends on seed and name only.
  void initialise(const ModelConfig& config, std::uint64_t seed);
  void zero_gradients();

  /// Copies tensors of a checkpoint by name, of any floating-point type; names we do not have (decoder aliases,
  /// position_ids) are passed over. Where `is_wanted` is given, parameters it refuses keep their value.
  /// Errors: kShape E-TRN-005 (missing or of another shape).
  Result<> load(const std::function<const TensorRef*(const std::string&)>& find, const std::string& where,
                const std::function<bool(const std::string&)>& is_wanted = {});
  /// References to the values for a writer; valid while this object lives.
  [[nodiscard]] std::vector<TensorRef> tensors() const;
  /// From now on this process has the optimiser state of these elements only, of both groups; it begins at zero.
  void own(std::array<std::vector<OwnElements>, 2> elements);
  /// The optimiser state of all elements, for checkpoints: that of the groups, or, where it is shared among processes,
  /// tensors that are there from the first call to `drop_whole_moments` and that the exchange fills and empties.
  Moments& whole_moments();
  void drop_whole_moments() { whole_.reset(); }
  /// The same for the optimiser state: "first_moment.NAME", "second_moment.NAME". Needs `whole_moments`.
  [[nodiscard]] std::vector<TensorRef> optimiser_tensors() const;
  Result<> load_optimiser(const std::function<const TensorRef*(const std::string&)>& find, const std::string& where);

 private:
  Parameters() = default;
  static constexpr std::size_t kFrozen = 2;
  [[nodiscard]] at::Tensor moment(std::size_t index, bool second) const;

  std::vector<Parameter> all_;
  std::vector<InitialValue> starts_;
  std::vector<Place> places_;
  std::map<std::string, std::size_t> index_;
  std::array<ParameterGroup, 2> groups_;
  std::optional<Moments> whole_;
};

}  // namespace cw
