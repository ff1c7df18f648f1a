// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/main_window.h"

#include "ui/common/action_registry.h"
#include "ui/common/dropped_files.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/main_window/activity_bar.h"
#include "ui/main_window/chip_row.h"
#include "ui/main_window/command_palette.h"
#include "ui/main_window/message_area.h"
#include "ui/main_window/shortcut_overlay.h"
#include "ui/main_window/start_page.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QMimeData>
#include <QPointer>
#include <QScreen>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolBar>
#include <QToolButton>

namespace cw::ui {
namespace {

QToolBar* fixed_bar(const QString& objectName, const QString& title, QWidget* content, QMainWindow* window) {
  auto* bar = new QToolBar(title, window);
  bar->setObjectName(objectName);
  bar->setMovable(false);
  bar->setFloatable(false);
  bar->setContextMenuPolicy(Qt::PreventContextMenu);
  bar->toggleViewAction()->setVisible(false);
  bar->addWidget(content);
  return bar;
}

/// The pages in the middle: as small as the one on screen can be. A page that would like more room, as when a result
/// arrives, does not take it from the docks, nor does one that is hidden.
class Middle : public QStackedWidget {
 public:
  using QStackedWidget::QStackedWidget;
  [[nodiscard]] QSize minimumSizeHint() const override {
    return currentWidget() ? currentWidget()->minimumSizeHint() : QSize();
  }
  [[nodiscard]] QSize sizeHint() const override { return minimumSizeHint(); }
};

}  // namespace

MainWindow::MainWindow(Services& services, QWidget* parent)
    : QMainWindow(parent),
      services_(services),
      activities_(new ActivityBar(services.theme, this)),
      middle_(new Middle(this)),
      start_(new StartPage(services, this)) {
  setObjectName(QStringLiteral("mainWindow"));
  setWindowTitle(QStringLiteral("Cellwright"));
  setAcceptDrops(true);
  setDockNestingEnabled(true);
  setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
  setDockOptions(dockOptions() | QMainWindow::AllowTabbedDocks | QMainWindow::GroupedDragging);
  setMinimumSize(960, 600);
  resize(QSize(1280, 800).boundedTo(screen()->availableSize()));
  setContextMenuPolicy(Qt::PreventContextMenu);
  middle_->addWidget(start_);
  setCentralWidget(middle_);
  statusBar()->setSizeGripEnabled(false);
  statusBar()->setFixedHeight(services.theme.size("status-bar"));
  makeMenus();
  makeBars();
  palette_ = new CommandPalette(services, this);
  shortcuts_ = new ShortcutOverlay(services, this);
  new MessageArea(services.theme, services.messages, middle_, this);

  connect(activities_, &ActivityBar::chosen, this, &MainWindow::showWorkspace);
  connect(palette_, &CommandPalette::geneChosen, this, &MainWindow::geneChosen);
  connect(start_, &StartPage::openRequested, this, &MainWindow::chooseFiles);
  connect(start_, &StartPage::exampleRequested, this, &MainWindow::exampleRequested);
  connect(start_, &StartPage::recentChosen, this, &MainWindow::recentChosen);
  connect(&services.document, &Document::datasetChanged, this, &MainWindow::refresh);
  start_->setRecent(QSettings().value(QStringLiteral("recent")).toStringList());
}

void MainWindow::makeMenus() {
  auto* name = make_label(QStringLiteral("  Cellwright  "), "heading", this);
  menuBar()->setCornerWidget(name, Qt::TopLeftCorner);
  menuBar()->setNativeMenuBar(false);
  menuBar()->setFixedHeight(services_.theme.size("menu-bar"));
  const std::pair<const char*, QString> menus[] = {
      {"file", tr("&File")},       {"edit", tr("&Edit")}, {"view", tr("&View")},     {"select", tr("&Select")},
      {"analyze", tr("&Analyze")}, {"run", tr("&Run")},   {"window", tr("&Window")}, {"help", tr("&Help")}};
  for (const auto& [id, text] : menus) {
    auto* menu = menuBar()->addMenu(text);
    menu->setObjectName(QStringLiteral("menu.") + QLatin1String(id));
    menus_.insert(QLatin1String(id), menu);
  }
  ActionRegistry& actions = services_.actions;
  QUndoStack& undo = services_.document.undoStack();
  actions.add(QStringLiteral("file.open"), tr("Open file…"), QKeySequence::Open, this, [this] { chooseFiles(); });
  actions.add(QStringLiteral("file.example"), tr("Open the example"), {}, this, [this] { Q_EMIT exampleRequested(); });
  actions.add(QStringLiteral("file.quit"), tr("Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), this, [this] { close(); });
  actions.add(QStringLiteral("edit.undo"), tr("Undo"), QKeySequence::Undo, this, [&undo] { undo.undo(); });
  actions.add(QStringLiteral("edit.redo"), tr("Redo"), QKeySequence::Redo, this, [&undo] { undo.redo(); });
  actions.add(QStringLiteral("view.palette"), tr("Search genes and commands"), QKeySequence(Qt::CTRL | Qt::Key_K), this,
              [this] { palette_->open(); });
  actions.add(QStringLiteral("view.find-gene"), tr("Find a gene"), QKeySequence(Qt::Key_Slash), this,
              [this] { palette_->open(); });
  actions.add(QStringLiteral("view.light"), tr("Light colours"), {}, this,
              [this] { services_.theme.setMode(Theme::Mode::kLight); });
  actions.add(QStringLiteral("view.dark"), tr("Dark colours"), {}, this,
              [this] { services_.theme.setMode(Theme::Mode::kDark); });
  actions.add(QStringLiteral("view.system"), tr("Colours of the system"), {}, this,
              [this] { services_.theme.setMode(Theme::Mode::kSystem); });
  actions.add(QStringLiteral("select.all-cells"), tr("Select all cells"), QKeySequence(Qt::CTRL | Qt::Key_A), this,
              [this] { services_.document.selectCells(nullptr); });
  actions.add(QStringLiteral("help.panel"), tr("Help for this panel"), QKeySequence::HelpContents, this, [this] {
    const Panel* panel = currentPanel();
    Q_EMIT helpRequested(panel ? panel->helpPage() : QString());
  });
  actions.add(QStringLiteral("help.shortcuts"), tr("Show all keys"), QKeySequence(Qt::Key_Question), this,
              [this] { shortcuts_->open(); });
  for (const char* id : {"file.open", "file.example", "file.quit"})
    addToMenu(QStringLiteral("file"), QLatin1String(id));
  for (const char* id : {"edit.undo", "edit.redo"}) addToMenu(QStringLiteral("edit"), QLatin1String(id));
  for (const char* id : {"view.palette", "view.find-gene", "view.light", "view.dark", "view.system"}) {
    addToMenu(QStringLiteral("view"), QLatin1String(id));
  }
  addToMenu(QStringLiteral("select"), QStringLiteral("select.all-cells"));
  addToMenu(QStringLiteral("help"), QStringLiteral("help.panel"));
  addToMenu(QStringLiteral("help"), QStringLiteral("help.shortcuts"));
}

void MainWindow::makeBars() {
  auto* search = new QToolButton(this);
  search->setObjectName(QStringLiteral("searchButton"));
  search->setProperty("kind", "pill");
  search->setText(tr("Search genes, cells, commands      Ctrl K"));
  search->setAccessibleName(tr("Search genes and commands"));
  search->setIcon(services_.theme.icon(QStringLiteral("search")));
  search->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  search->setMinimumWidth(300);
  connect(search, &QToolButton::clicked, this, [this] { palette_->open(); });
  auto* corner = new QWidget(this);
  auto* layout = new QHBoxLayout(corner);
  layout->setContentsMargins(0, 0, 12, 6);
  layout->addWidget(search);
  menuBar()->setCornerWidget(corner, Qt::TopRightCorner);

  auto* chips = fixed_bar(QStringLiteral("chipBar"), tr("What is selected"), new ChipRow(services_, this), this);
  auto* rail = fixed_bar(QStringLiteral("activityToolBar"), tr("Workspaces"), activities_, this);
  addToolBar(Qt::TopToolBarArea, chips);
  addToolBar(Qt::LeftToolBarArea, rail);
  // a new style sheet gives bars their own margins again; the last pixel is for the line beside the bar
  const auto tighten = [chips, rail] {
    chips->layout()->setContentsMargins(0, 0, 0, 1);
    rail->layout()->setContentsMargins(0, 0, 1, 0);
  };
  tighten();
  connect(&services_.theme, &Theme::changed, this, tighten);
}

void MainWindow::addToMenu(const QString& menu, const QString& actionId) {
  QMenu* target = menus_.value(menu);
  QAction* action = services_.actions.find(actionId);
  if (!target || !action) return;
  target->addAction(action);
  addAction(action);  // the shortcut works wherever the focus is
}

void MainWindow::addWorkspace(const QString& id, const QString& text, const QString& icon, Panel* central) {
  const auto number = static_cast<int>(workspaces_.size()) + 1;
  const QString actionId = QStringLiteral("workspace.") + id;
  services_.actions.add(actionId, tr("Go to %1").arg(text),
                        QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_0 + number)), this,
                        [this, id] { showWorkspace(id); });
  addToMenu(QStringLiteral("window"), actionId);
  activities_->addWorkspace(id, text, icon, tr("%1 (Alt+%2)").arg(text).arg(number));
  middle_->addWidget(central);
  workspaces_.append({id, central, {}});
}

QDockWidget* MainWindow::addDock(Panel* panel, Qt::DockWidgetArea area, const QStringList& workspaces) {
  auto* dock = new QDockWidget(panel->title(), this);
  dock->setObjectName(QStringLiteral("dock.") + panel->objectName());
  dock->setAccessibleName(panel->title());
  dock->setWidget(panel);
  dock->setTitleBarWidget(new QWidget(dock));  // panels carry their own headings; a floating dock gets its frame back
  connect(dock, &QDockWidget::topLevelChanged, dock, [dock](bool floating) {
    delete dock->titleBarWidget();
    dock->setTitleBarWidget(floating ? nullptr : new QWidget(dock));
  });
  connect(panel, &Panel::titleChanged, dock, &QWidget::setWindowTitle);
  addDockWidget(area, dock);
  dock->hide();
  menus_[QStringLiteral("window")]->addAction(dock->toggleViewAction());
  docks_.append({dock, workspaces});
  return dock;
}

void MainWindow::setStrip(QWidget* strip) { statusBar()->addWidget(strip, 1); }

void MainWindow::keepArrangement() {
  for (Workspace& one : workspaces_) {
    if (one.id == workspace_) one.arrangement = saveState();
  }
}

void MainWindow::arrangeDocks(const QString& workspace) {
  QList<QDockWidget*> below;
  for (const Dock& dock : docks_) {
    const bool shown = dock.workspaces.contains(workspace);
    dock.widget->setVisible(shown);
    if (shown && dockWidgetArea(dock.widget) == Qt::BottomDockWidgetArea) below.append(dock.widget);
  }
  // Qt would give a table its smallest height
  resizeDocks(below, QList<int>(below.size(), services_.theme.size("table")), Qt::Vertical);
}

void MainWindow::showWorkspace(const QString& id) {
  const QPointer<QWidget> focus = QApplication::focusWidget();
  keepArrangement();
  for (Workspace& one : workspaces_) {
    if (one.id != id) continue;
    workspace_ = id;
    activities_->setCurrent(id);
    if (one.arrangement.isEmpty()) {
      arrangeDocks(id);
    } else {
      restoreState(one.arrangement);
    }
  }
  refresh();
  // what had the focus may be hidden now, and Qt would pass it on to whatever comes next
  const bool lost = focus && isAncestorOf(focus) && !focus->isVisible();
  if (lost && middle_->currentWidget() != nullptr) middle_->currentWidget()->setFocus();
}

void MainWindow::showPanel(Panel* panel) {
  for (const Workspace& one : workspaces_) {
    if (one.central == panel) showWorkspace(one.id);
  }
  for (const Dock& dock : docks_) {
    if (dock.widget->widget() != panel) continue;
    dock.widget->show();
    dock.widget->raise();
  }
}

void MainWindow::refresh() {
  const bool open = services_.document.dataset() != nullptr;
  if (!open && workspace_ != QLatin1String("data")) {
    middle_->setCurrentWidget(start_);
  } else {
    for (const Workspace& one : workspaces_) {
      if (one.id == workspace_) middle_->setCurrentWidget(one.central);
    }
  }
  setWindowTitle(open ? QStringLiteral("%1 · Cellwright").arg(services_.document.dataset()->name)
                      : QStringLiteral("Cellwright"));
}

QList<Panel*> MainWindow::panels() const { return findChildren<Panel*>(); }

Panel* MainWindow::currentPanel() const {
  for (QWidget* widget = focusWidget(); widget; widget = widget->parentWidget()) {
    if (auto* panel = qobject_cast<Panel*>(widget)) return panel;
  }
  return qobject_cast<Panel*>(middle_->currentWidget());
}

void MainWindow::chooseFiles() {
  auto* dialog = new QFileDialog(this, tr("Open"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setObjectName(QStringLiteral("openDialog"));
  dialog->setFileMode(QFileDialog::ExistingFiles);
  dialog->setNameFilters(
      {tr("Single-cell data (*.h5ad *.loom *.h5 *.csv *.tsv *.mtx *.gz *.txt)"), tr("All files (*)")});
  connect(dialog, &QFileDialog::filesSelected, this, &MainWindow::filesDropped);
  dialog->open();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (!dropped_files(*event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  const QStringList paths = dropped_files(*event->mimeData());
  if (paths.isEmpty()) return;
  event->acceptProposedAction();
  Q_EMIT filesDropped(paths);
}

void MainWindow::closeEvent(QCloseEvent* event) {
  keepArrangement();
  QMainWindow::closeEvent(event);
}

}  // namespace cw::ui
