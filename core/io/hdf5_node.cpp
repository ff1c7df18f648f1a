// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_node.h"

#include "core/io/hdf5_attributes.h"
#include "core/io/hdf5_text.h"
#include "plugins/sdk/hdf5/raw_file.h"

#include <hdf5.h>

#include <algorithm>

namespace cw {
namespace {

constexpr std::size_t kMaxAttributeElements = 1U << 20U;

H5Handle file_access() {
  H5Handle access(H5Pcreate(H5P_FILE_ACCESS));
  // locks fail on read-only and network folders, and nobody writes the files that we read
  H5Pset_file_locking(access.id(), 0, 1);
  return access;
}

Error opening_error(const std::filesystem::path& path) {
  const std::string reason = h5_last_message();
  const std::string name = path.string();
  if (reason.find("truncated file") != std::string::npos) {
    std::error_code status;
    const auto size = std::filesystem::file_size(path, status);
    const auto at = reason.find("stored_eof = ");
    std::string wanted;
    if (at != std::string::npos) wanted = " of " + reason.substr(at + 13, reason.find_first_of(",)", at) - at - 13);
    return {ErrorCode::kParse, "E-H5-002",
            name + ": the file is cut off (" + std::to_string(size) + wanted +
                " bytes are there); copy or download it again"};
  }
  return {ErrorCode::kParse, "E-H5-002",
          name + ": the HDF5 file is damaged or cut off and cannot be opened" +
              (reason.empty() ? "" : " (" + reason + ")") + "; copy or download it again"};
}

Result<H5Handle> open_handle(const std::filesystem::path& path, unsigned flags) {
  prepare_hdf5();
  std::error_code status;
  if (!std::filesystem::exists(path, status)) {
    return Error{ErrorCode::kNotFound, "E-IO-001", path.string() + ": there is no such file; check the name"};
  }
  if (std::filesystem::is_directory(path, status)) {
    return Error{ErrorCode::kParse, "E-H5-001", path.string() + ": is a folder, not an HDF5 file; give the file"};
  }
  // a file that may not be read must not be called damaged
  CW_TRY([&]() -> Result<> {
    errno = 0;
    if (std::FILE* file = std::fopen(path.c_str(), "rb")) {
      std::fclose(file);
      return {};
    }
    return error_from_errno("reading", path.string());
  }());
  if (std::filesystem::file_size(path, status) == 0) {
    return Error{ErrorCode::kParse, "E-H5-001", path.string() + ": the file is empty; copy or download it again"};
  }
  if (H5Fis_hdf5(path.c_str()) <= 0) {
    return Error{
        ErrorCode::kParse, "E-H5-001",
        path.string() + ": is not an HDF5 file, whatever its name says; check the download, or convert it to h5ad"};
  }
  H5Handle handle(H5Fopen(path.c_str(), flags, file_access().id()));
  if (!handle.valid()) return opening_error(path);
  return handle;
}

herr_t collect_name(hid_t /*group*/, const char* name, const H5L_info_t* /*info*/, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

std::string joined(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "/" + std::string(name);
}

struct OpenAttribute {
  H5Handle attribute;
  H5Handle type;
  H5Handle space;
  std::size_t count = 0;
};

std::optional<OpenAttribute> open_attribute(std::int64_t object, std::string_view name) {
  OpenAttribute open;
  open.attribute = H5Handle(H5Aopen(object, std::string(name).c_str(), H5P_DEFAULT));
  if (!open.attribute.valid()) return std::nullopt;
  open.type = H5Handle(H5Aget_type(open.attribute.id()));
  open.space = H5Handle(H5Aget_space(open.attribute.id()));
  const auto count = H5Sget_simple_extent_npoints(open.space.id());
  if (!open.type.valid() || count < 0 || static_cast<std::size_t>(count) > kMaxAttributeElements) return std::nullopt;
  open.count = static_cast<std::size_t>(count);
  return open;
}

}  // namespace

Result<H5Node> H5Node::open_file(const std::filesystem::path& path) {
  CW_ASSIGN(H5Handle file, open_handle(path, H5F_ACC_RDONLY));
  H5Handle root(H5Gopen2(file.id(), "/", H5P_DEFAULT));
  if (!root.valid()) return opening_error(path);
  H5Node node(std::move(root), path.string(), "", nullptr);
  CW_ASSIGN(H5RawFile raw, H5RawFile::open(node.id()));
  if (raw.usable()) node.raw_ = std::make_shared<const H5RawFile>(std::move(raw));
  return node;
}

Result<H5Node> H5Node::update_file(const std::filesystem::path& path) {
  CW_ASSIGN(H5Handle file, open_handle(path, H5F_ACC_RDWR));
  H5Handle root(H5Gopen2(file.id(), "/", H5P_DEFAULT));
  if (!root.valid()) return opening_error(path);
  return H5Node(std::move(root), path.string(), "", nullptr);
}

Result<H5Node> H5Node::create_file(const std::filesystem::path& path) {
  prepare_hdf5();
  const std::string name = path.string();
  H5Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, file_access().id()));
  if (!file.valid()) return h5_error("E-H5-007", name, path.string(), "making the file");
  H5Handle root(H5Gopen2(file.id(), "/", H5P_DEFAULT));
  if (!root.valid()) return h5_error("E-H5-007", name, "/", "making");
  return H5Node(std::move(root), name, "", nullptr);
}

H5Node H5Node::child(H5Handle handle, std::string_view name) const {
  return {std::move(handle), file_, joined(path_, name), raw_};
}

bool H5Node::is_group() const { return H5Iget_type(id()) == H5I_GROUP; }

bool H5Node::has(std::string_view name) const {
  const std::string text(name);
  // H5Lexists wants every step of the path to exist
  for (std::size_t slash = text.find('/'); slash != std::string::npos; slash = text.find('/', slash + 1)) {
    if (slash > 0 && H5Lexists(id(), text.substr(0, slash).c_str(), H5P_DEFAULT) <= 0) return false;
  }
  return !text.empty() && H5Lexists(id(), text.c_str(), H5P_DEFAULT) > 0 &&
         H5Oexists_by_name(id(), text.c_str(), H5P_DEFAULT) > 0;
}

Result<H5Node> H5Node::open(std::string_view name) const {
  H5Handle handle(H5Oopen(id(), std::string(name).c_str(), H5P_DEFAULT));
  const auto kind = handle.valid() ? H5Iget_type(handle.id()) : H5I_BADID;
  if (kind != H5I_GROUP && kind != H5I_DATASET) {
    return Error{ErrorCode::kParse, "E-H5-003",
                 file_ + ": '" + joined(path_, name) + "' is missing or cannot be opened; the file is incomplete"};
  }
  return child(std::move(handle), name);
}

Result<H5Node> H5Node::open_reference(std::string_view attribute) const {
  const Error missing{ErrorCode::kParse, "E-H5-003",
                      file_ + ": the reference '" + std::string(attribute) + "' of '" + path_ + "' leads nowhere"};
  hobj_ref_t reference = 0;
  H5StoredAttribute stored;
  const AttributeSearch search = find(attribute, stored);
  if (search == AttributeSearch::kElsewhere) {
    auto open = open_attribute(id(), attribute);
    if (!open || open->count != 1 || H5Tequal(open->type.id(), H5T_STD_REF_OBJ) <= 0 ||
        H5Aread(open->attribute.id(), H5T_STD_REF_OBJ, &reference) < 0) {
      return missing;
    }
  } else {
    const bool fits = search == AttributeSearch::kFound && stored.kind == H5StoredAttribute::Kind::kReference;
    if (!fits || stored.count != 1) return missing;
    reference = little_endian(stored.values.data(), stored.values.size());
  }
  H5Handle target(H5Rdereference2(id(), H5P_DEFAULT, H5R_OBJECT, &reference));
  if (!target.valid()) return missing;
  return child(std::move(target), attribute);
}

Result<std::vector<std::string>> H5Node::children() const {
  std::vector<std::string> names;
  hsize_t start = 0;
  if (H5Literate(id(), H5_INDEX_NAME, H5_ITER_INC, &start, collect_name, &names) < 0) {
    return h5_error("E-H5-005", file_, path_, "listing");
  }
  return names;
}

AttributeSearch H5Node::find(std::string_view attribute, H5StoredAttribute& found) const {
  H5O_info_t info;
  if (!raw_ || H5Oget_info2(id(), &info, H5O_INFO_BASIC) < 0) return AttributeSearch::kElsewhere;
  return find_stored_attribute(*raw_, info.addr, attribute, found);
}

bool H5Node::has_attribute(std::string_view name) const {
  H5StoredAttribute stored;
  const AttributeSearch search = find(name, stored);
  if (search != AttributeSearch::kElsewhere) return search == AttributeSearch::kFound;
  return H5Aexists(id(), std::string(name).c_str()) > 0;
}

std::vector<std::string> H5Node::texts_attribute(std::string_view name) const {
  H5StoredAttribute stored;
  const AttributeSearch search = find(name, stored);
  if (search == AttributeSearch::kAbsent) return {};
  if (search == AttributeSearch::kFound) return stored.texts(*raw_).value_or(std::vector<std::string>{});
  auto open = open_attribute(id(), name);
  if (!open) return {};
  return read_text_elements(
             open->type.id(), open->space.id(), open->count,
             [&](std::int64_t type, void* buffer) { return H5Aread(open->attribute.id(), type, buffer); })
      .value_or(std::vector<std::string>{});
}

std::optional<std::string> H5Node::text_attribute(std::string_view name) const {
  auto texts = texts_attribute(name);
  if (texts.size() != 1) return std::nullopt;
  return std::move(texts.front());
}

std::vector<std::int64_t> H5Node::integers_attribute(std::string_view name) const {
  H5StoredAttribute stored;
  const AttributeSearch search = find(name, stored);
  if (search != AttributeSearch::kElsewhere) return stored.integers();
  auto open = open_attribute(id(), name);
  if (!open || open->count == 0) return {};
  std::vector<std::int64_t> values(open->count);
  const auto type_class = H5Tget_class(open->type.id());
  if (type_class == H5T_ENUM) {  // h5py's booleans
    std::vector<signed char> small(open->count * H5Tget_size(open->type.id()));
    if (H5Tget_size(open->type.id()) != 1 || H5Aread(open->attribute.id(), open->type.id(), small.data()) < 0)
      return {};
    std::copy(small.begin(), small.end(), values.begin());
    return values;
  }
  if (type_class != H5T_INTEGER && type_class != H5T_FLOAT) return {};
  if (H5Aread(open->attribute.id(), H5T_NATIVE_INT64, values.data()) < 0) return {};
  return values;
}

Result<H5Node> H5Node::create_group(std::string_view name) const {
  H5Handle links(H5Pcreate(H5P_LINK_CREATE));
  H5Pset_create_intermediate_group(links.id(), 1);
  const H5Handle properties(H5Pcreate(H5P_GROUP_CREATE));
  H5Pset_obj_track_times(properties.id(), false);  // files of equal content are equal
  H5Handle group(H5Gcreate2(id(), std::string(name).c_str(), links.id(), properties.id(), H5P_DEFAULT));
  if (!group.valid()) return h5_error("E-H5-007", file_, joined(path_, name), "making");
  return child(std::move(group), name);
}

Result<> H5Node::remove(std::string_view name) const {
  if (H5Ldelete(id(), std::string(name).c_str(), H5P_DEFAULT) < 0) {
    return h5_error("E-H5-007", file_, joined(path_, name), "removing");
  }
  return {};
}

Result<> H5Node::replace_attribute(std::string_view name, std::int64_t type, std::int64_t space,
                                   const void* values) const {
  const std::string text(name);
  if (has_attribute(name)) H5Adelete(id(), text.c_str());
  H5Handle attribute(H5Acreate2(id(), text.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT));
  if (!attribute.valid() || H5Awrite(attribute.id(), type, values) < 0) {
    return h5_error("E-H5-007", file_, path_ + "@" + text, "writing");
  }
  return {};
}

Result<> H5Node::set_text(std::string_view attribute, std::string_view text) const {
  const std::string copy(text);
  const char* pointer = copy.c_str();
  const H5Handle space(H5Screate(H5S_SCALAR));
  return replace_attribute(attribute, utf8_text_type().id(), space.id(), static_cast<const void*>(&pointer));
}

Result<> H5Node::set_texts(std::string_view attribute, const std::vector<std::string>& texts) const {
  std::vector<const char*> pointers{""};  // never a null pointer, even for an empty list
  if (!texts.empty()) pointers.clear();
  for (const auto& text : texts) pointers.push_back(text.c_str());
  const hsize_t size = texts.size();
  const H5Handle space(H5Screate_simple(1, &size, nullptr));
  return replace_attribute(attribute, utf8_text_type().id(), space.id(), static_cast<const void*>(pointers.data()));
}

Result<> H5Node::set_integers(std::string_view attribute, std::span<const std::int64_t> values) const {
  const hsize_t size = values.size();
  const H5Handle space(H5Screate_simple(1, &size, nullptr));
  return replace_attribute(attribute, H5T_NATIVE_INT64, space.id(), values.data());
}

Result<> H5Node::set_flag(std::string_view attribute, bool value) const {
  const H5Handle type(H5Tenum_create(H5T_NATIVE_INT8));
  signed char member = 0;
  H5Tenum_insert(type.id(), "FALSE", &member);
  member = 1;
  H5Tenum_insert(type.id(), "TRUE", &member);
  member = value ? 1 : 0;
  const H5Handle space(H5Screate(H5S_SCALAR));
  return replace_attribute(attribute, type.id(), space.id(), &member);
}

Result<> H5Node::set_encoding(std::string_view type, std::string_view version) const {
  CW_TRY(set_text("encoding-type", type));
  return set_text("encoding-version", version);
}

Result<> H5Node::flush() const {
  if (H5Fflush(id(), H5F_SCOPE_GLOBAL) < 0) return h5_error("E-H5-007", file_, path_, "writing");
  return {};
}

}  // namespace cw
