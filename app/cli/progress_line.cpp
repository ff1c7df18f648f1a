// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress_line.h"

#include "core/base/clock.h"

#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>

namespace cw {

ProgressLine::ProgressLine(bool enabled)
    : enabled_(enabled && ::isatty(STDERR_FILENO) != 0), began_(std::chrono::steady_clock::now()) {}

void ProgressLine::show(const Json& event) {
  if (!enabled_ || std::chrono::steady_clock::now() - began_ < std::chrono::milliseconds(150)) return;
  std::fprintf(stderr, "\r\033[K%s", progress_text(event).c_str());
  std::fflush(stderr);
  visible_ = true;
}

void ProgressLine::clear() {
  if (!visible_) return;
  std::fprintf(stderr, "\r\033[K");
  std::fflush(stderr);
  visible_ = false;
}

std::string progress_text(const Json& event) {
  const auto done = event.value("done", std::int64_t{0});
  const auto total = event.value("total", std::int64_t{0});
  std::string text = event.value("phase", std::string("Working")) + " " + std::to_string(done);
  if (total > 0) text += "/" + std::to_string(total) + " (" + std::to_string(100 * done / total) + " %)";
  if (const double rate = event.value("rate", 0.0); rate > 0) {
    std::array<char, 32> buffer{};
    std::snprintf(buffer.data(), buffer.size(), rate < 10 ? ", %.1f/s" : ", %.0f/s", rate);
    text += buffer.data();
    text += ", " + duration_text(event.value("eta_s", 0.0)) + " left";
  }
  return text;
}

std::optional<std::string> EstimateNotice::take(const Json& event) {
  constexpr double kWorthSaying = 0.2;
  const double seconds = event.value("seconds", 0.0);
  if (said_seconds_) {
    if (std::abs(seconds - *said_seconds_) < kWorthSaying * *said_seconds_) return std::nullopt;
    said_seconds_ = seconds;
    return "It will rather take about " + duration_text(seconds) + ", " +
           duration_text(event.value("seconds_left", 0.0)) + " from now";
  }
  said_seconds_ = seconds;
  const double megabytes = event.value("memory_bytes", 0.0) / 1e6;
  std::array<char, 48> memory{};
  std::snprintf(memory.data(), memory.size(), megabytes < 1000 ? "%.0f MB" : "%.1f GB",
                megabytes < 1000 ? megabytes : megabytes / 1000);
  return std::to_string(event.value("passes", std::int64_t{0})) + " passes through the model, about " + memory.data() +
         " of memory, about " + duration_text(seconds);
}

}  // namespace cw
