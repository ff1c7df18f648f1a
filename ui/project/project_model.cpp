// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/project/project_model.h"

#include "ui/common/drag_data.h"
#include "ui/common/experiment_drag.h"
#include "ui/project/gene_lists.h"
#include "ui/theme/numbers.h"

#include <QMimeData>

namespace cw::ui {
namespace {

// label columns that are listed: a folder of groups each
constexpr std::int64_t kMostGroups = 60;
constexpr int kMostColumns = 12;

ProjectRow section(const QString& text) {
  ProjectRow row;
  row.text = text;
  return row;
}

bool can_rename(ProjectRow::Kind kind) {
  return kind == ProjectRow::Kind::kDataset || kind == ProjectRow::Kind::kModel ||
         kind == ProjectRow::Kind::kGeneList || kind == ProjectRow::Kind::kSelection;
}

// Numbers of cells in a kept selection without a copy of its rows.
std::int64_t selection_size(const Json& body) {
  return body.contains("count") && body["count"].is_number() ? body["count"].get<std::int64_t>() : 0;
}

std::int64_t number_in(const Json& body, const char* key) {
  return body.contains(key) && body[key].is_number() ? body[key].get<std::int64_t>() : 0;
}

}  // namespace

ProjectModel::ProjectModel(Document& document, QObject* parent) : QAbstractListModel(parent), document_(document) {
  timer_.setSingleShot(true);
  timer_.setInterval(0);
  connect(&timer_, &QTimer::timeout, this, &ProjectModel::refresh);
  connect(&document, &Document::projectChanged, this, [this] {
    connect(document_.project(), &ProjectStore::changed, this, &ProjectModel::refreshSoon);
    refreshSoon();
  });
  if (document.project()) connect(document.project(), &ProjectStore::changed, this, &ProjectModel::refreshSoon);
  connect(&document, &Document::datasetChanged, this, &ProjectModel::refreshSoon);
  connect(&document, &Document::modelsChanged, this, &ProjectModel::refreshSoon);
  connect(&document, &Document::activeModelChanged, this, &ProjectModel::refreshSoon);
  connect(&document, &Document::linksChanged, this, &ProjectModel::refreshSoon);
  refresh();
}

void ProjectModel::refreshSoon() { timer_.start(); }

void ProjectModel::addActiveDataset(QList<ProjectRow>& rows) const {
  const Dataset& dataset = *document_.dataset();
  const auto add = [&rows](ProjectRow::Kind kind, const QString& text, const QString& right, const QString& id = {}) {
    ProjectRow row;
    row.kind = kind;
    row.id = id;
    row.text = text;
    row.right = right;
    rows.append(row);
  };
  if (dataset.counts_where.empty()) {
    add(ProjectRow::Kind::kDetail, tr("no counts found"), {});
  } else {
    add(ProjectRow::Kind::kDetail, tr("counts in %1").arg(QString::fromStdString(dataset.counts_where)),
        count_text(static_cast<std::int64_t>(dataset.genes.size())));
    rows.last().tip = tr("Whole numbers; %1 genes").arg(rows.last().right);
  }
  for (const CellMapPtr& map : dataset.maps) {
    add(ProjectRow::Kind::kMap, map->name, tr("%1-D").arg(map->dimensions), map->key);
    rows.last().tip = map->note;
  }
  int columns = 0;
  for (const Column& column : dataset.cells.columns) {
    const auto groups = static_cast<std::int64_t>(column.categories.size());
    if (column.kind != ColumnKind::kCategorical || groups < 2 || groups > kMostGroups) continue;
    if (++columns > kMostColumns) break;
    const QString name = QString::fromStdString(column.name);
    add(ProjectRow::Kind::kGroups, name, tr("%n group(s)", nullptr, static_cast<int>(groups)), name);
    rows.last().tip =
        tr("%1: click colours the map by it. Drop an experiment here to run it for each group.").arg(name);
  }
}

void ProjectModel::addDatasets(QList<ProjectRow>& rows) const {
  const ProjectStore* project = document_.project();
  if (!project) return;
  for (const ProjectItem& item : project->items(QStringLiteral("dataset"))) {
    ProjectRow row;
    row.kind = ProjectRow::Kind::kDataset;
    row.id = item.id;
    row.text = item.name;
    row.right = count_text(number_in(item.body, "cells"));
    row.current = document_.dataset() && document_.dataset()->id == item.id;
    const FileLink link = file_link_from_json(item.body);
    row.tip =
        tr("%1\n%2 cells, %3 genes")
            .arg(QString::fromStdString(link.path.string()), row.right, count_text(number_in(item.body, "genes")));
    row.state = row.current ? ProjectRow::State::kGood : ProjectRow::State::kIdle;
    const LinkState state = document_.linkState(item.id);
    if (state == LinkState::kMissing) row.tip += QLatin1Char('\n') + tr("The file is not where it was.");
    if (state == LinkState::kChanged) row.tip += QLatin1Char('\n') + tr("The file has changed since it was added.");
    if (state != LinkState::kSame) {
      row.state = ProjectRow::State::kWarning;
      row.right = state == LinkState::kMissing ? tr("missing") : tr("changed");
    }
    rows.append(row);
    if (row.current) addActiveDataset(rows);
  }
}

void ProjectModel::addModels(QList<ProjectRow>& rows) const {
  rows.append(section(tr("Models")));
  const ModelEntry* active = document_.activeModel();
  for (const ModelEntry& model : document_.models()) {
    ProjectRow row;
    row.kind = ProjectRow::Kind::kModel;
    row.id = model.id;
    row.text = model.name;
    row.current = active && active->id == model.id;
    if (row.current) row.right = tr("in use");
    row.tip = QString::fromStdString(model.path.string());
    if (!model.isDemonstration && document_.linkState(model.id) == LinkState::kMissing) {
      row.state = ProjectRow::State::kWarning;
      row.right = tr("missing");
    }
    rows.append(row);
  }
}

void ProjectModel::addItems(QList<ProjectRow>& rows, const QString& kind, const QString& title,
                            ProjectRow::Kind rowKind) const {
  const ProjectStore* project = document_.project();
  if (!project) return;
  auto items = project->items(kind);
  if (rowKind == ProjectRow::Kind::kMarkers) {  // those of other data sets cannot be shown beside this one
    const std::string inView = document_.dataset() ? document_.dataset()->id.toStdString() : std::string();
    items.removeIf([&inView](const ProjectItem& item) { return item.body.value("dataset", Json()) != inView; });
  }
  if (items.isEmpty()) return;
  rows.append(section(title));
  for (const ProjectItem& item : items) {
    ProjectRow row;
    row.kind = rowKind;
    row.id = item.id;
    row.text = item.name.isEmpty() ? tr("Without a name") : item.name;
    if (rowKind == ProjectRow::Kind::kGeneList) {
      row.right = count_text(gene_list_size(item.body));
      row.tip = tr("%1: click selects its genes, drag it onto a well").arg(item.name);
    } else if (rowKind == ProjectRow::Kind::kExperiment) {
      row.tip = tr("%1\nDrop genes here to add them; drag it onto a column of groups to run it for each").arg(row.text);
    } else if (rowKind == ProjectRow::Kind::kSelection) {
      row.right = count_text(selection_size(item.body));
      row.tip = tr("%1: click selects its cells, drag it onto Start or Goal").arg(item.name);
    } else if (rowKind == ProjectRow::Kind::kMarkers) {
      row.right = tr("%1 cells").arg(count_text(number_in(item.body, "inside")));
      row.tip =
          tr("Genes that tell the %1 cells of %2 from %3 others: click shows their table")
              .arg(count_text(number_in(item.body, "inside")), row.text, count_text(number_in(item.body, "outside")));
    }
    rows.append(row);
  }
}

void ProjectModel::refresh() {
  QList<ProjectRow> rows;
  addDatasets(rows);
  addModels(rows);
  addItems(rows, QStringLiteral("experiment"), tr("Experiments"), ProjectRow::Kind::kExperiment);
  addItems(rows, QStringLiteral("run"), tr("Runs"), ProjectRow::Kind::kRun);
  addItems(rows, QStringLiteral("gene-list"), tr("Gene lists"), ProjectRow::Kind::kGeneList);
  addItems(rows, QStringLiteral("selection"), tr("Selections"), ProjectRow::Kind::kSelection);
  addItems(rows, QStringLiteral("markers"), tr("Markers"), ProjectRow::Kind::kMarkers);
  beginResetModel();
  rows_ = std::move(rows);
  endResetModel();
}

int ProjectModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

const ProjectRow* ProjectModel::row(const QModelIndex& index) const {
  return index.isValid() && index.row() < rows_.size() ? &rows_[index.row()] : nullptr;
}

QModelIndex ProjectModel::indexOf(const QString& id) const {
  for (qsizetype i = 0; i < rows_.size(); ++i) {
    if (rows_[i].id == id) return index(static_cast<int>(i));
  }
  return {};
}

QVariant ProjectModel::data(const QModelIndex& index, int role) const {
  const ProjectRow* one = row(index);
  if (!one) return {};
  switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
      return one->text;
    case Qt::ToolTipRole:
      return one->tip;
    case Qt::AccessibleTextRole:
      return one->right.isEmpty() ? one->text : one->text + QStringLiteral(", ") + one->right;
    case kRowRole:
      return QVariant::fromValue(one);
    default:
      return {};
  }
}

bool ProjectModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  const ProjectRow* one = row(index);
  if (!one || role != Qt::EditRole || !can_rename(one->kind)) return false;
  document_.renameItem(one->id, value.toString());
  return true;
}

Qt::ItemFlags ProjectModel::flags(const QModelIndex& index) const {
  const ProjectRow* one = row(index);
  if (!one || one->kind == ProjectRow::Kind::kSection) return Qt::NoItemFlags;
  if (one->kind == ProjectRow::Kind::kDetail) return Qt::ItemIsEnabled;
  Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
  if (can_rename(one->kind) && one->id != QLatin1String("demo")) flags |= Qt::ItemIsEditable;
  if (one->kind == ProjectRow::Kind::kGeneList || one->kind == ProjectRow::Kind::kSelection ||
      one->kind == ProjectRow::Kind::kExperiment) {
    flags |= Qt::ItemIsDragEnabled;
  }
  return flags;
}

QMimeData* ProjectModel::mimeData(const QModelIndexList& indexes) const {
  const ProjectRow* one = indexes.isEmpty() ? nullptr : row(indexes.first());
  const auto item = one && document_.project() ? document_.project()->item(one->id) : std::nullopt;
  if (!item) return nullptr;
  if (one->kind == ProjectRow::Kind::kExperiment) return mime_of_experiment(one->id, one->text).release();
  if (one->kind == ProjectRow::Kind::kSelection) {
    Group group;
    group.kind = Group::Kind::kSelection;
    group.value = item->name;
    group.count = selection_size(item->body);
    return mime_of(group).release();
  }
  const GeneList list = gene_list_of(item->name, item->body, document_.geneSearch());
  GeneDrag genes;
  genes.ensemblIds = list.ensemblIds;
  genes.symbols = list.symbols;
  genes.origin = list.name;
  return mime_of(genes).release();
}

}  // namespace cw::ui
