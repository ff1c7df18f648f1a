// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_filters.h"

#include <blosc.h>
#include <hdf5.h>
#include <liblzf/lzf.h>
#include <lz4.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

namespace cw {
namespace {

constexpr int kDeflate = 1;
constexpr int kShuffle = 2;
constexpr int kLzf = 32000;
constexpr int kBlosc = 32001;
constexpr int kLz4 = 32004;
constexpr int kZstd = 32015;

using Bytes = std::vector<std::byte>;

const unsigned char* raw(const std::byte* bytes) { return reinterpret_cast<const unsigned char*>(bytes); }
unsigned char* raw(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }
const char* text(const std::byte* bytes) { return reinterpret_cast<const char*>(bytes); }
char* text(std::byte* bytes) { return reinterpret_cast<char*>(bytes); }

std::uint64_t big_endian(const std::byte* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = (value << 8U) | std::to_integer<std::uint64_t>(bytes[i]);
  return value;
}

// Decoders: `out` arrives with the size that is expected and leaves with the size that came out. False: damaged. Lack
// of memory is std::bad_alloc, also where a C library reports it as an error like others.

bool decode_deflate(const Bytes& in, Bytes& out) {
  z_stream stream{};
  const int begun = inflateInit(&stream);
  if (begun == Z_MEM_ERROR) throw std::bad_alloc();
  if (begun != Z_OK) return false;
  stream.next_in = const_cast<unsigned char*>(raw(in.data()));  // zlib's interface is older than const
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = raw(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  if (status == Z_MEM_ERROR) throw std::bad_alloc();
  return status == Z_STREAM_END;
}

bool decode_lzf(const Bytes& in, Bytes& out) {
  // the chunk size is not always told, so the buffer grows until it fits
  for (;;) {
    errno = 0;
    const unsigned size =
        lzf_decompress(in.data(), static_cast<unsigned>(in.size()), out.data(), static_cast<unsigned>(out.size()));
    if (size != 0) {
      out.resize(size);
      return true;
    }
    if (errno != E2BIG || out.size() * 2 > kMaxChunkBytes) return false;
    out.resize(out.size() * 2);
  }
}

bool decode_blosc(const Bytes& in, Bytes& out) {
  std::size_t size = 0;
  if (blosc_cbuffer_validate(in.data(), in.size(), &size) < 0 || size > kMaxChunkBytes) return false;
  out.resize(size);
  if (size == 0) return true;
  const int written = blosc_decompress_ctx(in.data(), out.data(), out.size(), 1);
  return written >= 0 && static_cast<std::size_t>(written) == size;
}

bool decode_lz4(const Bytes& in, Bytes& out) {
  // 8 bytes total size, 4 bytes block size, then per block 4 bytes length and data; all big-endian
  if (in.size() < 12) return false;
  const std::uint64_t total = big_endian(in.data(), 8);
  const std::uint64_t block = std::min(big_endian(in.data() + 8, 4), total);
  if (total > kMaxChunkBytes || (block == 0 && total != 0)) return false;
  out.resize(total);
  std::size_t from = 12;
  for (std::size_t to = 0; to < total;) {
    const std::size_t expected = std::min<std::size_t>(block, total - to);
    if (in.size() - from < 4) return false;
    const std::uint64_t stored = big_endian(in.data() + from, 4);
    from += 4;
    if (stored > in.size() - from) return false;
    if (stored == expected) {  // a block that did not shrink is stored as it is
      std::memcpy(out.data() + to, in.data() + from, expected);
    } else if (LZ4_decompress_safe(text(in.data() + from), text(out.data() + to), static_cast<int>(stored),
                                   static_cast<int>(expected)) != static_cast<int>(expected)) {
      return false;
    }
    from += stored;
    to += expected;
  }
  return true;
}

bool decode_zstd(const Bytes& in, Bytes& out) {
  const auto size = ZSTD_getFrameContentSize(in.data(), in.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size > kMaxChunkBytes) return false;  // "unknown" is a huge number too
  out.resize(size);
  const std::size_t written = ZSTD_decompress(out.data(), out.size(), in.data(), in.size());
  if (ZSTD_getErrorCode(written) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  return ZSTD_isError(written) == 0 && written == size;
}

template <std::size_t kSize>
void unshuffle_fixed(const std::byte* in, std::size_t count, std::byte* out) {
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t b = 0; b < kSize; ++b) out[i * kSize + b] = in[b * count + i];
  }
}

bool decode_shuffle(const std::vector<std::uint32_t>& parameters, const Bytes& in, Bytes& out) {
  const std::size_t size = parameters.empty() ? 0 : parameters[0];
  out.resize(in.size());
  if (size <= 1 || in.size() < size) {
    std::copy(in.begin(), in.end(), out.begin());
    return true;
  }
  const std::size_t count = in.size() / size;
  if (size == 4) {
    unshuffle_fixed<4>(in.data(), count, out.data());
  } else if (size == 8) {
    unshuffle_fixed<8>(in.data(), count, out.data());
  } else {
    for (std::size_t b = 0; b < size; ++b) {
      for (std::size_t i = 0; i < count; ++i) out[i * size + b] = in[b * count + i];
    }
  }
  const std::size_t shuffled = count * size;  // left-over bytes are not shuffled
  std::copy(in.begin() + static_cast<std::ptrdiff_t>(shuffled), in.end(),
            out.begin() + static_cast<std::ptrdiff_t>(shuffled));
  return true;
}

bool decode(const H5Filter& filter, const Bytes& in, Bytes& out) {
  switch (filter.id) {
    case kDeflate:
      return decode_deflate(in, out);
    case kShuffle:
      return decode_shuffle(filter.parameters, in, out);
    case kLzf:
      return decode_lzf(in, out);
    case kBlosc:
      return decode_blosc(in, out);
    case kLz4:
      return decode_lz4(in, out);
    case kZstd:
      return decode_zstd(in, out);
    default:
      return false;
  }
}

// The library's callback form of the decoders above: takes and returns malloc'ed memory, 0 is failure.
template <int kId>
std::size_t library_filter(unsigned flags, std::size_t num_parameters, const unsigned* parameters, std::size_t size,
                           std::size_t* capacity, void** buffer) {
  if ((flags & H5Z_FLAG_REVERSE) == 0) return 0;  // reading only
  try {
    const auto* first = static_cast<const std::byte*>(*buffer);
    const Bytes in(first, first + size);
    const std::size_t told = kId == kLzf && num_parameters > 2 ? parameters[2] : 0;
    Bytes out(told > 0 && told <= kMaxChunkBytes ? told : std::max<std::size_t>(64, size * 4));
    if (!decode({kId, {parameters, parameters + num_parameters}}, in, out) || out.empty()) return 0;
    void* copy = std::malloc(out.size());
    if (copy == nullptr) return 0;
    std::memcpy(copy, out.data(), out.size());
    std::free(*buffer);
    *buffer = copy;
    *capacity = out.size();
    return out.size();
  } catch (const std::exception&) {
    return 0;  // exceptions must not cross the C library
  }
}

template <int kId>
void register_filter(const char* name) {
  const H5Z_class2_t filter = {H5Z_CLASS_T_VERS, kId, 0, 1, name, nullptr, nullptr, library_filter<kId>};
  H5Zregister(&filter);
}

}  // namespace

void register_hdf5_filters() {
  register_filter<kLzf>("lzf");
  register_filter<kBlosc>("blosc");
  register_filter<kLz4>("lz4");
  register_filter<kZstd>("zstd");
}

bool can_undo_filter(int id) noexcept {
  return id == kDeflate || id == kShuffle || id == kLzf || id == kBlosc || id == kLz4 || id == kZstd;
}

bool undo_filters(const std::vector<H5Filter>& pipeline, std::uint32_t skipped, std::size_t chunk_bytes,
                  std::vector<std::byte>& bytes, std::vector<std::byte>& scratch) {
  for (std::size_t i = pipeline.size(); i-- > 0;) {
    if (i < 32 && ((skipped >> i) & 1U) != 0) continue;
    scratch.resize(chunk_bytes);
    if (!decode(pipeline[i], bytes, scratch)) return false;
    std::swap(bytes, scratch);
  }
  return bytes.size() == chunk_bytes;
}

std::string name_of_hdf5_filter(int id) {
  switch (id) {
    case kDeflate:
      return "gzip";
    case kShuffle:
      return "shuffle";
    case 3:
      return "fletcher32";
    case 4:
      return "szip";
    case 307:
      return "bzip2";
    case kLzf:
      return "lzf";
    case kBlosc:
      return "blosc";
    case kLz4:
      return "lz4";
    case 32008:
      return "bitshuffle";
    case kZstd:
      return "zstd";
    case 32026:
      return "blosc2";
    default:
      return "filter " + std::to_string(id);
  }
}

}  // namespace cw
