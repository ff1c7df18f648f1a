// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_log.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QHash>
#include <QLocale>
#include <algorithm>

static void initialise_errors() { Q_INIT_RESOURCE(errors); }

namespace cw::ui {
namespace {

constexpr std::size_t kShown = 200;

QString tr(const char* text) { return QCoreApplication::translate("cw::ui::Runs", text); }

// The rows "| id | meaning | what to do |" of docs/errors.
QHash<QString, Explanation> read_explanations() {
  initialise_errors();
  QHash<QString, Explanation> explanations;
  const QDir pages(QStringLiteral(":/errors"));
  for (const QString& name : pages.entryList()) {
    QFile page(pages.filePath(name));
    if (!page.open(QIODevice::ReadOnly)) continue;
    for (const QString& line : QString::fromUtf8(page.readAll()).split(QLatin1Char('\n'))) {
      const QStringList cells = line.split(QLatin1Char('|'));
      if (cells.size() < 4 || !cells[1].contains(QLatin1Char('-'))) continue;
      const auto text = [&cells](qsizetype cell) { return cells.value(cell).trimmed().remove(QLatin1Char('`')); };
      explanations.insert(text(1), {text(2), cells.size() > 4 ? text(3) : QString()});
    }
  }
  return explanations;
}

QString time_text(double seconds) {
  const QDateTime time = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(seconds * 1000.0));
  return QLocale::c().toString(time, QStringLiteral("d MMM HH:mm:ss"));
}

QString words_of(const RunNote& note) {
  const QString text = QString::fromStdString(note.text);
  if (note.type == "started") return tr("Started");
  if (note.type == "resumed") return tr("Went on");
  if (note.type == "cancelled") return tr("Stopped on request; what was finished is kept");
  if (note.type == "finished") return tr("Done");
  if (note.type == "error") return tr("Failed: %1").arg(text);
  if (note.type == "checkpoint") return tr("Checkpoint at step %1").arg(count_text(text.toLongLong()));
  return text;
}

// Entries of the pages of errors end with a full stop or without one.
QString sentence(QString text) {
  while (text.endsWith(QLatin1Char('.'))) text.chop(1);
  return text.toHtmlEscaped() + QLatin1Char('.');
}

QString line_html(const RunNote& note) {
  QString html = QStringLiteral("<p>%1 &nbsp;%2").arg(time_text(note.seconds), words_of(note).toHtmlEscaped());
  const QString code = QString::fromStdString(note.code);
  if (!code.isEmpty()) {
    const Explanation explanation = explanation_of(code);
    html += QStringLiteral(" [%1]").arg(code.toHtmlEscaped());
    if (!explanation.meaning.isEmpty()) html += QStringLiteral("<br><i>%1</i>").arg(sentence(explanation.meaning));
    if (!explanation.remedy.isEmpty()) {
      html += QLatin1Char(' ') + tr("What to do: %1").arg(sentence(explanation.remedy));
    }
  }
  return html + QStringLiteral("</p>");
}

}  // namespace

Explanation explanation_of(const QString& id) {
  static const QHash<QString, Explanation> kExplanations = read_explanations();
  return kExplanations.value(id);
}

QString log_html(const RunEvents& events) {
  QString html;
  const std::size_t first = events.notes.size() - std::min(events.notes.size(), kShown);
  for (std::size_t i = first; i < events.notes.size(); ++i) {
    if (!words_of(events.notes[i]).isEmpty()) html += line_html(events.notes[i]);
  }
  return html.isEmpty() ? QStringLiteral("<p>%1</p>").arg(tr("Nothing has been said yet.")) : html;
}

}  // namespace cw::ui
