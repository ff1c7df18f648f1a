// SPDX-License-Identifier: GPL-3.0-or-later
// Exported figures as a journal's production desk would look at them: sizes, text, fonts, what they carry.
#include "ui/figures/figure_writer.h"

#include "tests/support/exported_figure.h"
#include "ui/figures/dense_layer.h"
#include "ui/figures/font_subset.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QRawFont>
#include <QRegularExpression>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

namespace cw::ui {
namespace {

FigureTag tag() {
  FigureTag tag;
  tag.panel = QStringLiteral("embeddingPanel");
  tag.view = R"({"map":"X_umap","colour":"cell_type"})";
  tag.dataName = QStringLiteral("kang_pbmc.h5ad");
  tag.dataPath = QStringLiteral("/data/kang_pbmc.h5ad");
  tag.dataSha256 = QStringLiteral("0123abcd");
  tag.title = QStringLiteral("cells & <states>");
  return tag;
}

// A frame, some text in two weights, and as many points as asked.
FigurePainter chart(int points) {
  return [points](QPainter& painter, const FigureSize& size) {
    const QRectF frame(20, 10, size.widthPoints - 30, size.heightPoints - 30);
    painter.setPen(QPen(Qt::black, 0.5));
    painter.drawRect(frame);
    painter.setFont(figure_font(size.fontPoints));
    painter.drawText(QPointF(20, size.heightPoints - 8), QStringLiteral("towards stim é −0.5"));
    painter.setFont(figure_font(size.fontPoints - 2.0, QFont::Bold));
    painter.drawText(QPointF(120, size.heightPoints - 8), QStringLiteral("STAT1"));
    draw_marks(painter, frame, points, [&](QPainter& marks) {
      marks.setPen(Qt::NoPen);
      marks.setBrush(Qt::blue);
      for (int i = 0; i < points; ++i) {
        marks.drawEllipse(frame.topLeft() + QPointF(5 + (i * 37) % 200, 5 + (i * 91) % 120), 0.6, 0.6);
      }
    });
  };
}

// The values of the first directory of a little-endian TIFF: numbers, or the pair of a fraction.
QHash<int, double> tiff_entries(const QByteArray& tiff) {
  const auto at = [&tiff](qsizetype offset, int bytes) {
    quint32 value = 0;
    for (int i = 0; i < bytes; ++i) value |= static_cast<quint32>(static_cast<uchar>(tiff[offset + i])) << (8 * i);
    return value;
  };
  QHash<int, double> entries;
  if (!tiff.startsWith(QByteArray("II*\0", 4))) return entries;
  const auto directory = static_cast<qsizetype>(at(4, 4));
  for (quint32 i = 0; i < at(directory, 2); ++i) {
    const qsizetype entry = directory + 2 + 12 * static_cast<qsizetype>(i);
    const quint32 type = at(entry + 2, 2);
    const auto value = at(entry + 8, type == 3 ? 2 : 4);
    const auto place = static_cast<qsizetype>(value);
    entries[static_cast<int>(at(entry, 2))] = type == 5 ? double(at(place, 4)) / double(at(place + 4, 4)) : value;
  }
  return entries;
}

}  // namespace

class FigureWriterTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void svgHasTheExactWidthItsTextAndItsFonts();
  void pdfHasTheExactWidthItsTextAndItsFonts();
  void rasterFormatsHaveTheirResolution();
  void manyPointsBecomeOnePictureInAVectorFrame();
  void everyFormatThatCanCarriesTheView_data();
  void everyFormatThatCanCarriesTheView();
  void aPictureWithoutAViewIsRefusedWithTheReason();
  void aViewOfANewerVersionIsRefused();
  void aSubsetDrawsItsCharactersLikeTheWholeFont();

 private:
  QString write(FigureFormat format, double width, int points = 100) {
    FigureOptions options;
    options.format = format;
    options.widthMillimetres = width;
    const QString path = scratch_.filePath(QStringLiteral("figure.") + suffix_of(format));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) return {};
    file.write(write_figure(chart(points), options, tag()));
    return path;
  }
  static QByteArray content(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }

  Theme theme_;
  QTemporaryDir scratch_;
};

void FigureWriterTest::svgHasTheExactWidthItsTextAndItsFonts() {
  const QByteArray svg = content(write(FigureFormat::kSvg, kOneColumn));
  const QString problem = problem_of_svg(svg, kOneColumn);
  QVERIFY2(problem.isEmpty(), qPrintable(problem));
  QVERIFY(svg.contains("height=\"63mm\""));
  QVERIFY(svg.contains("towards stim"));
  QVERIFY(svg.contains(">STAT1</text>"));
  QVERIFY(svg.contains("font-size=\"7\""));
  QVERIFY(svg.contains("font-size=\"5\""));
  QCOMPARE(svg.count("@font-face"), 2);
  QVERIFY2(svg.size() < 200'000, qPrintable(QString::number(svg.size())));
  QVERIFY(QSvgRenderer(svg).isValid());
}

void FigureWriterTest::pdfHasTheExactWidthItsTextAndItsFonts() {
  const QString path = write(FigureFormat::kPdf, kTwoColumns);
  const QString problem = problem_of_pdf(path, kTwoColumns);
  QVERIFY2(problem.isEmpty(), qPrintable(problem));
  const QString text = run_tool(QStringLiteral("pdftotext"), {path, QStringLiteral("-")});
  QVERIFY2(text.contains(QStringLiteral("towards stim é −0.5")), qPrintable(text));
  QVERIFY(text.contains(QLatin1String("STAT1")));
  QVERIFY(run_tool(QStringLiteral("pdffonts"), {path}).contains(QLatin1String("LiberationSans-Bold")));
}

void FigureWriterTest::rasterFormatsHaveTheirResolution() {
  const int width = qRound(89.0 / 25.4 * 600);
  const int height = qRound(63.0 / 25.4 * 600);
  const QImage png(write(FigureFormat::kPng, kOneColumn));
  QCOMPARE(png.size(), QSize(width, height));
  QVERIFY(std::abs(png.dotsPerMeterX() * 0.0254 - 600.0) < 0.5);
  const QByteArray tiff = content(write(FigureFormat::kTiff, kOneColumn));
  const auto entries = tiff_entries(tiff);
  QCOMPARE(entries.value(256), width);
  QCOMPARE(entries.value(257), height);
  QCOMPARE(entries.value(282), 600.0);
  QCOMPARE(entries.value(296), 2.0);  // dots per inch
  QCOMPARE(entries.value(259), 8.0);  // deflate
  // the picture itself: Qt's zlib format has the length in front
  const auto strip = tiff.mid(static_cast<qsizetype>(entries.value(273)), static_cast<qsizetype>(entries.value(279)));
  QByteArray length(4, '\0');
  qToBigEndian(static_cast<quint32>(width * height * 3), length.data());
  const QByteArray rgb = qUncompress(length + strip);
  QCOMPARE(rgb.size(), qsizetype{3} * width * height);
  const QImage drawn(reinterpret_cast<const uchar*>(rgb.constData()), width, height, 3 * width, QImage::Format_RGB888);
  QCOMPARE(drawn.convertToFormat(QImage::Format_RGB32), png.convertToFormat(QImage::Format_RGB32));
}

void FigureWriterTest::manyPointsBecomeOnePictureInAVectorFrame() {
  const QByteArray few = content(write(FigureFormat::kSvg, kOneColumn, 1000));
  QVERIFY(few.count("<ellipse") + few.count("<circle") + few.count("<path") >= 1000);
  const QByteArray many = content(write(FigureFormat::kSvg, kOneColumn, 30'000));
  QCOMPARE(many.count("<image"), 1);
  QVERIFY(many.contains(">STAT1</text>"));
  QVERIFY2(many.size() < 3'000'000, qPrintable(QString::number(many.size())));
  const QString pdf = write(FigureFormat::kPdf, kOneColumn, 30'000);
  const QString images = run_tool(QStringLiteral("pdfimages"), {QStringLiteral("-list"), pdf});
  QVERIFY2(!images.contains(QLatin1String("jpeg")), qPrintable(images));
  QVERIFY2(images.contains(QRegularExpression(QStringLiteral(" (599|600|601) "))), qPrintable(images));
  QVERIFY(run_tool(QStringLiteral("pdftotext"), {pdf, QStringLiteral("-")}).contains(QLatin1String("STAT1")));
}

void FigureWriterTest::everyFormatThatCanCarriesTheView_data() {
  QTest::addColumn<int>("format");
  QTest::newRow("svg") << static_cast<int>(FigureFormat::kSvg);
  QTest::newRow("pdf") << static_cast<int>(FigureFormat::kPdf);
  QTest::newRow("png") << static_cast<int>(FigureFormat::kPng);
}

void FigureWriterTest::everyFormatThatCanCarriesTheView() {
  QFETCH(int, format);
  const QString path = write(static_cast<FigureFormat>(format), kOneColumn);
  const auto read = read_figure_tag(path.toStdString());
  QVERIFY2(read.ok(), read ? "" : read.error().message.c_str());
  QCOMPARE(read->panel, tag().panel);
  QCOMPARE(read->view, tag().view);
  QCOMPARE(read->dataPath, tag().dataPath);
  QCOMPARE(read->dataSha256, tag().dataSha256);
  QCOMPARE(read->title, tag().title);
}

void FigureWriterTest::aPictureWithoutAViewIsRefusedWithTheReason() {
  const QString path = scratch_.filePath(QStringLiteral("plain.png"));
  QImage(8, 8, QImage::Format_RGB32).save(path);
  const auto read = read_figure_tag(path.toStdString());
  QVERIFY(!read);
  QCOMPARE(QString::fromStdString(read.error().id), QStringLiteral("E-UI-004"));
}

void FigureWriterTest::aViewOfANewerVersionIsRefused() {
  const auto read = figure_tag_from_json({{"cellwright_view", 99}, {"version", "7.0"}}, "x.svg");
  QVERIFY(!read);
  QCOMPARE(QString::fromStdString(read.error().id), QStringLiteral("E-UI-003"));
}

void FigureWriterTest::aSubsetDrawsItsCharactersLikeTheWholeFont() {
  QFile file(QStringLiteral(":/fonts/LiberationSans-Regular.ttf"));
  QVERIFY(file.open(QIODevice::ReadOnly));
  const QByteArray whole = file.readAll();
  const QByteArray small = font_subset(whole, {U'S', U'é', U'−'});
  QVERIFY(small.size() < whole.size() / 4);
  const QRawFont full(whole, 40.0);
  const QRawFont part(small, 40.0);
  QVERIFY(part.isValid());
  for (const QString& text : {QStringLiteral("S"), QStringLiteral("é"), QStringLiteral("−")}) {
    const quint32 glyph = full.glyphIndexesForString(text).first();
    QCOMPARE(part.glyphIndexesForString(text).first(), glyph);
    QCOMPARE(part.pathForGlyph(glyph), full.pathForGlyph(glyph));
  }
  QVERIFY(part.pathForGlyph(full.glyphIndexesForString(QStringLiteral("Q")).first()).isEmpty());
}

}  // namespace cw::ui

QTEST_MAIN(cw::ui::FigureWriterTest)
#include "figure_writer_test.moc"
