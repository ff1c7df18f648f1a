// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/embedding/color_field.h"

#include <QFrame>
#include <QList>

class QLineEdit;
class QListWidget;

namespace cw::ui {

class Document;
class Theme;

/// The pop-up where one chooses what a map is coloured by: columns of the data set, the selected genes, or any gene by
/// name. Typing filters; arrow keys and Return choose.
class ColorPicker : public QFrame {
  Q_OBJECT
 public:
  ColorPicker(const Theme& theme, Document& document, QWidget* parent);
  /// Opens under a widget.
  void openBelow(QWidget* anchor, const QList<ColumnUse>& uses);

 Q_SIGNALS:
  void chosen(const cw::ui::Coloring& coloring);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void fill();
  void addCaption(const QString& text);
  void addEntry(const QString& text, const QString& detail, const Coloring& coloring);
  void choose();

  const Theme& theme_;
  Document& document_;
  QList<ColumnUse> uses_;
  QList<Coloring> colorings_;
  QLineEdit* search_;
  QListWidget* list_;
};

}  // namespace cw::ui
