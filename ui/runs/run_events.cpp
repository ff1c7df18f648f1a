// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_events.h"

#include "core/base/json.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>

namespace cw::ui {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;

// The text after `"key":`, up to the end of the line. Enough for our own writer's lines, which hold no spaces there.
std::optional<std::string_view> after_key(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  return at == std::string_view::npos ? std::nullopt : std::optional(line.substr(at + key.size()));
}

std::optional<std::string_view> string_at(std::string_view line, std::string_view key) {
  const auto rest = after_key(line, key);
  const auto end = rest ? rest->find('"') : std::string_view::npos;
  return end == std::string_view::npos ? std::nullopt : std::optional(rest->substr(0, end));
}

std::optional<double> number_at(std::string_view line, std::string_view key) {
  const auto rest = after_key(line, key);
  double value = 0.0;
  if (!rest || std::from_chars(rest->data(), rest->data() + rest->size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

int digits(std::string_view text, std::size_t from, std::size_t count) {
  int value = 0;
  std::from_chars(text.data() + from, text.data() + from + count, value);
  return value;
}

void add_point(Curve& curve, double step, double seconds, double value) {
  if (!curve.steps.empty() && step <= curve.steps.back()) {
    const auto first = std::lower_bound(curve.steps.begin(), curve.steps.end(), step) - curve.steps.begin();
    const auto kept = static_cast<std::size_t>(first);
    curve.steps.resize(kept);
    curve.seconds.resize(kept);
    curve.values.resize(kept);
  }
  curve.steps.push_back(step);
  curve.seconds.push_back(seconds);
  curve.values.push_back(value);
}

std::string text_of(const Json& event, const char* key) {
  return event.contains(key) && event[key].is_string() ? event[key].get<std::string>() : std::string();
}

// Everything that is neither a figure nor the bar's position: rare lines, read as JSON.
void add_note(RunEvents& events, std::string_view line, double seconds) {
  const Json event = Json::parse(line, nullptr, false);
  if (!event.is_object()) return;
  RunNote note{text_of(event, "type"), seconds, text_of(event, "code"), text_of(event, "text")};
  if (note.type == "phase") note.text = text_of(event, "phase");
  if (note.type == "error") note.text = text_of(event, "message");
  if (note.type == "checkpoint" && event.contains("step")) note.text = event["step"].dump();
  events.notes.push_back(std::move(note));
}

void add_line(RunEvents& events, std::string_view line) {
  ++events.lines;
  const auto type = string_at(line, R"("type":")");
  if (!type || *type == "progress") return;
  const double seconds = seconds_of(string_at(line, R"("time":")").value_or(""));
  if (*type != "metric") return add_note(events, line, seconds);
  const auto name = string_at(line, R"("name":")");
  const auto step = number_at(line, R"("step":)");
  const auto value = number_at(line, R"("value":)");
  if (!name || !step || !value) return;  // "null": a loss that is not a number
  auto curve = events.curves.find(*name);
  if (curve == events.curves.end()) curve = events.curves.emplace(std::string(*name), Curve()).first;
  add_point(curve->second, *step, seconds, *value);
}

// Complete lines of `text` into `events`; returns how many bytes they were.
std::size_t take_lines(RunEvents& events, std::string_view text) {
  std::size_t at = 0;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', at)) {
    add_line(events, text.substr(at, end - at));
    at = end + 1;
  }
  return at;
}

Result<RunEventsPtr> read_on(std::ifstream& stream, const std::filesystem::path& file, std::shared_ptr<RunEvents> to) {
  stream.seekg(static_cast<std::streamoff>(to->offset));
  std::string text;
  std::string block(kBlock, '\0');
  while (stream) {
    stream.read(block.data(), static_cast<std::streamsize>(block.size()));
    text.append(block, 0, static_cast<std::size_t>(stream.gcount()));
    const std::size_t taken = take_lines(*to, text);
    to->offset += taken;
    text.erase(0, taken);
  }
  if (stream.bad()) return error_from_errno("reading", file.string());
  if (to->notes.size() > kMostNotes) {
    to->notes.erase(to->notes.begin(), to->notes.end() - static_cast<std::ptrdiff_t>(kMostNotes));
  }
  return RunEventsPtr(std::move(to));
}

}  // namespace

double seconds_of(std::string_view utc) {
  if (utc.size() < 19) return 0.0;
  const std::chrono::year_month_day day{std::chrono::year(digits(utc, 0, 4)),
                                        std::chrono::month(static_cast<unsigned>(digits(utc, 5, 2))),
                                        std::chrono::day(static_cast<unsigned>(digits(utc, 8, 2)))};
  if (!day.ok()) return 0.0;
  const auto days = std::chrono::sys_days(day).time_since_epoch().count();
  const double milliseconds = utc.size() >= 23 && utc[19] == '.' ? digits(utc, 20, 3) : 0;
  return static_cast<double>(days) * 86'400.0 + digits(utc, 11, 2) * 3'600.0 + digits(utc, 14, 2) * 60.0 +
         digits(utc, 17, 2) + milliseconds / 1'000.0;
}

const Curve* RunEvents::curve(std::string_view name) const {
  const auto found = curves.find(name);
  return found == curves.end() ? nullptr : &found->second;
}

std::optional<double> RunEvents::last(std::string_view name) const {
  const Curve* found = curve(name);
  return found && found->size() > 0 ? std::optional(found->values.back()) : std::nullopt;
}

Result<RunEventsPtr> read_events(const std::filesystem::path& file, RunEventsPtr before) {
  std::error_code status;
  const auto size = std::filesystem::file_size(file, status);
  if (status) return before ? before : std::make_shared<const RunEvents>();  // nothing has been said yet
  if (before && size == before->offset) return before;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return error_from_errno("reading", file.string());
  const bool goes_on = before && size > before->offset;
  CW_ASSIGN(RunEventsPtr read,
            read_on(stream, file, goes_on ? std::make_shared<RunEvents>(*before) : std::make_shared<RunEvents>()));
  return goes_on && read->offset == before->offset ? before : read;
}

Result<RunEventsPtr> read_last_events(const std::filesystem::path& file, std::uint64_t bytes) {
  std::error_code status;
  const auto size = std::filesystem::file_size(file, status);
  if (status) return std::make_shared<const RunEvents>();
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return error_from_errno("reading", file.string());
  auto events = std::make_shared<RunEvents>();
  events->offset = size > bytes ? size - bytes : 0;
  if (events->offset > 0) {  // the first line of the piece is not whole
    stream.seekg(static_cast<std::streamoff>(events->offset));
    std::string rest;
    std::getline(stream, rest);
    events->offset += rest.size() + 1;
  }
  return read_on(stream, file, std::move(events));
}

}  // namespace cw::ui
