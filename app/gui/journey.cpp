// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/journey.h"

#include "app/gui/application.h"
#include "core/base/files.h"

#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QTimer>
#include <cstdio>

namespace cw::ui {
namespace {

constexpr int kDefaultWait = 30'000;
constexpr int kTryEvery = 20;

QString g_paintWarning;  // the first; painting is the window's thread's alone
QtMessageHandler g_writeMessage = nullptr;

void note_paint_warning(QtMsgType type, const QMessageLogContext& context, const QString& message) {
  if (g_paintWarning.isEmpty() && message.startsWith(QLatin1String("QPainter"))) g_paintWarning = message;
  g_writeMessage(type, context, message);
}

constexpr const char* kVerbs[] = {"click",  "double-click", "drag",      "drop-file",   "type",   "key",
                                  "choose", "action",       "expect",    "wait",        "resize", "screenshot",
                                  "engine", "gestures",     "limit",     "stall-limit", "quit",   "kill",
                                  "shell",  "second",       "stopwatch", "memory"};

// Words apart at spaces; "quoted words" may hold spaces. Nothing where a quote does not end.
std::optional<QStringList> words_of(const QString& line) {
  QStringList words;
  QString word;
  bool quoted = false;
  bool any = false;
  for (const QChar c : line) {
    if (c == QLatin1Char('"')) {
      quoted = !quoted;
      any = true;
    } else if (c.isSpace() && !quoted) {
      if (any) words << word;
      word.clear();
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words << word;
  if (quoted) return std::nullopt;
  return words;
}

}  // namespace

Result<QList<JourneyStep>> read_journey(const std::filesystem::path& file, int part) {
  CW_ASSIGN(const std::string content, read_file(file));
  QList<JourneyStep> steps;
  int number = 0;
  int inPart = 1;
  for (const QString& raw : QString::fromStdString(content).split(QLatin1Char('\n'))) {
    ++number;
    const QString line = raw.trimmed();
    if (line.startsWith(QLatin1String("==="))) ++inPart;
    if (line.isEmpty() || line.startsWith(QLatin1Char('#')) || line.startsWith(QLatin1String("===")) || inPart != part)
      continue;
    auto words = words_of(line);
    const bool known = words && std::any_of(std::begin(kVerbs), std::end(kVerbs),
                                            [&](const char* verb) { return words->first() == QLatin1String(verb); });
    if (!known) {
      return Error{ErrorCode::kParse, "E-UI-001",
                   file.string() + ", line " + std::to_string(number) + ": not a step: " + line.toStdString()};
    }
    const QString verb = words->takeFirst();
    steps.append({number, verb, *words, line});
  }
  return steps;
}

Journey::Journey(Application& application, QList<JourneyStep> steps, const QString& name, QObject* parent)
    : QObject(parent), application_(application), steps_(std::move(steps)), name_(name), waitLimit_(kDefaultWait) {}

void Journey::start() {
  g_writeMessage = qInstallMessageHandler(note_paint_warning);
  wholeTime_.start();
  stepTime_.start();
  application_.window().activateWindow();  // a display without window manager gives the focus to nobody
  QTimer::singleShot(200, this, [this] {
    watchdog_.reset();  // building the window is measured by bench/, not here
    advance();
  });
}

void Journey::next(int after) {
  QTimer::singleShot(after, this, [this] { advance(); });
}

void Journey::advance() {
  noteStall();
  // where a dialog closed, a window manager would give the focus back; this display has none
  if (!QApplication::activeWindow()) application_.window().activateWindow();
  if (at_ >= steps_.size()) return finish({});
  const JourneyStep& step = steps_[at_];
  const Outcome outcome = attempt(step);
  if (outcome.done) {
    ++at_;
    stepTime_.restart();
    return next(outcome.nextAfter);
  }
  if (stepTime_.elapsed() > waitLimit_) {
    return finish(QStringLiteral("line %1: %2\n  %3").arg(step.line).arg(step.text, outcome.missing));
  }
  next(kTryEvery);
}

void Journey::noteStall() {
  const double longest = watchdog_.longest();
  if (longest <= stall_) return;
  stall_ = longest;
  const auto step = std::max<qsizetype>(0, at_ - (stepTime_.elapsed() < kTryEvery ? 1 : 0));
  if (step < steps_.size()) stallStep_ = QStringLiteral("line %1").arg(steps_[step].line);
}

void Journey::finish(const QString& problem) {
  const double seconds = static_cast<double>(wholeTime_.elapsed()) / 1000.0;
  std::printf("journey %s: %d gestures, %.1f s, longest stall %.0f ms%s%s\n", qPrintable(name_), gestures_, seconds,
              stall_, stallStep_.isEmpty() ? "" : " at ", qPrintable(stallStep_));
  QString failed = problem;
  if (failed.isEmpty() && stall_ > stallLimit_) {
    failed = QStringLiteral("the window stalled for %1 ms (%2); the limit is %3 ms")
                 .arg(stall_, 0, 'f', 0)
                 .arg(stallStep_)
                 .arg(stallLimit_);
  }
  if (failed.isEmpty() && !g_paintWarning.isEmpty()) failed = QStringLiteral("painting went wrong: ") + g_paintWarning;
  if (!failed.isEmpty()) {
    std::printf("FAILED %s\n", qPrintable(failed));
    screenshot(QStringLiteral("failed-") + name_);
  }
  std::fflush(stdout);
  QApplication::exit(failed.isEmpty() ? 0 : 1);
}

QString Journey::path(const QString& word) const {
  QString text = word;
  // $NAME stands for a variable of the environment, so that journeys name no path of one machine
  if (text.startsWith(QLatin1Char('$'))) {
    const auto slash = text.indexOf(QLatin1Char('/'));
    const QString variable = text.mid(1, slash < 0 ? -1 : slash - 1);
    text = qEnvironmentVariable(variable.toLatin1().constData()) + (slash < 0 ? QString() : text.mid(slash));
  }
  return QDir::cleanPath(QFileInfo(text).absoluteFilePath());
}

}  // namespace cw::ui
