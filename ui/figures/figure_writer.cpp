// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/figures/figure_writer.h"

#include "ui/figures/font_subset.h"
#include "ui/figures/tiff.h"

#include <QBuffer>
#include <QFileInfo>
#include <QImageWriter>
#include <QObject>
#include <QPageLayout>
#include <QPainter>
#include <QPdfWriter>
#include <QRegularExpression>
#include <QSvgGenerator>
#include <cmath>

namespace cw::ui {
namespace {

constexpr double kPointsPerMillimetre = 72.0 / 25.4;
constexpr int kPdfDpi = 1200;

void paint_on_white(QPainter& painter, const FigurePainter& paint, const FigureSize& size) {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(QRectF(0, 0, size.widthPoints, size.heightPoints), Qt::white);
  paint(painter, size);
}

QByteArray millimetres(double value) { return QByteArray::number(value, 'g', 6); }

// Qt knows whole points only; journals give widths in millimetres. The box of the page gets the exact size, and the
// table of positions at the end of the file is put right.
void set_exact_page(QByteArray& pdf, const FigureSize& size) {
  const auto box = pdf.indexOf("/MediaBox [");
  const auto end = box < 0 ? box : pdf.indexOf(']', box);
  const auto table = pdf.lastIndexOf("\nxref\n");
  if (end < 0 || table < 0) return;
  const QByteArray exact = "/MediaBox [0 0 " + QByteArray::number(size.widthPoints, 'f', 2) + ' ' +
                           QByteArray::number(size.heightPoints, 'f', 2);
  const auto grown = exact.size() - (end - box);
  auto at = pdf.indexOf('\n', pdf.indexOf('\n', table + 1) + 1) + 1;  // behind "xref" and "0 N"
  for (; at + 20 <= pdf.size() && pdf.mid(at, 7) != "trailer"; at += 20) {
    const qint64 offset = pdf.mid(at, 10).toLongLong();
    if (offset > box) pdf.replace(at, 10, QByteArray::number(offset + grown).rightJustified(10, '0'));
  }
  const auto start = pdf.lastIndexOf("startxref\n");
  if (start > 0) {
    const auto number = start + 10;
    const auto lineEnd = pdf.indexOf('\n', number);
    pdf.replace(number, lineEnd - number, QByteArray::number(pdf.mid(number, lineEnd - number).toLongLong() + grown));
  }
  pdf.replace(box, end - box, exact);
}

QByteArray write_pdf(const FigurePainter& paint, const FigureOptions& options, const FigureTag& tag) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  const FigureSize size = figure_size(options);
  {
    QPdfWriter writer(&buffer);
    writer.setResolution(kPdfDpi);
    writer.setTitle(tag.title);
    writer.setCreator(QStringLiteral("Cellwright"));
    writer.setDocumentXmpMetadata(xmp_with_tag(tag));
    writer.setPageLayout(QPageLayout(QPageSize(QSizeF(std::ceil(size.widthPoints), std::ceil(size.heightPoints)),
                                               QPageSize::Point, {}, QPageSize::ExactMatch),
                                     QPageLayout::Portrait, QMarginsF(0, 0, 0, 0)));
    QPainter painter(&writer);
    // Qt measures from the top of the page, whose size it rounds up; PDF from its foot
    painter.scale(kPdfDpi / 72.0, kPdfDpi / 72.0);
    painter.translate(0.0, std::ceil(size.heightPoints) - size.heightPoints);
    paint_on_white(painter, paint, size);
  }
  set_exact_page(bytes, size);
  return bytes;
}

QByteArray write_svg(const FigurePainter& paint, const FigureOptions& options, const FigureTag& tag) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  const FigureSize size = figure_size(options);
  {
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setResolution(72);
    generator.setSize(QSize(static_cast<int>(size.widthPoints), static_cast<int>(size.heightPoints)));
    generator.setViewBox(QRectF(0, 0, size.widthPoints, size.heightPoints));
    generator.setTitle(tag.title.toHtmlEscaped());  // Qt writes it as it is
    generator.setDescription(QStringLiteral("Cellwright"));
    QPainter painter(&generator);
    paint_on_white(painter, paint, size);
  }
  const auto head = bytes.indexOf("<svg");
  const auto end = bytes.indexOf('>', head);
  QByteArray root = bytes.mid(head, end - head);
  const auto set = [&root](const char* name, double value) {
    const auto at = root.indexOf(QByteArray(" ") + name + "=\"");
    const auto from = root.indexOf('"', at) + 1;
    if (at > 0) root.replace(from, root.indexOf('"', from) - from, millimetres(value) + "mm");
  };
  set("width", options.widthMillimetres);
  set("height", options.heightMillimetres);
  bytes.replace(head, end - head, root);
  add_tag_to_svg(bytes, tag);
  embed_fonts_in_svg(bytes);
  return bytes;
}

}  // namespace

QString suffix_of(FigureFormat format) {
  switch (format) {
    case FigureFormat::kSvg:
      return QStringLiteral("svg");
    case FigureFormat::kPdf:
      return QStringLiteral("pdf");
    case FigureFormat::kPng:
      return QStringLiteral("png");
    case FigureFormat::kTiff:
      return QStringLiteral("tiff");
  }
  return {};
}

Result<FigureFormat> figure_format(const QString& path) {
  const QString suffix = QFileInfo(path).suffix().toLower();
  for (const auto format : {FigureFormat::kSvg, FigureFormat::kPdf, FigureFormat::kPng, FigureFormat::kTiff}) {
    if (suffix == suffix_of(format)) return format;
  }
  if (suffix == QLatin1String("tif")) return FigureFormat::kTiff;
  return Error{ErrorCode::kUnsupported, "E-UI-005",
               path.toStdString() + ": a figure's name must end in .svg, .pdf, .png or .tiff"};
}

FigureSize figure_size(const FigureOptions& options) {
  return {options.widthMillimetres * kPointsPerMillimetre, options.heightMillimetres * kPointsPerMillimetre,
          options.fontPoints};
}

QImage draw_image(const FigurePainter& paint, const FigureOptions& options) {
  QImage image = preview_figure(paint, figure_size(options), options.dpi / 72.0);
  const int dots = static_cast<int>(std::lround(options.dpi / 0.0254));
  image.setDotsPerMeterX(dots);
  image.setDotsPerMeterY(dots);
  return image;
}

namespace {

QByteArray encode_image(const QImage& image, const FigureOptions& options, const FigureTag& tag) {
  if (options.format == FigureFormat::kTiff) return tiff_of(image, options.dpi);
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  QImageWriter writer(&buffer, "png");
  writer.setText(QStringLiteral("Title"), tag.title);
  writer.setText(QLatin1String(kPngKey), png_text_of_tag(tag));
  writer.write(image);
  return bytes;
}

}  // namespace

QByteArray write_figure(const FigurePainter& paint, const FigureOptions& options, const FigureTag& tag) {
  switch (options.format) {
    case FigureFormat::kSvg:
      return write_svg(paint, options, tag);
    case FigureFormat::kPdf:
      return write_pdf(paint, options, tag);
    default:
      return encode_image(draw_image(paint, options), options, tag);
  }
}

QImage preview_figure(const FigurePainter& paint, const FigureSize& size, double scale) {
  QImage image(static_cast<int>(std::lround(size.widthPoints * scale)),
               static_cast<int>(std::lround(size.heightPoints * scale)), QImage::Format_RGB32);
  image.fill(Qt::white);
  QPainter painter(&image);
  painter.scale(scale, scale);
  paint_on_white(painter, paint, size);
  return image;
}

}  // namespace cw::ui
