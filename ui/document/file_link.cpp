// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/file_link.h"

#include <algorithm>
#include <fstream>

namespace cw::ui {

namespace fs = std::filesystem;

FileLink link_of(const fs::path& path) {
  FileLink link;
  link.path = path;
  std::error_code failed;
  const auto add = [&link](const fs::path& file) {
    std::error_code ignored;
    const auto bytes = fs::file_size(file, ignored);
    if (ignored) return;
    const bool first = link.bytes < 0;
    link.bytes = std::max<std::int64_t>(link.bytes, 0) + static_cast<std::int64_t>(bytes);
    // the clock of the file system may begin in the future (2174 with GCC), so that times of today are below zero
    const auto modified = fs::last_write_time(file, ignored).time_since_epoch().count();
    if (!ignored) link.modified = first ? modified : std::max<std::int64_t>(link.modified, modified);
  };
  if (!fs::is_directory(path, failed)) {
    if (std::ifstream(path).good()) add(path);
    return link;
  }
  for (fs::directory_iterator it(path, failed), end; !failed && it != end; it.increment(failed)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) add(it->path());
  }
  return link;
}

Json to_json(const FileLink& link) {
  return {{"path", link.path.string()}, {"bytes", link.bytes}, {"modified", link.modified}, {"sha256", link.sha256}};
}

FileLink file_link_from_json(const Json& json) {
  FileLink link;
  if (!json.is_object()) return link;
  const auto text = [&json](const char* key) {
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
  };
  const auto number = [&json](const char* key, std::int64_t otherwise) {
    return json.contains(key) && json[key].is_number() ? json[key].get<std::int64_t>() : otherwise;
  };
  link.path = text("path");
  link.bytes = number("bytes", -1);
  link.modified = number("modified", 0);
  link.sha256 = text("sha256");
  return link;
}

LinkState check_link(const FileLink& link) {
  const FileLink now = link_of(link.path);
  if (now.bytes < 0) return LinkState::kMissing;
  if (link.bytes < 0) return LinkState::kSame;  // linked by an older version, which kept the path only
  if (now.bytes != link.bytes) return LinkState::kChanged;
  return now.modified == link.modified ? LinkState::kSame : LinkState::kTouched;
}

}  // namespace cw::ui
