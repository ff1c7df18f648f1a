// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/data_table/row_order.h"

#include <QWidget>

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QToolButton;

namespace cw::ui {

class Theme;

/// The filters of a table as chips that can be taken away, a field for words, and how many rows pass.
class FilterBar : public QWidget {
  Q_OBJECT
 public:
  FilterBar(const Theme& theme, QWidget* parent);

  void setContent(TableContentPtr content);
  void setFilters(std::vector<RowFilter> filters);
  /// Those of the chips and what is typed.
  [[nodiscard]] std::vector<RowFilter> filters() const;
  /// Those of the chips alone.
  [[nodiscard]] const std::vector<RowFilter>& chipFilters() const noexcept { return filters_; }
  /// Takes away one of `filters()`.
  void remove(std::size_t index);
  void setPassing(std::int64_t rows);
  void focusField();

 Q_SIGNALS:
  void changed();
  /// Enter: on to the rows.
  void left();

 private:
  void rebuild();
  void openEditor();

  const Theme& theme_;
  TableContentPtr content_;
  std::vector<RowFilter> filters_;
  QHBoxLayout* chips_;
  QToolButton* add_;
  QLabel* passing_;
  QLineEdit* field_;
};

}  // namespace cw::ui
