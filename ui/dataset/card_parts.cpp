// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dataset/card_parts.h"

#include "ui/common/widgets.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace cw::ui {

CardHead lay_card_head(QWidget* card, QLabel* title, QLabel* size) {
  CardHead parts{new QVBoxLayout(card), new QHBoxLayout};
  parts.card->setContentsMargins(16, 14, 16, 14);
  parts.card->setSpacing(10);
  auto* words = new QVBoxLayout;
  words->setSpacing(2);
  words->addWidget(title);
  words->addWidget(size);
  parts.head->addLayout(words, 1);
  parts.card->addLayout(parts.head);
  return parts;
}

void lay_question(QVBoxLayout& layout, QWidget* card, const QStringList& lines, QPushButton* first,
                  QPushButton* second) {
  for (const QString& line : lines) {
    auto* label = make_label(line, "secondary", card);
    label->setWordWrap(true);
    layout.addWidget(label);
  }
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  buttons->addWidget(first);
  buttons->addWidget(second);
  layout.addLayout(buttons);
}

}  // namespace cw::ui
