// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/reader_10x/gzip_lines.h"

#include <zlib.h>

#include <cerrno>

namespace cw {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 18U;
constexpr std::size_t kLongestLine = std::size_t{1} << 20U;

}  // namespace

struct GzipLines::Stream {
  gzFile file = nullptr;
  ~Stream() {
    if (file != nullptr) gzclose_r(file);
  }
};

GzipLines::GzipLines(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}
GzipLines::GzipLines(GzipLines&&) noexcept = default;
GzipLines& GzipLines::operator=(GzipLines&&) noexcept = default;
GzipLines::~GzipLines() = default;

Result<GzipLines> GzipLines::open(const std::filesystem::path& path) {
  errno = 0;
  auto stream = std::make_unique<Stream>();
  stream->file = gzopen(path.c_str(), "rb");
  if (stream->file == nullptr) return error_from_errno("opening", path.string());
  gzbuffer(stream->file, static_cast<unsigned>(kPiece));
  GzipLines lines(std::move(stream));
  lines.where_ = path.string();
  return lines;
}

Result<> GzipLines::refill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  if (buffer_.size() > kLongestLine) {
    return Error{ErrorCode::kParse, "E-10X-006",
                 where_ + ": line " + std::to_string(line_number_ + 1) +
                     " is longer than a megabyte; not a table of Cell Ranger"};
  }
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kPiece);
  const int read = gzread(stream_->file, buffer_.data() + before, static_cast<unsigned>(kPiece));
  buffer_.resize(before + static_cast<std::size_t>(read > 0 ? read : 0));
  int status = Z_OK;
  const char* reason = gzerror(stream_->file, &status);
  if (read < 0 || (status != Z_OK && status != Z_STREAM_END)) {
    return Error{ErrorCode::kParse, "E-10X-006",
                 where_ + ": damaged or cut off after line " + std::to_string(line_number_) + " (" + reason +
                     "); copy or download the file again"};
  }
  at_end_ = read == 0;
  return {};
}

Result<bool> GzipLines::next(std::string_view& line) {
  std::size_t searched = 0;
  for (;;) {
    const std::size_t end = buffer_.find('\n', begin_ + searched);
    const bool last = end == std::string::npos && at_end_;
    if (end != std::string::npos || (last && begin_ < buffer_.size())) {
      const std::size_t stop = last ? buffer_.size() : end;
      line = std::string_view(buffer_).substr(begin_, stop - begin_);
      if (line.ends_with('\r')) line.remove_suffix(1);
      begin_ = last ? stop : stop + 1;
      ++line_number_;
      return true;
    }
    if (last) return false;
    searched = buffer_.size() - begin_;
    CW_TRY(refill());
  }
}

}  // namespace cw
