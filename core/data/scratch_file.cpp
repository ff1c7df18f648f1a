// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/scratch_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace cw {
namespace {

Error failed(const char* doing) {
  return error_from_errno(doing, "a temporary file in " + std::filesystem::temp_directory_path().string());
}

}  // namespace

Result<ScratchFile> ScratchFile::create() {
  std::string name = (std::filesystem::temp_directory_path() / "cellwright.XXXXXX").string();
  const int descriptor = ::mkstemp(name.data());
  if (descriptor < 0) return failed("making");
  ::unlink(name.c_str());  // lives as long as it is open
  ScratchFile scratch;
  scratch.file_.reset(::fdopen(descriptor, "w+b"));
  if (scratch.file_ == nullptr) {
    const Error error = failed("making");
    ::close(descriptor);
    return error;
  }
  return scratch;
}

Result<> ScratchFile::write(const void* bytes, std::size_t size) {
  errno = 0;
  if (size > 0 && std::fwrite(bytes, 1, size, file_.get()) != size) return failed("writing");
  return {};
}

Result<> ScratchFile::rewind() {
  errno = 0;
  if (std::fflush(file_.get()) != 0 || std::fseek(file_.get(), 0, SEEK_SET) != 0) return failed("writing");
  return {};
}

Result<> ScratchFile::read(void* bytes, std::size_t size) {
  errno = 0;
  if (size > 0 && std::fread(bytes, 1, size, file_.get()) != size) return failed("reading");
  return {};
}

Result<> ScratchFile::write_at(std::uint64_t offset, const void* bytes, std::size_t size) {
  const auto* from = static_cast<const std::byte*>(bytes);
  while (size > 0) {
    const ssize_t count = ::pwrite(::fileno(file_.get()), from, size, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return failed("writing");
    from += count;
    offset += static_cast<std::uint64_t>(count);
    size -= static_cast<std::size_t>(count);
  }
  return {};
}

Result<> ScratchFile::read_at(std::uint64_t offset, void* bytes, std::size_t size) {
  auto* to = static_cast<std::byte*>(bytes);
  while (size > 0) {
    errno = 0;
    const ssize_t count = ::pread(::fileno(file_.get()), to, size, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return failed("reading");
    to += count;
    offset += static_cast<std::uint64_t>(count);
    size -= static_cast<std::size_t>(count);
  }
  return {};
}

}  // namespace cw
