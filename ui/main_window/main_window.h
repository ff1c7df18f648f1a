// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

#include <QHash>
#include <QMainWindow>

class QDockWidget;
class QStackedWidget;

namespace cw::ui {

class ActivityBar;
class CommandPalette;
class ShortcutOverlay;
class StartPage;

/// The frame: menus, search, chip row, workspaces, docks, jobs strip. It knows panels as `Panel` only; app/gui makes
/// them and connects them.
class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  explicit MainWindow(Services& services, QWidget* parent = nullptr);

  /// A workspace is a saved arrangement of docks with one panel in the middle. `key`: Alt+1 and so on, in the order of
  /// the calls. The first call's workspace is the one shown first.
  void addWorkspace(const QString& id, const QString& text, const QString& icon, Panel* central);
  /// A panel at the side; shown at first in the workspaces named, and where the user puts it later.
  QDockWidget* addDock(Panel* panel, Qt::DockWidgetArea area, const QStringList& workspaces);
  /// What stands in the strip at the lower edge (the jobs).
  void setStrip(QWidget* strip);
  /// Puts an action of the registry into a menu ("file", "edit", "view", "select", "analyze", "run", "window", "help").
  void addToMenu(const QString& menu, const QString& actionId);

  void showWorkspace(const QString& id);
  /// Brings a panel to the front: its workspace, its dock.
  void showPanel(Panel* panel);
  [[nodiscard]] QString workspace() const { return workspace_; }
  [[nodiscard]] QList<Panel*> panels() const;
  /// The panel that keyboard focus is in, else the central one; nullptr on the start page.
  [[nodiscard]] Panel* currentPanel() const;

 Q_SIGNALS:
  /// Something was dropped on the window that no panel took, or chosen with "Open".
  void filesDropped(const QStringList& paths);
  void exampleRequested();
  void recentChosen(const QString& path);
  void geneChosen(const QString& ensemblId);
  /// F1: a page of docs/.
  void helpRequested(const QString& page);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void closeEvent(QCloseEvent* event) override;

 private:
  void makeMenus();
  void makeBars();
  void keepArrangement();
  /// The docks of a workspace that is shown for the first time.
  void arrangeDocks(const QString& workspace);
  void chooseFiles();
  void refresh();

  Services& services_;
  QHash<QString, QMenu*> menus_;
  ActivityBar* activities_;
  QStackedWidget* middle_;
  StartPage* start_;
  CommandPalette* palette_;
  ShortcutOverlay* shortcuts_;
  QString workspace_;
  struct Workspace {
    QString id;
    Panel* central = nullptr;
    QByteArray arrangement;
  };
  QList<Workspace> workspaces_;
  struct Dock {
    QDockWidget* widget = nullptr;
    QStringList workspaces;
  };
  QList<Dock> docks_;
};

}  // namespace cw::ui
