// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"
#include "ui/project/gene_lists.h"

#include <QTimer>

class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace cw::ui {

/// Where a new gene list is typed or pasted: says while typing which words are genes.
class GeneListEditor : public QWidget {
  Q_OBJECT
 public:
  explicit GeneListEditor(Services& services, QWidget* parent = nullptr);
  void begin(const QString& text);

 Q_SIGNALS:
  void accepted(const cw::ui::GeneList& list);
  void closed();

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void check();
  void accept();

  Services& services_;
  QLineEdit* name_;
  QPlainTextEdit* text_;
  QLabel* found_;
  QPushButton* add_;
  GeneList list_;
  QTimer timer_;
};

}  // namespace cw::ui
