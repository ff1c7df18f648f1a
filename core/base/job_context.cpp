// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/job_context.h"

#include <algorithm>

namespace cw {

JobContext::JobContext() : cancel_(std::make_shared<std::atomic<bool>>(false)) {}

JobContext::JobContext(JobSink* sink, std::shared_ptr<std::atomic<bool>> cancel)
    : sink_(sink), cancel_(std::move(cancel)) {}

void JobContext::report(std::int64_t done, std::int64_t total, std::string_view phase) {
  if (sink_ == nullptr) return;
  const auto now = std::chrono::steady_clock::now();
  const bool must_pass = done == 0 || done == total;
  if (!must_pass && now - last_report_ < std::chrono::milliseconds(50)) return;
  last_report_ = now;
  const double share = total > 0 ? std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0) : 0.0;
  sink_->progress(begin_ + share * (end_ - begin_), done, total, phase);
}

void JobContext::warn(std::string_view id, std::string_view text) { event("warning", {{"code", id}, {"text", text}}); }

void JobContext::metric(std::string_view name, std::int64_t step, double value) {
  event("metric", {{"name", name}, {"step", step}, {"value", value}});
}

void JobContext::event(std::string_view type, const Json& fields) {
  if (sink_ != nullptr) sink_->event(type, fields);
}

JobContext JobContext::slice(double begin, double end) const {
  JobContext part = *this;
  part.begin_ = begin_ + begin * (end_ - begin_);
  part.end_ = begin_ + end * (end_ - begin_);
  return part;
}

Error cancelled_error(std::string_view what) {
  return {ErrorCode::kCancelled, "E-JOB-001", std::string(what) + " was cancelled"};
}

}  // namespace cw
