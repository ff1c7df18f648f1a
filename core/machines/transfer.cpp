// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/transfer.h"

#include "core/base/files.h"
#include "core/base/sha256.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

namespace cw {
namespace {

using std::chrono::milliseconds;

constexpr int kMostTries = 10;  // without a byte of progress
constexpr milliseconds kFirstPause{200};
constexpr milliseconds kLongestPause{30'000};
constexpr milliseconds kSilence{60'000};
constexpr int kShort = 75;    // exit codes of our scripts: the line was cut before the end of the file
constexpr int kDamaged = 76;  // another hash than announced
constexpr std::int64_t kSpareBytes = 64LL << 20;

/// Waits longer after every failure, not at all after progress.
class BackOff {
 public:
  /// False once there were too many failures in a row.
  bool wait(bool made_progress, const JobContext& context) {
    if (made_progress) {
      failures_ = 0;
      pause_ = kFirstPause;
    }
    if (++failures_ > kMostTries) return false;
    const auto end = std::chrono::steady_clock::now() + pause_;
    while (std::chrono::steady_clock::now() < end && !context.cancelled()) {
      std::this_thread::sleep_for(milliseconds(50));
    }
    pause_ = std::min(pause_ * 2, kLongestPause);
    return true;
  }

 private:
  int failures_ = 0;
  milliseconds pause_ = kFirstPause;
};

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

Error damaged(const Connection& connection, const TransferFile& file) {
  return {ErrorCode::kIo, "E-MCH-026",
          title_of(connection.machine()) + ": " + file.local.string() +
              " does not arrive as it was sent (its SHA-256 differs): it changed meanwhile, or a disk or the line is "
              "faulty; try again"};
}

/// What is on the machine of each file: -1 = all of it, else the bytes of an unfinished one.
struct Presence {
  std::vector<std::int64_t> bytes;
  std::int64_t free_bytes = 0;
};

Result<Presence> look(const Connection& connection, const std::vector<TransferFile>& files, const JobContext& context) {
  constexpr const char* kScript = R"sh(
mkdir -p "$root" && cd "$root" || exit 1
df -Pk . | sed -n '2s/  */ /gp' | cut -d' ' -f4
while IFS= read -r line; do
  size=${line%% *}; path=${line#* }
  if [ -f "$path" ] && [ "$(wc -c <"$path")" -eq "$size" ]; then echo -1
  elif [ -f "$path.part" ]; then wc -c <"$path.part"
  else echo 0; fi
done)sh";
  CommandOptions options;
  options.silence = kSilence;
  options.stop = [&context] { return context.cancelled(); };
  for (const auto& file : files) options.input += std::to_string(file.size) + " " + file.remote + "\n";
  CW_ASSIGN(const CommandOutcome outcome, connection.run(kScript, options));
  std::istringstream numbers(outcome.out);
  Presence presence;
  numbers >> presence.free_bytes;
  presence.free_bytes *= 1024;
  presence.bytes.resize(files.size(), 0);
  for (auto& bytes : presence.bytes) numbers >> bytes;
  if (!numbers) return script_error(connection.machine(), 0, "its answer was not understood: " + outcome.out);
  return presence;
}

// Writing at an offset, not appending: a session that was cut but not noticed yet can then do no harm.
std::string receive_script(const TransferFile& file, std::int64_t offset) {
  return "cd \"$root\" || exit 1; file=" + shell_quoted(file.remote) +
         "; mkdir -p \"$(dirname \"$file\")\" || exit 1; " +
         "dd of=\"$file.part\" bs=1M iflag=fullblock oflag=seek_bytes conv=notrunc status=none seek=" +
         std::to_string(offset) + " || exit 1; size=$(wc -c <\"$file.part\"); [ \"$size\" -ge " +
         std::to_string(file.size) + " ] || exit " + std::to_string(kShort) +
         "; sum=$(sha256sum <\"$file.part\"); [ \"${sum%% *}\" = " + file.sha256 +
         " ] || { rm -f \"$file.part\"; exit " + std::to_string(kDamaged) +
         "; }; sync \"$file.part\" 2>/dev/null; mv \"$file.part\" \"$file\"";
}

/// One try from `offset`; nothing where the line was cut.
Result<bool> send_once(const Connection& connection, const TransferFile& file, std::int64_t offset, JobContext& context,
                       std::int64_t done, std::int64_t total) {
  const Descriptor input(::open(file.local.c_str(), O_RDONLY | O_CLOEXEC));
  if (input.number() < 0) return error_from_errno("reading", file.local.string());
  if (::lseek(input.number(), offset, SEEK_SET) < 0) return error_from_errno("reading", file.local.string());
  CommandOptions options;
  options.input_descriptor = input.number();
  options.stop = [&] {
    // the program reads through our own descriptor, so its place in the file is ours
    const auto place = ::lseek(input.number(), 0, SEEK_CUR);
    context.report(std::min(total, done + place), total, "Sending bytes");
    return context.cancelled();
  };
  const auto outcome = connection.run(receive_script(file, offset), options);
  if (outcome.ok()) return true;
  if (is_lost_connection(outcome.error())) return false;
  if (outcome.error().message.find("code " + std::to_string(kShort)) != std::string::npos) return false;
  if (outcome.error().message.find("code " + std::to_string(kDamaged)) != std::string::npos) {
    return damaged(connection, file);
  }
  return outcome.error();
}

Result<std::int64_t> unfinished_bytes(const Connection& connection, const TransferFile& file,
                                      const JobContext& context) {
  CW_ASSIGN(const Presence presence, look(connection, {file}, context));
  // a longer one is no beginning of this file; sending it anew overwrites it
  return presence.bytes[0] > file.size ? 0 : presence.bytes[0];
}

Result<> send_file(const Connection& connection, const TransferFile& file, std::int64_t offset, JobContext& context,
                   std::int64_t done, std::int64_t total) {
  BackOff back_off;
  bool damaged_before = false;
  for (;;) {
    auto sent = send_once(connection, file, offset, context, done, total);
    if (sent.ok() && *sent) return {};
    if (!sent.ok()) {
      if (sent.error().id != "E-MCH-026" || damaged_before) return sent.error();
      damaged_before = true;
    }
    const std::int64_t before = offset;
    for (bool known = false; !known;) {
      if (context.cancelled()) return cancelled_error("sending data");
      const auto bytes = unfinished_bytes(connection, file, context);
      if (bytes.ok()) {
        if (*bytes < 0) return {};  // it had arrived: only the answer was lost
        offset = *bytes;
        known = true;
      } else if (!is_lost_connection(bytes.error())) {
        return bytes.error();
      } else {
        connection.drop();
        if (!back_off.wait(false, context)) return bytes.error();
      }
    }
    if (!damaged_before && !back_off.wait(offset > before, context)) {
      return Error{ErrorCode::kIo, "E-MCH-018",
                   title_of(connection.machine()) + ": the connection is cut again and again while " +
                       file.local.string() + " is sent; try again later: it goes on where it stopped"};
    }
  }
}

/// Appends what comes to the unfinished file; nothing where the line was cut.
Result<bool> fetch_once(const Connection& connection, const TransferFile& file, const std::filesystem::path& part,
                        JobContext& context) {
  const Descriptor output(::open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  if (output.number() < 0) return error_from_errno("writing", part.string());
  std::int64_t offset = ::lseek(output.number(), 0, SEEK_END);
  if (offset > file.size) {
    if (::ftruncate(output.number(), 0) != 0) return error_from_errno("writing", part.string());
    offset = ::lseek(output.number(), 0, SEEK_SET);
  }
  int trouble = 0;
  CommandOptions options;
  options.silence = kSilence;
  options.on_output = [&](std::string_view piece) {
    if (trouble != 0) return;
    const auto put = ::write(output.number(), piece.data(), piece.size());
    if (put != static_cast<ssize_t>(piece.size())) trouble = put < 0 ? errno : ENOSPC;
    offset += put > 0 ? put : 0;
  };
  options.stop = [&] {
    context.report(std::min(offset, file.size), file.size, "Fetching bytes");
    return context.cancelled() || trouble != 0;
  };
  const auto outcome = connection.run(
      "dd if=" + shell_quoted(file.remote) + " bs=1M iflag=skip_bytes status=none skip=" + std::to_string(offset),
      options);
  if (trouble != 0) {
    errno = trouble;
    return error_from_errno("writing", part.string());
  }
  if (!outcome.ok() && !is_lost_connection(outcome.error())) return outcome.error();
  return outcome.ok() && offset >= file.size;
}

}  // namespace

Result<std::int64_t> send_files(const Connection& connection, const std::vector<TransferFile>& files,
                                JobContext& context) {
  if (files.empty()) return std::int64_t{0};
  Result<Presence> presence = look(connection, files, context);
  BackOff back_off;
  while (!presence.ok() && is_lost_connection(presence.error()) && back_off.wait(false, context)) {
    connection.drop();
    presence = look(connection, files, context);
  }
  if (!presence.ok()) return presence.error();
  std::int64_t total = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto& bytes = presence->bytes[i];
    if (bytes > files[i].size) bytes = 0;
    if (bytes >= 0) total += files[i].size - bytes;
  }
  if (total > 0 && total + kSpareBytes > presence->free_bytes) {
    return Error{ErrorCode::kNoSpace, "E-MCH-021",
                 title_of(connection.machine()) + ": " + std::to_string(total >> 20) + " MB are to be sent, but only " +
                     std::to_string(presence->free_bytes >> 20) + " MB of disk are free in " +
                     connection.machine().folder +
                     "; free space there, or use another place: cellwright machines add " + connection.machine().name +
                     " --folder DIR --overwrite"};
  }
  std::int64_t done = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::int64_t offset = presence->bytes[i];
    if (offset < 0) continue;
    if (context.cancelled()) return cancelled_error("sending data");
    CW_TRY(send_file(connection, files[i], offset, context, done - offset, total));
    done += files[i].size - offset;
  }
  if (total > 0) context.report(total, total, "Sending bytes");
  return total;
}

Result<> fetch_file(const Connection& connection, const TransferFile& file, JobContext& context) {
  std::error_code status;
  if (std::filesystem::is_regular_file(file.local, status) &&
      static_cast<std::int64_t>(std::filesystem::file_size(file.local, status)) == file.size) {
    if (const auto hash = sha256_of_path(file.local); hash.ok() && *hash == file.sha256) return {};
  }
  if (file.local.has_parent_path()) std::filesystem::create_directories(file.local.parent_path(), status);
  const auto part =
      file.local.parent_path() / ("." + file.local.filename().string() + ".part-" + file.sha256.substr(0, 8));
  BackOff back_off;
  for (int damages = 0; damages < 2;) {
    if (context.cancelled()) return cancelled_error("fetching results");
    const auto before = std::filesystem::exists(part, status) ? std::filesystem::file_size(part, status) : 0;
    CW_ASSIGN(const bool whole, fetch_once(connection, file, part, context));
    if (!whole) {
      const bool progress = std::filesystem::file_size(part, status) > before;
      connection.drop();
      if (!back_off.wait(progress, context)) {
        return Error{ErrorCode::kIo, "E-MCH-018",
                     title_of(connection.machine()) + ": the connection is cut again and again while " +
                         file.local.string() + " is fetched; try again later: it goes on where it stopped"};
      }
      continue;
    }
    CW_ASSIGN(const std::string hash, sha256_of_path(part));
    if (hash == file.sha256) {
      CW_TRY(sync_to_disk(part));
      std::filesystem::rename(part, file.local, status);
      if (!status) return {};
      errno = status.value();
      return error_from_errno("renaming", file.local.string());
    }
    std::filesystem::remove(part, status);
    ++damages;
  }
  return damaged(connection, file);
}

}  // namespace cw
