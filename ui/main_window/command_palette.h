// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

#include <QFrame>

class QLineEdit;
class QListWidget;

namespace cw::ui {

/// One field for everything: commands by their words, genes by any name. Opens with Ctrl+K, with `/` for genes; Enter
/// runs what is marked, Escape closes.
class CommandPalette : public QFrame {
  Q_OBJECT
 public:
  CommandPalette(Services& services, QWidget* window);
  void open(const QString& text = {});
  bool eventFilter(QObject* watched, QEvent* event) override;

 Q_SIGNALS:
  /// A gene was chosen: show it.
  void geneChosen(const QString& ensemblId);

 private:
  void refresh(const QString& text);
  void run();

  Services& services_;
  QLineEdit* field_;
  QListWidget* list_;
};

}  // namespace cw::ui
