// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"
#include "app/gui/journey.h"
#include "app/gui/journey_target.h"
#include "core/jobs/job_folder.h"

#include <sys/resource.h>

#include <QAbstractButton>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QDropEvent>
#include <QFileInfo>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPixmap>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <QUrl>
#include <QWindow>
#include <csignal>
#include <cstdio>
#include <utility>

namespace cw::ui {
namespace {

constexpr int kAfterGesture = 60;

Qt::KeyboardModifiers modifiers_of(const QStringList& words) {
  Qt::KeyboardModifiers modifiers;
  if (words.contains(QLatin1String("ctrl"))) modifiers |= Qt::ControlModifier;
  if (words.contains(QLatin1String("shift"))) modifiers |= Qt::ShiftModifier;
  if (words.contains(QLatin1String("alt"))) modifiers |= Qt::AltModifier;
  return modifiers;
}

// Of `words` the one behind `key`, "" where it is not there.
QString word_after(const QStringList& words, const char* key) {
  const auto at = words.indexOf(QLatin1String(key));
  return at < 0 ? QString() : words.value(at + 1);
}

QPoint position_of(const QString& text, const QPoint& usual, const QSize& size) {
  // "30%,40%" or "120,80" within the widget
  const QStringList parts = text.split(QLatin1Char(','));
  if (parts.size() != 2) return usual;
  const auto one = [](QString part, int whole) {
    const bool share = part.endsWith(QLatin1Char('%'));
    if (share) part.chop(1);
    return share ? static_cast<int>(part.toDouble() / 100.0 * whole) : part.toInt();
  };
  return {one(parts[0], size.width()), one(parts[1], size.height())};
}

// Where `target` is now; `place` as in position_of.
std::optional<PressPoint> point_named(const QString& target, const QString& place) {
  auto point = press_point(journey_target(target));
  if (point) point->position = position_of(place, point->position, point->widget->size());
  return point;
}

}  // namespace

Journey::Outcome Journey::attempt(const JourneyStep& step) {
  const QString& verb = step.verb;
  if (verb == QLatin1String("click") || verb == QLatin1String("double-click")) return click(step);
  if (verb == QLatin1String("drag")) return drag(step);
  if (verb == QLatin1String("drop-file")) return dropFile(step);
  if (verb == QLatin1String("type")) return typeText(step);
  if (verb == QLatin1String("key")) return pressKey(step);
  if (verb == QLatin1String("choose")) return choose(step);
  if (verb == QLatin1String("expect")) return expect(step);
  if (verb == QLatin1String("wait")) return waitFor(step);
  if (verb == QLatin1String("resize")) return resize(step);
  if (verb == QLatin1String("screenshot")) return screenshot(step.words.value(0));
  if (verb == QLatin1String("engine")) return engine(step);
  if (verb == QLatin1String("shell"))
    return outside(QStringLiteral("bash"), {QStringLiteral("-c"), step.words.value(0)});
  if (verb == QLatin1String("second")) {
    // another window on the same project, while this one is open
    QStringList arguments = QApplication::arguments().mid(1);
    const auto part = arguments.indexOf(QLatin1String("--part"));
    if (part < 0) return {false, QStringLiteral("--part is not given")};
    arguments[part + 1] = step.words.value(0);
    return outside(QApplication::applicationFilePath(), arguments);
  }
  if (verb == QLatin1String("action")) {
    QAction* action = application_.services().actions.find(step.words.value(0));
    if (!action) return {false, QStringLiteral("no such action")};
    if (!action->isEnabled()) return {false, QStringLiteral("the action is disabled")};
    ++gestures_;
    QTimer::singleShot(0, action, &QAction::trigger);
    return {true, {}, kAfterGesture};
  }
  if (verb == QLatin1String("gestures")) {
    const int most = step.words.value(0).toInt();
    return {gestures_ <= most, QStringLiteral("%1 gestures were needed").arg(gestures_)};
  }
  if (verb == QLatin1String("stopwatch")) {
    if (step.words.isEmpty()) return stopwatch_.start(), Outcome{true, {}};
    const qint64 passed = stopwatch_.elapsed();
    return {passed <= step.words[0].toInt(), QStringLiteral("%1 ms have passed").arg(passed)};
  }
  if (verb == QLatin1String("memory")) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const long megabytes = usage.ru_maxrss / 1024;
    std::printf("journey %s: %ld MB at most\n", qPrintable(name_), megabytes);
    return {megabytes <= step.words.value(0).toLong(), QStringLiteral("%1 MB were used").arg(megabytes)};
  }
  if (verb == QLatin1String("limit")) waitLimit_ = step.words.value(0).toInt() * 1000;
  if (verb == QLatin1String("stall-limit")) stallLimit_ = step.words.value(0).toDouble();
  if (verb == QLatin1String("quit")) application_.window().close();
  if (verb == QLatin1String("kill")) std::raise(SIGKILL);
  return {true, {}};
}

Journey::Outcome Journey::click(const JourneyStep& step) {
  const auto find = [step] { return point_named(step.words.value(0), word_after(step.words, "at")); };
  const auto point = find();
  if (!point) return {false, QStringLiteral("nothing of that name is on the screen")};
  if (!point->widget->isEnabled()) return {false, QStringLiteral("it is disabled")};
  if (!standsStill(*point)) return {false, QStringLiteral("it still moves")};
  const auto button = step.words.contains(QLatin1String("right")) ? Qt::RightButton : Qt::LeftButton;
  const auto modifiers = modifiers_of(step.words);
  const bool twice = step.verb == QLatin1String("double-click");
  ++gestures_;
  QTimer::singleShot(0, point->widget, [before = in_window(*point), find, button, modifiers, twice] {
    const auto now = find();
    const auto [window, position] = now ? in_window(*now) : before;
    QTest::mouseMove(window, position);
    QTest::mouseClick(window, button, modifiers, position);
    if (twice) QTest::mouseDClick(window, button, modifiers, position);
  });
  return {true, {}, kAfterGesture};
}

// People press what stands still; a page that is still laid out, or a list that is still sorted, moves it away under
// the pointer.
bool Journey::standsStill(const PressPoint& point) {
  const auto [window, position] = in_window(point);
  if (!window || std::exchange(aim_, position) != position) return false;
  aim_.reset();
  return true;
}

Journey::Outcome Journey::drag(const JourneyStep& step) {
  if (dragStep_ == at_) {
    if (drag_.isRunning()) return {false, QStringLiteral("the mouse is still held")};
    return {drag_.problem().isEmpty(), drag_.problem(), kAfterGesture};
  }
  const auto find = [step] { return point_named(step.words.value(0), word_after(step.words, "from")); };
  const auto from = find();
  if (!from) return {false, QStringLiteral("the source is not on the screen")};
  if (!standsStill(*from)) return {false, QStringLiteral("the source still moves")};
  dragStep_ = at_;
  ++gestures_;
  drag_.arrived = {};
  if (const QString picture = word_after(step.words, "picture"); !picture.isEmpty()) {
    drag_.arrived = [this, picture] { screenshot(picture); };
  }
  QList<QPoint> via;
  for (auto at = step.words.indexOf(QLatin1String("via")) + 1;
       at > 0 && step.words.value(at).contains(QLatin1Char(',')); ++at) {
    via << in_window({from->widget, position_of(step.words[at], {}, from->widget->size())}).position;
  }
  drag_.start(find, via, modifiers_of(step.words),
              [step] { return point_named(word_after(step.words, "to"), word_after(step.words, "at")); });
  return {false, QStringLiteral("the mouse is still held")};
}

Journey::Outcome Journey::dropFile(const JourneyStep& step) {
  const QString name = word_after(step.words, "on");
  QWidget* target = name.isEmpty() ? &application_.window() : find_widget(name);
  if (!target) return {false, QStringLiteral("the target is not on the screen")};
  QList<QUrl> files;
  for (const QString& word : step.words.mid(0, step.words.indexOf(QLatin1String("on")))) {
    files << QUrl::fromLocalFile(path(word));
  }
  ++gestures_;
  QTimer::singleShot(0, target, [target, files] {
    QMimeData data;
    data.setUrls(files);
    const QPoint middle = target->rect().center();
    QDragEnterEvent enter(middle, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(target, &enter);
    if (!enter.isAccepted()) return;
    QDropEvent drop(middle, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(target, &drop);
  });
  return {true, {}, kAfterGesture};
}

Journey::Outcome Journey::typeText(const JourneyStep& step) {
  const QString into = word_after(step.words, "into");
  QWidget* target = into.isEmpty() ? QApplication::focusWidget() : find_widget(into);
  if (!target || !target->isEnabled()) return {false, QStringLiteral("there is nothing to type into")};
  if (!into.isEmpty()) {
    target->setFocus();
    if (auto* line = qobject_cast<QLineEdit*>(target)) line->selectAll();
  }
  ++gestures_;
  const QString word = step.words.value(0);
  const QString text = word.startsWith(QLatin1Char('$')) ? path(word) : word;
  QTimer::singleShot(0, target, [target, text] { QTest::keyClicks(target, text); });
  return {true, {}, kAfterGesture};
}

Journey::Outcome Journey::pressKey(const JourneyStep& step) {
  const QString on = word_after(step.words, "on");
  QWidget* target = on.isEmpty() ? QApplication::focusWidget() : find_widget(on);
  if (!target && on.isEmpty()) target = &application_.window();
  if (!target) return {false, QStringLiteral("nothing of that name is on the screen")};
  const QKeySequence keys(step.words.value(0));
  if (keys.isEmpty()) return {false, QStringLiteral("not a key")};
  if (!on.isEmpty()) target->setFocus();
  ++gestures_;
  QTimer::singleShot(0, target,
                     [target, key = keys[0]] { QTest::keyClick(target, key.key(), key.keyboardModifiers()); });
  return {true, {}, kAfterGesture};
}

Journey::Outcome Journey::choose(const JourneyStep& step) {
  QWidget* widget = find_widget(step.words.value(0));
  const QString wanted = step.words.value(1);
  if (!widget || !widget->isEnabled()) return {false, QStringLiteral("nothing of that name can be used")};
  if (auto* box = qobject_cast<QComboBox*>(widget)) {
    int index = box->findText(wanted);
    if (index < 0) index = box->findText(wanted, Qt::MatchContains);
    if (index < 0) return {false, QStringLiteral("no such entry")};
    ++gestures_;
    QTimer::singleShot(0, box, [box, index] {
      box->setCurrentIndex(index);
      Q_EMIT box->activated(index);
    });
    return {true, {}, kAfterGesture};
  }
  auto* button = qobject_cast<QToolButton*>(widget);
  auto* menu = qobject_cast<QMenu*>(widget);
  if (button && button->menu()) menu = button->menu();
  if (!menu) return {false, QStringLiteral("it has no entries")};
  Q_EMIT menu->aboutToShow();
  QList<QAction*> actions = menu->actions();
  for (qsizetype i = 0; i < actions.size(); ++i) {
    if (actions[i]->menu()) actions << actions[i]->menu()->actions();
  }
  for (const bool exact : {true, false}) {
    for (QAction* action : actions) {
      const QString text = action->text().remove(QLatin1Char('&'));
      if (!action->isEnabled() || (exact ? text != wanted : !text.contains(wanted))) continue;
      ++gestures_;
      QTimer::singleShot(0, action, &QAction::trigger);
      return {true, {}, kAfterGesture};
    }
  }
  return {false, QStringLiteral("no such entry")};
}

Journey::Outcome Journey::expect(const JourneyStep& step) {
  const QString what = step.words.value(0);
  if (what == QLatin1String("file")) {
    const QFileInfo file(path(step.words.value(1)));
    return {file.exists() && (file.isDir() || file.size() > 0), QStringLiteral("it is not there")};
  }
  if (what == QLatin1String("clipboard")) {
    const QMimeData* data = QApplication::clipboard()->mimeData();
    const QString format = step.words.value(1);
    return {data && data->hasFormat(format),
            QStringLiteral("it has: ") + (data ? data->formats().join(QStringLiteral(", ")) : QString())};
  }
  if (what == QLatin1String("workspace")) {
    return {application_.window().workspace() == step.words.value(1), application_.window().workspace()};
  }
  QWidget* widget = find_widget(what, true);
  const QString state = step.words.value(1);
  if (state == QLatin1String("hidden")) return {!widget || !widget->isVisible(), QStringLiteral("it is visible")};
  if (!widget) return {false, QStringLiteral("nothing of that name exists")};
  return expectState(widget, step);
}

Journey::Outcome Journey::expectState(QWidget* widget, const JourneyStep& step) {
  const QString state = step.words.value(1);
  const QString value = step.words.value(2);
  if (state.isEmpty() || state == QLatin1String("visible")) {
    return {widget->isVisible(), QStringLiteral("it is hidden")};
  }
  // nobody can use what is hidden, whatever its state
  if (const QStringList states{"enabled", "disabled", "checked"}; states.contains(state) && !widget->isVisible()) {
    return {false, QStringLiteral("it is hidden")};
  }
  if (state == QLatin1String("enabled")) return {widget->isEnabled(), QStringLiteral("it is disabled")};
  if (state == QLatin1String("disabled")) return {!widget->isEnabled(), QStringLiteral("it is enabled")};
  if (state == QLatin1String("focus")) {
    const QWidget* focus = QApplication::focusWidget();
    return {focus && (focus == widget || widget->isAncestorOf(focus)),
            QStringLiteral("the focus is in %1").arg(focus ? focus->objectName() : QString())};
  }
  if (state == QLatin1String("checked")) {
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    return {button && button->isChecked(), QStringLiteral("it is not checked")};
  }
  if (state == QLatin1String("rows")) {
    const int rows = rows_of_widget(widget);
    return {rows >= value.toInt(), QStringLiteral("it has %1 rows").arg(rows)};
  }
  const QString text = text_of_widget(widget);
  if (state == QLatin1String("contains")) {
    return {text.contains(value), QStringLiteral("it says: ") + text.left(400)};
  }
  if (state == QLatin1String("lacks")) {
    return {!text.contains(value), QStringLiteral("it says: ") + text.left(400)};
  }
  return {false, QStringLiteral("unknown expectation")};
}

Journey::Outcome Journey::waitFor(const JourneyStep& step) {
  const Services& services = application_.services();
  const QString what = step.words.value(0);
  if (what == QLatin1String("idle")) return {!services.background.busy(), QStringLiteral("work goes on")};
  if (what == QLatin1String("jobs")) {
    for (const JobRecord& job : services.jobs.jobs()) {
      if (!has_ended(job.phase)) return {false, QStringLiteral("still at work: ") + job.title};
      if (job.phase == JobPhase::kFailed && !step.words.contains(QLatin1String("failed"))) {
        return {false, QString::fromStdString(job.error ? job.error->message : std::string("a job failed"))};
      }
    }
    return {!services.background.busy(), QStringLiteral("work goes on")};
  }
  if (stepTime_.elapsed() >= what.toInt()) return {true, {}};
  return {false, {}};
}

Journey::Outcome Journey::screenshot(const QString& name) {
  const QString folder = qEnvironmentVariable("CELLWRIGHT_SCREENSHOTS");
  if (folder.isEmpty()) return {true, {}};
  noteStall();
  QDir().mkpath(folder);
  QPixmap picture = application_.window().grab();
  picture.save(QStringLiteral("%1/%2.png").arg(folder, name));
  // taking the picture is the journey's own stall
  QTimer::singleShot(0, this, [this] { watchdog_.reset(); });
  return {true, {}, 50};
}

Journey::Outcome Journey::resize(const JourneyStep& step) {
  application_.window().resize(step.words.value(0).toInt(), step.words.value(1).toInt());
  return {true, {}, kAfterGesture};
}

// Another program, until it has ended well.
Journey::Outcome Journey::outside(const QString& program, const QStringList& arguments) {
  if (processStep_ != at_) {
    processStep_ = at_;
    process_.setProcessChannelMode(QProcess::MergedChannels);
    process_.start(program, arguments);
    return {false, QStringLiteral("it does not start")};
  }
  const bool ended = process_.state() == QProcess::NotRunning;
  const bool well = ended && process_.exitStatus() == QProcess::NormalExit && process_.exitCode() == 0;
  if (ended) output_ += QString::fromLocal8Bit(process_.readAll()).right(2000);
  return {well, ended ? QStringLiteral("it failed: ") + output_ : QStringLiteral("it is still at work")};
}

Journey::Outcome Journey::engine(const JourneyStep& step) {
  for (const JobRecord& job : application_.services().jobs.jobs()) {
    if (job.phase != JobPhase::kRunning) continue;
    const auto folder = JobFolder::open(job.folder);
    const auto state = folder ? folder->state() : Result<JobState>(folder.error());
    if (!state || state->process <= 0) continue;
    if (step.words.value(0) == QLatin1String("kill")) ::kill(static_cast<pid_t>(state->process), SIGKILL);
    return {true, {}, kAfterGesture};
  }
  return {false, QStringLiteral("no engine is at work")};
}

}  // namespace cw::ui
