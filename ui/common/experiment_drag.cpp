// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/common/experiment_drag.h"

#include <QMimeData>

namespace cw::ui {

std::unique_ptr<QMimeData> mime_of_experiment(const QString& id, const QString& title) {
  auto data = std::make_unique<QMimeData>();
  data->setData(QLatin1String(kExperimentMime), id.toUtf8());
  data->setText(title);
  return data;
}

QString experiment_of(const QMimeData& data) { return QString::fromUtf8(data.data(QLatin1String(kExperimentMime))); }

}  // namespace cw::ui
