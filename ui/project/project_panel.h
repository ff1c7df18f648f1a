// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/drag_data.h"
#include "ui/common/panel.h"

class QListView;
class QMenu;

namespace cw::ui {

class GeneListEditor;
class ProjectModel;
struct ProjectRow;

/// What the project holds, at the left of every workspace: a click shows it, gene lists and selections can be dragged.
class ProjectPanel : public Panel {
  Q_OBJECT
 public:
  explicit ProjectPanel(Services& services, QWidget* parent = nullptr);
  [[nodiscard]] QString helpPage() const override { return QStringLiteral("project.md"); }
  /// Adds the gene lists of text, CSV and GMT files.
  void readListFiles(const QStringList& paths);

 Q_SIGNALS:
  /// Others show these: the bench, the result view, the map, the table.
  void experimentActivated(const QString& id);
  void runActivated(const QString& id);
  void mapActivated(const QString& key);
  void markersActivated(const QString& id);
  /// Colour the map by this column.
  void columnActivated(const QString& column);
  /// An experiment is to be run for each group of a column.
  void forEachRequested(const QString& experiment, const QString& column);
  /// Genes were given to an experiment of the list.
  void genesGiven(const QString& experiment, const cw::ui::GeneDrag& genes);
  /// A data set was chosen: show what is known of it.
  void datasetActivated(const QString& id);
  /// "Open data…" of the "+" menu.
  void openRequested();

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragMoveEvent(QDragMoveEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void makeActions();
  void fillAddMenu(QMenu* menu);
  void activate(const ProjectRow& row);
  void showMenu(const QPoint& place);
  void editList(const QString& text);
  void relink(const QString& id);
  void addModelFolder();
  void reveal(const QString& id);
  void fillExperimentMenu(QMenu& menu, const QString& id);
  [[nodiscard]] const ProjectRow* rowUnder(const QPointF& place) const;
  [[nodiscard]] bool takes(const QMimeData& dropped, const ProjectRow* row) const;
  [[nodiscard]] const ProjectRow* currentRow() const;

  Services& services_;
  ProjectModel* model_;
  QListView* list_;
  GeneListEditor* editor_;
};

}  // namespace cw::ui
