// SPDX-License-Identifier: GPL-3.0-or-later
// Loaded before the C library (LD_PRELOAD): writes below the folder CW_FULL_DISK fail with "no space left" once
// CW_FULL_DISK_BYTES were written there by this process. A full disk for machines that permit no mounts.
#include <dlfcn.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long long> written{0};

bool finds_space(int descriptor, size_t bytes) {
  const char* folder = std::getenv("CW_FULL_DISK");
  const char* size = std::getenv("CW_FULL_DISK_BYTES");
  if (folder == nullptr || size == nullptr) return true;
  char link[64];
  char path[PATH_MAX];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = ::readlink(link, path, sizeof path - 1);
  if (length < 0) return true;
  path[length] = '\0';
  if (std::strncmp(path, folder, std::strlen(folder)) != 0) return true;
  if (written.fetch_add(static_cast<long long>(bytes)) + static_cast<long long>(bytes) <= std::atoll(size)) return true;
  errno = ENOSPC;
  return false;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* data, size_t bytes) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  return finds_space(descriptor, bytes) ? real(descriptor, data, bytes) : -1;
}

ssize_t pwrite(int descriptor, const void* data, size_t bytes, off_t offset) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return finds_space(descriptor, bytes) ? real(descriptor, data, bytes, offset) : -1;
}

ssize_t pwrite64(int descriptor, const void* data, size_t bytes, off64_t offset) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return finds_space(descriptor, bytes) ? real(descriptor, data, bytes, offset) : -1;
}

ssize_t writev(int descriptor, const iovec* parts, int count) {
  static auto* const real = next<ssize_t(int, const iovec*, int)>("writev");
  size_t bytes = 0;
  for (int i = 0; i < count; ++i) bytes += parts[i].iov_len;
  return finds_space(descriptor, bytes) ? real(descriptor, parts, count) : -1;
}
}
