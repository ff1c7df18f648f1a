// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/sdk/hdf5/hdf5_file.h"

#include "plugins/sdk/hdf5/stored_elements.h"
#include "plugins/sdk/hdf5/text_heap.h"

#include <hdf5.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <type_traits>

namespace cw::sdk {
namespace {

static_assert(std::is_same_v<hid_t, std::int64_t>);

constexpr std::uint64_t kLongestColumn = 500'000'000;  // rows; more than any file has, less than would exhaust memory

std::string without_padding(const char* text, std::size_t width, H5T_str_t padding) {
  std::string value(text, strnlen(text, width));
  if (padding == H5T_STR_SPACEPAD) value.erase(value.find_last_not_of(' ') + 1);
  return value;
}

herr_t collect_name(hid_t /*group*/, const char* name, const H5L_info_t* /*info*/, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

/// Names of an enumeration by value.
std::map<std::int64_t, std::string> enum_names(hid_t type) {
  std::map<std::int64_t, std::string> names;
  const Hdf5Id base(H5Tget_super(type));
  for (int i = 0; i < H5Tget_nmembers(type); ++i) {
    std::int64_t value = 0;  // large enough for the member as it is stored and for its conversion in place
    char* name = H5Tget_member_name(type, static_cast<unsigned>(i));
    if (name != nullptr && H5Tget_size(base.get()) <= sizeof value &&
        H5Tget_member_value(type, static_cast<unsigned>(i), &value) >= 0 &&
        H5Tconvert(base.get(), H5T_NATIVE_INT64, 1, &value, nullptr, H5P_DEFAULT) >= 0) {
      names[value] = name;
    }
    H5free_memory(name);
  }
  return names;
}

/// h5py stores truth values as an enumeration of FALSE and TRUE.
bool is_boolean(const std::map<std::int64_t, std::string>& names) {
  return names == std::map<std::int64_t, std::string>{{0, "FALSE"}, {1, "TRUE"}};
}

}  // namespace

Hdf5Id::~Hdf5Id() {
  if (id_ >= 0) H5Idec_ref(id_);
}

bool Hdf5File::looks_like_hdf5(const std::filesystem::path& path) {
  constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";
  char start[8] = {};
  std::ifstream stream(path, std::ios::binary);
  return stream.read(start, sizeof start) && std::string_view(start, sizeof start) == kSignature;
}

Result<Hdf5File> Hdf5File::open(const std::filesystem::path& path, std::string error_id) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  errno = 0;
  if (!std::ifstream(path)) return error_from_errno("opening", path.string());
  Hdf5File file;
  file.where_ = path.string();
  file.error_id_ = std::move(error_id);
  const Hdf5Id access(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_file_locking(access.get(), 0, 1);  // locks fail on read-only and network folders
  file.file_ = Hdf5Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()));
  if (!file.file_.ok()) {
    return Error{
        ErrorCode::kParse, file.error_id_,
        file.where_ + ": not a readable HDF5 file (damaged, or cut off while copying); copy or download it again"};
  }
  return file;
}

int Hdf5File::type_of(const std::string& path) const {
  // every part of the path has to exist before the next may be asked for
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (part != "/" && H5Lexists(file_.get(), part.c_str(), H5P_DEFAULT) <= 0) return H5I_BADID;
    if (end == std::string::npos) break;
  }
  const Hdf5Id object(H5Oopen(file_.get(), path.c_str(), H5P_DEFAULT));
  return object.ok() ? static_cast<int>(H5Iget_type(object.get())) : static_cast<int>(H5I_BADID);
}

bool Hdf5File::has_group(const std::string& path) const { return type_of(path) == H5I_GROUP; }
bool Hdf5File::has_array(const std::string& path) const { return type_of(path) == H5I_DATASET; }

Result<std::vector<std::string>> Hdf5File::names_in(const std::string& group) const {
  std::vector<std::string> names;
  const Hdf5Id open(H5Gopen2(file_.get(), group.c_str(), H5P_DEFAULT));
  if (!open.ok() || H5Literate(open.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &names) < 0) {
    return Error{ErrorCode::kParse, error_id_, where_ + ": the group " + group + " cannot be read"};
  }
  return names;
}

Result<Hdf5Array> Hdf5File::array(const std::string& path) const {
  Hdf5Array array;
  array.where_ = where_ + ": " + path;
  array.error_id_ = error_id_;
  if (!has_array(path)) return array.failed(ErrorCode::kParse, "is missing");
  array.data_ = Hdf5Id(H5Dopen2(file_.get(), path.c_str(), H5P_DEFAULT));
  const Hdf5Id space(H5Dget_space(array.data_.get()));
  const Hdf5Id type(H5Dget_type(array.data_.get()));
  const Hdf5Id layout(H5Dget_create_plist(array.data_.get()));
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (!type.ok() || !layout.ok() || rank < 0) return array.failed(ErrorCode::kParse, "cannot be read");
  std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
  array.shape_.assign(extents.begin(), extents.end());
  if (H5Pget_layout(layout.get()) == H5D_CHUNKED && H5Pget_chunk(layout.get(), rank, extents.data()) == rank) {
    array.chunk_.assign(extents.begin(), extents.end());
  }
  const std::string bits = std::to_string(8 * H5Tget_size(type.get()));
  switch (H5Tget_class(type.get())) {
    case H5T_INTEGER:
      array.kind_ = ColumnKind::kInteger;
      array.dtype_ = (H5Tget_sign(type.get()) == H5T_SGN_NONE ? "uint" : "int") + bits;
      break;
    case H5T_FLOAT:
      array.kind_ = ColumnKind::kReal;
      array.dtype_ = "float" + bits;
      break;
    case H5T_STRING:
      array.kind_ = ColumnKind::kString;
      array.dtype_ = "string";
      array.variable_text_ = H5Tis_variable_str(type.get()) > 0;
      array.text_width_ = H5Tget_size(type.get());
      break;
    case H5T_ENUM:
      array.names_ = enum_names(type.get());
      array.kind_ = is_boolean(array.names_) ? ColumnKind::kBoolean : ColumnKind::kCategorical;
      array.dtype_ = is_boolean(array.names_) ? "bool" : "enum";
      break;
    default:
      array.dtype_ = "other";
  }
  return array;
}

Error Hdf5Array::failed(ErrorCode code, const std::string& what) const {
  return {code, error_id_, where_ + " " + what};
}

Result<> Hdf5Array::read_box(std::span<const std::uint64_t> begin, std::span<const std::uint64_t> count,
                             std::int64_t type, void* out) const {
  static_assert(sizeof(hsize_t) == sizeof(std::uint64_t));
  std::vector<hsize_t> first(begin.begin(), begin.end());
  std::vector<hsize_t> extent(count.begin(), count.end());
  if (begin.size() != shape_.size() || count.size() != shape_.size()) {
    return failed(ErrorCode::kShape, "has " + std::to_string(shape_.size()) + " dimensions");
  }
  if (std::find(extent.begin(), extent.end(), 0U) != extent.end()) return {};
  const Hdf5Id space(H5Dget_space(data_.get()));
  const Hdf5Id memory(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr));
  if (H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, first.data(), nullptr, extent.data(), nullptr) < 0 ||
      H5Sselect_valid(space.get()) <= 0) {
    return failed(ErrorCode::kShape, "is smaller than the file says elsewhere");
  }
  if (H5Dread(data_.get(), type, memory.get(), space.get(), H5P_DEFAULT, out) < 0) {
    return failed(ErrorCode::kIo, "cannot be read (damaged, or compressed in a way that is not supported)");
  }
  return {};
}

Result<> Hdf5Array::read(std::span<const std::uint64_t> begin, std::span<const std::uint64_t> count, float* out) const {
  return read_box(begin, count, H5T_NATIVE_FLOAT, out);
}
Result<> Hdf5Array::read(std::span<const std::uint64_t> begin, std::span<const std::uint64_t> count,
                         double* out) const {
  return read_box(begin, count, H5T_NATIVE_DOUBLE, out);
}
Result<> Hdf5Array::read(std::span<const std::uint64_t> begin, std::span<const std::uint64_t> count,
                         std::int64_t* out) const {
  return read_box(begin, count, H5T_NATIVE_INT64, out);
}
Result<std::vector<std::int64_t>> Hdf5Array::enum_values(std::uint64_t rows) const {
  // the library converts no enumerations to numbers: read as stored, then convert as numbers in place
  const Hdf5Id type(H5Dget_type(data_.get()));
  const Hdf5Id base(H5Tget_super(type.get()));
  if (H5Tget_size(base.get()) > sizeof(std::int64_t)) return failed(ErrorCode::kParse, "holds too wide numbers");
  std::vector<std::int64_t> values(rows);
  const std::uint64_t begin = 0;
  CW_TRY(read_box({&begin, 1}, {&rows, 1}, type.get(), values.data()));
  if (H5Tconvert(base.get(), H5T_NATIVE_INT64, rows, values.data(), nullptr, H5P_DEFAULT) < 0) {
    return failed(ErrorCode::kIo, "cannot be converted");
  }
  return values;
}

Result<std::uint64_t> Hdf5Array::length() const {
  if (shape_.size() != 1) return failed(ErrorCode::kParse, "is not one-dimensional");
  if (shape_[0] > kLongestColumn) {
    return failed(ErrorCode::kParse, "would have " + std::to_string(shape_[0]) + " rows; the file is damaged");
  }
  return shape_[0];
}

Result<std::vector<std::int64_t>> Hdf5Array::integers() const {
  CW_ASSIGN(const std::uint64_t rows, length());
  if (kind_ != ColumnKind::kInteger) return failed(ErrorCode::kParse, "does not hold whole numbers but " + dtype_);
  std::vector<std::int64_t> values(rows);
  const std::uint64_t begin = 0;
  CW_TRY(read({&begin, 1}, {&rows, 1}, values.data()));
  return values;
}

Result<std::vector<std::string>> Hdf5Array::texts() const {
  CW_ASSIGN(const std::uint64_t rows, length());
  if (kind_ != ColumnKind::kString) return failed(ErrorCode::kParse, "does not hold texts but " + dtype_);
  const std::uint64_t begin = 0;
  const Hdf5Id file_type(H5Dget_type(data_.get()));
  std::vector<std::string> values(rows);
  if (!variable_text_) {
    if (text_width_ > 0 && rows > SIZE_MAX / text_width_) return failed(ErrorCode::kParse, "is implausibly large");
    std::vector<char> buffer(rows * text_width_);
    CW_TRY(read_box({&begin, 1}, {&rows, 1}, file_type.get(), buffer.data()));
    for (std::uint64_t i = 0; i < rows; ++i) {
      values[i] = without_padding(buffer.data() + i * text_width_, text_width_, H5Tget_strpad(file_type.get()));
    }
    return values;
  }
  const Hdf5Id properties(H5Dget_create_plist(data_.get()));
  if (H5Pget_layout(properties.get()) == H5D_COMPACT) return texts_by_library(rows);
  // The library follows damaged references to texts and crashes.
  CW_ASSIGN(const H5RawFile file, H5RawFile::open(data_.get()));
  if (!file.usable()) return texts_by_library(rows);
  H5TextHeap heap(file);
  const std::size_t width = heap.reference_bytes();
  const auto elements = stored_elements(file, data_.get(), rows, width);
  if (!elements)
    return failed(ErrorCode::kIo, "cannot be read (damaged, or compressed in a way that is not supported)");
  std::string_view text;
  for (std::uint64_t i = 0; i < rows; ++i) {
    if (!heap.text(elements->data() + i * width, text)) {
      return failed(ErrorCode::kParse, "has a text that is not where the file says; copy or download the file again");
    }
    values[i] = text;
  }
  return values;
}

Result<std::vector<std::string>> Hdf5Array::texts_by_library(std::uint64_t rows) const {
  const std::uint64_t begin = 0;
  const Hdf5Id file_type(H5Dget_type(data_.get()));
  std::vector<char*> pointers(rows, nullptr);
  const Hdf5Id memory_type(H5Tcopy(H5T_C_S1));
  H5Tset_size(memory_type.get(), H5T_VARIABLE);
  H5Tset_cset(memory_type.get(), H5Tget_cset(file_type.get()));
  CW_TRY(read_box({&begin, 1}, {&rows, 1}, memory_type.get(), pointers.data()));
  std::vector<std::string> values;
  for (const char* text : pointers) values.emplace_back(text == nullptr ? "" : text);
  const Hdf5Id space(H5Dget_space(data_.get()));
  H5Dvlen_reclaim(memory_type.get(), space.get(), H5P_DEFAULT, pointers.data());
  return values;
}

Result<Column> Hdf5Array::column(std::string name) const {
  CW_ASSIGN(const std::uint64_t rows, length());
  const std::uint64_t begin = 0;
  if (kind_ == ColumnKind::kString) {
    CW_ASSIGN(std::vector<std::string> values, texts());
    return Column::of_strings(std::move(name), std::move(values));
  }
  if (kind_ == ColumnKind::kInteger) {
    CW_ASSIGN(std::vector<std::int64_t> values, integers());
    return Column::of_integers(std::move(name), std::move(values));
  }
  if (kind_ == ColumnKind::kReal) {
    std::vector<double> values(rows);
    CW_TRY(read({&begin, 1}, {&rows, 1}, values.data()));
    return Column::of_reals(std::move(name), std::move(values));
  }
  if (!kind_) return failed(ErrorCode::kParse, "holds values of a kind that is not read");
  CW_ASSIGN(const std::vector<std::int64_t> values, enum_values(rows));
  Column column;
  column.name = std::move(name);
  column.kind = *kind_;
  if (kind_ == ColumnKind::kBoolean) {
    column.booleans.assign(values.begin(), values.end());
    return column;
  }
  std::map<std::int64_t, std::int32_t> code_of;
  for (const auto& [value, category] : names_) {
    code_of[value] = static_cast<std::int32_t>(column.categories.size());
    column.categories.push_back(category);
  }
  for (const auto value : values) {
    const auto code = code_of.find(value);
    column.codes.push_back(code == code_of.end() ? -1 : code->second);
  }
  return column;
}

}  // namespace cw::sdk
