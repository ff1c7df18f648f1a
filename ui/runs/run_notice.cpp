// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_notice.h"

#include "ui/jobs/job_center.h"
#include "ui/jobs_strip/job_text.h"
#include "ui/runs/runs_model.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QVariantMap>

namespace cw::ui {

RunNotice::RunNotice(JobCenter& jobs, QObject* parent) : QObject(parent) {
  connect(&jobs, &JobCenter::ended, this, [this, &jobs](const QString& id) {
    if (!QApplication::activeWindow()) tell(wordsFor(jobs, id));
  });
}

RunNotice::Words RunNotice::wordsFor(const JobCenter& jobs, const QString& id) {
  const JobRecord* job = jobs.job(id);
  // whoever stopped a run knows that it ended
  if (!job || !is_training(*job) || job->phase == JobPhase::kCancelled) return {};
  if (job->phase == JobPhase::kDone) return {tr("Training is done"), job->title};
  return {tr("Training ended early"), QStringLiteral("%1: %2").arg(job->title, job_reason_text(*job))};
}

void RunNotice::tell(const Words& words) {
  const QDBusConnection bus = words.title.isEmpty() ? QDBusConnection(QString()) : QDBusConnection::sessionBus();
  if (!bus.isConnected()) return;
  QDBusMessage message = QDBusMessage::createMethodCall(
      QStringLiteral("org.freedesktop.Notifications"), QStringLiteral("/org/freedesktop/Notifications"),
      QStringLiteral("org.freedesktop.Notifications"), QStringLiteral("Notify"));
  constexpr int kAsLongAsUsual = -1;
  message.setArguments({QApplication::applicationName(), 0U, QString(), words.title, words.text, QStringList(),
                        QVariantMap(), kAsLongAsUsual});
  bus.asyncCall(message);  // nobody waits for an answer
}

}  // namespace cw::ui
