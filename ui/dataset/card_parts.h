// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>

class QHBoxLayout;
class QLabel;
class QPushButton;
class QVBoxLayout;
class QWidget;

namespace cw::ui {

/// The layout of a card and its head: a title above a size at the left, room for more at the right.
struct CardHead {
  QVBoxLayout* card = nullptr;
  QHBoxLayout* head = nullptr;
};
[[nodiscard]] CardHead lay_card_head(QWidget* card, QLabel* title, QLabel* size);

/// The body of a card that asks something in place: lines of text, and two buttons at the right.
void lay_question(QVBoxLayout& layout, QWidget* card, const QStringList& lines, QPushButton* first,
                  QPushButton* second);

}  // namespace cw::ui
