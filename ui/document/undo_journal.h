// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <QList>
#include <QObject>
#include <QUndoStack>
#include <functional>

namespace cw::ui {

class ProjectStore;

/// The list of changes that can be undone, kept in the project with what each of them did to it and to what is
/// selected: after a restart, or a kill, the same steps can be undone and redone. Changes of the view alone (colours of
/// a tile) are undone in the session that made them; the next one does not list them.
class UndoJournal : public QObject {
  Q_OBJECT
 public:
  /// What is selected, as JSON: noted before and after each change.
  using Session = std::function<Json()>;
  /// Selects what a step of an earlier session had selected and shows anew what the project holds.
  using Restore = std::function<void(const Json& session)>;

  UndoJournal(Session session, Restore restore, QObject* parent);
  ~UndoJournal() override;

  [[nodiscard]] QUndoStack& stack() noexcept { return stack_; }
  /// Forgets all steps and takes up those of this project; nullptr = none.
  void open(ProjectStore* project);
  /// Runs `redo` now and puts both on the stack. Changes with the same non-zero `mergeId` in a row become one.
  void perform(const QString& text, std::function<void()> redo, std::function<void()> undo, int mergeId);

 private:
  class Live;
  class Kept;
  /// One step as the project keeps it.
  struct Entry {
    qint64 number = 0;  ///< key of its row; 0 = it did nothing that is kept
    Json body;
  };
  void note(const QString& text, Json changes, Json before, int countBefore);
  void replay(const Json& body, bool forward);
  void keepPosition();
  [[nodiscard]] qint64 firstNumber() const;

  Session session_;
  Restore restore_;
  QUndoStack stack_;
  ProjectStore* project_ = nullptr;
  QList<Entry> entries_;  // beside the commands of the stack
  bool merged_ = false;
  bool performing_ = false;
};

}  // namespace cw::ui
