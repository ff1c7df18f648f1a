// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/runs_list.h"

#include "ui/runs/runs_model.h"
#include "ui/theme/theme.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <utility>

namespace cw::ui {
namespace {

constexpr int kBarHeight = 5;
constexpr int kPercentWidth = 48;
constexpr int kTextMargin = 6;

/// How far a run is: a bar with its percentage.
class ProgressDelegate : public QStyledItemDelegate {
 public:
  ProgressDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(theme) {}

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QStyleOptionViewItem cell(option);
    initStyleOption(&cell, index);
    const QString percent = std::exchange(cell.text, QString());
    option.widget->style()->drawControl(QStyle::CE_ItemViewItem, &cell, painter, option.widget);
    painter->setPen(theme_.color("ink-2"));
    painter->drawText(option.rect.adjusted(0, 0, -kTextMargin, 0), Qt::AlignRight | Qt::AlignVCenter, percent);
    const double fraction = index.data(RunsModel::kFractionRole).toDouble();
    if (fraction < 0.0) return;
    QRectF bar(option.rect.adjusted(6, 0, -kPercentWidth - 4, 0));
    bar = QRectF(bar.left(), bar.center().y() - kBarHeight / 2.0, bar.width(), kBarHeight);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme_.color("line"));
    painter->drawRoundedRect(bar, kBarHeight / 2.0, kBarHeight / 2.0);
    bar.setWidth(bar.width() * fraction);
    painter->setBrush(theme_.color("accent"));
    if (fraction > 0.0) painter->drawRoundedRect(bar, kBarHeight / 2.0, kBarHeight / 2.0);
    painter->restore();
  }

 private:
  const Theme& theme_;
};

}  // namespace

RunsList::RunsList(RunsModel& model, const Theme& theme, QWidget* parent) : QTableView(parent), model_(model) {
  setObjectName(QStringLiteral("runsList"));
  setAccessibleName(tr("Training runs"));
  auto* order = new QSortFilterProxyModel(this);
  order->setSourceModel(&model);
  order->setSortRole(RunsModel::kSortRole);
  setModel(order);
  setSortingEnabled(true);
  sortByColumn(-1, Qt::AscendingOrder);  // newest first
  setShowGrid(false);
  setSelectionBehavior(QAbstractItemView::SelectRows);
  setSelectionMode(QAbstractItemView::SingleSelection);
  setEditTriggers(QAbstractItemView::NoEditTriggers);
  setTabKeyNavigation(false);
  setWordWrap(false);  // a long name is cut at its end, not after its first words
  setItemDelegateForColumn(RunsModel::kProgress, new ProgressDelegate(theme, this));
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(theme.size("table-row"));
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setSectionResizeMode(RunsModel::kRun, QHeaderView::Stretch);
  const std::pair<int, int> widths[] = {
      {RunsModel::kState, 112},     {RunsModel::kProgress, 130}, {RunsModel::kSpeed, 72}, {RunsModel::kLoss, 72},
      {RunsModel::kValidation, 84}, {RunsModel::kTimeLeft, 96},  {RunsModel::kWhere, 72}, {RunsModel::kStarted, 104}};
  for (const auto& [column, width] : widths) horizontalHeader()->resizeSection(column, width);
  connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this, &RunsList::currentRunChanged);
}

QString RunsList::currentRun() const {
  const auto& order = static_cast<const QSortFilterProxyModel&>(*QTableView::model());
  return model_.idAt(order.mapToSource(currentIndex()).row());
}

void RunsList::setCurrentRun(const QString& id) {
  const int row = model_.rowOf(id);
  if (row < 0) return;
  const auto& order = static_cast<const QSortFilterProxyModel&>(*QTableView::model());
  setCurrentIndex(order.mapFromSource(model_.index(row, RunsModel::kRun)));
}

void RunsList::keyPressEvent(QKeyEvent* event) {
  const QString run = currentRun();
  if (event->key() != Qt::Key_Space || run.isEmpty()) return QTableView::keyPressEvent(event);
  model_.setTicked(run, !model_.ticked().contains(run));
}

}  // namespace cw::ui
