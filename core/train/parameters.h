// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/weights/model_config.h"
#include "core/weights/tensor.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cw {

/// One trainable tensor, named as in the checkpoint (spec 3.4).
struct Parameter {
  std::string name;
  at::Tensor value;  ///< leaf that requires a gradient; a view into the flat weights of its group
};

/// All weights of one kind of treatment in one piece of memory, so that optimiser, clipping and exchange between
/// processes each handle two tensors instead of two hundred.
struct ParameterGroup {
  at::Tensor values, gradients, first_moment, second_moment;  ///< [elements], float32
  bool decays = false;                                        ///< weight decay applies (no biases, no LayerNorm)
};

/// The parameters of a masked gene model (BertForMaskedLM with tied decoder) with gradients and optimiser state.
class Parameters {
 public:
  /// Zeros. The order of `all()` is that of the checkpoint.
  [[nodiscard]] static Parameters allocate(const ModelConfig& config);

  Parameters(Parameters&&) noexcept = default;
  Parameters& operator=(Parameters&&) noexcept = default;

  [[nodiscard]] const std::vector<Parameter>& all() const noexcept { return all_; }
  [[nodiscard]] std::array<ParameterGroup, 2>& groups() noexcept { return groups_; }
  [[nodiscard]] const std::array<ParameterGroup, 2>& groups() const noexcept { return groups_; }
  /// Must exist.
  [[nodiscard]] const at::Tensor& at(const std::string& name) const;
  [[nodiscard]] std::int64_t num_elements() const noexcept;

  /// Linear and embedding weights ~ Normal(0, `initializer_range`), biases 0, LayerNorm weights 1, padding row 0 (spec
  /// 3.5). Depends on seed and name only.
  void initialise(const ModelConfig& config, std::uint64_t seed);
  void zero_gradients();

  /// Copies tensors of a checkpoint by name, of any floating-point type; names we do not train (decoder aliases,
  /// position_ids) are passed over. Errors: kShape E-TRN-005 (missing or of another shape).
  Result<> load(const std::function<const TensorRef*(const std::string&)>& find, const std::string& where);
  /// References to the values for a writer; valid while this object lives.
  [[nodiscard]] std::vector<TensorRef> tensors() const;
  /// The same for the optimiser state: "first_moment.NAME", "second_moment.NAME".
  [[nodiscard]] std::vector<TensorRef> optimiser_tensors() const;
  Result<> load_optimiser(const std::function<const TensorRef*(const std::string&)>& find, const std::string& where);

 private:
  Parameters() = default;
  struct Place {
    std::size_t group;
    std::int64_t offset;
  };
  [[nodiscard]] at::Tensor moment(std::size_t index, bool second) const;

  std::vector<Parameter> all_;
  std::vector<Place> places_;
  std::map<std::string, std::size_t> index_;
  std::array<ParameterGroup, 2> groups_;
};

}  // namespace cw
