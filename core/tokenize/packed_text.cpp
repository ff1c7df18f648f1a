// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/packed_text.h"

#include <zlib.h>

#include <algorithm>

namespace cw {
namespace {

/// Size of the content as the last four bytes of a gzip file give it: a good first guess for the buffer.
std::size_t stated_size(std::string_view packed) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4 && packed.size() >= 18; ++i) {
    size |= static_cast<std::size_t>(static_cast<unsigned char>(packed[packed.size() - 4 + i])) << (8 * i);
  }
  // a damaged file must not make us ask for gigabytes; deflate packs at most about 1000 to 1
  return std::min(size, packed.size() * 1032);
}

Result<std::string> inflate_gzip(std::string_view packed, const std::filesystem::path& path) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return Error{ErrorCode::kOutOfMemory, "E-DICT-002", "out of memory"};
  std::string text(std::max<std::size_t>(stated_size(packed), 4096), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  int status = Z_OK;
  while (status == Z_OK) {
    if (stream.total_out == text.size()) text.resize(text.size() * 2);
    stream.next_out = reinterpret_cast<Bytef*>(text.data()) + stream.total_out;
    stream.avail_out = static_cast<uInt>(text.size() - stream.total_out);
    status = inflate(&stream, Z_NO_FLUSH);
  }
  text.resize(stream.total_out);
  inflateEnd(&stream);
  if (status != Z_STREAM_END) {
    return Error{ErrorCode::kParse, "E-DICT-002", path.string() + " is a damaged gzip file; get it again"};
  }
  return text;
}

}  // namespace

Result<PackedText> PackedText::open(const std::filesystem::path& path) {
  CW_ASSIGN(auto file, MappedFile::open(path));
  PackedText packed(std::move(file));
  if (packed.text().starts_with("\x1f\x8b")) {
    CW_ASSIGN(packed.inflated_, inflate_gzip(packed.text(), path));
  }
  return packed;
}

std::string_view PackedText::text() const noexcept {
  if (inflated_) return *inflated_;
  return {reinterpret_cast<const char*>(file_.bytes().data()), file_.bytes().size()};
}

std::string to_upper(std::string_view text) {
  std::string upper(text);
  for (auto& letter : upper) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return upper;
}

}  // namespace cw
