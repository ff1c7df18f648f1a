// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/perturb/experiment.h"

#include <QObject>
#include <functional>

namespace cw::ui {

class Document;
class JobCenter;

/// Where an experiment stands.
enum class Stage { kDraft, kQueued, kRunning, kPaused, kDone, kFailed };

/// The experiments of the project, one of them on the bench. Every edit is undoable and kept in the project when it is
/// made. An experiment that was run stays as it was: an edit goes on with a copy of it.
class ExperimentBook : public QObject {
  Q_OBJECT
 public:
  ExperimentBook(Document& document, JobCenter& jobs, QObject* parent = nullptr);

  /// In the order of the queue; never empty.
  [[nodiscard]] const QList<Experiment>& experiments() const noexcept { return experiments_; }
  [[nodiscard]] const Experiment& current() const noexcept;
  [[nodiscard]] const Experiment* find(const QString& id) const noexcept;
  [[nodiscard]] Stage stageOf(const Experiment& experiment) const;

  void setCurrent(const QString& id);
  /// Changes the experiment on the bench, undoably; changes with the same non-zero `mergeId` in a row are one step.
  void edit(const QString& text, const std::function<void(Experiment&)>& change, int mergeId = 0);
  /// The same without an entry in the undo list: for what belongs to another step, or is no choice of the user.
  /// Its position is kept where it is in the list already.
  void set(const Experiment& experiment);
  /// `asked` was given to the engine. Where it was edited meanwhile the run is a second experiment beside it. Returns
  /// the id of the one that runs.
  QString setRun(const Experiment& asked, const QString& folder, const QString& jobId);
  /// A new, empty draft that keeps states and model of the present one; becomes current.
  void create();
  /// A copy as draft. With `sweep` the genes of its one filled well are moved to that well ("same, but overexpress").
  void duplicate(const QString& id, std::optional<WellId> sweep = std::nullopt);
  /// Copies as drafts, each for the cells of one group only; returns their ids. One step of the undo list.
  QStringList forEach(const QString& id, const QList<Group>& groups);
  /// Takes it off the list; the run folder stays. Undoable.
  void remove(const QString& id);
  /// Puts one before another (at the end where `before` is empty). What waits to be run is run in that order.
  void move(const QString& id, const QString& before);

 Q_SIGNALS:
  /// Another experiment is on the bench, or the one there was changed.
  void currentChanged();
  /// The list or the stage of one of them changed.
  void listChanged();

 private:
  void load();
  void followGroups();
  void keep(Experiment& experiment);
  void place(const Experiment& experiment);
  void drop(const QString& id);
  QString insert(Experiment experiment);
  void number();  // keeps the order of the list
  void orderJobs();
  void showGroups();

  Document& document_;
  JobCenter& jobs_;
  QList<Experiment> experiments_;
  QString current_;
  bool settingGroups_ = false;
};

}  // namespace cw::ui
