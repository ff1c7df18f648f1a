// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/pickle_machine.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace cw {
namespace {

/// Text of a name that goes into an error: a hostile file may put anything there.
std::string printable(std::string_view text) {
  std::string out;
  for (const char letter : text.substr(0, 100)) {
    const auto code = static_cast<unsigned char>(letter);
    out += code >= 0x20 && code < 0x7F ? letter : '?';
  }
  return out;
}

struct TypedName {
  const char* name;
  DType dtype;
};
constexpr std::array<TypedName, 10> kStorageTypes{{{"HalfStorage", DType::kFloat16},
                                                   {"BFloat16Storage", DType::kBFloat16},
                                                   {"FloatStorage", DType::kFloat32},
                                                   {"DoubleStorage", DType::kFloat64},
                                                   {"CharStorage", DType::kInt8},
                                                   {"ByteStorage", DType::kUInt8},
                                                   {"ShortStorage", DType::kInt16},
                                                   {"IntStorage", DType::kInt32},
                                                   {"LongStorage", DType::kInt64},
                                                   {"BoolStorage", DType::kBool}}};
constexpr std::array<DType, 10> kTorchTypes{DType::kFloat16, DType::kBFloat16, DType::kFloat32, DType::kFloat64,
                                            DType::kInt8,    DType::kUInt8,    DType::kInt16,   DType::kInt32,
                                            DType::kInt64,   DType::kBool};

}  // namespace

bool PickleMachine::is_name(NodeId id, Name name) const {
  return node(id).kind == PickleKind::kType && node(id).detail == static_cast<std::uint8_t>(name);
}

std::optional<std::span<const PickleMachine::NodeId>> PickleMachine::items_of(NodeId id, PickleKind kind) const {
  if (node(id).kind != kind) return std::nullopt;
  return std::span<const NodeId>(document_.containers_[node(id).index]);
}

std::optional<std::string_view> PickleMachine::text_of(NodeId id, PickleKind kind) const {
  if (node(id).kind != kind) return std::nullopt;
  return std::string_view(node(id).text, node(id).size);
}

Error PickleMachine::unfit_call(const std::string& what) const {
  return {ErrorCode::kParse, "E-PKL-005", place() + what + "; the file is damaged or made to mislead"};
}

Result<> PickleMachine::push_global(std::string_view module, std::string_view name) {
  const auto push_name = [&](Name meaning, DType dtype = DType::kFloat32) {
    return push(
        Node{{.index = static_cast<std::uint64_t>(dtype)}, 0, PickleKind::kType, static_cast<std::uint8_t>(meaning)});
  };
  struct Allowed {
    const char* module;
    const char* name;
    Name meaning;
  };
  static constexpr Allowed kAllowed[] = {{"collections", "OrderedDict", Name::kOrderedDict},
                                         {"collections", "defaultdict", Name::kDefaultDict},
                                         {"builtins", "list", Name::kListType},
                                         {"__builtin__", "list", Name::kListType},
                                         {"torch._utils", "_rebuild_tensor_v2", Name::kRebuildTensor},
                                         {"torch._utils", "_rebuild_parameter", Name::kRebuildParameter},
                                         {"torch", "Size", Name::kTorchSize},
                                         {"torch", "device", Name::kTorchDevice},
                                         {"numpy.core.multiarray", "scalar", Name::kNumpyScalar},
                                         {"numpy._core.multiarray", "scalar", Name::kNumpyScalar},
                                         {"numpy", "dtype", Name::kNumpyDTypeType},
                                         {"numpy.core.multiarray", "_reconstruct", Name::kNumpyReconstruct},
                                         {"numpy._core.multiarray", "_reconstruct", Name::kNumpyReconstruct},
                                         {"numpy", "ndarray", Name::kNumpyArrayType},
                                         {"_codecs", "encode", Name::kEncode}};
  for (const auto& entry : kAllowed) {
    if (module == entry.module && name == entry.name) return push_name(entry.meaning);
  }
  if (module == "torch") {
    for (const auto& entry : kStorageTypes) {
      if (name == entry.name) return push_name(Name::kStorageType, entry.dtype);
    }
    for (const auto dtype : kTorchTypes) {
      if (name == name_of(dtype)) return push_name(Name::kTorchDType, dtype);
    }
  }
  return Error{ErrorCode::kRefused, "E-PKL-002",
               place() + "it wants to use " + printable(module) + "." + printable(name) +
                   ", which files of plain data do not need; nothing was run. Do not open it in Python either, unless "
                   "you trust where it comes from"};
}

Result<> PickleMachine::reduce() {
  CW_ASSIGN(const NodeId arguments_id, pop());
  CW_ASSIGN(const NodeId callee, pop());
  if (node(callee).kind != PickleKind::kType) return unfit_call("it calls something that is not a name");
  const auto view = items_of(arguments_id, PickleKind::kTuple);
  if (!view) return unfit_call("it calls a name without a tuple of arguments");
  const std::vector<NodeId> arguments(view->begin(), view->end());  // pushing moves the containers
  switch (static_cast<Name>(node(callee).detail)) {
    case Name::kOrderedDict:
      if (!arguments.empty()) return unfit_call("an OrderedDict with arguments");
      return push_container(PickleKind::kDictionary, {});
    case Name::kDefaultDict:
      if (arguments.size() != 1 || !is_name(arguments[0], Name::kListType)) {
        return unfit_call("a defaultdict of something other than list");
      }
      return push_container(PickleKind::kDictionary, {});
    case Name::kListType:
      if (!arguments.empty()) return unfit_call("a list with arguments");
      return push_container(PickleKind::kList, {});
    case Name::kTorchSize: {
      if (arguments.size() != 1) return unfit_call("a torch.Size without its numbers");
      CW_ASSIGN(const auto sizes, integers_of(arguments[0], "a torch.Size"));
      static_cast<void>(sizes);
      stack_.push_back(arguments[0]);
      return {};
    }
    case Name::kTorchDevice:
      if (arguments.empty() || !text_of(arguments[0])) return unfit_call("a torch.device without a name");
      stack_.push_back(arguments[0]);
      return {};
    case Name::kRebuildTensor:
      return call_rebuild_tensor(arguments);
    case Name::kRebuildParameter:
      if (arguments.empty() || node(arguments[0]).kind != PickleKind::kTensor) {
        return unfit_call("a parameter without a tensor");
      }
      stack_.push_back(arguments[0]);
      return {};
    case Name::kNumpyDTypeType:
      return call_numpy_dtype(arguments);
    case Name::kNumpyScalar:
      return call_numpy_scalar(arguments);
    case Name::kNumpyReconstruct:
      return call_reconstruct(arguments);
    case Name::kEncode:
      return call_encode(arguments);
    case Name::kStorageType:
    case Name::kTorchDType:
    case Name::kNumpyDType:
    case Name::kNumpyArrayType:
    case Name::kStorage:
      break;
  }
  return unfit_call("it calls a type that files only mention");
}

Result<std::vector<std::int64_t>> PickleMachine::integers_of(NodeId tuple, std::string_view what) const {
  const auto items = items_of(tuple, PickleKind::kTuple);
  if (!items) return unfit_call(std::string(what) + " is not a tuple of whole numbers");
  std::vector<std::int64_t> numbers;
  for (const NodeId item : *items) {
    if (node(item).kind != PickleKind::kInteger) {
      return unfit_call(std::string(what) + " is not a tuple of whole numbers");
    }
    numbers.push_back(node(item).integer);
  }
  return numbers;
}

Result<> PickleMachine::call_numpy_dtype(std::span<const NodeId> arguments) {
  const auto text = arguments.empty() ? std::nullopt : text_of(arguments[0]);
  if (!text || text->size() < 2) return unfit_call("a numpy.dtype without a name");
  NumpyDType dtype;
  std::string_view rest = *text;
  if (rest.front() == '<' || rest.front() == '|' || rest.front() == '=' || rest.front() == '>') {
    dtype.big_endian = rest.front() == '>';
    rest.remove_prefix(1);
  }
  dtype.code = rest.front();
  rest.remove_prefix(1);
  const bool is_text = dtype.code == 'U' || dtype.code == 'S';
  const bool digits = !rest.empty() && rest.size() <= 6 &&
                      std::all_of(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits) dtype.width = std::stoi(std::string(rest));
  const auto one_of = [&](std::initializer_list<int> widths) {
    return std::find(widths.begin(), widths.end(), dtype.width) != widths.end();
  };
  const bool number = (dtype.code == 'b' && one_of({1})) || (dtype.code == 'f' && one_of({2, 4, 8})) ||
                      ((dtype.code == 'i' || dtype.code == 'u') && one_of({1, 2, 4, 8}));
  if (!digits || !(number || is_text)) {
    return Error{ErrorCode::kRefused, "E-PKL-002",
                 place() + "numpy values of the type " + printable(*text) + " are not read (numbers and texts are)"};
  }
  if (dtype.code == 'U') dtype.width *= 4;
  dtypes_.push_back(dtype);
  return push(Node{{.index = dtypes_.size() - 1}, 0, PickleKind::kType, static_cast<std::uint8_t>(Name::kNumpyDType)});
}

Result<> PickleMachine::push_numpy_text(std::string_view utf32) {
  std::string text;
  for (std::size_t i = 0; i + 4 <= utf32.size(); i += 4) {
    std::uint32_t code = 0;
    std::memcpy(&code, utf32.data() + i, 4);
    if (code == 0) continue;  // padding at the end
    if (code > 0x10FFFF) return unfit_call("a numpy text with a letter that does not exist");
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += {static_cast<char>(0xC0U | (code >> 6U)), static_cast<char>(0x80U | (code & 0x3FU))};
    } else if (code < 0x10000) {
      text += {static_cast<char>(0xE0U | (code >> 12U)), static_cast<char>(0x80U | ((code >> 6U) & 0x3FU)),
               static_cast<char>(0x80U | (code & 0x3FU))};
    } else {
      text += {static_cast<char>(0xF0U | (code >> 18U)), static_cast<char>(0x80U | ((code >> 12U) & 0x3FU)),
               static_cast<char>(0x80U | ((code >> 6U) & 0x3FU)), static_cast<char>(0x80U | (code & 0x3FU))};
    }
  }
  document_.decoded_.push_back(std::move(text));
  return push_text(PickleKind::kText, document_.decoded_.back());
}

Result<> PickleMachine::call_numpy_scalar(std::span<const NodeId> arguments) {
  if (arguments.size() != 2 || !is_name(arguments[0], Name::kNumpyDType))
    return unfit_call("a numpy scalar without a type");
  const auto bytes = text_of(arguments[1], PickleKind::kBytes);
  const NumpyDType dtype = dtypes_[node(arguments[0]).index];
  if (!bytes || bytes->size() != static_cast<std::size_t>(dtype.width)) {
    return unfit_call("a numpy scalar whose bytes do not fit its type");
  }
  if (dtype.big_endian && dtype.width > 1) return unfit_call("a big-endian numpy scalar");
  if (dtype.code == 'U') return push_numpy_text(*bytes);
  if (dtype.code == 'S') return push_text(PickleKind::kBytes, *bytes);
  if (dtype.code == 'f') {
    PickleArray one;
    one.width = dtype.width;
    one.bytes = std::as_bytes(std::span<const char>(*bytes));
    return push(Node{{.real = one.real_at(0)}, 0, PickleKind::kReal, 0});
  }
  if (dtype.code == 'b') return push(Node{{.integer = (*bytes)[0] != 0}, 0, PickleKind::kBoolean, 0});
  const bool negative = dtype.code == 'i' && (static_cast<unsigned char>(bytes->back()) & 0x80U) != 0;
  std::int64_t value = negative ? -1 : 0;
  std::memcpy(&value, bytes->data(), bytes->size());
  if (dtype.code == 'u' && value < 0) return unfit_call("a whole number above 2^63");
  return push_integer(value);
}

Result<> PickleMachine::call_reconstruct(std::span<const NodeId> arguments) {
  if (arguments.size() != 3 || !is_name(arguments[0], Name::kNumpyArrayType)) {
    return unfit_call("a numpy array of another class than ndarray");
  }
  document_.arrays_.emplace_back();  // filled by BUILD
  return push(Node{{.index = document_.arrays_.size() - 1}, 0, PickleKind::kArray, 0});
}

Result<> PickleMachine::call_encode(std::span<const NodeId> arguments) {
  const auto text = arguments.size() == 2 ? text_of(arguments[0]) : std::nullopt;
  if (!text || text_of(arguments[1]) != "latin1") return unfit_call("_codecs.encode to something other than latin1");
  std::string bytes;
  for (std::size_t i = 0; i < text->size(); ++i) {
    const auto lead = static_cast<unsigned char>((*text)[i]);
    if (lead < 0x80) {
      bytes += (*text)[i];
    } else if (lead == 0xC2 || lead == 0xC3) {  // the text is well-formed UTF-8, so a second byte follows
      bytes += static_cast<char>(((lead & 0x03U) << 6U) | (static_cast<unsigned char>((*text)[++i]) & 0x3FU));
    } else {
      return unfit_call("a letter outside latin1");
    }
  }
  document_.decoded_.push_back(std::move(bytes));
  return push_text(PickleKind::kBytes, document_.decoded_.back());
}

Result<> PickleMachine::call_rebuild_tensor(std::span<const NodeId> arguments) {
  // (storage, storage_offset, size, stride, requires_grad, backward_hooks[, metadata])
  if (arguments.size() < 4 || !is_name(arguments[0], Name::kStorage) ||
      node(arguments[1]).kind != PickleKind::kInteger) {
    return unfit_call("a tensor without storage, offset, size and stride");
  }
  const Storage& storage = storages_[node(arguments[0]).index];
  PickleTensor tensor;
  tensor.storage = storage.key;
  tensor.dtype = storage.dtype;
  tensor.storage_size = storage.size;
  tensor.offset = node(arguments[1]).integer;
  CW_ASSIGN(tensor.shape, integers_of(arguments[2], "the size of a tensor"));
  CW_ASSIGN(tensor.strides, integers_of(arguments[3], "the stride of a tensor"));
  document_.tensors_.push_back(std::move(tensor));
  return push(Node{{.index = document_.tensors_.size() - 1}, 0, PickleKind::kTensor, 0});
}

Result<> PickleMachine::persistent_id() {
  CW_ASSIGN(const NodeId id, pop());
  const auto items = items_of(id, PickleKind::kTuple);
  if (!items || items->size() < 5 || text_of((*items)[0]) != "storage" || !is_name((*items)[1], Name::kStorageType) ||
      !text_of((*items)[2]) || !text_of((*items)[3]) || node((*items)[4]).kind != PickleKind::kInteger) {
    return unfit_call("an outside reference that is not a tensor storage");
  }
  if (items->size() > 5 && node((*items)[5]).kind != PickleKind::kNone) {
    return Error{ErrorCode::kUnsupported, "E-PKL-003",
                 place() + "views of storages of PyTorch 0.x are not read; save the model again with a newer PyTorch"};
  }
  storages_.push_back({*text_of((*items)[2]), static_cast<DType>(node((*items)[1]).index), node((*items)[4]).integer});
  return push(Node{{.index = storages_.size() - 1}, 0, PickleKind::kType, static_cast<std::uint8_t>(Name::kStorage)});
}

Result<> PickleMachine::build() {
  CW_ASSIGN(const NodeId state, pop());
  CW_ASSIGN(const NodeId target, pop());
  stack_.push_back(target);
  Node& object = document_.nodes_[target];
  if (object.kind == PickleKind::kArray) return build_array(object, state);
  if (is_name(target, Name::kNumpyDType)) return build_dtype(object, state);
  // attributes of a state_dict (`_metadata`: version numbers of modules) say nothing about the values
  const bool attributes = node(state).kind == PickleKind::kDictionary || node(state).kind == PickleKind::kNone;
  if (object.kind == PickleKind::kDictionary && attributes) return {};
  return unfit_call("it changes the inside of " + std::string(name_of(object.kind)));
}

Result<> PickleMachine::build_dtype(Node& target, NodeId state) {
  // (version, byte order, subtype, names, fields, width, alignment, flags)
  const auto items = items_of(state, PickleKind::kTuple);
  const auto order = items && items->size() >= 2 ? text_of((*items)[1]) : std::nullopt;
  if (!order || (*order != "<" && *order != "|" && *order != "=" && *order != ">")) {
    return unfit_call("a numpy.dtype without a byte order");
  }
  for (std::size_t i = 2; i < std::min<std::size_t>(items->size(), 5); ++i) {
    if (node((*items)[i]).kind != PickleKind::kNone) return unfit_call("a numpy.dtype with fields");
  }
  if (*order == ">") dtypes_[target.index].big_endian = true;
  return {};
}

Result<> PickleMachine::build_array(Node& target, NodeId state) {
  // (version, shape, dtype, column-major, bytes)
  const auto items = items_of(state, PickleKind::kTuple);
  if (!items || items->size() != 5 || !is_name((*items)[2], Name::kNumpyDType) ||
      node((*items)[3]).kind != PickleKind::kBoolean) {
    return unfit_call("a numpy array without shape, type and bytes");
  }
  const NumpyDType dtype = dtypes_[node((*items)[2]).index];
  const auto bytes = text_of((*items)[4], PickleKind::kBytes);
  const bool number = dtype.code != 'U' && dtype.code != 'S';
  if (!bytes || !number || (dtype.big_endian && dtype.width > 1)) {
    return unfit_call("a numpy array of something other than little-endian numbers");
  }
  PickleArray& array = document_.arrays_[target.index];
  CW_ASSIGN(array.shape, integers_of((*items)[1], "the shape of an array"));
  std::int64_t expected = dtype.width;
  for (const auto extent : array.shape) {
    if (extent < 0 || __builtin_mul_overflow(expected, extent, &expected))
      return unfit_call("an impossible array shape");
  }
  if (static_cast<std::uint64_t>(expected) != bytes->size()) {
    return unfit_call("an array whose bytes do not fit its shape " + shape_text(array.shape));
  }
  array.type_code = dtype.code;
  array.width = dtype.width;
  array.column_major = node((*items)[3]).integer != 0;
  array.bytes = std::as_bytes(std::span<const char>(*bytes));
  return {};
}

}  // namespace cw
