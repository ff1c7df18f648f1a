// SPDX-License-Identifier: GPL-3.0-or-later
// Application: data sets, projects and what is opened.
#include "app/gui/application.h"
#include "core/base/files.h"
#include "ui/dataset/data_panel.h"
#include "ui/figures/figure_desk.h"
#include "ui/project/project_panel.h"
#include "ui/theme/numbers.h"

#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QSettings>

namespace cw::ui {
namespace {

const QString kData = QStringLiteral("data");
const QString kExplore = QStringLiteral("explore");

QString with_suffix(QString folder) {
  const QLatin1String suffix(".cellwright");
  if (!folder.endsWith(suffix)) folder += suffix;
  return folder;
}

}  // namespace

void Application::makeData() {
  data_ = new DataPanel(services_);
  projectPanel_ = new ProjectPanel(services_);
  window_->addWorkspace(kData, tr("Data"), QStringLiteral("data"), data_);
  window_->addDock(projectPanel_, Qt::LeftDockWidgetArea,
                   {kData, kExplore, QStringLiteral("perturb"), QStringLiteral("train")});
  const auto chooseFiles = [this] { actions_.find(QStringLiteral("file.open"))->trigger(); };
  connect(projectPanel_, &ProjectPanel::openRequested, this, chooseFiles);
  connect(data_, &DataPanel::openRequested, this, chooseFiles);
  connect(data_, &DataPanel::addModelRequested, this,
          [this] { actions_.find(QStringLiteral("project.add-model"))->trigger(); });
  connect(data_, &DataPanel::openFilesRequested, this, [this](const QStringList& paths) {
    for (const QString& path : paths) open({path});
  });
  connect(data_, &DataPanel::attentionWanted, window_.get(), [this] { window_->showWorkspace(kData); });
  connect(data_, &DataPanel::helpRequested, window_.get(), &MainWindow::helpRequested);
  connect(projectPanel_, &ProjectPanel::datasetActivated, this, [this] { window_->showWorkspace(kData); });
  // a file without problems shows its cells at once; one with problems shows them
  connect(&document_, &Document::datasetAdded, this, [this] {
    if (!isExample()) return showCells();
    document_.setDatasetField("imported", true);  // known to be good: its first step is the map
    window_->showWorkspace(kExplore);
  });
  connect(data_, &DataPanel::inspected, this, [this](bool clean) {
    const DatasetPtr& dataset = document_.dataset();
    if (clean || isExample() || !dataset || window_->workspace() == kData) return;
    if (dataset->maps.empty()) return window_->showWorkspace(kData);
    // the cells are on view, perhaps for seconds: nobody is taken away from them
    Message message;
    message.kind = Message::Kind::kWarning;
    message.title = tr("Look at the file");
    message.text = tr("Something in %1 needs your decision before a model can read it.")
                       .arg(QString::fromStdString(dataset->path.filename().string()));
    message.fixText = tr("Show");
    message.fix = [this] { window_->showWorkspace(kData); };
    messages_.post(std::move(message));
  });
  // where the file holds no map, the way to one is under Explore
  connect(data_, &DataPanel::importAccepted, this, [this] {
    const DatasetPtr& dataset = document_.dataset();
    if (dataset && !dataset->counts_where.empty()) return window_->showWorkspace(kExplore);
    showCells();
  });
  connect(&document_, &Document::datasetChanged, this, [this] {
    if (document_.dataset()) rememberSize();
    if (document_.dataset() && window_->workspace().isEmpty()) showCells();
  });
  for (const char* id : {"project.new-gene-list", "project.read-gene-lists", "project.add-model"}) {
    window_->addToMenu(QStringLiteral("file"), QLatin1String(id));
  }
  for (const char* id : {"data.check", "data.join-labels", "data.export-cells"}) {
    window_->addToMenu(QStringLiteral("analyze"), QLatin1String(id));
  }
  makeProjectActions();
}

bool Application::isExample() const {
  const auto resources = resources_folder();
  return resources && document_.dataset() && document_.dataset()->path.parent_path() == *resources / "example";
}

void Application::showCells() {
  const DatasetPtr& dataset = document_.dataset();
  if (dataset && !dataset->maps.empty()) window_->showWorkspace(kExplore);
  if (window_->workspace() == kExplore) return;
  window_->showWorkspace(kData);
  data_->focusImport();
}

void Application::makeProjectActions() {
  const auto dialog = [this](const QString& title, QFileDialog::AcceptMode mode, auto chosen) {
    auto* box = new QFileDialog(window_.get(), title);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setObjectName(QStringLiteral("projectDialog"));
    box->setAcceptMode(mode);
    box->setFileMode(mode == QFileDialog::AcceptOpen ? QFileDialog::Directory : QFileDialog::AnyFile);
    connect(box, &QFileDialog::fileSelected, this, chosen);
    box->open();
  };
  const auto openProject = [this](const QString& folder) { open({folder}); };
  actions_.add(QStringLiteral("file.new-project"), tr("New project…"), QKeySequence::New, window_.get(),
               [dialog, openProject] {
                 dialog(tr("New project"), QFileDialog::AcceptSave,
                        [openProject](const QString& name) { openProject(with_suffix(name)); });
               });
  actions_.add(QStringLiteral("file.open-project"), tr("Open project…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O),
               window_.get(),
               [dialog, openProject] { dialog(tr("Open project"), QFileDialog::AcceptOpen, openProject); });
  actions_.add(QStringLiteral("file.save-project-as"), tr("Save project as…"), QKeySequence::SaveAs, window_.get(),
               [this, dialog] {
                 dialog(tr("Save project as"), QFileDialog::AcceptSave, [this](const QString& name) {
                   document_.saveProjectAs(with_suffix(name).toStdString());
                   remember(with_suffix(name));
                 });
               });
  for (const char* id : {"file.new-project", "file.open-project", "file.save-project-as"}) {
    window_->addToMenu(QStringLiteral("file"), QLatin1String(id));
  }
}

void Application::openProjectFolder(const QString& folder) {
  if (const auto opened = document_.openProject(folder.toStdString()); !opened) return messages_.error(opened.error());
  remember(QFileInfo(folder).absoluteFilePath());
}

void Application::open(const QStringList& paths) {
  if (openTogether(paths)) return;
  for (const QString& path : paths) {
    const QFileInfo file(path);
    if (file.isDir() && QFileInfo::exists(path + QStringLiteral("/config.json"))) {
      document_.addModel(path.toStdString());
    } else if (path.endsWith(QLatin1String(".gmt")) || path.endsWith(QLatin1String(".grp"))) {
      projectPanel_->readListFiles({path});
    } else if (path.endsWith(QLatin1String(".cellwright"))) {
      openProjectFolder(path);
    } else if (may_carry_view(path)) {
      figures_->reopen(path);
    } else if (document_.dataset() && isTable(path)) {
      data_->openTable(path);
    } else {
      document_.openDataset(path.toStdString());
      remember(file.absoluteFilePath());
    }
  }
}

bool Application::isTable(const QString& path) {
  QString name = path.toLower();
  if (name.endsWith(QLatin1String(".gz"))) name.chop(3);
  return name.endsWith(QLatin1String(".csv")) || name.endsWith(QLatin1String(".tsv"));
}

bool Application::openTogether(const QStringList& paths) {
  if (paths.size() < 2) return false;
  for (const QString& path : paths) {
    const QString name = QFileInfo(path).fileName().toLower();
    const bool isData = name.endsWith(QLatin1String(".h5ad")) || name.endsWith(QLatin1String(".loom")) ||
                        name.endsWith(QLatin1String(".h5"));
    if (!isData) return false;
  }
  window_->showWorkspace(kData);
  data_->offerMerge(paths);
  return true;
}

void Application::rememberSize() {
  const Dataset& dataset = *document_.dataset();
  QSettings().setValue(
      QStringLiteral("recent-size/") + QString::fromStdString(dataset.path.string()).replace('/', '|'),
      tr("%1 cells × %2 genes")
          .arg(count_text(dataset.num_cells()), count_text(static_cast<std::int64_t>(dataset.genes.size()))));
}

}  // namespace cw::ui
