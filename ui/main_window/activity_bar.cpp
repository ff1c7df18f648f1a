// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/activity_bar.h"

#include "ui/theme/theme.h"

#include <QButtonGroup>
#include <QToolButton>
#include <QVBoxLayout>

namespace cw::ui {

ActivityBar::ActivityBar(const Theme& theme, QWidget* parent)
    : QWidget(parent), theme_(theme), buttons_(new QButtonGroup(this)), layout_(new QVBoxLayout(this)) {
  setObjectName(QStringLiteral("activityBar"));
  setAccessibleName(tr("Workspaces"));
  setProperty("surface", "panel");
  setAttribute(Qt::WA_StyledBackground);
  setFixedWidth(theme.size("rail") + 8);
  layout_->setContentsMargins(4, 6, 4, 6);
  layout_->setSpacing(4);
  layout_->addStretch(1);
  connect(&theme, &Theme::changed, this, &ActivityBar::refreshIcons);
}

void ActivityBar::addWorkspace(const QString& id, const QString& text, const QString& icon, const QString& toolTip) {
  auto* button = new QToolButton(this);
  button->setObjectName(QStringLiteral("workspace.") + id);
  button->setProperty("workspace", id);
  button->setProperty("iconName", icon);
  button->setText(text);
  button->setToolTip(toolTip);
  button->setAccessibleName(text);
  button->setCheckable(true);
  button->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
  button->setIconSize(QSize(theme_.size("icon"), theme_.size("icon")));
  button->setFont(theme_.font("caption"));
  button->setStyleSheet(QStringLiteral("QToolButton{font-size:%1px;padding:4px 0;}").arg(theme_.size("grid") * 2 + 2));
  button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  buttons_->addButton(button);
  layout_->insertWidget(layout_->count() - 1, button);
  connect(button, &QToolButton::clicked, this, [this, id] { Q_EMIT chosen(id); });
  refreshIcons();
}

void ActivityBar::setCurrent(const QString& id) {
  for (auto* button : buttons_->buttons()) button->setChecked(button->property("workspace").toString() == id);
}

void ActivityBar::refreshIcons() {
  for (auto* button : buttons_->buttons()) button->setIcon(theme_.icon(button->property("iconName").toString()));
}

}  // namespace cw::ui
