// SPDX-License-Identifier: GPL-3.0-or-later
// Exported figures as a journal's production desk looks at them: what is wrong with one, "" = nothing.
#pragma once
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QString>
#include <QXmlStreamReader>
#include <algorithm>
#include <cmath>

namespace cw::ui {

inline constexpr double kSmallestText = 5.0;  // points
inline constexpr double kLargestText = 7.0;

/// The output of a program of poppler-utils (packaging/packages.txt); what it wrote to stderr where it failed.
inline QString run_tool(const QString& program, const QStringList& arguments) {
  QProcess process;
  process.start(program, arguments);
  if (!process.waitForStarted()) return program + QStringLiteral(" cannot be started");
  process.waitForFinished();
  return QString::fromUtf8(process.exitCode() == 0 ? process.readAllStandardOutput() : process.readAllStandardError());
}

/// Exact width, text as text in the bundled figure font (which the file holds) at 5 to 7 points.
inline QString problem_of_svg(const QByteArray& svg, double widthMillimetres) {
  QXmlStreamReader xml(svg);
  int texts = 0;
  bool root = true;
  while (!xml.atEnd()) {
    if (xml.readNext() != QXmlStreamReader::StartElement) continue;
    const auto attributes = xml.attributes();
    if (root) {
      const QString width = attributes.value(QLatin1String("width")).toString();
      if (width != QStringLiteral("%1mm").arg(widthMillimetres)) return QStringLiteral("width is ") + width;
      root = false;
    }
    if (xml.name() != QLatin1String("text")) continue;
    ++texts;
    const QString family = attributes.value(QLatin1String("font-family")).toString();
    const double size = attributes.value(QLatin1String("font-size")).toDouble();
    const QString text = xml.readElementText(QXmlStreamReader::IncludeChildElements);
    if (family != QLatin1String("Liberation Sans")) return QStringLiteral("“%1” is in %2").arg(text, family);
    if (size < kSmallestText || size > kLargestText) return QStringLiteral("“%1” has %2 points").arg(text).arg(size);
  }
  if (xml.hasError()) return xml.errorString();
  if (texts == 0) return QStringLiteral("no text");
  if (!svg.contains("@font-face")) return QStringLiteral("no font is embedded");
  return {};
}

/// The same of a PDF, with poppler-utils.
inline QString problem_of_pdf(const QString& path, double widthMillimetres) {
  const QString info = run_tool(QStringLiteral("pdfinfo"), {path});
  const auto page = QRegularExpression(QStringLiteral("Page size:\\s+([0-9.]+) x ([0-9.]+) pts")).match(info);
  if (!page.hasMatch()) return info;
  if (std::abs(page.captured(1).toDouble() - widthMillimetres * 72.0 / 25.4) > 0.01) {
    return QStringLiteral("width is %1 points").arg(page.captured(1));
  }
  const QStringList fonts = run_tool(QStringLiteral("pdffonts"), {path}).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
  if (fonts.size() < 3) return QStringLiteral("no fonts: text is drawn as shapes");
  static const QRegularExpression embedded(QStringLiteral("LiberationSans.* TrueType .* yes \\w+ +yes "));
  for (const QString& font : fonts.mid(2)) {
    if (!font.contains(embedded)) return font;
  }
  // a word's box is as high as the font's ascent and descent together: 1.12 times its size
  static const QRegularExpression word(QStringLiteral(
      "<word xMin=\"([0-9.-]+)\" yMin=\"([0-9.-]+)\" xMax=\"([0-9.-]+)\" yMax=\"([0-9.-]+)\">(.*)</word>"));
  const QString boxes = run_tool(QStringLiteral("pdftotext"), {QStringLiteral("-bbox"), path, QStringLiteral("-")});
  int words = 0;
  for (auto it = word.globalMatch(boxes); it.hasNext(); ++words) {
    const auto match = it.next();
    const auto number = [&match](int i) { return match.captured(i).toDouble(); };
    const double across = std::min(number(3) - number(1), number(4) - number(2));  // upright words are narrow
    if (across > kLargestText * 1.2) return QStringLiteral("“%1” is %2 points high").arg(match.captured(5)).arg(across);
  }
  return words > 0 ? QString() : QStringLiteral("no words");
}

}  // namespace cw::ui
