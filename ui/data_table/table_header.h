// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHeaderView>

namespace cw::ui {

class Theme;

/// The headings of a DataTable: words over their numbers, and an arrow beside the column that sorts.
class TableHeader : public QHeaderView {
  Q_OBJECT
 public:
  TableHeader(const Theme& theme, QWidget* parent);

 protected:
  void paintSection(QPainter* painter, const QRect& rect, int logicalIndex) const override;

 private:
  const Theme& theme_;
};

}  // namespace cw::ui
