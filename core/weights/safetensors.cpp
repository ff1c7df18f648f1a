// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/safetensors.h"

#include "core/base/files.h"
#include "core/base/json.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>

namespace cw {
namespace {

constexpr std::uint64_t kHeaderLimit = 100'000'000;  // the limit of the format's own library
constexpr std::size_t kAlignment = 8;                // so that float64 and int64 data can be used in place

struct TypeName {
  DType dtype;
  const char* name;
};
constexpr std::array<TypeName, 10> kTypeNames{{{DType::kFloat16, "F16"},
                                               {DType::kBFloat16, "BF16"},
                                               {DType::kFloat32, "F32"},
                                               {DType::kFloat64, "F64"},
                                               {DType::kInt8, "I8"},
                                               {DType::kUInt8, "U8"},
                                               {DType::kInt16, "I16"},
                                               {DType::kInt32, "I32"},
                                               {DType::kInt64, "I64"},
                                               {DType::kBool, "BOOL"}}};

std::optional<DType> dtype_from_name(std::string_view name) {
  for (const auto& entry : kTypeNames) {
    if (name == entry.name) return entry.dtype;
  }
  return std::nullopt;
}

const char* safetensors_name(DType dtype) {
  return std::find_if(kTypeNames.begin(), kTypeNames.end(), [&](const auto& entry) { return entry.dtype == dtype; })
      ->name;
}

Error damaged(std::string_view where, const std::string& what) {
  return {ErrorCode::kParse, "E-WGT-003",
          std::string(where) + ": damaged safetensors file: " + what + "; download or copy the file again"};
}

/// nlohmann-json keeps the last of two equal keys in silence; a file that names a tensor twice is damaged.
Result<nlohmann::json> parse_header(std::string_view text, std::string_view where) {
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> seen;
  std::string repeated;
  bool too_deep = false;
  const nlohmann::json::parser_callback_t watch = [&](int depth, Event event, nlohmann::json& parsed) {
    too_deep = too_deep || depth > 4;
    if (event == Event::object_start) seen.emplace_back();
    if (event == Event::object_end && !seen.empty()) seen.pop_back();
    if (event == Event::key && !seen.empty()) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!seen.back().insert(key).second) repeated = key;
    }
    return true;
  };
  nlohmann::json
      header;  // a hostile header may have millions of names: not the ordered kind, which looks them up one by one
  try {
    header = nlohmann::json::parse(text, watch);
  } catch (const nlohmann::json::exception& problem) {
    return damaged(where, std::string("its header is not JSON: ") + problem.what());
  }
  if (!header.is_object() || too_deep) return damaged(where, "its header is not an object of tensors");
  if (!repeated.empty()) return damaged(where, "its header names " + repeated + " twice");
  return header;
}

Result<std::int64_t> unsigned_integer(const nlohmann::json& value, std::string_view where, const std::string& name) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
    return damaged(where, name + " has a size or offset that is not a whole number");
  }
  return value.get<std::int64_t>();
}

Result<TensorRef> parse_tensor(const std::string& name, const nlohmann::json& entry, std::span<const std::byte> data,
                               std::string_view where) {
  if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") || !entry.contains("shape") ||
      !entry.contains("data_offsets") || !entry["dtype"].is_string() || !entry["shape"].is_array() ||
      !entry["data_offsets"].is_array() || entry["data_offsets"].size() != 2) {
    return damaged(where, name + " is not described by dtype, shape and data_offsets");
  }
  TensorRef tensor;
  tensor.name = name;
  const auto dtype = dtype_from_name(entry["dtype"].get_ref<const std::string&>());
  if (!dtype) {
    return Error{ErrorCode::kUnsupported, "E-WGT-004",
                 std::string(where) + ": " + name + " has the element type " + entry["dtype"].get<std::string>() +
                     ", which is not supported (F64, F32, F16, BF16, integers and BOOL are)"};
  }
  tensor.dtype = *dtype;
  for (const auto& size : entry["shape"]) {
    CW_ASSIGN(const std::int64_t extent, unsigned_integer(size, where, name));
    tensor.shape.push_back(extent);
  }
  const auto expected = byte_size(tensor.dtype, tensor.shape);
  if (!expected.ok()) return damaged(where, name + ": " + expected.error().message);
  CW_ASSIGN(const std::int64_t begin, unsigned_integer(entry["data_offsets"][0], where, name));
  CW_ASSIGN(const std::int64_t end, unsigned_integer(entry["data_offsets"][1], where, name));
  if (begin > end || static_cast<std::uint64_t>(end) > data.size()) {
    return damaged(where, name + " ends at byte " + std::to_string(end) + " of " + std::to_string(data.size()) +
                              " (is the file cut off?)");
  }
  if (static_cast<std::size_t>(end - begin) != *expected) {
    return damaged(where, name + " has " + std::to_string(end - begin) + " bytes, but " +
                              std::string(name_of(tensor.dtype)) + " " + shape_text(tensor.shape) + " needs " +
                              std::to_string(*expected));
  }
  tensor.bytes = data.subspan(static_cast<std::size_t>(begin), *expected);
  return tensor;
}

Result<> check_no_holes(std::vector<TensorRef>& tensors, std::span<const std::byte> data, std::string_view where) {
  std::stable_sort(tensors.begin(), tensors.end(), [](const TensorRef& a, const TensorRef& b) {
    return a.bytes.data() != b.bytes.data() ? a.bytes.data() < b.bytes.data() : a.bytes.size() < b.bytes.size();
  });
  const std::byte* position = data.data();
  for (const auto& tensor : tensors) {
    if (tensor.bytes.data() != position)
      return damaged(where, tensor.name + " overlaps another tensor or follows a gap");
    position += tensor.bytes.size();
  }
  if (position != data.data() + data.size()) {
    return damaged(where, std::to_string(data.data() + data.size() - position) + " bytes after the last tensor");
  }
  return {};
}

Result<std::map<std::string, std::string>> parse_metadata(const nlohmann::json& entries, std::string_view where) {
  std::map<std::string, std::string> metadata;
  if (!entries.is_object()) return damaged(where, "__metadata__ is not an object of texts");
  for (const auto& [key, value] : entries.items()) {
    if (!value.is_string()) return damaged(where, "__metadata__ is not an object of texts");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

std::string header_of(std::span<const TensorRef* const> tensors, const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const TensorRef* tensor : tensors) {
    header[tensor->name] = {{"dtype", safetensors_name(tensor->dtype)},
                            {"shape", tensor->shape},
                            {"data_offsets", {offset, offset + tensor->bytes.size()}}};
    offset += tensor->bytes.size();
  }
  std::string text = header.dump();
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  return text;
}

}  // namespace

Result<SafetensorsContent> parse_safetensors(std::span<const std::byte> file, std::string_view where) {
  std::uint64_t header_size = 0;
  if (file.size() < sizeof header_size) return damaged(where, "it has only " + std::to_string(file.size()) + " bytes");
  std::memcpy(&header_size, file.data(), sizeof header_size);
  if (header_size > kHeaderLimit || header_size > file.size() - sizeof header_size) {
    return damaged(where, "its header would have " + std::to_string(header_size) + " bytes, the file has " +
                              std::to_string(file.size()));
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + sizeof header_size, header_size);
  const auto data = file.subspan(sizeof header_size + header_size);
  CW_ASSIGN(const nlohmann::json header, parse_header(text, where));
  SafetensorsContent content;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") {
      CW_ASSIGN(content.metadata, parse_metadata(entry, where));
      continue;
    }
    CW_ASSIGN(TensorRef tensor, parse_tensor(name, entry, data, where));
    content.tensors.push_back(std::move(tensor));
  }
  CW_TRY(check_no_holes(content.tensors, data, where));
  return content;
}

Result<> write_safetensors(const std::filesystem::path& path, std::span<const TensorRef> tensors,
                           const std::map<std::string, std::string>& metadata) {
  std::vector<const TensorRef*> order;
  for (const auto& tensor : tensors) {
    CW_ASSIGN(const std::size_t expected, byte_size(tensor.dtype, tensor.shape));
    if (expected != tensor.bytes.size()) {
      return Error{ErrorCode::kShape, "E-WGT-005",
                   tensor.name + ": " + std::to_string(tensor.bytes.size()) + " bytes given, the shape " +
                       shape_text(tensor.shape) + " needs " + std::to_string(expected)};
    }
    order.push_back(&tensor);
  }
  // wider types first keeps every tensor aligned to its own element size; names within
  std::sort(order.begin(), order.end(), [](const TensorRef* a, const TensorRef* b) {
    const auto width_a = size_of(a->dtype);
    const auto width_b = size_of(b->dtype);
    return width_a != width_b ? width_a > width_b : a->name < b->name;
  });
  std::set<std::string_view> names{"__metadata__"};
  for (const TensorRef* tensor : order) {
    if (!names.insert(tensor->name).second) {
      return Error{ErrorCode::kInvalidArgument, "E-WGT-006", "two tensors are named " + tensor->name};
    }
  }
  CW_ASSIGN(PendingOutput output, PendingOutput::create(path, true));
  const std::string header = header_of(order, metadata);
  const std::uint64_t header_size = header.size();
  errno = 0;
  std::ofstream stream(output.path(), std::ios::binary);
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast)
  stream.write(reinterpret_cast<const char*>(&header_size), sizeof header_size);
  stream.write(header.data(), static_cast<std::streamsize>(header.size()));
  for (const TensorRef* tensor : order) {
    stream.write(reinterpret_cast<const char*>(tensor->bytes.data()),
                 static_cast<std::streamsize>(tensor->bytes.size()));
  }
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  stream.close();
  if (!stream) return error_from_errno("writing", path.string());
  return output.commit();
}

}  // namespace cw
