// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <QObject>
#include <functional>
#include <memory>

namespace cw::ui {

/// `cellwright-engine serve` behind a pipe: keeps one model and one data set in memory and answers previews within a
/// second. Started at the first request, started again after it died (`died` says why), ended with the window.
class WarmEngine : public QObject {
  Q_OBJECT
 public:
  using Answer = std::function<void(Result<Json>)>;
  using Event = std::function<void(const Json&)>;

  explicit WarmEngine(QObject* parent = nullptr);
  ~WarmEngine() override;

  /// Sends one request ("load", "preview", ...; the methods of docs/engine). `answer` is called once on this thread
  /// while `receiver` lives; cancelled requests answer with kCancelled. Returns the request's number.
  qint64 request(const QString& method, const Json& params, QObject* receiver, Answer answer, Event event = {});
  void cancel(qint64 request);
  [[nodiscard]] bool isRunning() const;

 Q_SIGNALS:
  void died(const QString& why);

 private:
  class Process;
  std::unique_ptr<Process> process_;
};

}  // namespace cw::ui
