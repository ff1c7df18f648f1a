// SPDX-License-Identifier: GPL-3.0-or-later
// Exported figures as a journal's production desk would look at them: sizes, text, fonts, what they carry.
#include "ui/figures/figure_writer.h"

#include "ui/figures/dense_layer.h"
#include "ui/figures/font_subset.h"
#include "ui/theme/theme.h"

#include <QFontDatabase>
#include <QImageReader>
#include <QPainter>
#include <QProcess>
#include <QRawFont>
#include <QRegularExpression>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QTest>

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

QByteArray run(const QString& program, const QStringList& arguments) {
  QProcess process;
  process.start(program, arguments);
  process.waitForFinished();
  return process.readAllStandardOutput();
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
  QVERIFY(svg.contains("width=\"89mm\" height=\"63mm\""));
  QVERIFY(svg.contains("towards stim"));
  QVERIFY(svg.contains(">STAT1</text>"));
  QVERIFY(svg.contains("font-family=\"Liberation Sans\""));
  QVERIFY(svg.contains("font-size=\"7\""));
  QVERIFY(svg.contains("font-size=\"5\""));
  QCOMPARE(svg.count("@font-face"), 2);
  QVERIFY2(svg.size() < 200'000, qPrintable(QString::number(svg.size())));
  QVERIFY(QSvgRenderer(svg).isValid());
}

void FigureWriterTest::pdfHasTheExactWidthItsTextAndItsFonts() {
  const QString path = write(FigureFormat::kPdf, kTwoColumns);
  const QString info = QString::fromUtf8(run(QStringLiteral("pdfinfo"), {path}));
  const auto size = QRegularExpression(QStringLiteral("Page size:\\s+([0-9.]+) x ([0-9.]+) pts")).match(info);
  QVERIFY2(size.hasMatch(), qPrintable(info));
  QVERIFY(std::abs(size.captured(1).toDouble() - 183.0 * 72 / 25.4) < 0.01);
  QVERIFY(std::abs(size.captured(2).toDouble() - 63.0 * 72 / 25.4) < 0.01);
  const QByteArray text = run(QStringLiteral("pdftotext"), {path, QStringLiteral("-")});
  QVERIFY2(text.contains("towards stim é −0.5"), text.constData());
  QVERIFY(text.contains("STAT1"));
  const QString fonts = QString::fromUtf8(run(QStringLiteral("pdffonts"), {path}));
  QVERIFY2(fonts.contains(QRegularExpression(QStringLiteral("LiberationSans .*TrueType.* yes \\w+ +yes"))),
           qPrintable(fonts));
  QVERIFY(fonts.contains(QLatin1String("LiberationSans-Bold")));
}

void FigureWriterTest::rasterFormatsHaveTheirResolution() {
  for (const auto format : {FigureFormat::kPng, FigureFormat::kTiff}) {
    const QByteArray info = run(QStringLiteral("identify"),
                                {QStringLiteral("-format"), QStringLiteral("%w %h %x %U"), write(format, kOneColumn)});
    if (info.isEmpty()) QSKIP("ImageMagick is not installed");
    const QList<QByteArray> parts = info.split(' ');
    QCOMPARE(parts[0].toInt(), qRound(89.0 / 25.4 * 600));
    const double dpi = parts[2].toDouble() * (parts[3].contains("Centimeter") ? 2.54 : 1.0);
    QVERIFY2(std::abs(dpi - 600.0) < 0.5, info.constData());
  }
}

void FigureWriterTest::manyPointsBecomeOnePictureInAVectorFrame() {
  const QByteArray few = content(write(FigureFormat::kSvg, kOneColumn, 1000));
  QVERIFY(few.count("<ellipse") + few.count("<circle") + few.count("<path") >= 1000);
  const QByteArray many = content(write(FigureFormat::kSvg, kOneColumn, 30'000));
  QCOMPARE(many.count("<image"), 1);
  QVERIFY(many.contains(">STAT1</text>"));
  QVERIFY2(many.size() < 3'000'000, qPrintable(QString::number(many.size())));
  const QString pdf = write(FigureFormat::kPdf, kOneColumn, 30'000);
  const QByteArray images = run(QStringLiteral("pdfimages"), {QStringLiteral("-list"), pdf});
  QVERIFY2(!images.contains("jpeg"), images.constData());
  QVERIFY2(images.contains(" 600 ") || images.contains(" 601 ") || images.contains(" 599 "), images.constData());
  QVERIFY(run(QStringLiteral("pdftotext"), {pdf, QStringLiteral("-")}).contains("STAT1"));
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
