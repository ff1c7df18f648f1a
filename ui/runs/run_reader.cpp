// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_reader.h"

#include <utility>

namespace cw::ui {
namespace {

constexpr int kEvery = 1000;  // ms

using ReadLogs = QHash<QString, RunEventsPtr>;

Result<ReadLogs> read_all(const QList<RunLog>& logs, const ReadLogs& before, const JobContext& context) {
  ReadLogs read;
  for (const RunLog& log : logs) {
    if (context.cancelled()) return cancelled_error("reading the log of a run");
    CW_ASSIGN(RunEventsPtr events, read_events(log.file, before.value(log.id)));
    read.insert(log.id, std::move(events));
  }
  return read;
}

}  // namespace

RunReader::RunReader(Background& background, QObject* parent) : QObject(parent), background_(background) {
  timer_.setInterval(kEvery);
  connect(&timer_, &QTimer::timeout, this, &RunReader::readNow);
}

void RunReader::follow(const QList<RunLog>& logs, bool growing) {
  growing ? timer_.start() : timer_.stop();
  logs_ = logs;
  readNow();
}

void RunReader::readNow() {
  again_ = reading_;
  if (reading_) return;
  reading_ = true;
  background_.run<ReadLogs>(
      Background::Lane::kCompute, this,
      [logs = logs_, before = read_](JobContext& context) { return read_all(logs, before, context); },
      [this](Result<ReadLogs> read) {
        reading_ = false;
        if (!read) {
          timer_.stop();
          Q_EMIT failed(read.error());
        } else if (*read != read_) {
          read_ = std::move(read).value();
          Q_EMIT changed();
        }
        if (std::exchange(again_, false)) readNow();
      });
}

}  // namespace cw::ui
