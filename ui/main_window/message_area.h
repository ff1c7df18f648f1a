// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/messages.h"

#include <QWidget>

class QVBoxLayout;

namespace cw::ui {

class Theme;

/// Shows messages above the lower edge of `place`, which lies in `window`, so that no dock beside it is covered: toasts
/// go by themselves, warnings and errors stay until they are closed or their fix is pressed. At most three at a time;
/// the others wait in the log.
class MessageArea : public QWidget {
  Q_OBJECT
 public:
  MessageArea(const Theme& theme, MessageCenter& messages, QWidget* place, QWidget* window);
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void show(const Message& message);
  void settle();

  const Theme& theme_;
  QWidget* place_;
  QVBoxLayout* layout_;
};

}  // namespace cw::ui
