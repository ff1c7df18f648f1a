// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/state_well.h"

#include "ui/common/drag_data.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr std::int64_t kMostValues = 60;

// Numbers with many values are measurements, not groups.
bool can_group(const Column& column) {
  return column.kind == ColumnKind::kCategorical || column.kind == ColumnKind::kString ||
         column.kind == ColumnKind::kBoolean || column.kind == ColumnKind::kInteger;
}

void fill_values(QMenu& menu, Document& document, const std::string& name,
                 const std::function<void(const Group&)>& chosen) {
  const DatasetPtr dataset = document.dataset();
  const Column* column = dataset ? dataset->cells.find(name) : nullptr;
  if (column == nullptr) return;
  const Column values = as_categorical(*column);
  std::vector<std::int64_t> counts(values.categories.size(), 0);
  for (const std::int32_t code : values.codes) {
    if (code >= 0) ++counts[static_cast<std::size_t>(code)];
  }
  if (std::ssize(values.categories) > kMostValues) {
    menu.addAction(QObject::tr("%1 values: too many to list").arg(count_text(std::ssize(values.categories))))
        ->setEnabled(false);
    return;
  }
  for (std::size_t i = 0; i < values.categories.size(); ++i) {
    const QString value = QString::fromStdString(values.categories[i]);
    if (value.isEmpty()) continue;
    QString shown = value;
    shown.replace(QLatin1Char('&'), QStringLiteral("&&"));
    QAction* action = menu.addAction(QObject::tr("%1   %2 cells").arg(shown, count_text(counts[i])));
    QObject::connect(action, &QAction::triggered, &menu, [&document, chosen, name, value] {
      chosen(document.groupOf(QString::fromStdString(name), value));
    });
  }
}

}  // namespace

void fill_group_menu(QMenu& menu, Document& document, const std::function<void(const Group&)>& chosen) {
  const DatasetPtr dataset = document.dataset();
  if (!dataset) {
    menu.addAction(QObject::tr("No data are open"))->setEnabled(false);
    return;
  }
  for (const Column& column : dataset->cells.columns) {
    if (!can_group(column)) continue;
    QString shown = QString::fromStdString(column.name);
    QMenu* values = menu.addMenu(shown.replace(QLatin1Char('&'), QStringLiteral("&&")));
    // counted when it is opened: a file may have a hundred columns
    QObject::connect(values, &QMenu::aboutToShow, values, [values, &document, name = column.name, chosen] {
      if (values->isEmpty()) fill_values(*values, document, name, chosen);
    });
  }
  const auto selections =
      document.project() ? document.project()->items(QStringLiteral("selection")) : QList<ProjectItem>();
  if (!selections.isEmpty() || document.selection().cells()) menu.addSeparator();
  for (const ProjectItem& item : selections) {
    Group group;
    group.kind = Group::Kind::kSelection;
    group.value = item.name;
    group.count = item.body.contains("count") ? item.body["count"].get<std::int64_t>() : 0;
    QObject::connect(menu.addAction(QObject::tr("%1   %2 cells").arg(item.name, count_text(group.count))),
                     &QAction::triggered, &menu, [chosen, group] { chosen(group); });
  }
  if (const CellSelectionPtr cells = document.selection().cells()) {
    const QString name = cells->name.isEmpty() ? QObject::tr("Selected cells") : cells->name;
    QAction* action = menu.addAction(QObject::tr("Selected now: %1   %2 cells").arg(name, count_text(cells->count)));
    QObject::connect(action, &QAction::triggered, &menu, [&document, chosen, cells, name] {
      Group group;
      group.kind = Group::Kind::kSelection;
      group.value = name;
      group.count = cells->count;
      document.saveSelection(name);  // a state must be there tomorrow as well
      chosen(group);
    });
  }
}

StateWell::StateWell(const Theme& theme, Document& document, const QString& objectName, const QString& caption,
                     const QString& invitation, QWidget* parent)
    : DropWell(theme, objectName, parent),
      document_(document),
      caption_(caption),
      invitation_(invitation),
      name_(make_label({}, "heading")),
      detailLabel_(make_label({}, "secondary")),
      choose_(new QToolButton(this)),
      clear_(new QToolButton(this)) {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(caption);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(14, 8, 8, 8);
  layout->setSpacing(1);
  auto* top = new QHBoxLayout;
  top->addWidget(make_caption(caption), 1);
  choose_->setObjectName(objectName + QStringLiteral("Choose"));
  choose_->setIcon(theme.icon(QStringLiteral("chevron-down")));
  choose_->setToolTip(tr("Choose a group for %1").arg(caption));
  choose_->setAccessibleName(choose_->toolTip());
  choose_->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(choose_);
  choose_->setMenu(menu);
  connect(menu, &QMenu::aboutToShow, this, [this, menu] {
    menu->clear();
    fill_group_menu(*menu, document_, [this](const Group& group) { Q_EMIT chosen(group); });
  });
  clear_->setObjectName(objectName + QStringLiteral("Clear"));
  clear_->setIcon(theme.icon(QStringLiteral("close")));
  clear_->setToolTip(tr("Empty %1").arg(caption));
  clear_->setAccessibleName(clear_->toolTip());
  connect(clear_, &QToolButton::clicked, this, &StateWell::cleared);
  for (QToolButton* button : {clear_, choose_}) {
    button->setFixedSize(22, 20);
    button->setIconSize(QSize(14, 14));
    button->setStyleSheet(QStringLiteral("padding:0"));
    top->addWidget(button);
  }
  layout->addLayout(top);
  layout->addWidget(name_);
  detailLabel_->setWordWrap(true);
  layout->addWidget(detailLabel_);
  layout->addStretch(1);
  refusal = [](const QMimeData& mime) {
    return group_of(mime) ? QString() : tr("Takes a group of cells: a legend entry, a group, a selection.");
  };
  dropped = [this](const QMimeData& mime) {
    if (const auto group = group_of(mime)) Q_EMIT chosen(*group);
  };
  showTexts();
}

void StateWell::setGroup(const std::optional<Group>& group, const QString& detail) {
  group_ = group;
  detail_ = detail;
  showTexts();
}

void StateWell::showTexts() {
  setHollow(!group_);
  clear_->setVisible(group_.has_value());
  name_->setVisible(group_.has_value());
  const QString shown =
      group_ ? name_->fontMetrics().elidedText(group_->label(), Qt::ElideRight, std::max(60, width() - 30)) : QString();
  name_->setText(shown);
  name_->setToolTip(group_ && shown != group_->label() ? group_->label() : QString());
  detailLabel_->setText(group_ ? detail_ : invitation_);
  setAccessibleDescription(group_ ? group_->label() + QStringLiteral(", ") + detail_ : invitation_);
}

void StateWell::resizeEvent(QResizeEvent* event) {
  DropWell::resizeEvent(event);
  showTexts();
}

void StateWell::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Space) {
    choose_->showMenu();
  } else if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace) {
    Q_EMIT cleared();
  } else {
    DropWell::keyPressEvent(event);
  }
}

}  // namespace cw::ui
