// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/data_table/filter_bar.h"

#include "ui/common/widgets.h"
#include "ui/data_table/filter_editor.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QTimer>
#include <QToolButton>

namespace cw::ui {

FilterBar::FilterBar(const Theme& theme, QWidget* parent)
    : QWidget(parent),
      theme_(theme),
      content_(std::make_shared<TableContent>()),
      chips_(new QHBoxLayout),
      add_(make_pill(QStringLiteral("newFilterButton"), tr("+ filter"), this)),
      passing_(make_label({}, "secondary", this)),
      field_(new QLineEdit(this)) {
  setObjectName(QStringLiteral("filterBar"));
  add_->setAccessibleName(tr("Add a filter"));
  add_->setToolTip(tr("Show only rows with certain values"));
  field_->setObjectName(QStringLiteral("filterField"));
  field_->setAccessibleName(tr("Filter rows by words"));
  field_->setToolTip(tr("Words, or a list of names with commas between them"));
  field_->setClearButtonEnabled(true);
  field_->setMaximumWidth(200);
  field_->setMinimumWidth(110);
  field_->setFont(theme.font("small"));
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(8);
  chips_->setSpacing(6);
  layout->addLayout(chips_);
  layout->addWidget(add_);
  layout->addStretch(1);
  layout->addWidget(passing_);
  layout->addWidget(field_, 1);
  connect(field_, &QLineEdit::textChanged, this, &FilterBar::changed);
  connect(field_, &QLineEdit::returnPressed, this, &FilterBar::left);
  connect(add_, &QToolButton::clicked, this, &FilterBar::openEditor);
  connect(this, &FilterBar::changed, this, &FilterBar::rebuild);
}

void FilterBar::setContent(TableContentPtr content) {
  content_ = std::move(content);
  // a filter on a column that is gone would hide nothing and say so falsely
  std::erase_if(filters_, [this](const RowFilter& filter) {
    return !filter.column.empty() && content_->find(filter.column) < 0;
  });
  field_->setPlaceholderText(tr("Filter %1 %2").arg(count_text(content_->num_rows), content_->noun));
  rebuild();
}

void FilterBar::setFilters(std::vector<RowFilter> filters) {
  filters_ = std::move(filters);
  Q_EMIT changed();
}

std::vector<RowFilter> FilterBar::filters() const {
  auto all = filters_;
  if (const QString text = field_->text().trimmed(); !text.isEmpty()) {
    RowFilter words;
    words.text = text.toStdString();
    all.push_back(std::move(words));
  }
  return all;
}

void FilterBar::remove(std::size_t index) {
  if (index < filters_.size()) {
    filters_.erase(filters_.begin() + static_cast<std::ptrdiff_t>(index));
    Q_EMIT changed();
  } else {
    field_->clear();
  }
}

void FilterBar::setPassing(std::int64_t rows) {
  passing_->setText(tr("%1 of %2 pass").arg(count_text(rows), count_text(content_->num_rows)));
  passing_->setVisible(!filters().empty());
}

void FilterBar::focusField() {
  field_->setFocus(Qt::ShortcutFocusReason);
  field_->selectAll();
}

void FilterBar::rebuild() {
  while (QLayoutItem* item = chips_->takeAt(0)) {
    item->widget()->hide();
    item->widget()->deleteLater();
    delete item;
  }
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    const QString words = describe(*content_, filters_[i]);
    auto* chip = make_pill(QStringLiteral("filterChip%1").arg(i), words, this);
    chip->setIcon(theme_.icon(QStringLiteral("close")));
    chip->setIconSize({12, 12});
    chip->setLayoutDirection(Qt::RightToLeft);  // the cross after the words
    chip->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    chip->setAccessibleName(tr("Remove the filter %1").arg(words));
    chip->setToolTip(tr("Remove this filter"));
    connect(chip, &QToolButton::clicked, this, [this, i] { remove(i); });
    chips_->addWidget(chip);
  }
}

void FilterBar::openEditor() {
  auto* editor = new FilterEditor(theme_, content_, this);
  connect(editor, &FilterEditor::made, this, [this](const RowFilter& filter) {
    filters_.push_back(filter);
    Q_EMIT changed();
  });
  editor->move(add_->mapToGlobal(QPoint(0, add_->height() + 4)));
  editor->show();
  editor->begin();
}

}  // namespace cw::ui
