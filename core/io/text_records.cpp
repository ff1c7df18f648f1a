// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/text_records.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace cw {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20U;
constexpr std::size_t kLongestRecord = std::size_t{1} << 30U;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes one field off the front of `rest`; `more` says whether another one follows.
void take_field(std::string_view& rest, bool& more, char delimiter, std::string_view& field, std::string& storage) {
  if (delimiter == ' ') {
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  }
  if (!rest.empty() && rest.front() == '"') {
    storage.clear();
    std::size_t i = 1;
    for (; i < rest.size(); ++i) {
      if (rest[i] != '"') {
        storage += rest[i];
      } else if (i + 1 < rest.size() && rest[i + 1] == '"') {
        storage += rest[i++];
      } else {
        break;
      }
    }
    field = storage;
    rest.remove_prefix(std::min(i + 1, rest.size()));
    const std::size_t end = rest.find(delimiter);  // what follows the closing quote does not belong to anything
    more = end != std::string_view::npos;
    rest.remove_prefix(more ? end + 1 : rest.size());
    return;
  }
  const std::size_t end = rest.find(delimiter);
  more = end != std::string_view::npos;
  field = trimmed(rest.substr(0, end));
  rest.remove_prefix(more ? end + 1 : rest.size());
}

// A run of spaces counts as one.
std::size_t count_delimiters(std::string_view text, char delimiter) {
  std::size_t count = 0;
  bool quoted = false;
  char before = 0;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (c == delimiter && !quoted && !(c == ' ' && before == ' ')) ++count;
    before = c;
  }
  return count;
}

}  // namespace

Result<TextRecords> TextRecords::open(const std::filesystem::path& path) {
  TextRecords records(path.string());
  errno = 0;
  std::error_code status;
  if (std::filesystem::is_directory(path, status)) errno = EISDIR;
  records.file_ = errno == 0 ? gzopen(path.c_str(), "rb") : nullptr;
  if (records.file_ == nullptr) return error_from_errno("reading", path.string());
  gzbuffer(records.file_, 1U << 18U);
  return records;
}

TextRecords::TextRecords(TextRecords&& other) noexcept
    : name_(std::move(other.name_)),
      file_(std::exchange(other.file_, nullptr)),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      end_(other.end_),
      at_end_(other.at_end_),
      joined_(std::move(other.joined_)),
      line_(other.line_),
      record_line_(other.record_line_) {}

TextRecords& TextRecords::operator=(TextRecords&& other) noexcept {
  if (this == &other) return *this;
  std::swap(file_, other.file_);
  name_ = std::move(other.name_);
  buffer_ = std::move(other.buffer_);
  begin_ = other.begin_;
  end_ = other.end_;
  at_end_ = other.at_end_;
  joined_ = std::move(other.joined_);
  line_ = other.line_;
  record_line_ = other.record_line_;
  return *this;
}

TextRecords::~TextRecords() {
  if (file_ != nullptr) gzclose_r(file_);
}

Error TextRecords::no_text(const std::string& why) const {
  return {ErrorCode::kParse, "E-CSV-001", name_ + ": " + why};
}

Result<> TextRecords::refill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ > kLongestRecord) return no_text("a line is longer than 1 GiB; this is no table of text");
  if (buffer_.size() < end_ + kReadBytes) buffer_.resize(std::max(buffer_.size() * 2, end_ + kReadBytes));
  const bool at_start = line_ == 0 && end_ == 0;
  const int count = gzread(file_, buffer_.data() + end_, static_cast<unsigned>(kReadBytes));
  int status = Z_OK;
  gzerror(file_, &status);
  if (count < 0 || status == Z_BUF_ERROR || status == Z_DATA_ERROR) {
    return no_text("the compressed file is damaged or cut off; copy or download it again");
  }
  const char* fresh = buffer_.data() + end_;
  if (std::memchr(fresh, '\0', static_cast<std::size_t>(count)) != nullptr) {
    return no_text("is no table of text (it holds binary data or UTF-16); save it as CSV in UTF-8");
  }
  end_ += static_cast<std::size_t>(count);
  at_end_ = count == 0;
  if (at_start && end_ >= 3 && std::memcmp(buffer_.data(), "\xEF\xBB\xBF", 3) == 0) begin_ = 3;  // byte order mark
  return {};
}

Result<bool> TextRecords::next_line(std::string_view& line) {
  std::size_t searched = 0;
  for (;;) {
    const char* first = buffer_.data() + begin_;
    const std::size_t size = end_ - begin_;
    const void* found = size > searched ? std::memchr(first + searched, '\n', size - searched) : nullptr;
    if (found == nullptr && !at_end_) {
      searched = size;
      CW_TRY(refill());
      continue;
    }
    if (found == nullptr && size == 0) return false;
    std::size_t length = found == nullptr ? size : static_cast<std::size_t>(static_cast<const char*>(found) - first);
    begin_ += length + (found == nullptr ? 0 : 1);
    if (length > 0 && first[length - 1] == '\r') --length;
    line = {first, length};
    ++line_;
    return true;
  }
}

Result<bool> TextRecords::next(std::string_view& record) {
  do {
    CW_ASSIGN(const bool more, next_line(record));
    if (!more) return false;
  } while (record.empty());
  record_line_ = line_;
  if (std::count(record.begin(), record.end(), '"') % 2 == 0) return true;
  joined_.assign(record);  // a quoted field goes on in the next line
  while (std::count(joined_.begin(), joined_.end(), '"') % 2 != 0) {
    std::string_view line;
    CW_ASSIGN(const bool more, next_line(line));
    if (!more) break;
    joined_ += '\n';
    joined_ += line;
    if (joined_.size() > kLongestRecord) return no_text("a quote is opened but never closed");
  }
  record = joined_;
  return true;
}

void split_record(std::string_view record, char delimiter, std::vector<std::string_view>& fields,
                  std::vector<std::string>& unquoted) {
  fields.clear();
  // views into `unquoted` must survive its growth, so there is room for as many quoted fields as there can be
  const auto most = static_cast<std::size_t>(std::count(record.begin(), record.end(), '"')) / 2 + 1;
  if (unquoted.size() < most) unquoted.resize(most);
  std::size_t num_quoted = 0;
  for (bool more = true; more;) {
    std::string& storage = unquoted[std::min(num_quoted, most - 1)];
    storage.clear();
    std::string_view field;
    take_field(record, more, delimiter, field, storage);
    num_quoted += field.data() == storage.data() ? 1 : 0;
    fields.push_back(field);
  }
}

std::string first_field(std::string_view record, char delimiter) {
  std::string storage;
  std::string_view field;
  bool more = false;
  take_field(record, more, delimiter, field, storage);
  return std::string(field);
}

char detect_delimiter(std::string_view header, std::string_view record) {
  char best = 0;
  std::size_t most = 0;
  for (const char candidate : {'\t', ',', ';', '|', ' '}) {
    const std::size_t below = count_delimiters(record, candidate);
    const std::size_t above = count_delimiters(header, candidate);
    const bool fits = above == below || above + 1 == below;  // the header may lack the corner
    if (fits && below > most) {
      most = below;
      best = candidate;
    }
  }
  return best;
}

bool parse_number(std::string_view field, char delimiter, double& value) {
  if (field.size() == 1 && field[0] >= '0' && field[0] <= '9') {  // nearly all fields of a count matrix
    value = field[0] - '0';
    return true;
  }
  if (!field.empty() && field.front() == '+') field.remove_prefix(1);
  const char* const end = field.data() + field.size();
  const auto result = std::from_chars(field.data(), end, value);
  if (!field.empty() && result.ec == std::errc{} && result.ptr == end) return true;
  if (field.empty() || field == "NA" || field == "N/A" || field == "null") {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  if (delimiter == ',' || field.find(',') == std::string_view::npos) return false;
  std::string dotted(field);
  std::replace(dotted.begin(), dotted.end(), ',', '.');
  return parse_number(dotted, ',', value);
}

}  // namespace cw
