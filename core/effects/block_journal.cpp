// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/effects/block_journal.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cw {
namespace {

constexpr std::string_view kMagic = "CWBLOCK1";
constexpr std::uint64_t kLargestRecord = 1ULL << 34;  // a size above is damage, not data

std::uint64_t fnv1a(std::string_view bytes) noexcept {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211ULL;
  return hash;
}

}  // namespace

Result<BlockJournal> BlockJournal::create(const std::filesystem::path& path) {
  errno = 0;
  File file(std::fopen(path.c_str(), "wbe"));
  if (!file || std::fwrite(kMagic.data(), 1, kMagic.size(), file.get()) != kMagic.size() ||
      std::fflush(file.get()) != 0) {
    return error_from_errno("writing", path.string());
  }
  return BlockJournal(std::move(file), path);
}

Result<std::int64_t> BlockJournal::scan(std::FILE* file, const std::filesystem::path& path,
                                        const std::function<Result<>(std::string_view)>& on_record) {
  char magic[kMagic.size()];
  const std::string_view begin(magic, std::fread(magic, 1, sizeof magic, file));
  // killed while the very first bytes were written
  if (begin.size() < kMagic.size() && kMagic.starts_with(begin)) return std::int64_t{0};
  if (begin != kMagic) {
    return Error{ErrorCode::kParse, "E-EFF-001",
                 path.string() + ": not the journal of a run; remove the folder or choose another"};
  }
  std::int64_t whole = sizeof magic;
  std::string record;
  std::uint64_t head[2];
  while (std::fread(head, sizeof head, 1, file) == 1 && head[0] <= kLargestRecord) {
    // of the open file: a run that ends takes its journal away while the window reads it
    struct ::stat status {};
    if (::fstat(::fileno(file), &status) != 0) break;
    const auto available = static_cast<std::uint64_t>(status.st_size);
    if (static_cast<std::uint64_t>(whole) + sizeof head + head[0] > available) break;
    record.resize(head[0]);
    if (std::fread(record.data(), 1, record.size(), file) != record.size() || fnv1a(record) != head[1]) break;
    CW_TRY(on_record(record));
    whole += static_cast<std::int64_t>(sizeof head + record.size());
  }
  return whole;
}

Result<BlockJournal> BlockJournal::reopen(const std::filesystem::path& path,
                                          const std::function<Result<>(std::string_view)>& on_record) {
  errno = 0;
  File file(std::fopen(path.c_str(), "r+be"));
  if (!file) return error_from_errno("opening", path.string());
  CW_ASSIGN(const std::int64_t whole, scan(file.get(), path, on_record));
  if (whole == 0) return create(path);
  if (std::fseek(file.get(), whole, SEEK_SET) != 0 || ::ftruncate(::fileno(file.get()), whole) != 0) {
    return error_from_errno("writing", path.string());
  }
  return BlockJournal(std::move(file), path);
}

Result<> BlockJournal::read(const std::filesystem::path& path,
                            const std::function<Result<>(std::string_view)>& on_record) {
  errno = 0;
  const File file(std::fopen(path.c_str(), "rbe"));
  if (!file) return error_from_errno("opening", path.string());
  CW_TRY(scan(file.get(), path, on_record));
  return {};
}

Result<> BlockJournal::append(std::string_view record) {
  const std::uint64_t head[2] = {record.size(), fnv1a(record)};
  errno = 0;
  if (std::fwrite(head, sizeof head, 1, file_.get()) != 1 ||
      std::fwrite(record.data(), 1, record.size(), file_.get()) != record.size() || std::fflush(file_.get()) != 0 ||
      ::fdatasync(::fileno(file_.get())) != 0) {
    return error_from_errno("writing", path_.string());
  }
  return {};
}

}  // namespace cw
