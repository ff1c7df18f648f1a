// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDateTime>
#include <QString>
#include <string>

namespace cw::ui {

/// A folder name that says what is in it: "finetune-cells-20261122-001512123".
[[nodiscard]] inline std::string run_folder_name(const QString& kind) {
  return (kind + QLatin1Char('-') + QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmsszzz")))
      .toStdString();
}

}  // namespace cw::ui
