// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/base/result.h"

#include <QByteArray>
#include <QList>
#include <QObject>
#include <QString>
#include <filesystem>
#include <memory>
#include <optional>

class QLockFile;

namespace cw::ui {

/// One thing that a project holds. What the body means is up to the kind's owner; it must stay readable by later
/// versions.
struct ProjectItem {
  /// "dataset", "model", "gene-list", "selection", "experiment", "run", "map", "markers", "view" or "undo"
  QString kind;
  QString id;    ///< unique in the project; made by `put` where empty
  QString name;  ///< as the user sees it
  Json body = Json::object();
  qint64 position = 0;  ///< order among its kind; later ones come last
  /// Cells of a selection (cell_rows.h), numbers of markers (ui/statistics/kept_markers.h). `items` leaves it out;
  /// `put` keeps what is there where it is empty.
  QByteArray rows = {};
};

/// One change that can be undone, as the project keeps it (undo_journal.h).
struct UndoStep {
  qint64 number = 0;  ///< rising
  QString text;
  QString body;
};

/// A project: the folder `NAME.cellwright/` with `project.sqlite` (WAL) and `runs/`.
///
/// Version 2 keeps cells of selections as bits (version 1: as lists in their bodies; rewritten when opened for writing,
/// after a backup). Every `put` and `remove` is on disk when it returns, so a kill loses nothing. Calls are short (one
/// row) and made on the window's thread. One program writes to a project; a second one opens it read-only.
class ProjectStore : public QObject {
  Q_OBJECT
 public:
  /// Makes the folder, or opens it if it is a project. A damaged database is replaced by its newest sound backup and
  /// kept beside it. Errors: kIo E-PRJ-001 (cannot be made or read), kParse E-PRJ-002 (damaged and no sound backup:
  /// nothing was changed), kUnsupported E-PRJ-003 (of a newer version, names both), kIo E-PRJ-008 (of an older version
  /// and cannot be rewritten; it stays as it was), kIo E-PRJ-009 (what a killed window left cannot be read).
  [[nodiscard]] static Result<std::unique_ptr<ProjectStore>> open(const std::filesystem::path& folder);
  ~ProjectStore() override;

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
  [[nodiscard]] std::filesystem::path runsFolder() const { return folder_ / "runs"; }
  [[nodiscard]] bool isReadOnly() const noexcept { return readOnly_; }
  /// Who has it open for writing, where we have not: "process 412 on lab-pc".
  [[nodiscard]] QString owner() const { return owner_; }
  /// What was done where the database was damaged and a backup took its place; "" = nothing.
  [[nodiscard]] QString recoveryNote() const { return recovery_; }

  [[nodiscard]] QList<ProjectItem> items(const QString& kind) const;
  [[nodiscard]] std::optional<ProjectItem> item(const QString& id) const;
  [[nodiscard]] static QString newId();
  /// Adds or replaces by id; returns the id. In a read-only project nothing is kept (and `writeRefused` is emitted).
  QString put(ProjectItem item);
  void remove(const QString& id);
  /// Single values: "title", "workspace", "active-dataset".
  [[nodiscard]] QString value(const QString& key) const;
  void setValue(const QString& key, const QString& value);

  /// From now on what `put`, `remove` and `setValue` change is appended to `changes`; nullptr = no longer.
  void record(Json* changes) noexcept { recorded_ = changes; }
  /// Does a recorded change again, or undoes it, as far as nothing else has changed the same since.
  void replay(const Json& change, bool forward);
  [[nodiscard]] QList<UndoStep> undoSteps() const;
  /// Adds or replaces the last step: later ones go, and those before `first`.
  void keepUndoStep(const UndoStep& step, qint64 first);

 Q_SIGNALS:
  /// An item of this kind was added, changed or removed.
  void changed(const QString& kind);
  void writeRefused();
  /// Writing failed: disk full, folder gone. The change is not kept.
  void writeFailed(const QString& why);

 private:
  explicit ProjectStore(std::filesystem::path folder);
  Result<> prepare();
  Result<> lockFolder();
  Result<> checkDatabase(const std::filesystem::path& file);
  bool write(const QString& statement, const QVariantList& values);
  void noteItem(const QString& id, const std::optional<ProjectItem>& before);

  std::filesystem::path folder_;
  QString connection_;
  std::unique_ptr<QLockFile> lock_;
  bool readOnly_ = false;
  int version_ = 0;  ///< as found; 0 = there was none
  QString owner_;
  QString recovery_;
  Json* recorded_ = nullptr;
};

}  // namespace cw::ui
