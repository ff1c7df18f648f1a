// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/inspector/card.h"

namespace cw::ui {

/// A cell: its name, all its columns, and the genes that its list begins with.
class CellCard : public Card {
  Q_OBJECT
 public:
  CellCard(Services& services, std::int64_t row, QWidget* parent);
};

}  // namespace cw::ui
