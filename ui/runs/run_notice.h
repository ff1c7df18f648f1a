// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>

namespace cw::ui {

class JobCenter;

/// Tells the desktop when a training run ends while nobody looks at the window. Where the desktop takes no messages
/// (org.freedesktop.Notifications), nothing happens.
class RunNotice : public QObject {
  Q_OBJECT
 public:
  explicit RunNotice(JobCenter& jobs, QObject* parent = nullptr);
  /// Title and text for an ended run; both empty where there is nothing to tell.
  struct Words {
    QString title;
    QString text;
  };
  [[nodiscard]] static Words wordsFor(const JobCenter& jobs, const QString& id);

 private:
  void tell(const Words& words);
};

}  // namespace cw::ui
