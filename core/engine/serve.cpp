// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/serve.h"

#include "core/api/perturb_options.h"
#include "core/api/split_options.h"
#include "core/base/version.h"
#include "core/evaluate/run_split.h"
#include "core/perturb/preview.h"

#include <condition_variable>
#include <deque>
#include <istream>
#include <mutex>
#include <optional>
#include <ostream>
#include <thread>

namespace cw {
namespace {

// One line at a time, from whichever thread answers.
class LineWriter {
 public:
  explicit LineWriter(std::ostream& out) : out_(out) {}
  void write(const Json& json) {
    const std::lock_guard<std::mutex> lock(mutex_);
    out_ << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
  }
  void write_error(const Json& id, const Error& error) {
    write({{"id", id}, {"error", {{"code", error.id}, {"kind", name_of(error.code)}, {"text", error.message}}}});
  }

 private:
  std::ostream& out_;
  std::mutex mutex_;
};

class RequestSink : public JobSink {
 public:
  RequestSink(LineWriter& writer, Json id) : writer_(writer), id_(std::move(id)) {}
  void progress(double fraction, std::int64_t done, std::int64_t total, std::string_view phase) override {
    event("progress", {{"phase", phase}, {"done", done}, {"total", total}, {"fraction", fraction}});
  }
  void event(std::string_view type, const Json& fields) override {
    Json event = {{"type", type}};
    event.update(fields);
    writer_.write({{"id", id_}, {"event", event}});
  }

 private:
  LineWriter& writer_;
  Json id_;
};

struct Request {
  Json id;
  std::string method;
  Json params;
  std::shared_ptr<std::atomic<bool>> cancel = std::make_shared<std::atomic<bool>>(false);
};

// Requests in the order of their arrival. The one being worked on stays in front until it is done, so that it can
// be cancelled like those that wait.
class RequestQueue {
 public:
  void push(Request request) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting_.push_back(std::move(request));
    }
    changed_.notify_one();
  }
  void close() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      closed_ = true;
      for (auto& request : waiting_) request.cancel->store(true);  // nobody is left to read the answers
    }
    changed_.notify_one();
  }
  std::optional<Request> front() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    if (closed_) return std::nullopt;
    return waiting_.front();
  }
  void pop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.pop_front();
  }
  bool cancel(const Json& id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto& request : waiting_) {
      if (request.id == id) {
        request.cancel->store(true);
        return true;
      }
    }
    return false;
  }
  std::size_t size() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return waiting_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> waiting_;
  bool closed_ = false;
};

Result<Request> request_from(const std::string& line) {
  CW_ASSIGN(const Json json, parse_json(line, "request"));
  if (!json.is_object() || !json.contains("method") || !json["method"].is_string()) {
    return Error{ErrorCode::kInvalidArgument, "E-SRV-001", "a request is an object with id, method and params"};
  }
  Request request;
  request.id = json.contains("id") ? json["id"] : Json();
  request.method = json["method"].get<std::string>();
  request.params = json.contains("params") ? json["params"] : Json::object();
  return request;
}

Result<Json> answer(const Request& request, std::optional<PreviewSession>& session, JobContext& context) {
  if (request.method == "load") {
    CW_ASSIGN(const PerturbOptions options, perturb_options_from_json(request.params));
    CW_ASSIGN(PreviewSession loaded, PreviewSession::load(options, context));
    session.emplace(std::move(loaded));
    return Json{{"cells", session->cells().num_cells()}};
  }
  if (request.method == "check") {
    CW_ASSIGN(SplitOptions options, split_options_from_json(request.params));
    options.check = true;
    options.output.clear();
    return run_split(options, context);
  }
  if (request.method != "preview" && request.method != "estimate" && request.method != "place" &&
      request.method != "cell") {
    return Error{ErrorCode::kInvalidArgument, "E-SRV-003",
                 "there is no method '" + request.method +
                     "'; the methods are load, preview, estimate, place, cell, check, cancel and status"};
  }
  if (!session) {
    return Error{ErrorCode::kInvalidArgument, "E-SRV-002", "nothing is loaded yet: send a load request first"};
  }
  if (request.method == "cell") {
    CW_ASSIGN(const CellRequest cell, cell_request_from_json(request.params));
    return session->cell(cell, context);
  }
  CW_ASSIGN(const PerturbOptions options, perturb_options_from_json(request.params));
  if (request.method == "place") return session->place(options, context);
  return request.method == "preview" ? session->preview(options, context) : session->estimate(options, context);
}

}  // namespace

void serve(std::istream& in, std::ostream& out) {
  LineWriter writer(out);
  RequestQueue queue;
  writer.write({{"ready", true}, {"version", version()}});
  std::thread reader([&] {
    std::string line;
    while (std::getline(in, line)) {
      if (line.empty()) continue;
      auto request = request_from(line);
      if (!request.ok()) {
        writer.write_error(nullptr, request.error());
      } else if (request->method == "cancel") {
        const Json target =
            request->params.is_object() && request->params.contains("id") ? request->params["id"] : Json();
        writer.write({{"id", request->id}, {"result", {{"cancelled", queue.cancel(target)}}}});
      } else if (request->method == "status") {
        writer.write({{"id", request->id}, {"result", {{"waiting", queue.size()}, {"version", version()}}}});
      } else {
        queue.push(std::move(*request));
      }
    }
    queue.close();
  });
  std::optional<PreviewSession> session;
  while (const auto request = queue.front()) {
    RequestSink sink(writer, request->id);
    JobContext context(&sink, request->cancel);
    const Result<Json> result = answer(*request, session, context);
    queue.pop();  // before the answer: whoever has it may ask for the status at once
    if (result.ok()) {
      writer.write({{"id", request->id}, {"result", *result}});
    } else {
      writer.write_error(request->id, result.error());
    }
  }
  reader.join();
}

}  // namespace cw
