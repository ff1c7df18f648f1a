// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTableView>
#include <functional>
#include <memory>

class QMimeData;

namespace cw::ui {

class DataTableModel;
class TableCellPainter;
class Theme;

/// The grid of a DataTable: first columns that stay in view, keys, drags, type-ahead over the key column. What a drag
/// carries and what keys beyond moving do is told by the owner.
class TableView : public QTableView {
  Q_OBJECT
 public:
  struct Drag {
    std::unique_ptr<QMimeData> data;
    QString ghost;
  };

  TableView(const Theme& theme, DataTableModel& model, QWidget* parent);

  /// Columns 0 to `count` - 1 stay where they are while the others scroll; 0 = all scroll.
  void setPinned(int count);
  [[nodiscard]] int pinned() const noexcept { return pinned_; }
  void setDragMaker(std::function<Drag()> maker) { drag_ = std::move(maker); }
  /// Widths and heading heights as the content says; call after a new content.
  void arrangeColumns();

  void keyboardSearch(const QString& search) override;
  void scrollTo(const QModelIndex& index, ScrollHint hint) override;
  bool event(QEvent* event) override;

 Q_SIGNALS:
  void copyRequested();
  /// Ctrl+1 to Ctrl+4: 0 to 3.
  void numberPressed(int number);
  /// Enter or a double click on a row of the view.
  void rowActivated(int row);
  /// -1 = none.
  void rowHovered(int row);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void startDrag(Qt::DropActions actions) override;
  void resizeEvent(QResizeEvent* event) override;
  void leaveEvent(QEvent* event) override;
  bool viewportEvent(QEvent* event) override;

 private:
  void prepare(QTableView& view);
  void hover(int row);
  void placePinned();
  /// Spreads what is left of the width over the columns, until the user sets one.
  void spreadColumns();

  const Theme& theme_;
  DataTableModel& model_;
  TableCellPainter* painter_;
  QTableView* frozen_;
  int pinned_ = 0;
  bool spreading_ = false;
  bool userWidths_ = false;
  int hovered_ = -1;
  std::function<Drag()> drag_;
  QString typed_;
  qint64 lastTyped_ = 0;
};

}  // namespace cw::ui
