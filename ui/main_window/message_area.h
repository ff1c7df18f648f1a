// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/messages.h"

#include <QWidget>

class QVBoxLayout;

namespace cw::ui {

class Theme;

/// Shows messages above the lower edge of its parent: toasts go by themselves, warnings and errors stay until they are
/// closed or their fix is pressed. At most three at a time; the others wait in the log.
class MessageArea : public QWidget {
  Q_OBJECT
 public:
  MessageArea(const Theme& theme, MessageCenter& messages, QWidget* parent);
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void show(const Message& message);
  void place();

  const Theme& theme_;
  QVBoxLayout* layout_;
};

}  // namespace cw::ui
