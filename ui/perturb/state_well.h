// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/selection_hub.h"
#include "ui/perturb/well.h"

#include <QList>
#include <optional>

class QLabel;
class QMenu;
class QToolButton;

namespace cw::ui {

class Document;

/// START, GOAL or ALTERNATIVE: one group of cells. Takes a dragged group (legend, table, selection, lasso); its button
/// lists all columns with their values, the named selections and the present lasso.
class StateWell : public DropWell {
  Q_OBJECT
 public:
  StateWell(const Theme& theme, Document& document, const QString& objectName, const QString& caption,
            const QString& invitation, QWidget* parent = nullptr);
  void setGroup(const std::optional<Group>& group, const QString& detail);
  [[nodiscard]] const std::optional<Group>& group() const noexcept { return group_; }

 Q_SIGNALS:
  /// A group was dropped or chosen from the menu.
  void chosen(const cw::ui::Group& group);
  void cleared();

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void showTexts();

  Document& document_;
  QString caption_;
  QString invitation_;
  std::optional<Group> group_;
  QString detail_;
  QLabel* name_;
  QLabel* detailLabel_;
  QToolButton* choose_;
  QToolButton* clear_;
};

/// Fills a menu with every group of cells there is: a submenu per label column, named selections, the lasso. `chosen`
/// is called with the group. Columns with more than 60 values say so instead.
void fill_group_menu(QMenu& menu, Document& document, const std::function<void(const Group&)>& chosen);

}  // namespace cw::ui
