// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

#include <QWidget>

class QGridLayout;
class QLabel;
class QVBoxLayout;

namespace cw::ui {

/// What the inspector says of one thing: title, facts, pictures and what can be done, from top to bottom.
class Card : public QWidget {
  Q_OBJECT
 public:
  Card(Services& services, const QString& objectName, QWidget* parent);

 protected:
  QLabel* addTitle(const QString& text);
  /// A paragraph in the second ink.
  QLabel* addText(const QString& text);
  void addCaption(const QString& text);
  /// A line "name  value" of the list of facts; returns the value.
  QLabel* addFact(const QString& name, const QString& value);
  void addWidget(QWidget* widget);
  /// Buttons in two columns.
  QWidget* addButtons();
  void addButton(QWidget* buttons, const QString& objectName, const QString& text, const QString& toolTip,
                 std::function<void()> run);
  /// Call last.
  void finish();

  Services& services_;

 private:
  QVBoxLayout* layout_;
  QGridLayout* facts_ = nullptr;
};

}  // namespace cw::ui
