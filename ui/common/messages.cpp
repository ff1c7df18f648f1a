// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/messages.h"

namespace cw::ui {

Message message_of(const Error& error) {
  Message message;
  message.kind = Message::Kind::kError;
  message.id = QString::fromStdString(error.id);
  message.text = QString::fromStdString(error.message);
  return message;
}

void MessageCenter::toast(const QString& text) {
  Message message;
  message.kind = Message::Kind::kGood;
  message.text = text;
  post(std::move(message));
}

void MessageCenter::post(Message message) {
  message.time = QDateTime::currentDateTime();
  log_.append(message);
  Q_EMIT posted(message);
}

void MessageCenter::error(const Error& error, const QString& fixText, std::function<void()> fix) {
  if (error.code == ErrorCode::kCancelled) return;
  Message message = message_of(error);
  message.fixText = fixText;
  message.fix = std::move(fix);
  post(std::move(message));
}

}  // namespace cw::ui
