// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/time_left.h"

#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr double kFirstAnswer = 3.0;
constexpr double kLeastError = 0.05;
constexpr std::size_t kSamples = 512;
constexpr double kJump = 60.0;       // seconds: a shorter pause is one of the work
constexpr double kUnheardOf = 10.0;  // times the longest step so far

}  // namespace

// The time of an event on a clock that neither jumps nor sleeps, from the phase's first event.
double TimeLeft::worked(double seconds) {
  const double step = seconds - clock_;
  clock_ = seconds;
  if (samples_.empty()) return seconds;
  const bool jumped = step < 0.0 || (step > kJump && step > kUnheardOf * longest_ && longest_ > 0.0);
  if (!jumped) longest_ = std::max(longest_, step);
  return samples_.back().seconds + (jumped ? longest_ : step);
}

void TimeLeft::add(double seconds, const QString& phase, std::int64_t done, std::int64_t total) {
  // an engine that goes on after a pause starts counting again: the pause is no work
  if (phase != phase_ || (!samples_.empty() && done < samples_.back().done)) {
    phase_ = phase;
    samples_.clear();
    rate_ = longest_ = 0.0;
  }
  seconds = worked(seconds);
  samples_.push_back({seconds, done});
  if (samples_.size() > kSamples) samples_.erase(samples_.begin() + 1);  // the first one dates the whole phase
  left_ = error_ = -1.0;
  const Sample& first = samples_.front();
  const double elapsed = seconds - first.seconds;
  const auto worked = static_cast<double>(done - first.done);
  if (elapsed <= 0.0 || worked <= 0.0) return;
  const double whole = worked / elapsed;
  const auto recent = std::find_if(samples_.begin(), samples_.end(),
                                   [&](const Sample& one) { return one.seconds >= seconds - elapsed / 3.0; });
  rate_ = whole;
  if (recent->done < done && recent->seconds < seconds) {
    rate_ = static_cast<double>(done - recent->done) / (seconds - recent->seconds);
  }
  if (elapsed < kFirstAnswer) return;
  const auto remaining = static_cast<double>(total - done);
  const double byWhole = remaining / whole;
  const double byRecent = remaining / rate_;
  left_ = (byWhole + byRecent) / 2.0;
  error_ = std::max(std::abs(byWhole - byRecent) / 2.0, kLeastError * left_);
}

}  // namespace cw::ui
