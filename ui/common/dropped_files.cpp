// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/dropped_files.h"

#include <QMimeData>
#include <QSysInfo>
#include <QUrl>

namespace cw::ui {

QStringList dropped_files(const QMimeData& data) {
  const QString here = QSysInfo::machineHostName();
  QStringList paths;
  for (QUrl url : data.urls()) {
    if (!url.isLocalFile()) continue;
    const QString host = url.host();
    const bool ours = host.compare(QLatin1String("localhost"), Qt::CaseInsensitive) == 0 ||
                      host.compare(here, Qt::CaseInsensitive) == 0;
    if (!host.isEmpty() && !ours) continue;
    url.setHost(QString());
    paths << url.toLocalFile();
  }
  return paths;
}

}  // namespace cw::ui
