// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/error.h"

#include <QDateTime>
#include <QList>
#include <QObject>
#include <functional>

namespace cw::ui {

/// Something the user is told. Never a dialog: a toast for what went well, a bar for what needs a look.
struct Message {
  enum class Kind { kGood, kInfo, kWarning, kError };
  Kind kind = Kind::kInfo;
  QString id;       ///< "E-TOK-003", or "" where there is none
  QString title;    ///< two or three words, "Known to the model"; may be empty
  QString text;     ///< what happened, why, what to do
  QString fixText;  ///< verb on the button; "" = no button
  std::function<void()> fix = {};
  QDateTime time = {};
};

/// Collects messages of all panels; the frame shows them and keeps the log.
class MessageCenter : public QObject {
  Q_OBJECT
 public:
  using QObject::QObject;
  /// A short success ("Exported 412 genes"): 4 s on screen, kept in the log.
  void toast(const QString& text);
  void post(Message message);
  /// Shows nothing for a cancelled task.
  void error(const Error& error, const QString& fixText = {}, std::function<void()> fix = {});
  [[nodiscard]] const QList<Message>& log() const noexcept { return log_; }

 Q_SIGNALS:
  void posted(const cw::ui::Message& message);

 private:
  QList<Message> log_;
};

/// The kind, id and sentence of an error as a message.
[[nodiscard]] Message message_of(const Error& error);

}  // namespace cw::ui
