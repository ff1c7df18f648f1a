// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/background.h"

#include <QMetaObject>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>

namespace cw::ui {
namespace {

// Hands a job's progress to the window's thread.
class ProgressSink : public JobSink {
 public:
  ProgressSink(QPointer<QObject> window, Background::Progress progress)
      : window_(std::move(window)), progress_(std::move(progress)) {}
  void progress(double fraction, std::int64_t, std::int64_t, std::string_view phase) override {
    if (!progress_ || !window_) return;
    QMetaObject::invokeMethod(
        window_,
        [report = progress_, fraction, text = QString::fromUtf8(phase.data(), static_cast<int>(phase.size()))] {
          report(fraction, text);
        },
        Qt::QueuedConnection);
  }
  void event(std::string_view, const Json&) override {}

 private:
  QPointer<QObject> window_;
  Background::Progress progress_;
};

}  // namespace

class Background::Worker {
 public:
  Worker() : thread_([this] { loop(); }) {}
  ~Worker() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
      for (auto& item : waiting_) item.cancel->store(true);
      if (running_) running_->store(true);
    }
    changed_.notify_one();
    thread_.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void push(std::shared_ptr<std::atomic<bool>> cancel, std::function<void()> work) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting_.push_back({std::move(cancel), std::move(work)});
    }
    changed_.notify_one();
  }

 private:
  struct Item {
    std::shared_ptr<std::atomic<bool>> cancel;
    std::function<void()> work;
  };

  void loop() {
    for (;;) {
      std::function<void()> work;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        running_.reset();
        changed_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
        if (stop_) return;
        running_ = waiting_.front().cancel;
        work = std::move(waiting_.front().work);
        waiting_.pop_front();
      }
      work();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> waiting_;
  std::shared_ptr<std::atomic<bool>> running_;
  bool stop_ = false;
  std::thread thread_;  // last: starts when everything else stands
};

Error Background::error_of_exception() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return {ErrorCode::kOutOfMemory, "E-UI-013",
            "memory ran out; close other programs, or open fewer or smaller data sets"};
  } catch (const std::exception& bug) {
    return {ErrorCode::kInternal, "E-UI-014", std::string("internal error (a bug): ") + bug.what()};
  }
}

Background::Background(QObject* parent)
    : QObject(parent), files_(std::make_unique<Worker>()), compute_(std::make_unique<Worker>()) {}

Background::~Background() = default;

Task Background::submit(Lane lane, QObject* receiver, std::function<void(JobContext&)> work, std::function<void()> done,
                        Progress progress) {
  Task task;
  task.cancel_ = std::make_shared<std::atomic<bool>>(false);
  if (++pending_ == 1) Q_EMIT busyChanged(true);
  const QPointer<QObject> window(receiver);
  auto& worker = lane == Lane::kFiles ? *files_ : *compute_;
  worker.push(task.cancel_, [this, cancel = task.cancel_, window, work = std::move(work), done = std::move(done),
                             progress = std::move(progress)] {
    if (!cancel->load()) {
      ProgressSink sink(window, progress);
      JobContext context(&sink, cancel);
      work(context);
    }
    // whether anybody still wants the answer is decided on the window's thread
    QMetaObject::invokeMethod(
        this,
        [this, cancel, window, done] {
          finished();
          if (window && !cancel->load()) done();
        },
        Qt::QueuedConnection);
  });
  return task;
}

void Background::finished() {
  if (--pending_ == 0) Q_EMIT busyChanged(false);
}

}  // namespace cw::ui
