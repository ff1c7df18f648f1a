// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_error_text.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <utility>

namespace cw::ui {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("JobErrorText", text); }

// What messages on other machines have for a shell, and what does it here.
QString without_commands(QString text) {
  static const std::pair<QRegularExpression, const char*> kInstead[] = {
      {QRegularExpression(QStringLiteral("; see it and accept it: cellwright machines probe \\S+$")),
       QT_TRANSLATE_NOOP("JobErrorText", "; look at the machine under Train to see the key and accept it")},
      {QRegularExpression(QStringLiteral("cellwright machines add \\S+ --folder DIR --overwrite")),
       QT_TRANSLATE_NOOP("JobErrorText", "remove the machine under Train and add it again with another folder")},
      {QRegularExpression(QStringLiteral("; add one: cellwright machines add .*$")),
       QT_TRANSLATE_NOOP("JobErrorText", "; add it again under Train")},
      {QRegularExpression(QStringLiteral("; '?cellwright machines (probe|list)'?[^;]*$")),
       QT_TRANSLATE_NOOP("JobErrorText", "; the machines under Train show what there is")},
      {QRegularExpression(QStringLiteral("; send it again: cellwright machines install \\S+$")),
       QT_TRANSLATE_NOOP("JobErrorText", "; Resume sends it again")},
      {QRegularExpression(QStringLiteral("; start it anew: cellwright jobs resume.*$")),
       QT_TRANSLATE_NOOP("JobErrorText", "; Resume starts it anew")},
  };
  for (const auto& [command, words] : kInstead) text.replace(command, tr(words));
  return text;
}

}  // namespace

QString job_error_text(const Error& error) {
  QString text = without_commands(QString::fromStdString(error.message));
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
