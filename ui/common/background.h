// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/base/result.h"

#include <QObject>
#include <QPointer>
#include <atomic>
#include <functional>
#include <memory>

namespace cw::ui {

/// A piece of work that the window started and may stop. Copies stand for the same work.
class Task {
 public:
  Task() = default;
  /// The answer is dropped from now on; the work ends at its next look at the flag.
  void cancel() {
    if (cancel_) cancel_->store(true);
  }
  [[nodiscard]] bool isCancelled() const { return cancel_ && cancel_->load(); }

 private:
  friend class Background;
  std::shared_ptr<std::atomic<bool>> cancel_;
};

/// Runs functions of the core off the window's thread and hands their results back to it.
///
/// Two lanes, one thread each: `kFiles` for everything that opens a data or result file (the HDF5 library is used from
/// this thread only), `kCompute` for layout, colouring and sorting. Work captures its inputs by value or
/// `shared_ptr<const T>`, never a widget. `done` is called on the window's thread, and not at all once `receiver` is
/// gone or the task was cancelled. An exception of `work` reaches `done` as an error: the window lives on.
class Background : public QObject {
  Q_OBJECT
 public:
  enum class Lane { kFiles, kCompute };
  using Progress = std::function<void(double fraction, const QString& phase)>;

  explicit Background(QObject* parent = nullptr);
  /// Asks all work to stop and waits for what is running.
  ~Background() override;

  template <class T>
  Task run(Lane lane, QObject* receiver, std::function<Result<T>(JobContext&)> work,
           std::function<void(Result<T>)> done, Progress progress = {}) {
    auto result = std::make_shared<std::unique_ptr<Result<T>>>();
    return submit(
        lane, receiver,
        [result, work = std::move(work)](JobContext& context) {
          try {
            *result = std::make_unique<Result<T>>(work(context));
          } catch (...) {
            *result = std::make_unique<Result<T>>(error_of_exception());
          }
        },
        [result, done = std::move(done)] { done(std::move(**result)); }, std::move(progress));
  }

  /// True while anything waits or runs: for tests and for the spinner.
  [[nodiscard]] bool busy() const noexcept { return pending_ > 0; }

 Q_SIGNALS:
  void busyChanged(bool busy);

 private:
  /// What the exception in flight means to a user: E-UI-013 (no memory) or E-UI-014 (a bug).
  static Error error_of_exception();
  Task submit(Lane lane, QObject* receiver, std::function<void(JobContext&)> work, std::function<void()> done,
              Progress progress);
  void finished();

  class Worker;
  std::unique_ptr<Worker> files_;
  std::unique_ptr<Worker> compute_;
  int pending_ = 0;
};

}  // namespace cw::ui
