// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/offloaded_state.h"

#include "core/base/files.h"

#include <ATen/ops/from_blob.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace cw {
namespace {

constexpr std::size_t kPage = 4096;

std::size_t in_pages(std::size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

std::size_t bytes_of(const at::Tensor& state) { return static_cast<std::size_t>(state.numel()) * sizeof(float); }

class Descriptor {
 public:
  explicit Descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

// Not every file system has files without a name: there the name is taken away at once.
int open_nameless(const std::filesystem::path& folder) {
  const int direct = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (direct >= 0) return direct;
  std::string name = (folder / "optimiser-state-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

// Taken now: a page that the disk has no room for would end the process when it is written.
Result<> take_room(int descriptor, std::size_t bytes, const std::filesystem::path& folder) {
  const int status = ::posix_fallocate(descriptor, 0, static_cast<off_t>(bytes));
  if (status == 0) return {};
  errno = status;
  const Error error = error_from_errno("taking room in", folder.string());
  if (error.code != ErrorCode::kNoSpace && status != EFBIG) return error;
  return Error{ErrorCode::kNoSpace, "E-TRN-014",
               folder.string() + ": there is no room for the " + std::to_string((bytes >> 20U) + 1) +
                   " MB of optimiser state that --offload-optimiser keeps on this disk; free some, write to another "
                   "disk, or leave the option out"};
}

}  // namespace

Result<std::unique_ptr<OffloadedState>> OffloadedState::move(Parameters& parameters,
                                                             const std::filesystem::path& folder) {
  std::size_t bytes = 0;
  for (const ParameterGroup& group : parameters.groups()) {
    bytes += in_pages(bytes_of(group.first_moment)) + in_pages(bytes_of(group.second_moment));
  }
  std::error_code ignored;  // opening the file says what is wrong
  std::filesystem::create_directories(folder, ignored);
  const Descriptor file(open_nameless(folder));
  if (file.get() < 0) return error_from_errno("making a file in", folder.string());
  CW_TRY(take_room(file.get(), bytes, folder));
  void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (mapped == MAP_FAILED) return error_from_errno("mapping a file in", folder.string());
  const std::shared_ptr<std::byte> data(static_cast<std::byte*>(mapped),
                                        [bytes](std::byte* begin) { ::munmap(begin, bytes); });
  std::size_t offset = 0;
  for (ParameterGroup& group : parameters.groups()) {
    for (at::Tensor* state : {&group.first_moment, &group.second_moment}) {
      const std::size_t size = bytes_of(*state);
      *state = at::from_blob(
          data.get() + offset, {state->numel()}, [data](void*) {}, at::kFloat);
      offset += in_pages(size);
    }
  }
  return std::unique_ptr<OffloadedState>(new OffloadedState(data, bytes));
}

void OffloadedState::release() const noexcept { ::madvise(data_.get(), bytes_, MADV_DONTNEED); }

}  // namespace cw
