// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/figures/tiff.h"

#include <QDataStream>
#include <QImage>

namespace cw::ui {
namespace {

constexpr quint16 kShort = 3;
constexpr quint16 kLong = 4;
constexpr quint16 kRational = 5;
constexpr quint16 kDeflate = 8;  // "Adobe deflate", TIFF technical note 2

QByteArray packed_rows(const QImage& image) {
  const QImage rgb = image.convertToFormat(QImage::Format_RGB888);
  QByteArray rows;
  rows.reserve(qsizetype{3} * rgb.width() * rgb.height());
  for (int y = 0; y < rgb.height(); ++y) {
    rows.append(reinterpret_cast<const char*>(rgb.constScanLine(y)), qsizetype{3} * rgb.width());
  }
  return rows;
}

}  // namespace

QByteArray tiff_of(const QImage& image, int dpi) {
  const QByteArray strip = qCompress(packed_rows(image)).mid(4);  // behind Qt's own length: a zlib stream
  QByteArray bytes;
  QDataStream out(&bytes, QIODevice::WriteOnly);
  out.setByteOrder(QDataStream::LittleEndian);
  const auto stripAt = quint32{8};
  const auto padded = static_cast<quint32>(strip.size() + strip.size() % 2);
  const quint32 bitsAt = stripAt + padded;
  const quint32 resolutionAt = bitsAt + 8;
  const quint32 directoryAt = resolutionAt + 16;
  out.writeRawData("II", 2);
  out << quint16{42} << directoryAt;
  out.writeRawData(strip.constData(), static_cast<int>(strip.size()));
  if (strip.size() % 2 != 0) out << quint8{0};
  out << quint16{8} << quint16{8} << quint16{8} << quint16{0};
  out << static_cast<quint32>(dpi) << quint32{1} << static_cast<quint32>(dpi) << quint32{1};
  const auto entry = [&out](quint16 tag, quint16 type, quint32 count, quint32 value) {
    out << tag << type << count << value;
  };
  out << quint16{12};
  entry(256, kLong, 1, static_cast<quint32>(image.width()));
  entry(257, kLong, 1, static_cast<quint32>(image.height()));
  entry(258, kShort, 3, bitsAt);
  entry(259, kShort, 1, kDeflate);
  entry(262, kShort, 1, 2);  // RGB
  entry(273, kLong, 1, stripAt);
  entry(277, kShort, 1, 3);
  entry(278, kLong, 1, static_cast<quint32>(image.height()));
  entry(279, kLong, 1, static_cast<quint32>(strip.size()));
  entry(282, kRational, 1, resolutionAt);
  entry(283, kRational, 1, resolutionAt + 8);
  entry(296, kShort, 1, 2);  // inch
  out << quint32{0};
  return bytes;
}

}  // namespace cw::ui
