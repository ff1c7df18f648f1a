// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/experiment_book.h"

#include "ui/document/document.h"
#include "ui/jobs/job_center.h"

#include <QUuid>
#include <algorithm>

namespace cw::ui {
namespace {

const QString kKind = QStringLiteral("experiment");
const QString kCurrent = QStringLiteral("current-experiment");

bool same(const std::optional<Group>& a, const std::optional<Group>& b) {
  return a.has_value() == b.has_value() && (!a || *a == *b);
}

}  // namespace

ExperimentBook::ExperimentBook(Document& document, JobCenter& jobs, QObject* parent)
    : QObject(parent), document_(document), jobs_(jobs) {
  connect(&document, &Document::projectChanged, this, &ExperimentBook::load);
  connect(&document, &Document::itemsRestored, this, &ExperimentBook::load);
  connect(&document.selection(), &SelectionHub::groupsChanged, this, &ExperimentBook::followGroups);
  connect(&jobs, &JobCenter::added, this, &ExperimentBook::listChanged);
  connect(&jobs, &JobCenter::changed, this, &ExperimentBook::listChanged);
  connect(&jobs, &JobCenter::ended, this, &ExperimentBook::listChanged);
  load();
}

void ExperimentBook::load() {
  experiments_.clear();
  current_.clear();
  if (ProjectStore* project = document_.project()) {
    for (const ProjectItem& item : project->items(kKind)) {
      Experiment experiment = experiment_from_json(item.body);
      experiment.id = item.id;
      experiment.position = item.position;
      // inside the project paths are kept relative, so that it can be moved
      if (!experiment.runFolder.isEmpty()) {
        experiment.runFolder =
            QString::fromStdString((project->folder() / experiment.runFolder.toStdString()).string());
      }
      experiments_ << experiment;
    }
    current_ = project->value(kCurrent);
  }
  if (experiments_.isEmpty()) {
    Experiment first;
    first.id = QUuid::createUuid().toString(QUuid::Id128);
    experiments_ << first;  // kept with its first change
  }
  if (find(current_) == nullptr) current_ = experiments_.last().id;
  showGroups();
  Q_EMIT listChanged();
  Q_EMIT currentChanged();
}

const Experiment& ExperimentBook::current() const noexcept { return *find(current_); }

const Experiment* ExperimentBook::find(const QString& id) const noexcept {
  const auto it =
      std::find_if(experiments_.begin(), experiments_.end(), [&](const Experiment& e) { return e.id == id; });
  return it == experiments_.end() ? nullptr : &*it;
}

Stage ExperimentBook::stageOf(const Experiment& e) const {
  if (e.runFolder.isEmpty()) return Stage::kDraft;
  const JobRecord* job = jobs_.job(e.jobId);
  if (job == nullptr) {
    std::error_code status;
    const auto result = std::filesystem::path(e.runFolder.toStdString()) / "effects.h5";
    return std::filesystem::exists(result, status) ? Stage::kDone : Stage::kPaused;
  }
  switch (job->phase) {
    case JobPhase::kQueued:
      return Stage::kQueued;
    case JobPhase::kRunning:
      return Stage::kRunning;
    case JobPhase::kDone:
      return Stage::kDone;
    case JobPhase::kCancelled:
      return Stage::kPaused;
    case JobPhase::kFailed:
    case JobPhase::kLost:
      break;
  }
  return Stage::kFailed;
}

void ExperimentBook::keep(Experiment& e) {
  ProjectStore* project = document_.project();
  if (project == nullptr || project->isReadOnly()) return;
  ProjectItem item;
  item.kind = kKind;
  item.id = e.id;
  item.name = title_of(e);
  item.body = to_json(e);
  if (const auto relative = std::filesystem::path(e.runFolder.toStdString()).lexically_relative(project->folder());
      !relative.empty() && *relative.begin() != "..") {
    item.body["run_folder"] = relative.string();
  }
  item.position = e.position;
  e.id = project->put(std::move(item));
}

void ExperimentBook::place(const Experiment& e) {
  const auto it =
      std::find_if(experiments_.begin(), experiments_.end(), [&](const Experiment& one) { return one.id == e.id; });
  if (it == experiments_.end()) {
    const auto later = std::find_if(experiments_.begin(), experiments_.end(),
                                    [&](const Experiment& one) { return one.position > e.position; });
    experiments_.insert(later, e);
  } else {
    *it = e;
  }
}

// Its place is that of the list: who sets an experiment may hold it as it was before it was moved.
void ExperimentBook::set(const Experiment& changed) {
  Experiment e = changed;
  const Experiment* before = find(e.id);
  if (before != nullptr) e.position = before->position;
  const bool submitted = !e.jobId.isEmpty() && (before == nullptr || before->jobId != e.jobId);
  place(e);
  keep(e);
  if (submitted) orderJobs();
  if (e.id == current_) {
    showGroups();
    Q_EMIT currentChanged();
  }
  Q_EMIT listChanged();
}

QString ExperimentBook::setRun(const Experiment& asked, const QString& folder, const QString& jobId) {
  Experiment run = asked;
  run.runFolder = folder;
  run.jobId = jobId;
  run.name = title_of(asked);
  if (const Experiment* now = find(asked.id)) {
    run.position = now->position;
    // edited while the run was prepared: what is run is what was asked for, and the edited draft stays
    if (to_json(*now) != to_json(asked)) run.id = QUuid::createUuid().toString(QUuid::Id128);
  }
  set(run);
  number();
  return run.id;
}

void ExperimentBook::drop(const QString& id) {
  experiments_.removeIf([&](const Experiment& e) { return e.id == id; });
  if (ProjectStore* project = document_.project(); project != nullptr && !project->isReadOnly()) project->remove(id);
  if (experiments_.isEmpty()) {
    Experiment empty;
    empty.id = QUuid::createUuid().toString(QUuid::Id128);
    experiments_ << empty;
  }
  if (current_ == id) {
    current_ = experiments_.last().id;
    showGroups();
    Q_EMIT currentChanged();
  }
  Q_EMIT listChanged();
}

void ExperimentBook::setCurrent(const QString& id) {
  if (id == current_ || find(id) == nullptr) return;
  current_ = id;
  if (ProjectStore* project = document_.project()) project->setValue(kCurrent, id);
  showGroups();
  Q_EMIT currentChanged();
}

void ExperimentBook::edit(const QString& text, const std::function<void(Experiment&)>& change, int mergeId) {
  const Experiment before = current();
  Experiment after = before;
  if (!before.runFolder.isEmpty()) {
    // what was run stays beside its result
    after.runFolder.clear();
    after.jobId.clear();
    after.name.clear();
    change(after);
    after.id = QUuid::createUuid().toString(QUuid::Id128);
    after.position = experiments_.last().position + 1;
    document_.perform(
        text,
        [this, after] {
          set(after);
          setCurrent(after.id);
        },
        [this, before, id = after.id] {
          setCurrent(before.id);
          drop(id);
        });
    return;
  }
  change(after);
  if (to_json(after) == to_json(before)) return;
  document_.perform(
      text,
      [this, after] {
        setCurrent(after.id);
        set(after);
      },
      [this, before] {
        setCurrent(before.id);
        set(before);
      },
      mergeId);
}

QString ExperimentBook::insert(Experiment e) {
  e.id = QUuid::createUuid().toString(QUuid::Id128);
  e.position = experiments_.last().position + 1;
  document_.perform(
      tr("New experiment"),
      [this, e] {
        set(e);
        setCurrent(e.id);
      },
      [this, id = e.id, before = current_] {
        setCurrent(before);
        drop(id);
      });
  return e.id;
}

void ExperimentBook::create() {
  Experiment e;
  const Experiment& now = current();
  e.start = now.start;
  e.goal = now.goal;
  e.alternatives = now.alternatives;
  e.filter = now.filter;
  e.modelId = now.modelId;
  e.layer = now.layer;
  insert(e);
}

void ExperimentBook::duplicate(const QString& id, std::optional<WellId> sweep) {
  const Experiment* from = find(id);
  if (from == nullptr) return;
  Experiment copy = *from;
  copy.runFolder.clear();
  copy.jobId.clear();
  copy.name.clear();
  if (sweep) {
    Well genes;
    for (const WellId kind : kAllWells) {
      if (kind == WellId::kAnchor) continue;
      genes.all = genes.all || copy.well(kind).all;
      for (const WellGene& gene : copy.well(kind).genes) {
        if (!genes.genes.contains(gene)) genes.genes << gene;
      }
      copy.well(kind) = {};
    }
    if (genes.all) genes.genes.clear();
    copy.well(*sweep) = genes;
  }
  insert(copy);
}

QStringList ExperimentBook::forEach(const QString& id, const QList<Group>& groups) {
  const Experiment* from = find(id);
  if (from == nullptr || groups.isEmpty()) return {};
  QList<Experiment> copies;
  QStringList ids;
  for (const Group& group : groups) {
    Experiment copy = *from;
    copy.runFolder.clear();
    copy.jobId.clear();
    copy.name = tr("%1, in %2").arg(title_of(*from), group.label());
    // other groups of the same column would add their cells
    copy.filter.removeIf([&group](const Group& one) { return one.column == group.column; });
    copy.filter << group;
    copy.id = QUuid::createUuid().toString(QUuid::Id128);
    copy.position = experiments_.last().position + 1 + copies.size();
    ids << copy.id;
    copies << copy;
  }
  document_.perform(
      tr("One experiment per group of %1").arg(groups.first().column),
      [this, copies] {
        for (const Experiment& copy : copies) set(copy);
      },
      [this, ids] {
        for (const QString& one : ids) drop(one);
      });
  return ids;
}

void ExperimentBook::remove(const QString& id) {
  const Experiment* found = find(id);
  if (found == nullptr) return;
  document_.perform(
      tr("Remove experiment"), [this, id] { drop(id); }, [this, e = *found] { set(e); });
}

void ExperimentBook::move(const QString& id, const QString& before) {
  const auto from =
      std::find_if(experiments_.begin(), experiments_.end(), [&](const Experiment& e) { return e.id == id; });
  if (from == experiments_.end() || id == before) return;
  const Experiment moved = *from;
  experiments_.erase(from);
  const auto to =
      std::find_if(experiments_.begin(), experiments_.end(), [&](const Experiment& e) { return e.id == before; });
  experiments_.insert(to, moved);
  number();
  orderJobs();
  Q_EMIT listChanged();
}

void ExperimentBook::number() {
  for (qsizetype i = 0; i < experiments_.size(); ++i) {
    if (experiments_[i].position == i + 1) continue;
    experiments_[i].position = i + 1;
    keep(experiments_[i]);
  }
}

// The waiting jobs of the experiments, in the order of the list. Drafts and what was run lie between them.
void ExperimentBook::orderJobs() {
  QStringList waiting;
  for (const Experiment& e : experiments_) {
    const JobRecord* job = jobs_.job(e.jobId);
    if (job != nullptr && job->phase == JobPhase::kQueued) waiting << e.jobId;
  }
  QStringList now;
  for (const JobRecord& job : jobs_.jobs()) {
    if (waiting.contains(job.id)) now << job.id;
  }
  if (now == waiting) return;
  for (qsizetype i = waiting.size() - 2; i >= 0; --i) jobs_.move(waiting[i], waiting[i + 1]);
}

void ExperimentBook::showGroups() {
  const Experiment& e = current();
  const GroupChoice& shown = document_.selection().groups();
  if (same(shown.start, e.start) && same(shown.goal, e.goal) && shown.alternatives == e.alternatives) return;
  settingGroups_ = true;
  document_.selection().setGroups({e.start, e.goal, e.alternatives});
  settingGroups_ = false;
}

// Another panel chose the states (a legend entry dropped on START): that step is undoable there already.
void ExperimentBook::followGroups() {
  if (settingGroups_) return;
  const GroupChoice& groups = document_.selection().groups();
  if (document_.isForgettingGroups()) {
    // another project or file was opened: the bench keeps its states, and shows them again
    QMetaObject::invokeMethod(this, &ExperimentBook::showGroups, Qt::QueuedConnection);
    return;
  }
  Experiment e = current();
  if (same(groups.start, e.start) && same(groups.goal, e.goal) && groups.alternatives == e.alternatives) return;
  if (!e.runFolder.isEmpty()) {
    // what was run stays as it was: the groups begin another draft
    e.id = QUuid::createUuid().toString(QUuid::Id128);
    e.position = experiments_.last().position + 1;
    e.runFolder.clear();
    e.jobId.clear();
    e.name.clear();
    current_ = e.id;
    if (ProjectStore* project = document_.project()) project->setValue(kCurrent, e.id);
  }
  e.start = groups.start;
  e.goal = groups.goal;
  e.alternatives = groups.alternatives;
  set(e);
}

}  // namespace cw::ui
