// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_error_text.h"

#include <QCoreApplication>

namespace cw::ui {

QString job_error_text(const Error& error) {
  const auto tr = [](const char* text) { return QCoreApplication::translate("JobErrorText", text); };
  QString text = QString::fromStdString(error.message);
  // "…; the log is FILE; what was finished is kept: cellwright resume FOLDER"
  if (const auto cut = text.indexOf(QLatin1String("; the log is ")); cut > 0) {
    text = text.left(cut) + tr(". What was finished is kept; Resume goes on from there.");
  }
  // "…; write a new one and go on with: cellwright resume FOLDER"
  if (const auto command = text.indexOf(QLatin1String("cellwright resume")); command > 0) {
    const auto cut = text.lastIndexOf(QLatin1Char(';'), command);
    text = text.left(cut > 0 ? cut : command) + tr("; Resume in the list of jobs goes on from what is finished.");
  }
  if (!text.isEmpty()) text[0] = text[0].toUpper();
  return text;
}

}  // namespace cw::ui
