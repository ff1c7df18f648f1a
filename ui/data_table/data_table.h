// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/drag_data.h"
#include "ui/data_table/row_order.h"
#include "ui/data_table/table_view.h"

#include <QTimer>
#include <QWidget>
#include <memory>
#include <vector>

class QLabel;
class QMenu;
class QProgressBar;
class QPushButton;
class QStackedLayout;

namespace cw::ui {

class DataTableModel;
class FilterBar;
class Theme;

/// A table that sorts and filters tens of thousands of rows between two frames (millions in the background): filters
/// as chips, several rows at once, type-ahead, copying as tab-separated text, rows dragged out, pinned columns.
///
/// `filterBar()` is a widget for the owner's heading row; it is part of the table until it is put elsewhere. Rows are
/// named by their number in the content everywhere.
class DataTable : public QWidget {
  Q_OBJECT
 public:
  /// Object names of the parts begin with `name`: "genesTable" has "genesTableView".
  DataTable(const QString& name, const QString& accessibleName, const Theme& theme, Background& background,
            QWidget* parent = nullptr);
  ~DataTable() override;

  /// Sorting, filters and the selection (by row number) are kept where `sameRows`.
  void setContent(TableContentPtr content, bool sameRows = false);
  [[nodiscard]] const TableContentPtr& content() const noexcept;
  /// What stands in place of rows while there are none at all.
  void setEmptyText(const QString& text);

  [[nodiscard]] FilterBar* filterBar() const noexcept { return filters_; }
  [[nodiscard]] TableView* view() const noexcept { return view_; }
  void sortBy(std::string_view column, bool descending);
  [[nodiscard]] RowSort sorting() const noexcept { return sort_; }

  /// Rows on screen from top to bottom, after filters.
  [[nodiscard]] std::vector<std::int64_t> shownRows() const;
  /// In the order of the view.
  [[nodiscard]] std::vector<std::int64_t> selectedRows() const;
  /// Selects without telling; rows that filters hide are left out. `scroll` brings the first into view.
  void selectRows(const std::vector<std::int64_t>& rows, bool scroll);
  /// -1 = none.
  [[nodiscard]] std::int64_t currentRow() const;
  /// Selected rows, or all shown where none is: as tab-separated text on the clipboard.
  void copyRows();

  /// Rows are genes: they can be dragged out as genes, and the context menu and Ctrl+1 to Ctrl+4 offer the wells of an
  /// experiment. Ids of the columns with Ensembl ids and symbols; `origin` as in GeneDrag.
  void setGenes(const std::string& idColumn, const std::string& symbolColumn, const QString& origin);
  [[nodiscard]] GeneDrag selectedGenes() const;

 Q_SIGNALS:
  /// By the user; at most once per frame.
  void selectionChanged();
  void rowActivated(std::int64_t row);
  /// -1 = none.
  void rowHovered(std::int64_t row);
  /// "delete", "inhibit", "activate" or "overexpress".
  void addRequested(const QString& kind, const cw::ui::GeneDrag& genes);
  /// Before the context menu of rows opens: add what can be done with the selected rows.
  void menuOpening(QMenu* menu);
  /// Another order or other rows are on screen.
  void rowsChanged();

 private:
  void refresh();
  void take(std::vector<std::int32_t> order);
  void showState();
  void openMenu(const QPoint& position);
  void openHeaderMenu(const QPoint& position);
  [[nodiscard]] std::vector<int> shownColumns() const;

  const Theme& theme_;
  Background& background_;
  DataTableModel* model_;
  TableView* view_;
  FilterBar* filters_;
  QWidget* empty_;
  QLabel* emptyText_;
  QPushButton* clear_;
  QStackedLayout* stack_;
  QProgressBar* busy_;
  QString emptyWords_;
  RowSort sort_;
  Task sorting_;
  QTimer busyTimer_;
  bool quiet_ = false;
  bool pendingSignal_ = false;
  std::vector<std::int64_t> kept_;  // selection to restore
  std::string idColumn_;
  std::string symbolColumn_;
  QString origin_;
};

/// "delete" and so on, as they stand in menus; index as in Ctrl+1 to Ctrl+4.
struct WellKind {
  const char* id;
  QString text;
};
[[nodiscard]] const QList<WellKind>& well_kinds();

}  // namespace cw::ui
