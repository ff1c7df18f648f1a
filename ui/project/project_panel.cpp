// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/project/project_panel.h"

#include "ui/common/action_registry.h"
#include "ui/common/background.h"
#include "ui/common/dropped_files.h"
#include "ui/common/experiment_drag.h"
#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/project/gene_list_editor.h"
#include "ui/project/project_model.h"
#include "ui/project/project_row_painter.h"
#include "ui/theme/theme.h"

#include <QDesktopServices>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QListView>
#include <QMenu>
#include <QMimeData>
#include <QToolButton>
#include <QUrl>

namespace cw::ui {
namespace {

// Drags with the ghost of all other drags.
class ProjectList : public QListView {
 public:
  using QListView::QListView;

 protected:
  void startDrag(Qt::DropActions) override {
    std::unique_ptr<QMimeData> dragged(model()->mimeData({currentIndex()}));
    if (dragged) start_drag(this, std::move(dragged), currentIndex().data().toString());
  }
};

// Maps and columns belong to a data set: they cannot be taken out by themselves.
bool is_item(ProjectRow::Kind kind) { return kind != ProjectRow::Kind::kMap && kind != ProjectRow::Kind::kGroups; }

QStringList files_of(const QMimeData& data) {
  QStringList paths;
  for (const QString& path : dropped_files(data)) {
    if (is_gene_list_name(path)) paths << path;
  }
  return paths;
}

}  // namespace

ProjectPanel::ProjectPanel(Services& services, QWidget* parent)
    : Panel(QStringLiteral("projectPanel"), tr("Project"), parent),
      services_(services),
      model_(new ProjectModel(services.document, this)),
      list_(new ProjectList(this)),
      editor_(new GeneListEditor(services, this)) {
  setProperty("surface", "panel");
  setAttribute(Qt::WA_StyledBackground);
  setMinimumWidth(200);
  setAcceptDrops(true);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  auto* head = new QHBoxLayout;
  head->setContentsMargins(services.theme.size("padding"), 6, 6, 0);
  head->addWidget(make_caption(tr("Project"), this));
  head->addStretch(1);
  auto* add = new QToolButton(this);
  add->setObjectName(QStringLiteral("projectAddButton"));
  add->setAccessibleName(tr("Add to the project"));
  add->setToolTip(tr("Add data, a model or a gene list"));
  add->setIcon(services.theme.icon(QStringLiteral("plus")));
  add->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(add);
  menu->setObjectName(QStringLiteral("projectAddMenu"));
  add->setMenu(menu);
  head->addWidget(add);
  layout->addLayout(head);

  list_->setObjectName(QStringLiteral("projectList"));
  list_->setAccessibleName(tr("What the project holds"));
  list_->setModel(model_);
  list_->setItemDelegate(new ProjectRowPainter(services.theme, list_));
  list_->setMouseTracking(true);
  list_->setDragEnabled(true);
  list_->setEditTriggers(QAbstractItemView::EditKeyPressed);
  list_->setContextMenuPolicy(Qt::CustomContextMenu);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  layout->addWidget(list_, 1);
  layout->addWidget(make_line(Qt::Horizontal, this));
  editor_->hide();
  layout->addWidget(editor_);

  makeActions();
  fillAddMenu(menu);
  connect(list_, &QListView::clicked, this, [this](const QModelIndex& index) {
    if (const ProjectRow* row = model_->row(index)) activate(*row);
  });
  connect(list_, &QListView::activated, this, [this](const QModelIndex& index) {
    if (const ProjectRow* row = model_->row(index)) activate(*row);
  });
  connect(list_, &QListView::customContextMenuRequested, this, &ProjectPanel::showMenu);
  connect(editor_, &GeneListEditor::closed, editor_, &QWidget::hide);
  connect(editor_, &GeneListEditor::accepted, this, [this](const GeneList& list) {
    ProjectItem item;
    item.kind = QStringLiteral("gene-list");
    item.name = list.name;
    item.body = gene_list_body(list);
    services_.document.addItem(std::move(item), tr("Add gene list %1").arg(list.name));
  });
  connect(&services.document, &Document::relinkRequested, this, &ProjectPanel::relink);
  connect(&services.theme, &Theme::changed, this, [this, add] {
    add->setIcon(services_.theme.icon(QStringLiteral("plus")));
    list_->viewport()->update();
  });
}

void ProjectPanel::makeActions() {
  ActionRegistry& actions = services_.actions;
  actions.add(QStringLiteral("project.add-model"), tr("Add a model folder…"), {}, this, [this] { addModelFolder(); });
  actions.add(QStringLiteral("project.new-gene-list"), tr("New gene list…"), {}, this, [this] { editList({}); });
  actions.add(QStringLiteral("project.read-gene-lists"), tr("Gene lists from a file…"), {}, this, [this] {
    auto* dialog = new QFileDialog(this, tr("Gene lists"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    dialog->setNameFilters({tr("Gene lists (*.gmt *.txt *.grp *.csv *.tsv)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::filesSelected, this, &ProjectPanel::readListFiles);
    dialog->open();
  });
  QAction* rename = actions.add(QStringLiteral("project.rename"), tr("Rename"), {}, this, [this] {
    if (const QModelIndex index = list_->currentIndex(); index.flags().testFlag(Qt::ItemIsEditable)) list_->edit(index);
  });
  rename->setShortcut(QKeySequence(Qt::Key_F2));
  QAction* remove = actions.add(QStringLiteral("project.remove"), tr("Remove from the project"), {}, this, [this] {
    const ProjectRow* row = currentRow();
    if (row && row->id != QLatin1String("demo") && is_item(row->kind)) {
      services_.document.removeItem(QString(row->id));
    }
  });
  remove->setShortcut(QKeySequence(Qt::Key_Delete));
  for (QAction* action : {rename, remove}) {
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    list_->addAction(action);
  }
}

void ProjectPanel::fillAddMenu(QMenu* menu) {
  connect(menu->addAction(tr("Open data…")), &QAction::triggered, this, &ProjectPanel::openRequested);
  for (const char* id : {"project.add-model", "project.new-gene-list", "project.read-gene-lists"}) {
    menu->addAction(services_.actions.find(QLatin1String(id)));
  }
}

const ProjectRow* ProjectPanel::currentRow() const { return model_->row(list_->currentIndex()); }

void ProjectPanel::activate(const ProjectRow& row) {
  const QString id = row.id;  // what follows may rebuild the list
  Document& document = services_.document;
  switch (row.kind) {
    case ProjectRow::Kind::kDataset:
      document.showDataset(id);
      return Q_EMIT datasetActivated(id);
    case ProjectRow::Kind::kMap:
      return Q_EMIT mapActivated(id);
    case ProjectRow::Kind::kGroups:
      return Q_EMIT columnActivated(id);
    case ProjectRow::Kind::kModel:
      if (!row.current) document.setActiveModel(id);
      return;
    case ProjectRow::Kind::kExperiment:
      return Q_EMIT experimentActivated(id);
    case ProjectRow::Kind::kRun:
      return Q_EMIT runActivated(id);
    case ProjectRow::Kind::kGeneList: {
      const auto item = document.project()->item(id);
      if (!item) return;
      const GeneList list = gene_list_of(item->name, item->body, document.geneSearch());
      return document.selectGenes({list.ensemblIds, list.name, objectName()});
    }
    case ProjectRow::Kind::kSelection: {
      Group group;
      group.kind = Group::Kind::kSelection;
      group.value = row.text;
      return document.selectCells(make_selection(document.cellsOf(group), group.value, objectName()));
    }
    case ProjectRow::Kind::kMarkers:
      return Q_EMIT markersActivated(id);
    case ProjectRow::Kind::kSection:
    case ProjectRow::Kind::kDetail:
      return;
  }
}

void ProjectPanel::showMenu(const QPoint& place) {
  const QModelIndex index = list_->indexAt(place);
  const ProjectRow* row = model_->row(index);
  if (!row || row->id.isEmpty()) return;
  list_->setCurrentIndex(index);
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const QString id = row->id;
  const bool isLink = row->kind == ProjectRow::Kind::kDataset || row->kind == ProjectRow::Kind::kModel;
  if (row->kind == ProjectRow::Kind::kModel) {
    connect(menu->addAction(tr("Use this model")), &QAction::triggered, this,
            [this, id] { services_.document.setActiveModel(id); });
  } else if (row->kind != ProjectRow::Kind::kDetail) {
    connect(menu->addAction(tr("Show")), &QAction::triggered, this, [this, id] {
      if (const ProjectRow* one = model_->row(model_->indexOf(id))) activate(*one);
    });
  }
  if (index.flags().testFlag(Qt::ItemIsEditable)) {
    menu->addAction(services_.actions.find(QStringLiteral("project.rename")));
  }
  if (isLink) {
    if (id != QLatin1String("demo")) {
      connect(menu->addAction(tr("Find the file…")), &QAction::triggered, this, [this, id] { relink(id); });
    }
    connect(menu->addAction(tr("Show in the file manager")), &QAction::triggered, this, [this, id] { reveal(id); });
  }
  if (row->kind == ProjectRow::Kind::kExperiment) fillExperimentMenu(*menu, id);
  if (id != QLatin1String("demo") && is_item(row->kind)) {
    menu->addSeparator();
    menu->addAction(services_.actions.find(QStringLiteral("project.remove")));
  }
  menu->popup(list_->viewport()->mapToGlobal(place));
}

void ProjectPanel::editList(const QString& text) {
  editor_->show();
  editor_->begin(text);
}

void ProjectPanel::readListFiles(const QStringList& paths) {
  for (const QString& path : paths) {
    services_.background.run<QList<GeneList>>(
        Background::Lane::kFiles, this,
        [file = path.toStdString()](JobContext& context) { return read_gene_lists(file, context); },
        [this, path](Result<QList<GeneList>> lists) {
          if (!lists) return services_.messages.error(lists.error());
          qsizetype unknown = 0;
          for (const GeneList& list : *lists) {
            unknown += list.unknown.size();
            ProjectItem item;
            item.kind = QStringLiteral("gene-list");
            item.name = list.name;
            item.body = gene_list_body(list);
            services_.document.addItem(std::move(item), tr("Add gene list %1").arg(list.name));
          }
          QString said = tr("Added %n gene list(s)", nullptr, static_cast<int>(lists->size()));
          if (unknown > 0) said += tr("; %1 words in the file are no human genes").arg(unknown);
          services_.messages.toast(said);
        });
  }
}

void ProjectPanel::relink(const QString& id) {
  const auto item = services_.document.project() ? services_.document.project()->item(id) : std::nullopt;
  if (!item) return;
  const auto before = file_link_from_json(item->body).path;
  const bool isFolder = item->kind == QLatin1String("model");
  auto* dialog = new QFileDialog(this, tr("Where is %1 now?").arg(item->name));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setObjectName(QStringLiteral("relinkDialog"));
  dialog->setFileMode(isFolder ? QFileDialog::Directory : QFileDialog::ExistingFile);
  dialog->setDirectory(QString::fromStdString(before.parent_path().string()));
  connect(dialog, &QFileDialog::fileSelected, this,
          [this, id](const QString& path) { services_.document.relink(id, path.toStdString()); });
  dialog->open();
}

void ProjectPanel::addModelFolder() {
  auto* dialog = new QFileDialog(this, tr("Folder of a model"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  connect(dialog, &QFileDialog::fileSelected, this,
          [this](const QString& path) { services_.document.addModel(path.toStdString()); });
  dialog->open();
}

void ProjectPanel::reveal(const QString& id) {
  std::filesystem::path path;
  for (const ModelEntry& model : services_.document.models()) {
    if (model.id == id) path = model.path;
  }
  const auto item = services_.document.project() ? services_.document.project()->item(id) : std::nullopt;
  if (item) path = file_link_from_json(item->body).path;
  const QFileInfo file(QString::fromStdString(path.string()));
  QDesktopServices::openUrl(QUrl::fromLocalFile(file.isDir() ? file.filePath() : file.absolutePath()));
}

// The keyboard and menu twins of the drags onto and from an experiment.
void ProjectPanel::fillExperimentMenu(QMenu& menu, const QString& id) {
  const GeneSelection& genes = services_.document.selection().genes();
  QAction* add = menu.addAction(tr("Add the selected genes (%1)").arg(genes.ensemblIds.size()));
  add->setEnabled(!genes.ensemblIds.isEmpty());
  connect(add, &QAction::triggered, this, [this, id, ids = genes.ensemblIds] {
    Q_EMIT genesGiven(id, GeneDrag{ids, ids, objectName()});
  });
  QMenu* each = menu.addMenu(tr("Run for each group of"));
  each->setObjectName(QStringLiteral("forEachMenu"));
  for (int i = 0; i < model_->rowCount(); ++i) {
    const ProjectRow* row = model_->row(model_->index(i));
    if (row->kind != ProjectRow::Kind::kGroups) continue;
    connect(each->addAction(QStringLiteral("%1   %2").arg(row->text, row->right)), &QAction::triggered, this,
            [this, id, column = row->id] { Q_EMIT forEachRequested(id, column); });
  }
  each->setEnabled(!each->isEmpty());
}

const ProjectRow* ProjectPanel::rowUnder(const QPointF& place) const {
  const QPoint at = list_->viewport()->mapFrom(this, place.toPoint());
  return list_->viewport()->rect().contains(at) ? model_->row(list_->indexAt(at)) : nullptr;
}

bool ProjectPanel::takes(const QMimeData& dropped, const ProjectRow* row) const {
  if (!experiment_of(dropped).isEmpty()) return row && row->kind == ProjectRow::Kind::kGroups;
  return genes_of(dropped) || group_of(dropped) || !files_of(dropped).isEmpty() ||
         (dropped.hasText() && !dropped.hasUrls());
}

void ProjectPanel::dragEnterEvent(QDragEnterEvent* event) {
  // an experiment may end on a row of its own list, so what is dragged decides while it moves
  const bool experiment = !experiment_of(*event->mimeData()).isEmpty();
  if (experiment || (event->source() != list_ && takes(*event->mimeData(), nullptr))) event->acceptProposedAction();
}

void ProjectPanel::dragMoveEvent(QDragMoveEvent* event) {
  const ProjectRow* row = rowUnder(event->position());
  const bool genes = genes_of(*event->mimeData()).has_value();
  const bool target = row && ((genes && row->kind == ProjectRow::Kind::kExperiment) ||
                              (!genes && row->kind == ProjectRow::Kind::kGroups));
  list_->setCurrentIndex(target ? model_->indexOf(row->id) : QModelIndex());
  takes(*event->mimeData(), row) ? event->acceptProposedAction() : event->ignore();
}

void ProjectPanel::dropEvent(QDropEvent* event) {
  const QMimeData& dropped = *event->mimeData();
  const ProjectRow* row = rowUnder(event->position());
  if (!takes(dropped, row)) return event->ignore();
  event->acceptProposedAction();
  const QString id = row ? row->id : QString();
  if (const QString experiment = experiment_of(dropped); !experiment.isEmpty()) {
    return Q_EMIT forEachRequested(experiment, id);
  }
  if (const auto genes = genes_of(dropped)) {
    if (row && row->kind == ProjectRow::Kind::kExperiment) return Q_EMIT genesGiven(id, *genes);
    return editList(genes->symbols.join(QLatin1Char('\n')));
  }
  if (const auto group = group_of(dropped)) {
    const auto cells = make_selection(services_.document.cellsOf(*group), group->label(), objectName());
    if (cells->count == 0) return;
    services_.document.selectCells(cells);
    services_.document.saveSelection(group->label());
    return;
  }
  if (const QStringList files = files_of(dropped); !files.isEmpty()) return readListFiles(files);
  editList(dropped.text());
}

}  // namespace cw::ui
