// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/event_log.h"

#include "core/base/clock.h"
#include "core/base/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <utility>

namespace cw {
namespace {

// The text behind `key` up to the next quote, found without reading the line as JSON.
std::string_view quoted_after(std::string_view line, std::string_view key) {
  const void* at = ::memmem(line.data(), line.size(), key.data(), key.size());
  if (at == nullptr) return {};
  const auto begin = static_cast<std::size_t>(static_cast<const char*>(at) - line.data()) + key.size();
  return line.substr(begin, line.find('"', begin) - begin);
}

// Lines of a piece of a log, as read_log_ends wants them. Returns how many bytes were whole lines.
std::size_t take_ends(std::string_view text, bool positions, std::vector<Json>& events) {
  std::string_view phase, waiting;  // the last position of the phase, not read yet
  const auto take = [&events](std::string_view line) {
    Json event = Json::parse(line, nullptr, false);
    if (event.is_object()) events.push_back(std::move(event));
  };
  const auto flush = [&] {
    if (!waiting.empty()) take(std::exchange(waiting, {}));
  };
  std::size_t at = 0;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', at)) {
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    const std::string_view type = quoted_after(line, R"("type":")");
    if (type == "metric") continue;
    if (type == "progress" && !positions) {
      const std::string_view now = quoted_after(line, R"("phase":")");
      if (now != phase) flush();
      phase = now;
      waiting = line;
      continue;
    }
    flush();
    take(line);
  }
  flush();
  return at;
}

}  // namespace

Result<EventWriter> EventWriter::open(const std::filesystem::path& path) {
  std::int64_t next = 1;
  std::error_code status;
  if (std::filesystem::is_regular_file(path, status)) {
    CW_ASSIGN(const std::string text, read_file(path));
    const auto complete = text.rfind('\n');
    const std::size_t kept = complete == std::string::npos ? 0 : complete + 1;
    if (kept != text.size()) {
      std::filesystem::resize_file(path, kept, status);
      if (status) {
        errno = status.value();
        return error_from_errno("repairing", path.string());
      }
    }
    next += std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(kept), '\n');
  }
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) return error_from_errno("writing", path.string());
  return EventWriter(descriptor, path, next, next > 1);
}

EventWriter::EventWriter(int descriptor, std::filesystem::path path, std::int64_t next, bool had_events)
    : descriptor_(descriptor), path_(std::move(path)), next_sequence_(next), had_events_(had_events) {}

EventWriter::EventWriter(EventWriter&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      next_sequence_(other.next_sequence_),
      had_events_(other.had_events_) {}

EventWriter::~EventWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<> EventWriter::append(std::string_view type, const Json& fields) {
  Json line = {{"seq", next_sequence_}, {"time", utc_now()}, {"type", type}};
  for (const auto& [key, value] : fields.items()) line[key] = value;
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  const ssize_t written = ::write(descriptor_, text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size())) {
    if (written >= 0) errno = ENOSPC;  // a short write to a regular file means that the disk is full
    return error_from_errno("writing", path_.string());
  }
  ++next_sequence_;
  return {};
}

Result<std::vector<Json>> EventReader::poll() {
  std::vector<Json> events;
  std::error_code status;
  const auto size = std::filesystem::file_size(path_, status);
  if (status || size <= offset_) return events;
  std::ifstream stream(path_, std::ios::binary);  // opened anew each time: network file systems refresh only then
  if (!stream) return error_from_errno("reading", path_.string());
  stream.seekg(static_cast<std::streamoff>(offset_));
  std::string line;
  while (std::getline(stream, line)) {
    if (stream.eof()) break;  // without its newline the line is still being written
    offset_ += line.size() + 1;
    CW_ASSIGN(Json event, parse_json(line, path_.string()));
    events.push_back(std::move(event));
  }
  return events;
}

Result<LogEnds> read_log_ends(const std::filesystem::path& path, std::uint64_t bytes, bool positions) {
  LogEnds ends{{}, EventReader(path)};
  std::error_code status;
  const auto size = std::filesystem::file_size(path, status);
  if (status || size == 0) return ends;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return error_from_errno("reading", path.string());
  std::uint64_t begin = 0;
  if (size > bytes) {
    std::string line;
    std::getline(stream, line);
    take_ends(line + '\n', true, ends.events);
    stream.seekg(static_cast<std::streamoff>(size - bytes));
    std::getline(stream, line);  // the piece begins within a line
    begin = static_cast<std::uint64_t>(std::max<std::streamoff>(stream.tellg(), 0));
  }
  std::string text(size - begin, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  ends.rest = EventReader(path, begin + take_ends(text, positions, ends.events));
  return ends;
}

}  // namespace cw
