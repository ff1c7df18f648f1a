// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/gui/journey_drag.h"
#include "core/base/result.h"
#include "ui/common/stall_watchdog.h"

#include <QElapsedTimer>
#include <QObject>
#include <QProcess>
#include <QStringList>
#include <filesystem>
#include <optional>

namespace cw::ui {

class Application;

/// One line of a journey: a verb and its words; quoted words may hold spaces.
struct JourneyStep {
  int line = 0;
  QString verb;
  QStringList words;
  QString text;  ///< as written, for messages
};

/// Reads a journey (docs/journeys.md): one step per line, `#` begins a comment, a line `=== ...` begins the part that
/// the next start of the program plays. Errors: kIo, kParse E-UI-001 (unknown verb, quote without end).
[[nodiscard]] Result<QList<JourneyStep>> read_journey(const std::filesystem::path& file, int part);

/// Plays a journey in the window with real mouse and key events, as a user would: each step waits until its target is
/// there. Ends the program: exit code 0 when every step went well and the window never stalled for longer than 100 ms,
/// 1 otherwise (the step, what was missing, and a picture of the window then).
class Journey : public QObject {
  Q_OBJECT
 public:
  Journey(Application& application, QList<JourneyStep> steps, const QString& name, QObject* parent = nullptr);
  void start();

 private:
  /// What a try of a step came to: done, or what it still waits for.
  struct Outcome {
    bool done = false;
    QString missing;
    int nextAfter = 0;  ///< ms until the next step; events of the step are still on their way
  };
  void advance();
  void next(int after);
  void finish(const QString& problem);
  Outcome attempt(const JourneyStep& step);
  Outcome click(const JourneyStep& step);
  bool standsStill(const PressPoint& point);
  Outcome drag(const JourneyStep& step);
  Outcome dropFile(const JourneyStep& step);
  Outcome typeText(const JourneyStep& step);
  Outcome pressKey(const JourneyStep& step);
  Outcome choose(const JourneyStep& step);
  Outcome expect(const JourneyStep& step);
  Outcome expectState(QWidget* widget, const JourneyStep& step);
  Outcome waitFor(const JourneyStep& step);
  Outcome screenshot(const QString& name);
  Outcome resize(const JourneyStep& step);
  Outcome engine(const JourneyStep& step);
  Outcome outside(const QString& program, const QStringList& arguments);
  [[nodiscard]] QString path(const QString& word) const;
  void noteStall();

  Application& application_;
  QList<JourneyStep> steps_;
  QString name_;
  JourneyDrag drag_;
  qsizetype dragStep_ = -1;
  QProcess process_;  ///< of the steps "shell" and "second"
  qsizetype processStep_ = -1;
  QString output_;
  qsizetype at_ = 0;
  int gestures_ = 0;
  std::optional<QPoint> aim_;  ///< where the last look found what is to be pressed
  int waitLimit_;
  double stall_ = 0.0;
  QString stallStep_;
  double stallLimit_ = 100.0;
  QElapsedTimer stepTime_;
  QElapsedTimer wholeTime_;
  QElapsedTimer stopwatch_;
  StallWatchdog watchdog_;
};

}  // namespace cw::ui
