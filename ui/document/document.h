// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/selection_hub.h"
#include "ui/document/dataset.h"
#include "ui/document/gene_search.h"
#include "ui/document/project_store.h"

#include <QObject>
#include <QUndoStack>
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

  // --- data
  /// nullptr = none is open.
  [[nodiscard]] const DatasetPtr& dataset() const noexcept { return dataset_; }
  /// Reads a file in the background, adds it to the project and shows it; problems go to the messages.
  void openDataset(const std::filesystem::path& path);
  /// Shows a data set that is in memory already (a new map, a joined column): keeps id and selection where cells stay.
  void setDataset(DatasetPtr dataset);
  void addMap(CellMapPtr map);
  /// Values of one gene, from memory if it was read before (64 genes are kept); `done` on this thread while `receiver`
  /// lives.
  void geneValues(std::int64_t gene_row, QObject* receiver,
                  std::function<void(Result<std::shared_ptr<const GeneValues>>)> done);
  [[nodiscard]] const GeneSearch& geneSearch() const noexcept { return search_; }

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
  /// One byte per cell: 1 where the cell belongs to the group. Empty where column or selection are gone.
  [[nodiscard]] std::vector<std::uint8_t> cellsOf(const Group& group) const;
  /// A value of a label column as a group, with its colour and number of cells.
  [[nodiscard]] Group groupOf(const QString& column, const QString& value) const;
  /// Keeps the present cell selection under a name ("selection" item); returns its id.
  QString saveSelection(const QString& name);

  // --- undo
  [[nodiscard]] QUndoStack& undoStack() noexcept { return undo_; }
  /// Runs `redo` now and puts both on the stack. Changes with the same non-zero `mergeId` in a row become one.
  void perform(const QString& text, std::function<void()> redo, std::function<void()> undo, int mergeId = 0);

 Q_SIGNALS:
  void projectChanged();
  void datasetChanged();
  /// Reading a file: fraction and phase; done = 1.
  void loading(double fraction, const QString& what);
  void modelsChanged();
  void activeModelChanged();

 private:
  void loadDemonstrationModel();
  void rememberDataset();

  Background& background_;
  MessageCenter& messages_;
  std::unique_ptr<ProjectStore> project_;
  DatasetPtr dataset_;
  GeneSearch search_;
  QList<ModelEntry> models_;
  QString activeModel_;
  SelectionHub selection_;
  QUndoStack undo_;
  std::map<std::int64_t, std::shared_ptr<const GeneValues>> values_;
};

}  // namespace cw::ui
