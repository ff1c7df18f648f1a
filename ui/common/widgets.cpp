// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/widgets.h"

#include "ui/theme/theme.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

namespace cw::ui {

QLabel* make_label(const QString& text, const char* role, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setProperty("role", role);
  return label;
}

QLabel* make_caption(const QString& text, QWidget* parent) {
  auto* label = make_label(text.toUpper(), "caption", parent);
  label->setAccessibleName(text);
  return label;
}

QFrame* make_line(Qt::Orientation orientation, QWidget* parent) {
  auto* line = new QFrame(parent);
  line->setProperty("line", orientation == Qt::Horizontal ? "horizontal" : "vertical");
  return line;
}

QPushButton* make_button(const QString& objectName, const QString& text, const char* kind, QWidget* parent) {
  auto* button = new QPushButton(text, parent);
  button->setObjectName(objectName);
  button->setProperty("kind", kind);
  button->setCursor(qstrcmp(kind, "link") == 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  return button;
}

QToolButton* make_pill(const QString& objectName, const QString& text, QWidget* parent) {
  auto* pill = new QToolButton(parent);
  pill->setObjectName(objectName);
  pill->setText(text);
  pill->setProperty("kind", "pill");
  pill->setPopupMode(QToolButton::InstantPopup);
  pill->setFocusPolicy(Qt::StrongFocus);
  return pill;
}

QWidget* make_surface(const char* surface, QWidget* parent) {
  auto* widget = new QWidget(parent);
  widget->setProperty("surface", surface);
  widget->setAttribute(Qt::WA_StyledBackground);
  return widget;
}

QWidget* make_message_bar(const Theme& theme, const Message& message, QWidget* parent) {
  struct Look {
    const char* bar;
    const char* icon;
    const char* color;
  };
  const Look look = [&message]() -> Look {
    switch (message.kind) {
      case Message::Kind::kGood:
        return {"good", "check", "good"};
      case Message::Kind::kWarning:
        return {"warning", "warning", "warning"};
      case Message::Kind::kError:
        return {"bad", "error", "bad"};
      case Message::Kind::kInfo:
        break;
    }
    return {"info", "info", "accent"};
  }();
  auto* bar = new QWidget(parent);
  bar->setProperty("bar", look.bar);
  bar->setAttribute(Qt::WA_StyledBackground);
  bar->setAccessibleName(message.title.isEmpty() ? message.text : message.title + QStringLiteral(": ") + message.text);
  auto* layout = new QHBoxLayout(bar);
  layout->setContentsMargins(10, 7, 10, 7);
  layout->setSpacing(8);
  auto* icon = new QLabel(bar);
  icon->setPixmap(theme.icon(QLatin1String(look.icon), theme.color(look.color)).pixmap(theme.size("icon")));
  layout->addWidget(icon, 0, Qt::AlignTop);
  if (!message.title.isEmpty()) {
    auto* title = make_label(message.title, "heading", bar);
    title->setStyleSheet(QStringLiteral("color:%1").arg(theme.color(look.color).name()));
    layout->addWidget(title, 0, Qt::AlignTop);
  }
  auto* text = make_label(message.text, "small", bar);
  text->setWordWrap(true);
  text->setAlignment(Qt::AlignLeft | Qt::AlignTop);  // in line with the title
  text->setTextInteractionFlags(Qt::TextSelectableByMouse);
  layout->addWidget(text, 1);
  if (message.fix && !message.fixText.isEmpty()) {
    auto* fix = make_button(QStringLiteral("fixButton"), message.fixText, "link", bar);
    fix->setAccessibleName(message.fixText);
    QObject::connect(fix, &QPushButton::clicked, bar, message.fix);
    layout->addWidget(fix, 0, Qt::AlignTop);
  }
  return bar;
}

QWidget* make_empty_state(const Theme& theme, const QString& icon, const QString& text, const QString& buttonText,
                          std::function<void()> run, QWidget* parent) {
  auto* state = new QWidget(parent);
  state->setAccessibleName(text);
  auto* layout = new QVBoxLayout(state);
  layout->setSpacing(12);
  layout->addStretch(1);
  auto* picture = new QLabel(state);
  picture->setPixmap(theme.icon(icon, theme.color("ink-3")).pixmap(36));
  layout->addWidget(picture, 0, Qt::AlignHCenter);
  auto* words = make_label(text, "secondary", state);
  words->setWordWrap(true);
  words->setAlignment(Qt::AlignCenter);
  words->setMaximumWidth(420);
  auto* middle = new QHBoxLayout;  // an alignment would keep the label from growing with its lines
  middle->addStretch(1);
  middle->addWidget(words, 100);
  middle->addStretch(1);
  layout->addLayout(middle);
  if (!buttonText.isEmpty()) {
    auto* button = make_button(QStringLiteral("emptyStateButton"), buttonText, "primary", state);
    QObject::connect(button, &QPushButton::clicked, state, std::move(run));
    layout->addWidget(button, 0, Qt::AlignHCenter);
  }
  layout->addStretch(2);
  return state;
}

}  // namespace cw::ui
