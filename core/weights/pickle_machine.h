// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/weights/pickle_value.h"
#include "core/weights/unpickler.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cw {

/// The stack machine behind `parse_pickle`; for unpickler.cpp and pickle_calls.cpp only.
class PickleMachine {
 public:
  PickleMachine(std::span<const std::byte> source, std::string_view where, const PickleLimits& limits);

  /// Runs one pickle to its STOP.
  Result<> run();
  [[nodiscard]] std::size_t consumed() const noexcept { return position_; }
  [[nodiscard]] PickleDocument take() && { return std::move(document_); }

 private:
  using Node = PickleDocument::Node;
  using NodeId = std::uint32_t;

  /// What a kType node stands for (Node::detail). Storages and torch element types carry their DType in Node::index.
  enum class Name : std::uint8_t {
    kOrderedDict,
    kDefaultDict,
    kListType,
    kRebuildTensor,
    kRebuildParameter,
    kStorageType,
    kTorchDType,
    kTorchSize,
    kTorchDevice,
    kNumpyScalar,
    kNumpyDTypeType,
    kNumpyDType,  ///< an element type made by numpy.dtype(...): Node::index into dtypes_
    kNumpyReconstruct,
    kNumpyArrayType,
    kEncode,
    kStorage  ///< a persistent id: Node::index into storages_
  };
  struct NumpyDType {
    char code = 'f';
    int width = 0;
    bool big_endian = false;
  };
  struct Storage {
    std::string_view key;
    DType dtype = DType::kFloat32;
    std::int64_t size = 0;
  };

  // unpickler.cpp: bytes in, stack and memo
  Result<> step(unsigned char operation);
  Result<> step_constant(unsigned char operation);
  Result<> step_container(unsigned char operation);
  Result<> step_memo(unsigned char operation);
  Result<std::uint64_t> read_unsigned(std::size_t width);
  Result<std::string_view> read_text(std::uint64_t size);
  Result<std::string_view> read_line();
  Result<> push(Node node);
  Result<> push_integer(std::int64_t value);
  Result<> push_text(PickleKind kind, std::string_view text);
  Result<> push_long(std::uint64_t size);
  Result<> push_container(PickleKind kind, std::vector<NodeId> items);
  Result<NodeId> pop();
  Result<std::vector<NodeId>> pop_to_mark();
  Result<> memoize(std::uint64_t index);
  Result<> recall(std::uint64_t index);
  Result<> extend(PickleKind kind, std::span<const NodeId> items);
  Result<> check_structure(NodeId root) const;

  // pickle_calls.cpp: what the allowed names mean
  Result<> push_global(std::string_view module, std::string_view name);
  Result<> reduce();
  Result<> build();
  Result<> persistent_id();
  Result<> call_numpy_dtype(std::span<const NodeId> arguments);
  Result<> call_numpy_scalar(std::span<const NodeId> arguments);
  Result<> call_reconstruct(std::span<const NodeId> arguments);
  Result<> call_encode(std::span<const NodeId> arguments);
  Result<> call_rebuild_tensor(std::span<const NodeId> arguments);
  Result<> build_dtype(Node& target, NodeId state);
  Result<> build_array(Node& target, NodeId state);
  Result<> push_numpy_text(std::string_view utf32);
  Result<std::vector<std::int64_t>> integers_of(NodeId tuple, std::string_view what) const;

  [[nodiscard]] const Node& node(NodeId id) const { return document_.nodes_[id]; }
  [[nodiscard]] bool is_name(NodeId id, Name name) const;
  [[nodiscard]] std::optional<std::span<const NodeId>> items_of(NodeId id, PickleKind kind) const;
  [[nodiscard]] std::optional<std::string_view> text_of(NodeId id, PickleKind kind = PickleKind::kText) const;
  [[nodiscard]] std::string place() const;
  [[nodiscard]] Error damaged(const std::string& what) const;
  [[nodiscard]] Error unfit_call(const std::string& what) const;

  std::span<const std::byte> source_;
  std::string where_;
  PickleLimits limits_;
  std::size_t position_ = 0;
  PickleDocument document_;
  std::vector<NodeId> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, NodeId> memo_;
  std::vector<NumpyDType> dtypes_;
  std::vector<Storage> storages_;
};

/// True for well-formed UTF-8 (no surrogates, no overlong forms).
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace cw
