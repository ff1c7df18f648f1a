// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/shortcut_overlay.h"

#include "ui/common/action_registry.h"
#include "ui/common/widgets.h"
#include "ui/theme/theme.h"

#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr int kColumns = 2;

struct Key {
  QString text;
  QString keys;
};

}  // namespace

ShortcutOverlay::ShortcutOverlay(Services& services, QWidget* window) : QFrame(window), services_(services) {
  setObjectName(QStringLiteral("shortcutOverlay"));
  setAccessibleName(tr("Keys"));
  setProperty("surface", "card");
  setAttribute(Qt::WA_StyledBackground);
  setFocusPolicy(Qt::StrongFocus);
  auto* layout = new QVBoxLayout(this);
  const int padding = services.theme.size("padding") * 2;
  layout->setContentsMargins(padding, padding, padding, padding);
  hide();
}

void ShortcutOverlay::fill() {
  delete sheet_;
  sheet_ = new QWidget(this);
  auto* grid = new QGridLayout(sheet_);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(24);
  grid->setVerticalSpacing(2);
  QList<Key> keys;
  QStringList spoken;
  for (const QAction* action : services_.actions.all()) {
    if (action->shortcut().isEmpty()) continue;
    keys.append({action->text().remove(QLatin1Char('&')), action->shortcut().toString(QKeySequence::NativeText)});
  }
  // keys of the tables, which are no actions of the menus
  keys.append({tr("Add the genes of a table to a well"), tr("Ctrl+1 … Ctrl+4")});
  const auto rows = (keys.size() + kColumns - 1) / kColumns;
  for (qsizetype i = 0; i < keys.size(); ++i) {
    const auto row = static_cast<int>(i % rows) + 1;
    const auto column = static_cast<int>(i / rows) * 2;
    auto* name = make_label(keys[i].keys, "heading", sheet_);
    grid->addWidget(name, row, column, Qt::AlignRight | Qt::AlignVCenter);
    auto* text = make_label(keys[i].text, "small", sheet_);
    grid->addWidget(text, row, column + 1);
    spoken << tr("%1: %2").arg(keys[i].keys, keys[i].text);
  }
  grid->addWidget(make_label(tr("Keys"), "title", sheet_), 0, 0, 1, kColumns * 2, Qt::AlignTop);
  grid->setRowMinimumHeight(0, services_.theme.size("bar"));
  layout()->addWidget(sheet_);
  setAccessibleDescription(spoken.join(QStringLiteral("; ")));
}

void ShortcutOverlay::open() {
  fill();
  ensurePolished();
  for (QWidget* label : sheet_->findChildren<QWidget*>()) label->ensurePolished();
  const QWidget* window = parentWidget();
  const QSize size = layout()->sizeHint().boundedTo(window->size() - QSize(40, 40));
  setGeometry(QRect(QPoint((window->width() - size.width()) / 2, (window->height() - size.height()) / 2), size));
  show();
  raise();
  setFocus(Qt::PopupFocusReason);
}

void ShortcutOverlay::keyPressEvent(QKeyEvent* event) {
  event->accept();
  hide();
}

void ShortcutOverlay::mousePressEvent(QMouseEvent*) { hide(); }

void ShortcutOverlay::focusOutEvent(QFocusEvent*) { hide(); }

}  // namespace cw::ui
