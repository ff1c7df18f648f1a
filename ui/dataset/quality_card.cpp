// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dataset/quality_card.h"

#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/dataset/range_histogram.h"
#include "ui/document/document.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <algorithm>

namespace cw::ui {
namespace {

struct Range {
  double low = 0.0;
  double high = 0.0;
  [[nodiscard]] bool has(double value) const noexcept { return value >= low && value <= high; }
};

struct Bars {
  std::vector<int> counts;
  double largest = 1.0;
};

template <class T>
Bars bars_of(const std::vector<T>& values, bool logarithmic) {
  Bars bars;
  for (const T value : values) bars.largest = std::max(bars.largest, static_cast<double>(value));
  bars.counts.assign(RangeHistogram::kBars, 0);
  for (const T value : values) {
    ++bars.counts[static_cast<std::size_t>(
        RangeHistogram::bar_of(static_cast<double>(value), 0.0, bars.largest, logarithmic))];
  }
  return bars;
}

Bars share_bars(const std::vector<float>& shares) {
  Bars bars;
  bars.largest = 0.0;
  for (const float value : shares) bars.largest = std::max(bars.largest, static_cast<double>(value));
  bars.counts.assign(RangeHistogram::kBars, 0);
  if (bars.largest <= 0.0) bars.largest = 0.01;
  for (const float value : shares) {
    ++bars.counts[static_cast<std::size_t>(RangeHistogram::bar_of(value, 0.0, bars.largest, false))];
  }
  return bars;
}

}  // namespace

QualityCard::QualityCard(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      waiting_(make_label({}, "secondary", this)),
      progress_(new QProgressBar(this)),
      body_(new QWidget(this)),
      totals_(new RangeHistogram(services.theme, tr("Counts per cell"), true, false, body_)),
      detected_(new RangeHistogram(services.theme, tr("Genes per cell"), true, false, body_)),
      mitochondrial_(new RangeHistogram(services.theme, tr("Mitochondrial share of counts"), false, true, body_)),
      stays_(make_label({}, "heading", body_)),
      select_(make_button(QStringLiteral("qcSelect"), tr("Select these cells"), "", body_)),
      keep_(make_button(QStringLiteral("qcKeep"), tr("Keep as a selection"), "", body_)),
      save_(make_button(QStringLiteral("qcExport"), tr("Save these cells as a file…"), "", body_)) {
  setObjectName(QStringLiteral("qualityCard"));
  setAccessibleName(tr("Quality of the cells"));
  setProperty("surface", "card");
  setAttribute(Qt::WA_StyledBackground);
  totals_->setObjectName(QStringLiteral("qcTotals"));
  detected_->setObjectName(QStringLiteral("qcDetected"));
  mitochondrial_->setObjectName(QStringLiteral("qcMitochondrial"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 12, 16, 14);
  layout->setSpacing(8);
  layout->addWidget(make_caption(tr("Quality of the cells"), this));
  layout->addWidget(waiting_);
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  progress_->setAccessibleName(tr("Counting"));
  layout->addWidget(progress_);
  auto* inside = new QVBoxLayout(body_);
  inside->setContentsMargins(0, 0, 0, 0);
  inside->setSpacing(10);
  auto* row = new QHBoxLayout;
  row->setSpacing(24);
  for (RangeHistogram* one : {totals_, detected_, mitochondrial_}) {
    row->addWidget(one);
    connect(one, &RangeHistogram::rangeChanged, this, &QualityCard::count);
  }
  inside->addLayout(row);
  auto* foot = new QHBoxLayout;
  foot->addWidget(stays_);
  foot->addStretch(1);
  foot->addWidget(select_);
  foot->addWidget(keep_);
  foot->addWidget(save_);
  inside->addLayout(foot);
  layout->addWidget(body_);

  Document& document = services.document;
  connect(&document, &Document::geneIndexProgress, this, &QualityCard::refresh);
  connect(&document, &Document::datasetChanged, this, &QualityCard::refresh);
  connect(select_, &QPushButton::clicked, this, [this] {
    if (chosen_) services_.document.selectCells(chosen_);
  });
  connect(keep_, &QPushButton::clicked, this, [this] {
    if (!chosen_) return;
    services_.document.selectCells(chosen_);
    services_.document.saveSelection(chosen_->name);
    services_.messages.toast(tr("Kept as “%1”").arg(chosen_->name));
  });
  connect(save_, &QPushButton::clicked, this, [this] {
    if (chosen_) Q_EMIT exportRequested(chosen_);
  });
  refresh();
}

void QualityCard::refresh() {
  const Document& document = services_.document;
  setVisible(document.dataset() && !document.dataset()->counts_where.empty());
  const auto& index = document.geneIndex();
  waiting_->setVisible(!index);
  progress_->setVisible(!index);
  body_->setVisible(index != nullptr);
  if (!index) {
    shownIndex_ = nullptr;
    chosen_.reset();
    waiting_->setText(tr("Counting genes per cell…"));
    progress_->setValue(static_cast<int>(1000 * document.geneIndexFraction()));
    return;
  }
  if (shownIndex_ != index.get()) fill();
}

void QualityCard::fill() {
  shownIndex_ = services_.document.geneIndex().get();
  for (QPushButton* button : {select_, keep_, save_}) button->setEnabled(false);  // until the cells are counted
  struct All {
    Bars totals, detected, mitochondrial;
  };
  services_.background.run<All>(
      Background::Lane::kCompute, this,
      [index = services_.document.geneIndex()](JobContext&) -> Result<All> {
        const CountSums& sums = index->sums();
        return All{bars_of(sums.totals, true), bars_of(sums.detected, true), share_bars(sums.mitochondrial)};
      },
      [this, index = services_.document.geneIndex()](Result<All> all) {
        if (!all || index != services_.document.geneIndex()) return;
        totals_->setBars(std::move(all->totals.counts), 0.0, all->totals.largest);
        detected_->setBars(std::move(all->detected.counts), 0.0, all->detected.largest);
        mitochondrial_->setBars(std::move(all->mitochondrial.counts), 0.0, all->mitochondrial.largest);
        count();
      });
}

// One count runs at a time; while it runs, further moves of a handle ask for one more.
void QualityCard::count() {
  const auto index = services_.document.geneIndex();
  if (!index) return;
  if (counting_) {
    again_ = true;
    return;
  }
  counting_ = true;
  const Range totals{totals_->low(), totals_->high()};
  const Range detected{detected_->low(), detected_->high()};
  const Range mitochondrial{mitochondrial_->low(), mitochondrial_->high()};
  QStringList parts;
  if (!totals_->isWhole()) {
    parts << tr("%1–%2 counts").arg(totals_->valueText(totals.low), totals_->valueText(totals.high));
  }
  if (!detected_->isWhole()) {
    parts << tr("%1–%2 genes").arg(detected_->valueText(detected.low), detected_->valueText(detected.high));
  }
  if (!mitochondrial_->isWhole()) {
    parts << tr("%1–%2 mitochondrial")
                 .arg(mitochondrial_->valueText(mitochondrial.low), mitochondrial_->valueText(mitochondrial.high));
  }
  const QString name = parts.isEmpty() ? tr("all cells") : parts.join(QStringLiteral(", "));
  services_.background.run<CellSelectionPtr>(
      Background::Lane::kCompute, this,
      [index, totals, detected, mitochondrial, name](JobContext&) -> Result<CellSelectionPtr> {
        const CountSums& sums = index->sums();
        std::vector<std::uint8_t> mask(sums.totals.size(), 0);
        for (std::size_t i = 0; i < mask.size(); ++i) {
          mask[i] =
              totals.has(sums.totals[i]) && detected.has(sums.detected[i]) && mitochondrial.has(sums.mitochondrial[i])
                  ? 1
                  : 0;
        }
        return make_selection(std::move(mask), name, QStringLiteral("dataPanel"));
      },
      [this, index](Result<CellSelectionPtr> cells) {
        counting_ = false;
        if (index == services_.document.geneIndex() && cells) {
          chosen_ = *cells;
          showCount();
        }
        if (std::exchange(again_, false)) count();
      });
}

void QualityCard::showCount() {
  const auto all = static_cast<std::int64_t>(chosen_->mask.size());
  stays_->setText(chosen_->count == all ? tr("All %1 cells stay").arg(count_text(all))
                                        : tr("%1 of %2 cells stay (%3)")
                                              .arg(count_text(chosen_->count), count_text(all),
                                                   percent_text(static_cast<double>(chosen_->count) /
                                                                static_cast<double>(std::max<std::int64_t>(1, all)))));
  for (QPushButton* button : {select_, keep_, save_}) {
    button->setEnabled(chosen_->count > 0 && chosen_->count < all);
  }
  save_->setEnabled(chosen_->count > 0);
}

}  // namespace cw::ui
