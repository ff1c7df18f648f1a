// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_raw_file.h"

#include <fcntl.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cw {

Result<H5RawFile> H5RawFile::open(const H5Node& node) {
  H5RawFile raw;
  const H5Handle file(H5Iget_file_id(node.id()));
  const H5Handle creation(H5Fget_create_plist(file.id()));
  unsigned intent = H5F_ACC_RDWR;
  hsize_t block = 0;
  if (H5Fget_intent(file.id(), &intent) < 0 || H5Pget_userblock(creation.id(), &block) < 0 ||
      H5Pget_sizes(creation.id(), &raw.address_bytes_, &raw.length_bytes_) < 0) {
    return h5_error("E-H5-005", node.file(), node.path(), "reading");
  }
  if ((intent & H5F_ACC_RDWR) != 0 || block != 0 || raw.address_bytes_ > 8 || raw.length_bytes_ > 8) return raw;
  std::string path(4096, '\0');
  const auto length = H5Fget_name(file.id(), path.data(), path.size());
  path.resize(length > 0 ? std::min(static_cast<std::size_t>(length), path.size()) : 0);
  errno = 0;
  raw.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (raw.descriptor_ < 0 || ::fstat(raw.descriptor_, &status) != 0) return error_from_errno("reading", path);
  raw.size_ = static_cast<std::uint64_t>(status.st_size);
  return raw;
}

H5RawFile::H5RawFile(H5RawFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      address_bytes_(other.address_bytes_),
      length_bytes_(other.length_bytes_) {}

H5RawFile& H5RawFile::operator=(H5RawFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  size_ = other.size_;
  address_bytes_ = other.address_bytes_;
  length_bytes_ = other.length_bytes_;
  return *this;
}

H5RawFile::~H5RawFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool H5RawFile::read(std::uint64_t offset, std::size_t size, std::byte* bytes) const {
  if (offset > size_ || size > size_ - offset) return false;
  while (size > 0) {
    const auto count = ::pread(descriptor_, bytes, size, static_cast<off_t>(offset));
    if (count <= 0) return false;
    bytes += count;
    offset += static_cast<std::uint64_t>(count);
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace cw
