// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/selection_hub.h"
#include "ui/document/column_style.h"
#include "ui/document/dataset.h"
#include "ui/document/file_link.h"
#include "ui/document/gene_access.h"
#include "ui/document/gene_search.h"
#include "ui/document/project_store.h"
#include "ui/document/undo_journal.h"

#include <QHash>
#include <QObject>
#include <QTimer>
#include <functional>
#include <map>
#include <memory>

namespace cw::ui {

class MessageCenter;

/// A model that experiments can use: a Hugging Face folder on this machine.
struct ModelEntry {
  QString id;    ///< of the project's item; "demo" for the one that ships
  QString name;  ///< "Demonstration model", "Geneformer V1-10M"
  std::filesystem::path path;
  Json description;                          ///< as `describe_model`
  [[nodiscard]] QString dictionary() const;  ///< "v1", "v2" or a folder
  bool isDemonstration = false;
};

/// What is open: the project, the data set in view, what is selected, and the list of changes that can be undone.
/// Panels read from here, change it through the functions below, and follow its signals.
class Document : public QObject {
  Q_OBJECT
 public:
  Document(Background& background, MessageCenter& messages, QObject* parent = nullptr);
  ~Document() override;

  // --- project
  /// The open project; never null once `openProject` succeeded. Until then nothing is kept.
  [[nodiscard]] ProjectStore* project() const noexcept { return project_.get(); }
  /// Opens or makes a project and shows what it held. Errors as ProjectStore::open; the project before stays open then.
  Result<> openProject(const std::filesystem::path& folder);
  /// Copies the project with its runs to a new folder in the background and goes on in the copy.
  void saveProjectAs(const std::filesystem::path& folder);
  /// Whether the file or folder of an item ("dataset", "model") is where it was, as far as is known.
  [[nodiscard]] LinkState linkState(const QString& id) const { return links_.value(id, LinkState::kSame); }
  /// The item is somewhere else now; its file is checked and opened.
  void relink(const QString& id, const std::filesystem::path& path);
  /// Undoable changes of what the project lists.
  void renameItem(const QString& id, const QString& name);
  void removeItem(const QString& id);
  QString addItem(ProjectItem item, const QString& undoText);

  // --- data
  /// nullptr = none is open.
  [[nodiscard]] const DatasetPtr& dataset() const noexcept { return dataset_; }
  /// Reads a file in the background, adds it to the project and shows it; problems go to the messages. A file that the
  /// project knows is read as it was the last time.
  void openDataset(const std::filesystem::path& path);
  /// The same as the user said it should be read (another matrix, other identifiers).
  void openDataset(const std::filesystem::path& path, const LoadOptions& options);
  /// Shows a data set of the project by its item's id.
  void showDataset(const QString& id);
  /// What the project keeps of the data set in view: "path", "bytes", "modified", "sha256", "load", "import", ...
  [[nodiscard]] Json datasetRecord() const;
  /// Changes one field of that.
  void setDatasetField(const std::string& field, Json value);
  /// Shows a data set that is in memory already (a new map, a joined column): keeps id and selection where cells stay.
  void setDataset(DatasetPtr dataset);
  void addMap(CellMapPtr map);
  /// Values of one gene, from memory if it was read before (128 MB are kept); `done` on this thread while `receiver`
  /// lives.
  void geneValues(std::int64_t gene_row, QObject* receiver,
                  std::function<void(Result<std::shared_ptr<const GeneValues>>)> done);
  [[nodiscard]] const GeneSearch& geneSearch() const noexcept { return search_; }
  /// The index of counts by gene with the sums of each cell; nullptr until it is made (a few seconds; minutes for a
  /// million cells).
  [[nodiscard]] const std::shared_ptr<const GeneIndex>& geneIndex() const noexcept { return genes_.index(); }
  [[nodiscard]] double geneIndexFraction() const noexcept { return genes_.fraction(); }

  // --- models
  [[nodiscard]] const QList<ModelEntry>& models() const noexcept { return models_; }
  /// The model that experiments use unless they say otherwise; nullptr where there is none.
  [[nodiscard]] const ModelEntry* activeModel() const noexcept;
  void setActiveModel(const QString& id);
  /// Checks the folder in the background and adds it to the project; problems go to the messages.
  void addModel(const std::filesystem::path& folder);

  // --- selection, undoable
  [[nodiscard]] SelectionHub& selection() noexcept { return selection_; }
  void selectCells(CellSelectionPtr cells);
  void selectGenes(GeneSelection genes);
  void chooseGroups(GroupChoice groups);
  /// Within `groupsChanged`: no groups are chosen because other data come into view, not because somebody said so.
  [[nodiscard]] bool isForgettingGroups() const noexcept { return forgettingGroups_; }
  /// One byte per cell: 1 where the cell belongs to the group. Empty where column or selection are gone.
  [[nodiscard]] std::vector<std::uint8_t> cellsOf(const Group& group) const;
  /// Colours, display names and order of a label column's values, kept in the project.
  [[nodiscard]] ColumnStyle columnStyle(const QString& column) const;
  /// Undoable; `text` names the change ("Recolour B").
  void setColumnStyle(const QString& column, const ColumnStyle& style, const QString& text);
  /// A value of a label column as a group, with its colour and number of cells.
  [[nodiscard]] Group groupOf(const QString& column, const QString& value) const;
  /// Column of the cells that says whom they are from, "" = none known: the user's choice, else the first column that
  /// is called like one (donor, individual, patient, subject, sample).
  [[nodiscard]] QString donorColumn() const;
  /// Kept with the data set; "" = the cells are not told apart by donor.
  void setDonorColumn(const QString& column);
  /// Keeps the present cell selection under a name ("selection" item); returns its id.
  QString saveSelection(const QString& name);

  // --- undo
  /// Those of earlier sessions first.
  [[nodiscard]] QUndoStack& undoStack() noexcept { return undo_.stack(); }
  /// Runs `redo` now and puts both on the stack. Changes with the same non-zero `mergeId` in a row become one.
  void perform(const QString& text, std::function<void()> redo, std::function<void()> undo, int mergeId = 0);

 Q_SIGNALS:
  void projectChanged();
  void datasetChanged();
  /// Reading a file: fraction and phase; done = 1.
  void loading(double fraction, const QString& what);
  void modelsChanged();
  void activeModelChanged();
  /// Colours, names or order of a label column's values are others now.
  void columnStyleChanged(const QString& column);
  /// A file that the project did not know was opened: the import sheet asks what to make of it.
  void datasetAdded();
  /// The index grows; at 1 it is there.
  void geneIndexProgress(double fraction);
  /// Something was found moved, changed or back.
  void linksChanged();
  /// The user wants to say where an item's file is now.
  void relinkRequested(const QString& id);
  void donorColumnChanged();
  /// A step of an earlier session was undone or redone: read again what the project holds.
  void itemsRestored();

 private:
  struct Loaded {
    DatasetPtr dataset;
    GeneSearch search;
  };
  void loadDemonstrationModel();
  void take(Loaded loaded, const LoadOptions& options);
  void rememberDataset(const LoadOptions& options);
  void startGeneAccess();
  void checkLinks();
  void forgetGroups();
  void checkDatasetContent(const FileLink& before);
  void keepSession();
  void restoreSession();
  [[nodiscard]] Json sessionNow() const;
  void restoreStep(const Json& session);
  void readModels();
  void backUp();
  [[nodiscard]] std::optional<ProjectItem> itemOfPath(const std::filesystem::path& path) const;
  void keepValues(std::int64_t gene_row, std::shared_ptr<const GeneValues> values);

  Background& background_;
  MessageCenter& messages_;
  std::unique_ptr<ProjectStore> project_;
  DatasetPtr dataset_;
  GeneSearch search_;
  QList<ModelEntry> models_;
  QString activeModel_;
  SelectionHub selection_;
  UndoJournal undo_;
  GeneAccess genes_;
  std::map<std::int64_t, std::shared_ptr<const GeneValues>> values_;
  QList<std::int64_t> valuesOrder_;  // oldest first
  QHash<QString, LinkState> links_;
  mutable QHash<QString, ColumnStyle> columnStyles_;  // by column, read from the project when first asked for
  Task loading_;
  QTimer sessionTimer_;  // what is selected is written a moment after it changed
  QTimer backupTimer_;
  bool changedSinceBackup_ = false;
  bool forgettingGroups_ = false;
};

}  // namespace cw::ui
