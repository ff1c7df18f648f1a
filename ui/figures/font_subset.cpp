// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/figures/font_subset.h"

#include "ui/theme/theme.h"

#include <QFile>
#include <QMap>
#include <QRawFont>
#include <QRegularExpression>
#include <QtEndian>

namespace cw::ui {
namespace {

template <class T>
T at(const QByteArray& bytes, qsizetype offset) {
  if (offset < 0 || offset + static_cast<qsizetype>(sizeof(T)) > bytes.size()) return 0;
  return qFromBigEndian<T>(bytes.constData() + offset);
}

template <class T>
void append(QByteArray& bytes, T value) {
  char raw[sizeof(T)];
  qToBigEndian(value, raw);
  bytes.append(raw, sizeof(T));
}

QMap<QByteArray, QByteArray> tables_of(const QByteArray& font) {
  QMap<QByteArray, QByteArray> tables;
  const int count = at<quint16>(font, 4);
  for (int i = 0; i < count; ++i) {
    const qsizetype entry = 12 + 16 * i;
    tables.insert(font.mid(entry, 4), font.mid(at<quint32>(font, entry + 8), at<quint32>(font, entry + 12)));
  }
  return tables;
}

quint32 checksum(const QByteArray& table) {
  quint32 sum = 0;
  for (qsizetype i = 0; i < table.size(); i += 4) {
    for (qsizetype k = 0; k < 4; ++k) {
      sum += i + k < table.size() ? quint32{static_cast<quint8>(table[i + k])} << (8 * (3 - k)) : 0;
    }
  }
  return sum;
}

QByteArray font_of(const QMap<QByteArray, QByteArray>& tables) {
  QByteArray head;
  append(head, quint32{0x00010000});
  const auto count = static_cast<quint16>(tables.size());
  quint16 power = 1;
  quint16 log = 0;
  while (power * 2 <= count) {
    power = static_cast<quint16>(power * 2);
    ++log;
  }
  append(head, count);
  append(head, static_cast<quint16>(power * 16));
  append(head, log);
  append(head, static_cast<quint16>((count - power) * 16));
  QByteArray body;
  const auto start = static_cast<quint32>(12 + 16 * count);
  for (auto it = tables.begin(); it != tables.end(); ++it) {
    head += it.key();
    append(head, checksum(it.value()));
    append(head, start + static_cast<quint32>(body.size()));
    append(head, static_cast<quint32>(it.value().size()));
    body += it.value();
    while (body.size() % 4 != 0) body.append('\0');
  }
  return head + body;
}

// The glyphs that a composed glyph (é = e + ´) is made of; the TrueType specification's table "glyf".
QList<quint16> parts_of(const QByteArray& glyph) {
  constexpr quint16 kWords = 0x0001;
  constexpr quint16 kScale = 0x0008;
  constexpr quint16 kMore = 0x0020;
  constexpr quint16 kTwoScales = 0x0040;
  constexpr quint16 kMatrix = 0x0080;
  QList<quint16> parts;
  if (static_cast<qint16>(at<quint16>(glyph, 0)) >= 0) return parts;
  qsizetype position = 10;
  quint16 flags = kMore;
  while ((flags & kMore) != 0 && position + 4 <= glyph.size()) {
    flags = at<quint16>(glyph, position);
    parts << at<quint16>(glyph, position + 2);
    position += 4 + ((flags & kWords) != 0 ? 4 : 2);
    if ((flags & kScale) != 0) position += 2;
    if ((flags & kTwoScales) != 0) position += 4;
    if ((flags & kMatrix) != 0) position += 8;
  }
  return parts;
}

}  // namespace

QByteArray font_subset(const QByteArray& font, const QSet<char32_t>& characters) {
  QMap<QByteArray, QByteArray> tables = tables_of(font);
  for (const char* needed : {"glyf", "loca", "head", "maxp", "cmap", "hmtx", "hhea"}) {
    if (!tables.contains(needed)) return {};
  }
  const bool longOffsets = at<quint16>(tables["head"], 50) != 0;
  const int count = at<quint16>(tables["maxp"], 4);
  const QByteArray loca = tables["loca"];
  const QByteArray glyf = tables["glyf"];
  const auto offset = [&](int glyph) -> qsizetype {
    return longOffsets ? qsizetype{at<quint32>(loca, 4 * qsizetype{glyph})}
                       : 2 * qsizetype{at<quint16>(loca, 2 * qsizetype{glyph})};
  };
  const QRawFont raw(font, 16.0);
  QList<int> wanted{0};
  for (const char32_t character : characters) {
    for (const quint32 glyph : raw.glyphIndexesForString(QString::fromUcs4(&character, 1))) {
      wanted << static_cast<int>(glyph);
    }
  }
  QMap<int, QByteArray> kept;
  while (!wanted.isEmpty()) {
    const int glyph = wanted.takeLast();
    if (glyph < 0 || glyph >= count || kept.contains(glyph)) continue;
    const QByteArray shape = glyf.mid(offset(glyph), offset(glyph + 1) - offset(glyph));
    kept.insert(glyph, shape);
    for (const quint16 part : parts_of(shape)) wanted << part;
  }
  QByteArray newGlyf;
  QByteArray newLoca;
  for (int glyph = 0; glyph < count; ++glyph) {
    append(newLoca, static_cast<quint32>(newGlyf.size()));
    newGlyf += kept.value(glyph);
    while (newGlyf.size() % 4 != 0) newGlyf.append('\0');
  }
  append(newLoca, static_cast<quint32>(newGlyf.size()));
  tables["glyf"] = newGlyf;
  tables["loca"] = newLoca;
  tables["head"].replace(50, 2, QByteArray("\0\1", 2));  // long offsets
  QByteArray post = tables.value("post").left(32);       // no glyph names
  if (post.size() == 32) post.replace(0, 4, QByteArray("\0\3\0\0", 4));
  tables["post"] = post;
  QMap<QByteArray, QByteArray> needed;
  for (const char* name :
       {"OS/2", "cmap", "cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post", "prep"}) {
    if (tables.contains(name)) needed.insert(name, tables[name]);
  }
  return font_of(needed);
}

void embed_fonts_in_svg(QByteArray& svg) {
  // Qt writes the weight into the group around a text; 400 is regular
  static const QRegularExpression text(QStringLiteral("font-weight=\"(\\d+)\"|<text[^>]*>([^<]*)</text>"));
  QMap<QString, QSet<char32_t>> used;
  QString weight = QStringLiteral("Regular");
  for (auto it = text.globalMatch(QString::fromUtf8(svg)); it.hasNext();) {
    const auto match = it.next();
    if (match.capturedLength(1) > 0) {
      weight = match.captured(1).toInt() >= 600 ? QStringLiteral("Bold") : QStringLiteral("Regular");
    }
    QString words = match.captured(2);
    words.replace(QLatin1String("&lt;"), QLatin1String("<")).replace(QLatin1String("&gt;"), QLatin1String(">"));
    words.replace(QLatin1String("&amp;"), QLatin1String("&"));
    for (const char32_t character : words.toUcs4()) used[weight].insert(character);
  }
  QByteArray style;
  for (auto it = used.begin(); it != used.end(); ++it) {
    QFile file(QStringLiteral(":/fonts/LiberationSans-%1.ttf").arg(it.key()));
    if (it.value().isEmpty() || !file.open(QIODevice::ReadOnly)) continue;
    const QByteArray font = font_subset(file.readAll(), it.value());
    style += "@font-face{font-family:'" + Theme::figureFamily().toUtf8() +
             "';font-weight:" + (it.key() == QLatin1String("Bold") ? "700" : "400") + ";src:url(data:font/ttf;base64," +
             font.toBase64() + ") format('truetype')}";
  }
  const auto root = svg.indexOf("<svg");
  const auto end = root < 0 ? root : svg.indexOf('>', root);
  if (!style.isEmpty() && end > 0) svg.insert(end + 1, "\n<style>" + style + "</style>");
}

}  // namespace cw::ui
