// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/data_table/filter_editor.h"

#include "ui/common/widgets.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <set>

namespace cw::ui {
namespace {

constexpr std::size_t kMostValues = 200;

// What a column of few texts can be: nothing where it has too many to choose from.
std::vector<std::string> values_of(const Column& column) {
  if (column.kind == ColumnKind::kCategorical) {
    return column.categories.size() <= kMostValues ? column.categories : std::vector<std::string>();
  }
  std::set<std::string> values;
  for (std::int64_t row = 0; row < column.size() && values.size() <= kMostValues; ++row) {
    if (!column.is_missing(row)) values.insert(column.text(row));
  }
  if (values.size() > kMostValues) return {};
  return {values.begin(), values.end()};
}

bool can_filter(const TableColumn& column) {
  if (column.isNumeric()) return true;
  const bool text = column.values->kind == ColumnKind::kString;
  // names are found with the search field; looking through all of them would take too long here
  return !text || column.values->size() <= 50'000;
}

}  // namespace

FilterEditor::FilterEditor(const Theme& theme, TableContentPtr content, QWidget* parent)
    : QFrame(parent, Qt::Popup),
      content_(std::move(content)),
      columns_(new QComboBox(this)),
      direction_(new QComboBox(this)),
      number_(new QDoubleSpinBox(this)),
      unit_(make_label(QStringLiteral("%"), "secondary", this)),
      values_(new QListWidget(this)),
      add_(make_button(QStringLiteral("addFilterButton"), tr("Add filter"), "primary", this)) {
  setObjectName(QStringLiteral("filterEditor"));
  setAccessibleName(tr("New filter"));
  setAttribute(Qt::WA_DeleteOnClose);
  setProperty("surface", "card");
  columns_->setObjectName(QStringLiteral("filterColumn"));
  columns_->setAccessibleName(tr("Column"));
  direction_->setObjectName(QStringLiteral("filterDirection"));
  direction_->setAccessibleName(tr("Comparison"));
  direction_->addItems({tr("at least"), tr("at most")});
  number_->setObjectName(QStringLiteral("filterNumber"));
  number_->setAccessibleName(tr("Value"));
  number_->setButtonSymbols(QAbstractSpinBox::NoButtons);
  number_->setDecimals(6);
  number_->setRange(-1e12, 1e12);
  values_->setObjectName(QStringLiteral("filterValues"));
  values_->setAccessibleName(tr("Values"));
  values_->setFixedHeight(theme.size("row") * 6);

  auto* layout = new QVBoxLayout(this);
  const int padding = theme.size("padding");
  layout->setContentsMargins(padding, padding, padding, padding);
  layout->setSpacing(8);
  layout->addWidget(columns_);
  auto* line = new QHBoxLayout;
  line->addWidget(direction_);
  line->addWidget(number_, 1);
  line->addWidget(unit_);
  layout->addLayout(line);
  layout->addWidget(values_);
  layout->addWidget(add_, 0, Qt::AlignRight);
  setFixedWidth(theme.size("inspector"));

  for (std::size_t i = 0; i < content_->columns.size(); ++i) {
    const TableColumn& one = content_->columns[i];
    if (static_cast<int>(i) == content_->key || !can_filter(one)) continue;
    if (!one.isNumeric() && values_of(*one.values).empty()) continue;
    columns_->addItem(one.title, static_cast<int>(i));
  }
  connect(columns_, &QComboBox::currentIndexChanged, this, &FilterEditor::showColumn);
  connect(add_, &QPushButton::clicked, this, &FilterEditor::finish);
  add_->setDefault(true);
  showColumn();
}

void FilterEditor::begin() { columns_->setFocus(Qt::PopupFocusReason); }

const TableColumn& FilterEditor::column() const {
  return content_->columns[static_cast<std::size_t>(columns_->currentData().toInt())];
}

void FilterEditor::showColumn() {
  add_->setEnabled(columns_->count() > 0);
  if (columns_->count() == 0) return;
  const TableColumn& chosen = column();
  const bool numeric = chosen.isNumeric();
  for (QWidget* widget : {static_cast<QWidget*>(direction_), static_cast<QWidget*>(number_)})
    widget->setVisible(numeric);
  unit_->setVisible(numeric && chosen.format == CellFormat::kPercent);
  values_->setVisible(!numeric);
  values_->clear();
  if (!numeric) {
    for (const std::string& value : values_of(*chosen.values)) {
      auto* item = new QListWidgetItem(QString::fromStdString(value), values_);
      item->setCheckState(Qt::Unchecked);
    }
  }
  adjustSize();
}

void FilterEditor::finish() {
  const TableColumn& chosen = column();
  RowFilter filter;
  filter.column = chosen.values->name;
  if (chosen.isNumeric()) {
    filter.kind = direction_->currentIndex() == 0 ? RowFilter::Kind::kAtLeast : RowFilter::Kind::kAtMost;
    filter.number = number_->value() / (chosen.format == CellFormat::kPercent ? 100.0 : 1.0);
  } else {
    filter.kind = RowFilter::Kind::kOneOf;
    for (int i = 0; i < values_->count(); ++i) {
      if (values_->item(i)->checkState() == Qt::Checked) {
        filter.values.push_back(values_->item(i)->text().toStdString());
      }
    }
    if (filter.values.empty()) return;
  }
  Q_EMIT made(filter);
  close();
}

}  // namespace cw::ui
