// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/token_file.h"

#include "core/base/mapped_file.h"
#include "core/io/h5ad_table.h"
#include "core/io/hdf5_array.h"
#include "core/io/hdf5_write.h"

#include <fcntl.h>
#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "cellwright-tokens";
constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kNarrowTokens = 65'536;
constexpr std::size_t kBufferBytes = std::size_t{4} << 20U;  // smaller outputs never touch a scratch file
constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;

/// A file without a name beside the output: it disappears by itself, however the program ends.
Result<int> make_scratch(const fs::path& beside) {
  const auto folder = beside.parent_path().empty() ? fs::path(".") : beside.parent_path();
  int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) {  // not every file system knows O_TMPFILE
    auto name = (folder / ".cellwright-XXXXXX").string();
    descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor >= 0) ::unlink(name.c_str());
  }
  if (descriptor < 0) return error_from_errno("making a scratch file in", folder.string());
  return descriptor;
}

Result<> write_all(int descriptor, const std::byte* bytes, std::size_t size, const fs::path& path) {
  while (size > 0) {
    const auto written = ::write(descriptor, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return error_from_errno("writing", path.string());
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return {};
}

/// Makes the dataset with its space but not its content, and says where in the file it lies.
Result<std::uint64_t> make_contiguous(const H5Node& file, bool narrow, std::uint64_t count) {
  const hsize_t dims = count;
  const H5Handle space(H5Screate_simple(1, &dims, nullptr));
  const H5Handle properties(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_layout(properties.id(), H5D_CONTIGUOUS);
  H5Pset_alloc_time(properties.id(), H5D_ALLOC_TIME_EARLY);
  H5Pset_fill_time(properties.id(), H5D_FILL_TIME_NEVER);
  H5Pset_obj_track_times(properties.id(), false);  // files of equal content are equal
  const H5Handle dataset(H5Dcreate2(file.id(), "tokens", narrow ? H5T_STD_U16LE : H5T_STD_U32LE, space.id(),
                                    H5P_DEFAULT, properties.id(), H5P_DEFAULT));
  if (!dataset.valid()) return h5_error("E-H5-007", file.file(), "tokens", "making");
  const haddr_t offset = count == 0 ? 0 : H5Dget_offset(dataset.id());
  if (offset == HADDR_UNDEF) return h5_error("E-H5-007", file.file(), "tokens", "placing");
  return static_cast<std::uint64_t>(offset);
}

Error not_tokens(const fs::path& path, const std::string& problem) {
  return Error{ErrorCode::kParse, "E-TOK-002",
               path.string() + " is no usable token file: " + problem + "; tokenize the data again"};
}

/// Where the dataset lies in the file, if it lies there in one piece, uncompressed and aligned.
std::optional<std::uint64_t> mappable_offset(const H5Node& dataset, std::size_t element_bytes) {
  const haddr_t offset = H5Dget_offset(dataset.id());
  if (offset == HADDR_UNDEF || offset % element_bytes != 0) return std::nullopt;
  return static_cast<std::uint64_t>(offset);
}

/// What a TokenStorage points into.
struct FileTokens {
  std::optional<MappedFile> map;
  std::vector<std::uint16_t> narrow;
  std::vector<std::uint32_t> wide;
  std::vector<std::uint64_t> offsets;
  std::vector<std::uint32_t> full_length;
};

template <class Token>
Result<std::span<const Token>> token_span(const fs::path& path, const H5Node& dataset, std::size_t count,
                                          FileTokens& owner, std::vector<Token>& copy) {
  if (count == 0) return std::span<const Token>();
  if (const auto offset = mappable_offset(dataset, sizeof(Token))) {
    CW_ASSIGN(auto map, MappedFile::open(path));
    if (*offset + count * sizeof(Token) > map.bytes().size()) return not_tokens(path, "it is cut off");
    const auto* begin = reinterpret_cast<const Token*>(map.bytes().data() + *offset);
    owner.map = std::move(map);
    return std::span<const Token>(begin, count);
  }
  CW_ASSIGN(copy, read_numbers<Token>(dataset));
  return std::span<const Token>(copy);
}

Result<> check_offsets(const fs::path& path, const FileTokens& parts, std::size_t num_tokens) {
  const auto& offsets = parts.offsets;
  if (offsets.size() != parts.full_length.size() + 1) {
    return not_tokens(path, "offsets has " + std::to_string(offsets.size()) + " entries, full_length " +
                                std::to_string(parts.full_length.size()));
  }
  if (offsets.front() != 0 || offsets.back() != num_tokens || !std::is_sorted(offsets.begin(), offsets.end())) {
    return not_tokens(path, "offsets do not fit its " + std::to_string(num_tokens) + " tokens");
  }
  return {};
}

}  // namespace

TokenFileWriter::TokenFileWriter(PendingOutput output, bool narrow) : output_(std::move(output)), narrow_(narrow) {
  buffer_.reserve(kBufferBytes + kPieceBytes);  // pages that are not used cost nothing
}

TokenFileWriter::TokenFileWriter(TokenFileWriter&& other) noexcept
    : output_(std::move(other.output_)),
      scratch_(std::exchange(other.scratch_, -1)),
      narrow_(other.narrow_),
      buffer_(std::move(other.buffer_)),
      offsets_(std::move(other.offsets_)),
      full_length_(std::move(other.full_length_)) {}

TokenFileWriter::~TokenFileWriter() {
  if (scratch_ >= 0) ::close(scratch_);
}

Result<TokenFileWriter> TokenFileWriter::create(const fs::path& path, std::int64_t vocabulary, bool overwrite) {
  CW_ASSIGN(auto output, PendingOutput::create(path, overwrite));
  return TokenFileWriter(std::move(output), vocabulary <= kNarrowTokens);
}

Result<> TokenFileWriter::append(std::span<const std::int32_t> tokens, std::uint32_t full_length) {
  const std::size_t width = narrow_ ? sizeof(std::uint16_t) : sizeof(std::uint32_t);
  const std::size_t used = buffer_.size();
  buffer_.resize(used + tokens.size() * width);
  std::byte* out = buffer_.data() + used;
  if (narrow_) {
    for (const std::int32_t token : tokens) {
      const auto narrow = static_cast<std::uint16_t>(token);
      std::memcpy(out, &narrow, sizeof(narrow));
      out += sizeof(narrow);
    }
  } else {
    std::memcpy(out, tokens.data(), tokens.size_bytes());
  }
  offsets_.push_back(offsets_.back() + tokens.size());
  full_length_.push_back(full_length);
  return buffer_.size() < kBufferBytes ? Result<>() : flush();
}

Result<> TokenFileWriter::flush() {
  if (scratch_ < 0) {
    CW_ASSIGN(scratch_, make_scratch(output_.path()));
  }
  CW_TRY(write_all(scratch_, buffer_.data(), buffer_.size(), output_.target()));
  buffer_.clear();
  return {};
}

Result<> TokenFileWriter::write_tokens_at(std::uint64_t offset) {
  const int target = ::open(output_.path().c_str(), O_WRONLY | O_CLOEXEC);
  if (target < 0) return error_from_errno("opening", output_.path().string());
  Result<> result;
  if (::lseek(target, static_cast<off_t>(offset), SEEK_SET) < 0) {
    result = error_from_errno("writing", output_.target().string());
  }
  if (result.ok() && scratch_ >= 0) result = copy_scratch_to(target);
  if (result.ok()) result = write_all(target, buffer_.data(), buffer_.size(), output_.target());
  ::close(target);
  return result;
}

Result<> TokenFileWriter::copy_scratch_to(int target) {
  if (::lseek(scratch_, 0, SEEK_SET) < 0) return error_from_errno("reading back", output_.target().string());
  std::vector<std::byte> piece(kPieceBytes);
  for (;;) {
    const auto got = ::read(scratch_, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return error_from_errno("reading back", output_.target().string());
    if (got == 0) return {};
    CW_TRY(write_all(target, piece.data(), static_cast<std::size_t>(got), output_.target()));
  }
}

Result<> TokenFileWriter::finish(const Table& cells, const TokensInfo& info) {
  CW_ASSERT(cells.num_rows() == num_cells());
  std::uint64_t offset = 0;
  {
    CW_ASSIGN(const auto file, H5Node::create_file(output_.path()));
    CW_TRY(file.set_text("format", kFormat));
    const std::int64_t version = kVersion;
    CW_TRY(file.set_integers("version", {&version, 1}));
    CW_TRY(file.set_text("dictionary", info.dictionary_name));
    CW_TRY(file.set_text("dictionary_sha256", info.dictionary_sha256));
    const std::int64_t max_length = info.max_length;
    CW_TRY(file.set_integers("max_length", {&max_length, 1}));
    CW_TRY(file.set_flag("has_special_tokens", info.has_special_tokens));
    CW_TRY(file.set_text("source", info.source.dump()));
    CW_ASSIGN(offset, make_contiguous(file, narrow_, offsets_.back()));
    CW_TRY(write_numbers(file, "offsets", offsets_));
    CW_TRY(write_numbers(file, "full_length", full_length_));
    CW_TRY(write_table(file, "obs", cells));
    CW_TRY(file.flush());
  }
  if (offsets_.back() > 0) CW_TRY(write_tokens_at(offset));
  return output_.commit();
}

bool is_token_file(const fs::path& path) { return path.string().ends_with(".tokens.h5"); }

Result<TokenizedCells> open_token_file(const fs::path& path) {
  CW_ASSIGN(const auto file, H5Node::open_file(path));
  if (file.text_attribute("format") != kFormat) {
    return not_tokens(path, "the attribute format=\"" + std::string(kFormat) + "\" is missing");
  }
  const auto version = file.integers_attribute("version");
  if (version.size() != 1 || version[0] > kVersion) {
    return Error{ErrorCode::kUnsupported, "E-TOK-003",
                 path.string() + " has version " + (version.empty() ? "?" : std::to_string(version[0])) +
                     " of the token format; this program reads up to " + std::to_string(kVersion) +
                     ": use a newer Cellwright"};
  }
  TokensInfo info;
  info.dictionary_name = file.text_attribute("dictionary").value_or("");
  info.dictionary_sha256 = file.text_attribute("dictionary_sha256").value_or("");
  const auto max_length = file.integers_attribute("max_length");
  if (!max_length.empty()) info.max_length = static_cast<std::int32_t>(max_length[0]);
  const auto special = file.integers_attribute("has_special_tokens");
  info.has_special_tokens = !special.empty() && special[0] != 0;
  CW_ASSIGN(info.source, parse_json(file.text_attribute("source").value_or("null"), path.string()));

  auto parts = std::make_shared<FileTokens>();
  CW_ASSIGN(const auto offsets, file.open("offsets"));
  CW_ASSIGN(parts->offsets, read_numbers<std::uint64_t>(offsets));
  CW_ASSIGN(const auto full_length, file.open("full_length"));
  CW_ASSIGN(parts->full_length, read_numbers<std::uint32_t>(full_length));
  CW_ASSIGN(const auto tokens, file.open("tokens"));
  CW_ASSIGN(const auto shape, describe_array(tokens));
  const auto count = static_cast<std::size_t>(shape.num_rows());
  if (shape.dims.size() != 1 || (shape.dtype != "uint16" && shape.dtype != "uint32")) {
    return not_tokens(path, "tokens are " + shape.dtype + " instead of uint16 or uint32");
  }
  CW_TRY(check_offsets(path, *parts, count));
  TokenStorage storage;
  if (shape.dtype == "uint16") {
    CW_ASSIGN(storage.narrow, token_span<std::uint16_t>(path, tokens, count, *parts, parts->narrow));
  } else {
    CW_ASSIGN(storage.wide, token_span<std::uint32_t>(path, tokens, count, *parts, parts->wide));
  }
  storage.offsets = parts->offsets;
  storage.full_length = parts->full_length;
  storage.owner = parts;
  CW_ASSIGN(auto cells, read_table(file, "obs"));
  if (cells.num_rows() + 1 != static_cast<std::int64_t>(parts->offsets.size())) {
    return not_tokens(path, "obs has " + std::to_string(cells.num_rows()) + " rows for " +
                                std::to_string(parts->full_length.size()) + " cells");
  }
  return TokenizedCells(std::move(storage), std::move(cells), std::move(info));
}

}  // namespace cw
