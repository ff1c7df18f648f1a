// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cw {
namespace {

Error no_memory(ErrorCode code, const std::string& doing) {
  return {code, "E-COM-009",
          doing + " shared memory between the processes failed (" + std::strerror(errno) +
              "); close other programs, or use fewer --processes"};
}

}  // namespace

Result<std::unique_ptr<SharedPiece>> SharedPiece::map(int descriptor, std::size_t bytes) {
  void* data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (data == MAP_FAILED) {
    const Error error = no_memory(ErrorCode::kOutOfMemory, "mapping");
    ::close(descriptor);
    return error;
  }
  return std::unique_ptr<SharedPiece>(new SharedPiece(descriptor, static_cast<std::byte*>(data), bytes));
}

Result<std::unique_ptr<SharedPiece>> SharedPiece::make(std::size_t bytes) {
  const int descriptor = ::memfd_create("cellwright-exchange", MFD_CLOEXEC);
  if (descriptor < 0) return no_memory(ErrorCode::kOutOfMemory, "making");
  // posix_fallocate takes the memory now: a write to a page that is missing later would end the process
  if (const int status = ::posix_fallocate(descriptor, 0, static_cast<off_t>(bytes)); status != 0) {
    errno = status;
    const Error error = no_memory(ErrorCode::kOutOfMemory, "making");
    ::close(descriptor);
    return error;
  }
  return map(descriptor, bytes);
}

Result<std::unique_ptr<SharedPiece>> SharedPiece::open(std::int64_t maker, int descriptor, std::size_t bytes) {
  const std::string name = "/proc/" + std::to_string(maker) + "/fd/" + std::to_string(descriptor);
  const int own = ::open(name.c_str(), O_RDWR | O_CLOEXEC);
  if (own < 0) return no_memory(ErrorCode::kIo, "opening");
  return map(own, bytes);
}

SharedPiece::~SharedPiece() {
  ::munmap(data_, size_);
  ::close(descriptor_);
}

}  // namespace cw
