// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tables/table_page.h"

#include "ui/data_table/filter_bar.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QProgressBar>
#include <QVBoxLayout>

namespace cw::ui {

TablePage::TablePage(Services& services, const QString& objectName, const QString& title)
    : services_(services),
      title_(title),
      table_(new DataTable(objectName + QStringLiteral("Table"), title, services.theme, services.background, this)),
      controls_(new QWidget),
      progress_(new QProgressBar(this)),
      layout_(new QVBoxLayout(this)) {
  setObjectName(objectName + QStringLiteral("Page"));
  controls_->setObjectName(objectName + QStringLiteral("Controls"));
  auto* row = new QHBoxLayout(controls_);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  row->addWidget(table_->filterBar(), 1);
  progress_->setObjectName(objectName + QStringLiteral("Progress"));
  progress_->setAccessibleName(tr("Progress of counting"));
  progress_->setTextVisible(false);
  progress_->setRange(0, 1000);
  layout_->setContentsMargins(0, 0, 0, 0);
  layout_->setSpacing(0);
  layout_->addWidget(progress_);
  layout_->addWidget(table_, 1);
  setProgress(-1.0);
}

void TablePage::addControl(QWidget* widget) {
  auto* row = static_cast<QHBoxLayout*>(controls_->layout());
  row->insertWidget(row->count() - 1, widget);
}

void TablePage::setProgress(double fraction) {
  progress_->setVisible(fraction >= 0.0 && fraction < 1.0);
  progress_->setValue(static_cast<int>(fraction * 1000.0));
}

void TablePage::setNotice(QWidget* notice) {
  if (notice_) notice_->deleteLater();
  notice_ = notice;
  if (notice) layout_->insertWidget(1, notice);
}

}  // namespace cw::ui
