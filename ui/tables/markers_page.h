// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/tables/table_page.h"

namespace cw::ui {

/// Markers of one group: a fixed list.
class MarkersPage : public TablePage {
  Q_OBJECT
 public:
  /// `name` is that of the cells.
  MarkersPage(Services& services, const QString& objectName, const QString& name);
  [[nodiscard]] const QString& name() const noexcept { return name_; }
  /// Share of the counts that are read.
  void showProgress(double fraction) { setProgress(fraction * 0.8); }
  void show(TableContentPtr content, const QString& note);

  Task task;
  QString kept;  ///< id of the project's item, "" while there is none

 private:
  QString name_;
};

}  // namespace cw::ui
