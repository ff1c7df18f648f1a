// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/warm_engine.h"

#include "core/jobs/local_launch.h"

#include <QMap>
#include <QPointer>
#include <QProcess>

namespace cw::ui {

class WarmEngine::Process {
 public:
  struct Waiting {
    QPointer<QObject> receiver;
    Answer answer;
    Event event;
  };

  explicit Process(WarmEngine& owner) : owner_(owner) {
    QObject::connect(&process_, &QProcess::readyReadStandardOutput, &owner, [this] { read(); });
    QObject::connect(&process_, &QProcess::finished, &owner, [this] { ended(); });
    QObject::connect(&process_, &QProcess::errorOccurred, &owner, [this](QProcess::ProcessError error) {
      if (error == QProcess::FailedToStart) ended();
    });
  }

  qint64 request(const QString& method, const Json& params, Waiting waiting) {
    const qint64 number = ++last_;
    waiting_.insert(number, std::move(waiting));
    if (process_.state() == QProcess::NotRunning) {
      const auto program = engine_program();
      if (!program) {
        QMetaObject::invokeMethod(
            &owner_, [this, error = program.error()] { failAll(error); }, Qt::QueuedConnection);
        return number;
      }
      process_.start(QString::fromStdString(program->string()), {QStringLiteral("serve")});
    }
    write({{"id", number}, {"method", method.toStdString()}, {"params", params}});
    return number;
  }

  void cancel(qint64 number) {
    if (waiting_.contains(number)) write({{"id", ++last_}, {"method", "cancel"}, {"params", {{"id", number}}}});
  }

  [[nodiscard]] bool running() const { return process_.state() != QProcess::NotRunning; }

  void stop() {
    QObject::disconnect(&process_, nullptr, &owner_, nullptr);
    process_.closeWriteChannel();  // the engine ends when nobody is left to ask
    if (!process_.waitForFinished(300)) process_.kill();
    process_.waitForFinished(300);
  }

 private:
  void write(const Json& json) { process_.write(QByteArray::fromStdString(json.dump()) + '\n'); }

  void read() {
    while (process_.canReadLine()) {
      const Json line = Json::parse(process_.readLine().toStdString(), nullptr, false);
      if (!line.is_object() || !line.contains("id") || !line["id"].is_number_integer()) continue;
      const auto number = line["id"].get<qint64>();
      if (line.contains("event")) {
        const auto it = waiting_.constFind(number);
        if (it != waiting_.constEnd() && it->event && it->receiver) it->event(line["event"]);
        continue;
      }
      if (!waiting_.contains(number)) continue;
      const Waiting waiting = waiting_.take(number);
      if (!waiting.receiver) continue;
      if (line.contains("error")) {
        const Json& error = line["error"];
        waiting.answer(Error{error_code_of(error.value("kind", std::string())), error.value("code", std::string()),
                             error.value("text", std::string())});
      } else {
        waiting.answer(line.contains("result") ? line["result"] : Json());
      }
    }
  }

  void ended() {
    const QString why =
        process_.exitStatus() == QProcess::CrashExit
            ? WarmEngine::tr("The preview engine was stopped by the system, most often because memory ran out.")
            : WarmEngine::tr("The preview engine ended.");
    failAll(Error{ErrorCode::kInternal, "E-JOB-009", why.toStdString() + " It starts again with the next preview."});
    Q_EMIT owner_.died(why);
  }

  void failAll(const Error& error) {
    const auto waiting = std::exchange(waiting_, {});
    for (const auto& one : waiting) {
      if (one.receiver) one.answer(error);
    }
  }

  WarmEngine& owner_;
  QProcess process_;
  QMap<qint64, Waiting> waiting_;
  qint64 last_ = 0;
};

WarmEngine::WarmEngine(QObject* parent) : QObject(parent), process_(std::make_unique<Process>(*this)) {}

WarmEngine::~WarmEngine() { process_->stop(); }

qint64 WarmEngine::request(const QString& method, const Json& params, QObject* receiver, Answer answer, Event event) {
  return process_->request(method, params, {receiver, std::move(answer), std::move(event)});
}

void WarmEngine::cancel(qint64 request) { process_->cancel(request); }

bool WarmEngine::isRunning() const { return process_->running(); }

}  // namespace cw::ui
