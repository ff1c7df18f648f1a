// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <random>

namespace cw {
namespace {

constexpr std::size_t kReadBytes = 65'536;

std::string random_suffix() {
  static const char* const kDigits = "0123456789abcdef";
  std::random_device source;
  std::string suffix;
  for (int i = 0; i < 8; ++i) suffix += kDigits[source() & 15U];
  return suffix;
}

constexpr const char* kFolderMark = "cellwright.json";

/// Folders that hold what nobody would miss: nothing, or what Cellwright wrote.
bool may_be_replaced(const std::filesystem::path& folder) {
  std::error_code status;
  return std::filesystem::is_empty(folder, status) || std::filesystem::exists(folder / kFolderMark, status);
}

/// Marks a finished folder as ours, so that --overwrite may replace it.
Result<> mark_folder(const std::filesystem::path& folder) {
  std::error_code status;
  if (!std::filesystem::is_directory(folder, status) || std::filesystem::exists(folder / kFolderMark, status))
    return {};
  return write_file_atomically(folder / kFolderMark, "{\"program\": \"cellwright\"}\n");
}

std::filesystem::path temporary_beside(const std::filesystem::path& target) {
  return target.parent_path() / ("." + target.filename().string() + ".part-" + random_suffix());
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return error_from_errno("reading", path.string());
  struct stat status {};
  std::string content;
  if (::fstat(descriptor, &status) == 0 && status.st_size > 0)
    content.resize(static_cast<std::size_t>(status.st_size) + 1);
  std::size_t size = 0;
  ssize_t got = 0;
  // to the end, not to the size: that of a file in /proc is 0, and a file may grow
  do {
    if (size == content.size()) content.resize(size + kReadBytes);
    got = ::read(descriptor, content.data() + size, content.size() - size);
    if (got > 0) size += static_cast<std::size_t>(got);
  } while (got > 0 || (got < 0 && errno == EINTR));
  const int saved = errno;
  ::close(descriptor);
  errno = saved;
  if (got < 0) return error_from_errno("reading", path.string());
  content.resize(size);
  return content;
}

Result<> sync_to_disk(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return error_from_errno("syncing", path.string());
  const int status = ::fsync(descriptor);
  const int saved = errno;
  ::close(descriptor);
  errno = saved;
  if (status != 0 && errno != EINVAL) return error_from_errno("syncing", path.string());
  return {};
}

Result<> write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  CW_ASSIGN(PendingOutput output, PendingOutput::create(path, true));
  {
    errno = 0;
    std::ofstream stream(output.path(), std::ios::binary);
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
    stream.flush();
    if (!stream) return error_from_errno("writing", path.string());
  }
  return output.commit();
}

PendingOutput::PendingOutput(std::filesystem::path target, std::filesystem::path temporary)
    : target_(std::move(target)), temporary_(std::move(temporary)) {}

PendingOutput::PendingOutput(PendingOutput&& other) noexcept
    : target_(std::move(other.target_)), temporary_(std::exchange(other.temporary_, {})) {}

PendingOutput& PendingOutput::operator=(PendingOutput&& other) noexcept {
  if (this != &other) {
    discard();
    target_ = std::move(other.target_);
    temporary_ = std::exchange(other.temporary_, {});
  }
  return *this;
}

PendingOutput::~PendingOutput() { discard(); }

void PendingOutput::discard() noexcept {
  if (temporary_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(temporary_, ignored);
  temporary_.clear();
}

Result<PendingOutput> PendingOutput::create(const std::filesystem::path& target, bool overwrite) {
  std::error_code status;
  if (!overwrite && std::filesystem::exists(target, status)) {
    return Error{ErrorCode::kInvalidArgument, "E-IO-005",
                 target.string() + ": exists already; choose another name or give --overwrite"};
  }
  if (std::filesystem::is_directory(target, status) && !may_be_replaced(target)) {
    return Error{ErrorCode::kInvalidArgument, "E-IO-007",
                 target.string() + ": is a folder that Cellwright did not write (it has no " + kFolderMark +
                     "), so --overwrite does not replace it; choose another name, or remove the folder yourself"};
  }
  if (const auto parent = target.parent_path(); !parent.empty()) {
    std::filesystem::create_directories(parent, status);
    if (status) {
      errno = status.value();
      return error_from_errno("making the folder", parent.string());
    }
  }
  return PendingOutput(target, temporary_beside(target));
}

Result<> PendingOutput::commit() {
  CW_TRY(mark_folder(temporary_));
  CW_TRY(sync_to_disk(temporary_));
  std::error_code status;
  if (std::filesystem::is_directory(target_, status)) {
    if (!std::filesystem::is_directory(temporary_, status)) {
      return Error{ErrorCode::kInvalidArgument, "E-IO-005",
                   target_.string() + ": is a folder, which a file does not replace; name a file"};
    }
    // rename(2) does not replace a folder that has content: move the old one aside first, remove it last
    const auto old = temporary_beside(target_);
    std::error_code ignored;
    std::filesystem::rename(target_, old, status);
    if (!status) {
      std::filesystem::rename(temporary_, target_, status);
      if (status) {
        std::filesystem::rename(old, target_, ignored);
      } else {
        std::filesystem::remove_all(old, ignored);
      }
    }
  } else {
    std::filesystem::rename(temporary_, target_, status);
  }
  if (status) {
    errno = status.value();
    return error_from_errno("renaming", target_.string());
  }
  temporary_.clear();
  const auto parent = target_.parent_path();
  return sync_to_disk(parent.empty() ? std::filesystem::path(".") : parent);
}

Result<std::filesystem::path> make_scratch_folder(const std::filesystem::path& parent) {
  std::error_code status;
  std::filesystem::create_directories(parent, status);
  std::string pattern = (parent / "cellwright.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return error_from_errno("making a scratch folder", parent.string());
  return std::filesystem::path(pattern);
}

Result<std::filesystem::path> resources_folder() {
  std::error_code status;
  if (const char* given = std::getenv("CELLWRIGHT_RESOURCES"); given != nullptr && *given != '\0') {
    if (std::filesystem::is_directory(given, status)) return std::filesystem::path(given);
    return Error{ErrorCode::kNotFound, "E-IO-006", std::string("CELLWRIGHT_RESOURCES names no folder: ") + given};
  }
  const auto program = std::filesystem::read_symlink("/proc/self/exe", status).parent_path();
  // installed: PREFIX/bin and PREFIX/share/cellwright; in the build tree: build/release/bin below the sources
  for (auto folder = program; !folder.empty() && folder != folder.root_path(); folder = folder.parent_path()) {
    for (const char* place : {"share/cellwright", "resources"}) {
      if (std::filesystem::is_directory(folder / place / "dictionaries", status)) return folder / place;
    }
  }
  return Error{ErrorCode::kNotFound, "E-IO-006",
               "the folder with Cellwright's dictionaries was not found; set CELLWRIGHT_RESOURCES to it"};
}

}  // namespace cw
