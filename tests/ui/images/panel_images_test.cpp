// SPDX-License-Identifier: GPL-3.0-or-later
// What the main panels look like, beside pictures that were looked at (tests/data/images). The fonts are bundled and
// nothing is drawn by the machine's graphics, so that pictures differ in the rounding of curves at most. After a
// change that is meant: CW_NEW_IMAGES=1 writes new pictures; look at them, then commit them.
#include "tests/support/invented_result.h"
#include "tests/support/window_services.h"
#include "ui/embedding/embedding_panel.h"
#include "ui/perturb/bench_panel.h"
#include "ui/plots/plot_frame.h"
#include "ui/results/volcano_view.h"

#include <QImage>
#include <QPainter>
#include <QTest>
#include <cmath>
#include <random>

namespace cw::ui {
namespace {

constexpr int kFuzz = 12;                 // of 255, per channel
constexpr double kMostDiffering = 0.004;  // share of pixels beyond that
const std::string kExample = CW_SOURCE_DIR "/resources/example/pbmc3k_half_a.h5ad";

bool differ(QRgb a, QRgb b) {
  return std::abs(qRed(a) - qRed(b)) > kFuzz || std::abs(qGreen(a) - qGreen(b)) > kFuzz ||
         std::abs(qBlue(a) - qBlue(b)) > kFuzz;
}

// What differs, "" = nothing that matters; keeps the picture and one that marks the differences.
QString compare(const QImage& shown, const QString& name) {
  const QString baseline = QStringLiteral(CW_SOURCE_DIR "/tests/data/images/") + name + QStringLiteral(".png");
  const QImage image = shown.convertToFormat(QImage::Format_RGB32);
  if (qEnvironmentVariableIsSet("CW_NEW_IMAGES")) {
    return image.save(baseline) ? QString() : baseline + QStringLiteral(" cannot be written");
  }
  const QString folder = QStringLiteral(CW_BUILD_DIR "/images");
  QDir().mkpath(folder);
  const QString place = folder + QLatin1Char('/') + name;
  const QImage wanted = QImage(baseline).convertToFormat(QImage::Format_RGB32);
  image.save(place + QStringLiteral(".png"));
  if (image.size() != wanted.size()) {
    return QStringLiteral("%1: %2 x %3 instead of %4 x %5")
        .arg(baseline)
        .arg(image.width())
        .arg(image.height())
        .arg(wanted.width())
        .arg(wanted.height());
  }
  QImage marked = image;
  int differing = 0;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) {
      if (!differ(image.pixel(x, y), wanted.pixel(x, y))) continue;
      ++differing;
      marked.setPixel(x, y, 0xffff00ff);
    }
  }
  const double share = static_cast<double>(differing) / (image.width() * image.height());
  if (share <= kMostDiffering) return {};
  marked.save(place + QStringLiteral("-differences.png"));
  return QStringLiteral("%1 %% of the pixels differ from %2; see %3-differences.png")
      .arg(100 * share, 0, 'f', 2)
      .arg(baseline, place);
}

CellMapPtr rings(std::int64_t cells) {
  auto map = std::make_shared<CellMap>();
  map->name = QStringLiteral("UMAP");
  map->key = QStringLiteral("X_umap");
  map->note = QStringLiteral("drawn for the test");
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    const auto turn = static_cast<float>(cell) * 2.399F;
    const float radius = 1.2F * std::sqrt(static_cast<float>(cell % 97) / 97.0F);
    map->points.push_back(static_cast<float>(cell % 2) * 6 + radius * std::cos(turn));
    map->points.push_back(static_cast<float>(cell / 2 % 2) * 6 + radius * std::sin(turn));
  }
  return map;
}

RunResultPtr screen() {
  std::vector<InventedGene> genes;
  std::mt19937 random(5);
  for (int i = 0; i < 600; ++i) {
    const double share = static_cast<double>(random() % 10'000) / 1e4 - 0.5;
    const double effect = 0.05 * share * std::abs(share);
    const double power = 400.0 * (0.5 + static_cast<double>(random() % 100) / 100);
    genes.push_back({effect, std::pow(10.0, -std::abs(effect) * power), 0.002});
  }
  return result_of(genes);
}

ExpressionTable markers() {
  ExpressionTable table;
  table.column = QStringLiteral("cell_type");
  table.genes = {QStringLiteral("CD3D"), QStringLiteral("LYZ"), QStringLiteral("MS4A1"), QStringLiteral("NKG7")};
  for (const char* name : {"T cells", "Monocytes", "B cells", "NK cells"}) {
    table.groups.push_back({QLatin1String(name), Qt::gray, std::vector<std::int32_t>(120)});
  }
  for (std::size_t gene = 0; gene < 4; ++gene) {
    for (std::size_t group = 0; group < 4; ++group) {
      ExpressionSummary one;
      one.detected = gene == group ? 0.9 : 0.1 * static_cast<double>(gene + group) / 2;
      one.mean = 3.0 * one.detected;
      table.values.push_back(one);
    }
    table.largest.push_back(4.0);
  }
  return table;
}

}  // namespace

class PanelImagesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theMapInLightAndDark() {
    WindowServices window;
    window.theme.setMode(Theme::Mode::kLight);
    EmbeddingPanel panel(window.all);
    panel.resize(900, 560);
    panel.show();
    QVERIFY(window.open(kExample));
    window.all.document.addMap(rings(window.all.document.dataset()->num_cells()));
    QVERIFY(QTest::qWaitFor([&panel] { return panel.isSettled(); }, 20'000));
    QVERIFY(window.settle());
    check(panel.grab().toImage(), "embedding-light");
    window.theme.setMode(Theme::Mode::kDark);
    QVERIFY(window.settle());
    check(panel.grab().toImage(), "embedding-dark");
  }

  void theBenchWithItsWells() {
    WindowServices window;
    window.theme.setMode(Theme::Mode::kLight);
    BenchPanel panel(window.all);
    panel.resize(980, 620);
    panel.show();
    QVERIFY(window.open(kExample));
    QVERIFY(window.settle());
    check(panel.grab().toImage(), "bench");
  }

  void theVolcano() {
    Theme theme;
    theme.setMode(Theme::Mode::kLight);
    VolcanoView view(theme);
    view.resize(520, 340);
    view.setResult(screen());
    view.setThresholds(0.05, 0.002);
    check(view.grab().toImage(), "volcano");
  }

  void theDotPlotOnPaper() {
    const Theme theme;
    QImage paper(757, 540, QImage::Format_RGB32);
    paper.fill(Qt::white);
    QPainter painter(&paper);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(3, 3);
    QFont font(Theme::figureFamily());
    font.setPixelSize(7);
    QFont small = font;
    small.setPixelSize(5);
    (void)paint_dot_plot(painter, QRectF(4, 4, 244, 172), markers(), {font, small, Qt::black, Qt::darkGray, Qt::gray});
    painter.end();
    check(paper, "dot-plot");
  }

  void aChangeIsSeen() {
    QImage image(QStringLiteral(CW_SOURCE_DIR "/tests/data/images/volcano.png"));
    QVERIFY(!image.isNull());
    if (qEnvironmentVariableIsSet("CW_NEW_IMAGES")) return;
    QPainter painter(&image);
    painter.fillRect(QRect(100, 100, 40, 40), Qt::red);  // 0.9 % of it
    painter.end();
    QVERIFY(compare(image, QStringLiteral("volcano")).contains(QLatin1String("differ")));
  }

 private:
  static void check(const QImage& image, const char* name) {
    const QString problem = compare(image, QLatin1String(name));
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }
};

}  // namespace cw::ui

QTEST_MAIN(cw::ui::PanelImagesTest)
#include "panel_images_test.moc"
