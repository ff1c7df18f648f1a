// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/undo_journal.h"

#include "ui/document/project_store.h"

#include <QUndoCommand>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kUndoSteps = 500;
const QString kPosition = QStringLiteral("undo-position");

}  // namespace

/// A change of this session: what it did and undoes is code.
class UndoJournal::Live : public QUndoCommand {
 public:
  Live(UndoJournal& journal, const QString& text, std::function<void()> redo, std::function<void()> undo, int mergeId)
      : QUndoCommand(text), journal_(journal), redo_(std::move(redo)), undo_(std::move(undo)), mergeId_(mergeId) {}
  void redo() override { redo_(); }
  void undo() override { undo_(); }
  [[nodiscard]] int id() const override { return mergeId_ == 0 ? -1 : mergeId_; }
  bool mergeWith(const QUndoCommand* other) override {
    redo_ = static_cast<const Live*>(other)->redo_;
    journal_.merged_ = true;
    return true;
  }

 private:
  UndoJournal& journal_;
  std::function<void()> redo_;
  std::function<void()> undo_;
  int mergeId_;
};

/// A change of an earlier session: what it did and undoes is in the project.
class UndoJournal::Kept : public QUndoCommand {
 public:
  Kept(UndoJournal& journal, const QString& text, Json body)
      : QUndoCommand(text), journal_(journal), body_(std::move(body)) {}
  void redo() override {
    if (done_) journal_.replay(body_, true);
    done_ = true;  // the stack calls it when it takes the command: the change is in the project already
  }
  void undo() override { journal_.replay(body_, false); }

 private:
  UndoJournal& journal_;
  Json body_;
  bool done_ = false;
};

UndoJournal::UndoJournal(Session session, Restore restore, QObject* parent)
    : QObject(parent), session_(std::move(session)), restore_(std::move(restore)) {
  stack_.setUndoLimit(kUndoSteps);
  connect(&stack_, &QUndoStack::indexChanged, this, &UndoJournal::keepPosition);
}

// The stack says that it is empty while it goes: that is no undoing.
UndoJournal::~UndoJournal() { stack_.disconnect(this); }

void UndoJournal::open(ProjectStore* project) {
  project_ = nullptr;  // what the stack says while it changes is not noted
  stack_.clear();
  entries_.clear();
  if (!project) return;
  const QList<UndoStep> steps = project->undoSteps();
  const qint64 position = project->value(kPosition).toLongLong();
  int done = 0;
  for (const UndoStep& step : steps) {
    Json body = Json::parse(step.body.toStdString(), nullptr, false);
    if (!body.is_object() || !body.contains("changes") || !body["changes"].is_array()) continue;
    stack_.push(new Kept(*this, step.text, body));
    entries_.append({step.number, std::move(body)});
    if (step.number <= position) ++done;
  }
  stack_.setIndex(done);  // without a project yet: steps undone before the end move the stack alone
  project_ = project;
}

void UndoJournal::perform(const QString& text, std::function<void()> redo, std::function<void()> undo, int mergeId) {
  const bool kept = project_ && !project_->isReadOnly();
  Json changes = Json::array();
  performing_ = true;
  Json before = kept ? session_() : Json();
  const int countBefore = stack_.index();
  merged_ = false;
  if (kept) project_->record(&changes);
  stack_.push(new Live(*this, text, std::move(redo), std::move(undo), mergeId));
  if (kept) project_->record(nullptr);
  performing_ = false;
  note(text, std::move(changes), std::move(before), countBefore);
}

void UndoJournal::note(const QString& text, Json changes, Json before, int countBefore) {
  if (merged_ && !entries_.isEmpty()) {
    for (Json& change : changes) entries_.last().body["changes"].push_back(std::move(change));
  } else {
    while (entries_.size() > countBefore) entries_.removeLast();    // undone steps that this one takes the place of
    if (entries_.size() == stack_.count()) entries_.removeFirst();  // the stack is full and let its oldest go
    entries_.append({0, {{"changes", std::move(changes)}, {"before", std::move(before)}}});
  }
  if (!project_ || project_->isReadOnly()) return;
  Entry& entry = entries_.last();
  entry.body["after"] = session_();
  if (entry.number == 0 && entry.body["changes"].empty() && entry.body["before"] == entry.body["after"]) return;
  if (entry.number == 0) {
    qint64 last = 0;
    for (const Entry& one : entries_) last = std::max(last, one.number);
    entry.number = last + 1;
  }
  project_->keepUndoStep({entry.number, text, QString::fromStdString(entry.body.dump())}, firstNumber());
  keepPosition();
}

qint64 UndoJournal::firstNumber() const {
  for (const Entry& entry : entries_) {
    if (entry.number > 0) return entry.number;
  }
  return 0;
}

void UndoJournal::keepPosition() {
  if (!project_ || project_->isReadOnly() || performing_) return;
  qint64 number = 0;
  for (int i = 0; i < std::min<int>(stack_.index(), static_cast<int>(entries_.size())); ++i) {
    number = std::max(number, entries_[i].number);
  }
  const QString text = QString::number(number);
  if (project_->value(kPosition) != text) project_->setValue(kPosition, text);
}

void UndoJournal::replay(const Json& body, bool forward) {
  if (!project_ || project_->isReadOnly()) return;
  const Json& changes = body["changes"];
  for (std::size_t i = 0; i < changes.size(); ++i) {
    project_->replay(changes[forward ? i : changes.size() - 1 - i], forward);
  }
  restore_(body.value(forward ? "after" : "before", Json()));
}

}  // namespace cw::ui
