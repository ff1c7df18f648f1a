// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/sdk/hdf5/raw_file.h"

#include "plugins/sdk/hdf5/hdf5_file.h"

#include <fcntl.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

namespace cw {

Result<H5RawFile> H5RawFile::open(std::int64_t object) {
  H5RawFile raw;
  const sdk::Hdf5Id file(H5Iget_file_id(object));
  const sdk::Hdf5Id creation(H5Fget_create_plist(file.get()));
  unsigned intent = H5F_ACC_RDWR;
  hsize_t block = 0;
  std::string path(4096, '\0');
  const auto length = H5Fget_name(file.get(), path.data(), path.size());
  path.resize(length > 0 ? std::min(static_cast<std::size_t>(length), path.size()) : 0);
  if (H5Fget_intent(file.get(), &intent) < 0 || H5Pget_userblock(creation.get(), &block) < 0 ||
      H5Pget_sizes(creation.get(), &raw.address_bytes_, &raw.length_bytes_) < 0) {
    return Error{ErrorCode::kIo, "E-H5-005",
                 path + ": the header of the file cannot be read; copy or download it again"};
  }
  if ((intent & H5F_ACC_RDWR) != 0 || block != 0 || raw.address_bytes_ > 8 || raw.length_bytes_ > 8) return raw;
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
