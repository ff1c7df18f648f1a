// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/document/document.h"

#include <QAbstractListModel>

namespace cw::ui {

/// A line of the project list.
struct ProjectRow {
  enum class Kind {
    kSection,
    kDataset,
    kDetail,
    kMap,
    kGroups,
    kModel,
    kExperiment,
    kRun,
    kGeneList,
    kSelection,
    kMarkers
  };
  enum class State { kNone, kGood, kWarning, kIdle };
  Kind kind = Kind::kSection;
  QString id;  ///< of the item; of a map its key, of groups their column
  QString text;
  QString right;  ///< number or short note at the right edge
  QString tip;
  State state = State::kNone;
  bool current = false;  ///< in view, or the active one of its kind
};

/// What the project holds as one list with headings: data sets (with what is in the one in view), models, experiments,
/// gene lists, selections, markers of the data set in view. Renaming goes through the document and can be undone;
/// experiments, gene lists and selections can be dragged.
class ProjectModel : public QAbstractListModel {
  Q_OBJECT
 public:
  enum Role { kRowRole = Qt::UserRole + 1 };

  explicit ProjectModel(Document& document, QObject* parent = nullptr);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
  [[nodiscard]] QMimeData* mimeData(const QModelIndexList& indexes) const override;

  [[nodiscard]] const ProjectRow* row(const QModelIndex& index) const;
  [[nodiscard]] QModelIndex indexOf(const QString& id) const;

 private:
  void refresh();
  void refreshSoon();
  void addDatasets(QList<ProjectRow>& rows) const;
  void addActiveDataset(QList<ProjectRow>& rows) const;
  void addModels(QList<ProjectRow>& rows) const;
  void addItems(QList<ProjectRow>& rows, const QString& kind, const QString& title, ProjectRow::Kind rowKind) const;

  Document& document_;
  QList<ProjectRow> rows_;
  QTimer timer_;  // many changes in a row make one refresh
};

}  // namespace cw::ui

Q_DECLARE_METATYPE(const cw::ui::ProjectRow*)
