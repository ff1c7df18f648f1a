// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/drag_data.h"
#include "ui/common/panel.h"
#include "ui/common/selection_hub.h"
#include "ui/statistics/statistics_center.h"

class QStackedWidget;
class QTabBar;

namespace cw::ui {

class CellsPage;
class GenesPage;
class GroupsPage;
class MarkersPage;
class TablePage;

/// Genes, cells and groups of the data set as tables, and markers of groups in tabs of their own.
class TablePanel : public Panel {
  Q_OBJECT
 public:
  TablePanel(Services& services, StatisticsCenter& statistics, QWidget* parent = nullptr);
  [[nodiscard]] QString helpPage() const override { return QStringLiteral("tables.md"); }
  [[nodiscard]] std::optional<Table> figureData() const override;
  [[nodiscard]] QString figureName() const override;

  /// Finds the markers of a group in the background and shows them in a new tab.
  void showMarkers(const Group& group);
  void showMarkersOfSelection();
  /// Markers that the project keeps for the data set in view. Those that were open are shown again with their data set.
  void showKeptMarkers(const QString& id);

 Q_SIGNALS:
  /// "delete", "inhibit", "activate" or "overexpress".
  void addRequested(const QString& kind, const cw::ui::GeneDrag& genes);
  void cellChosen(std::int64_t row);
  void groupChosen(const cw::ui::Group& group);

 protected:
  void connectNotify(const QMetaMethod& signal) override;

 private:
  bool groupIsChosen();
  /// Tables offer the wells of an experiment once somebody takes what is added.
  void offerWells(TablePage* page);
  void addPage(TablePage* page, bool closable);
  void closePage(TablePage* page);
  void closeMarkers(MarkersPage* page);
  void restoreMarkers();
  void dropRemovedMarkers();
  void setOpen(const QString& id, bool open);
  void answer(MarkersPage* page, const Result<StatisticsCenter::FoundMarkers>& found);
  void openKept(const ProjectItem& item);
  MarkersPage* addMarkers(const QString& name);
  [[nodiscard]] QList<MarkersPage*> markers() const;
  void showPage(int index);
  void makeActions();
  void startMarkers(std::vector<std::uint8_t> mask, const QString& name);
  [[nodiscard]] TablePage* currentPage() const;

  Services& services_;
  StatisticsCenter& statistics_;
  QTabBar* tabs_;
  QStackedWidget* controls_;
  QStackedWidget* pages_;
  GenesPage* genes_;
  CellsPage* cells_;
  GroupsPage* groups_;
  int made_ = 0;
};

}  // namespace cw::ui
