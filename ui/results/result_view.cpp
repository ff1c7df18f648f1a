// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/result_view.h"

#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/data_table/data_table.h"
#include "ui/data_table/filter_bar.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/jobs/job_error_text.h"
#include "ui/results/axis_view.h"
#include "ui/results/compare_view.h"
#include "ui/results/gene_detail.h"
#include "ui/results/map_shift_view.h"
#include "ui/results/pairs_view.h"
#include "ui/results/result_export.h"
#include "ui/results/result_table.h"
#include "ui/results/volcano_view.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QButtonGroup>
#include <QCheckBox>
#include <QDesktopServices>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QTimer>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <utility>

namespace cw::ui {
namespace {

constexpr int kAxisRows = 40;
constexpr int kDetailPage = 1;
constexpr int kComparePage = 2;
constexpr int kMapPage = 3;
constexpr int kPairsPage = 4;
constexpr std::size_t kArrows = 5;
constexpr double kRoomForBoth = 400.0;  // points: volcano and axis side by side

}  // namespace

ResultView::ResultView(Services& services, QWidget* parent) : QWidget(parent), services_(services) {
  setObjectName(QStringLiteral("resultView"));
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  pages_ = new QStackedWidget;
  outer->addWidget(pages_);
  empty_ = make_label({}, "secondary");
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  auto* nothing = make_surface("panel");
  auto* nothingLayout = new QVBoxLayout(nothing);
  nothingLayout->addStretch(1);
  nothingLayout->addWidget(empty_);
  auto* toBench = make_button(QStringLiteral("resultToBench"), tr("Go to the bench"), "primary");
  connect(toBench, &QPushButton::clicked, this, &ResultView::benchRequested);
  nothingLayout->addWidget(toBench, 0, Qt::AlignHCenter);
  nothingLayout->addStretch(2);
  pages_->addWidget(nothing);
  auto* page = make_surface("panel");
  auto* layout = new QVBoxLayout(page);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  makeTop(*layout);
  makeCharts(*layout);
  pages_->addWidget(page);
  showNothing(tr("Nothing has run yet."));
  connect(&services.theme, &Theme::changed, this, [this] {
    if (result_) showTrust();  // its bars have the colours that they were made with
  });
  connect(&services.jobs, &JobCenter::added, this, [this](const QStringList& ids) {
    if (ids.contains(jobId_)) showJob();
  });
  connect(&services.jobs, &JobCenter::changed, this, [this](const QString& id) {
    if (id == jobId_) showJob();
  });
  connect(&services.jobs, &JobCenter::ended, this, [this](const QString& id) {
    if (id != jobId_) return;
    showJob();
    reload();
  });
  connect(&services.jobs, &JobCenter::logged, this, [this](const QString& id, const Json& event) {
    if (id != jobId_ || !event.contains("type") || event["type"] != "result") return;
    partial_ = event;
    reload();
  });
}

void ResultView::makeTop(QVBoxLayout& layout) {
  auto* top = new QWidget;
  auto* row = new QHBoxLayout(top);
  row->setContentsMargins(12, 5, 12, 5);
  row->setSpacing(8);
  note_ = make_label({}, "secondary");
  note_->setWordWrap(true);  // what it says of a result would widen the whole workspace
  row->addWidget(note_, 1);
  compare_ = make_pill(QStringLiteral("compareRuns"), tr("Compare with"));
  compare_->setMenu(new QMenu(compare_));
  row->addWidget(compare_);
  exportAs_ = make_pill(QStringLiteral("exportAs"), tr("Save as"));
  exportAs_->setMenu(new QMenu(exportAs_));
  connect(exportAs_->menu()->addAction(tr("List…")), &QAction::triggered, this, &ResultView::askExport);
  connect(exportAs_->menu()->addAction(tr("Figure…")), &QAction::triggered, this, &ResultView::figureRequested);
  row->addWidget(exportAs_);
  export_ = make_button(QStringLiteral("exportList"), tr("Export list and figure"), "primary");
  export_->setToolTip(
      tr("Writes the list (CSV and Excel, with where it comes from) and the figure (PDF) to a new folder "
         "in Documents/Cellwright"));
  connect(export_, &QPushButton::clicked, this, &ResultView::exportAll);
  row->addWidget(export_);
  layout.addWidget(top);
  layout.addWidget(make_line());
  runningRow_ = new QWidget;
  auto* running = new QHBoxLayout(runningRow_);
  running->setContentsMargins(12, 4, 12, 4);
  running_ = make_label({}, "small");
  running_->setObjectName(QStringLiteral("resultProgress"));
  running_->setWordWrap(true);
  stop_ = make_button(QStringLiteral("resultStop"), tr("Stop, keep this"), "link");
  connect(stop_, &QPushButton::clicked, this, [this] { services_.jobs.cancel(jobId_); });
  running->addWidget(running_, 1);
  running->addWidget(stop_);
  runningRow_->hide();
  layout.addWidget(runningRow_);
}

void ResultView::makeCharts(QVBoxLayout& layout) {
  const Theme& theme = services_.theme;
  auto* splitter = new QSplitter(Qt::Vertical);
  splitter->setChildrenCollapsible(false);
  auto* charts = new QWidget;
  auto* row = new QHBoxLayout(charts);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  auto* left = new QVBoxLayout;
  left->setContentsMargins(12, 8, 0, 0);
  left->addWidget(make_caption(tr("Effect and confidence")));
  volcano_ = new VolcanoView(theme);
  left->addWidget(volcano_, 1);
  row->addLayout(left, 11);
  row->addWidget(make_line(Qt::Vertical));
  auto* right = new QVBoxLayout;
  right->setContentsMargins(0, 4, 0, 0);
  auto* tabs = new QHBoxLayout;
  tabs->setContentsMargins(8, 0, 8, 0);
  tabs->setSpacing(2);
  side_ = new QStackedWidget;
  sideTabs_ = new QButtonGroup(this);
  axis_ = new AxisView(theme);
  detail_ = new GeneDetail(theme);
  compareView_ = new CompareView(theme);
  const auto addTab = [&](const QString& name, const QString& text, QWidget* widget) {
    auto* tab = new QToolButton;
    tab->setObjectName(name);
    tab->setText(text);
    tab->setCheckable(true);
    tab->setFocusPolicy(Qt::StrongFocus);
    sideTabs_->addButton(tab, side_->count());
    side_->addWidget(widget);
    tabs->addWidget(tab);
  };
  addTab(QStringLiteral("axisTab"), tr("How far"), axis_);
  addTab(QStringLiteral("detailTab"), tr("One gene"), detail_);
  mapShift_ = new MapShiftView(theme);
  addTab(QStringLiteral("compareTab"), tr("Compare"), compareView_);
  addTab(QStringLiteral("mapTab"), tr("In the map"), mapShift_);
  pairs_ = new PairsView(theme);
  addTab(QStringLiteral("pairsTab"), tr("Pairs"), pairs_);
  sideTabs_->button(kPairsPage)->hide();
  tabs->addStretch(1);
  sideTabs_->button(0)->setChecked(true);
  connect(sideTabs_, &QButtonGroup::idClicked, this, [this](int page) {
    side_->setCurrentIndex(page);
    if (page == kMapPage) askShift();
  });
  right->addLayout(tabs);
  right->addWidget(side_, 1);
  row->addLayout(right, 10);
  splitter->addWidget(charts);
  auto* below = new QWidget;
  auto* belowLayout = new QVBoxLayout(below);
  belowLayout->setContentsMargins(0, 0, 0, 0);
  belowLayout->setSpacing(0);
  makeTable(*belowLayout);
  splitter->addWidget(below);
  splitter->setStretchFactor(0, 5);
  splitter->setStretchFactor(1, 6);
  splitter->setSizes({260, 320});
  layout.addWidget(splitter, 1);
  connect(volcano_, &VolcanoView::rowPicked, this, [this](std::int64_t r) { selectRows({r}, false); });
  connect(axis_, &AxisView::rowPicked, this, [this](std::int64_t r) { selectRows({r}, false); });
  connect(pairs_, &PairsView::rowPicked, this, [this](std::int64_t r) { selectRows({r}, false); });
  connect(volcano_, &VolcanoView::thresholdsChanged, this, &ResultView::applyThresholds);
}

void ResultView::makeTable(QVBoxLayout& layout) {
  table_ = new DataTable(QStringLiteral("resultTable"), tr("Ranked genes"), services_.theme, services_.background);
  auto* heading = new QHBoxLayout;
  heading->setContentsMargins(12, 6, 12, 4);
  heading->setSpacing(8);
  heading->addWidget(make_label(tr("Ranked genes"), "heading"));
  heading->addWidget(table_->filterBar(), 1);
  layout.addLayout(heading);
  table_->view()->verticalHeader()->hide();  // the rank says it
  table_->setMinimumHeight(110);
  layout.addWidget(table_, 1);
  trust_ = new QVBoxLayout;
  trust_->setContentsMargins(12, 6, 12, 8);
  trust_->setSpacing(4);
  layout.addLayout(trust_);
  table_->setGenes("ensembl_id", "gene", QStringLiteral("resultTable"));
  table_->setEmptyText(tr("The run has no rows yet."));
  connect(table_, &DataTable::selectionChanged, this, [this] { selectRows(table_->selectedRows(), true); });
  connect(table_, &DataTable::rowActivated, this, [this](std::int64_t row) {
    selectRows({row}, true);
    side_->setCurrentIndex(kDetailPage);
    sideTabs_->button(kDetailPage)->setChecked(true);
  });
  connect(table_, &DataTable::rowsChanged, this, &ResultView::fillAxis);
  connect(table_, &DataTable::addRequested, this, &ResultView::addRequested);
}

void ResultView::showNothing(const QString& why) {
  loading_.cancel();
  result_.reset();
  folder_.clear();
  jobId_.clear();
  empty_->setText(why);
  pages_->setCurrentIndex(0);
  Q_EMIT resultChanged();
}

void ResultView::showRun(const std::filesystem::path& folder, const QString& title, const QString& jobId) {
  jobId_ = jobId;
  runTitle_ = title;
  if (folder == folder_ && result_) return showJob();
  folder_ = folder;
  result_.reset();
  partial_ = Json();
  filtersSet_ = false;
  loading_.cancel();
  loadingNow_ = false;
  compareView_->setNote(tr("Press “Compare with” to see how much another run names the same genes."));
  empty_->setText(tr("Reading the result…"));
  pages_->setCurrentIndex(0);
  waiting_ = true;
  showJob();
  reload();
}

void ResultView::reload() {
  if (folder_.empty()) return;
  if (loadingNow_) {
    again_ = true;
    return;
  }
  loadingNow_ = true;
  again_ = false;
  const JobRecord* job = services_.jobs.job(jobId_);
  const bool ended = job == nullptr || job->phase == JobPhase::kDone || job->phase == JobPhase::kCancelled ||
                     job->phase == JobPhase::kFailed || job->phase == JobPhase::kLost;
  loading_ = services_.background.run<RunResultPtr>(
      Background::Lane::kFiles, this,
      [folder = folder_, title = runTitle_, ended](JobContext& context) {
        return load_run(folder, title, ended, context);
      },
      [this, ended](Result<RunResultPtr> result) {
        loadingNow_ = false;
        baselineAsked_ = ended;
        take(std::move(result));
        // breathing space between two looks at a growing file
        if (again_) QTimer::singleShot(1500, this, &ResultView::reload);
      });
}

void ResultView::take(Result<RunResultPtr> result) {
  if (!result) {
    const JobRecord* job = services_.jobs.job(jobId_);
    const bool waits = job != nullptr && (job->phase == JobPhase::kQueued || job->phase == JobPhase::kRunning);
    if (job != nullptr && job->error) {
      empty_->setText(tr("The run failed: %1").arg(job_error_text(*job->error)));
    } else {
      empty_->setText(waits ? tr("The run goes on; the list appears with the first cells.")
                            : QString::fromStdString(result.error().message));
    }
    if (!result_) pages_->setCurrentIndex(0);
    return;
  }
  const bool same_rows = result_ && result_->numRows() == (*result)->numRows();
  result_ = std::move(result).value();
  const RankingSummary& summary = result_->ranking.summary;
  QStringList notes{tr("%1 cells").arg(count_text(summary.num_cells))};
  if (summary.num_donors > 0) notes << tr("%n donor(s)", nullptr, static_cast<int>(summary.num_donors));
  notes << (result_->effects->complete ? tr("complete") : tr("so far"));
  note_->setText(notes.join(QStringLiteral(", ")));
  volcano_->setResult(result_);
  axis_->setResult(result_);
  showPairs();
  detail_->setGene(nullptr, -1, {});
  table_->setContent(result_table(*result_), same_rows);
  if (!filtersSet_ && summary.has_null && summary.num_hits > 0) {
    table_->filterBar()->setFilters(result_filters(*result_, volcano_->fdr()));
    filtersSet_ = true;
  }
  fillAxis();
  showTrust();
  showJob();
  const QWidget* focus = QApplication::focusWidget();
  const bool ours = focus == nullptr || isAncestorOf(focus);
  if (std::exchange(waiting_, false) && ours) QTimer::singleShot(0, table_->view(), qOverload<>(&QWidget::setFocus));
  pages_->setCurrentIndex(1);
  Q_EMIT resultChanged();
}

// A run of pairs is about what two genes do together: that is seen first.
void ResultView::showPairs() {
  const bool before = pairs_->hasPairs();
  pairs_->setResult(result_);
  const bool has = pairs_->hasPairs();
  sideTabs_->button(kPairsPage)->setVisible(has);
  if (has == before) return;
  const int page = has ? kPairsPage : 0;
  side_->setCurrentIndex(page);
  sideTabs_->button(page)->setChecked(true);
}

void ResultView::fillAxis() {
  if (!result_) return;
  auto rows = table_->shownRows();
  if (rows.size() > kAxisRows) rows.resize(kAxisRows);
  axis_->setRows(std::move(rows));
}

void ResultView::selectRows(const std::vector<std::int64_t>& rows, bool fromTable) {
  if (!result_) return;
  if (!fromTable) table_->selectRows(rows, true);
  volcano_->setSelected(rows);
  axis_->setSelected(rows);
  pairs_->setSelected(rows);
  if (side_->currentIndex() == kMapPage) askShift();
  if (rows.size() != 1) return;
  showDetail(rows.front());
  const QString id = result_->text(rows.front(), "ensembl_id");
  if (!id.isEmpty() && !id.contains(QLatin1Char('+'))) Q_EMIT geneChosen(id);
}

// The selected genes, else those of the list that move cells farthest.
void ResultView::askShift() {
  if (!result_) return;
  std::vector<std::int64_t> rows = table_->selectedRows();
  if (rows.empty()) {
    rows = table_->shownRows();
    std::stable_sort(rows.begin(), rows.end(), [this](std::int64_t a, std::int64_t b) {
      const auto size = [this](std::int64_t row) {
        const double effect = result_->value(row, "effect");
        return std::isfinite(effect) ? std::abs(effect) : -1.0;
      };
      return size(a) > size(b);
    });
  }
  if (rows.size() > kArrows) rows.resize(kArrows);
  if (!rows.empty()) Q_EMIT shiftRequested(rows);
}

void ResultView::showDetail(std::int64_t row) {
  services_.background.run<GeneNumbers>(
      Background::Lane::kCompute, this,
      [result = result_, row](JobContext&) -> Result<GeneNumbers> { return numbers_of(*result, row); },
      [this, result = result_, row](Result<GeneNumbers> numbers) {
        if (numbers && result == result_) detail_->setGene(result, row, std::move(numbers).value());
      });
}

// The lines of the plot and the filters of the table are one choice.
void ResultView::applyThresholds(double fdr, double leastEffect) {
  if (!result_) return;
  std::vector<RowFilter> filters = table_->filterBar()->filters();
  std::erase_if(filters, [](const RowFilter& f) { return f.column == "fdr" || f.kind == RowFilter::Kind::kRows; });
  if (result_->ranking.summary.has_null) {
    RowFilter filter;
    filter.kind = RowFilter::Kind::kAtMost;
    filter.column = "fdr";
    filter.number = fdr;
    filters.insert(filters.begin(), filter);
  }
  if (leastEffect > 0) {
    auto rows = std::make_shared<std::vector<std::uint8_t>>();
    for (std::int64_t row = 0; row < result_->numRows(); ++row) {
      rows->push_back(std::abs(result_->value(row, "effect")) >= leastEffect ? 1 : 0);
    }
    RowFilter filter;
    filter.kind = RowFilter::Kind::kRows;
    filter.rows = std::move(rows);
    filter.label = tr("effect beyond %1").arg(number_text(leastEffect, 2));
    filters.push_back(std::move(filter));
  }
  table_->filterBar()->setFilters(std::move(filters));
}

void ResultView::setOtherRuns(const QList<std::pair<QString, QString>>& folders) {
  QMenu* menu = compare_->menu();
  menu->clear();
  for (const auto& [folder, title] : folders) {
    if (folder.toStdString() == folder_.string()) continue;
    connect(menu->addAction(title), &QAction::triggered, this,
            [this, folder = folder, title = title] { compareWith(folder, title); });
  }
  compare_->setVisible(!menu->isEmpty());
  if (menu->isEmpty()) {
    compareView_->setNote(
        tr("There is no other run yet. Run the experiment again with other cells, another seed or another model: what "
           "both name is firmer."));
  }
}

void ResultView::compareWith(const QString& folder, const QString& title) {
  if (!result_) return;
  side_->setCurrentIndex(kComparePage);
  sideTabs_->button(kComparePage)->setChecked(true);
  compareView_->setNote(tr("Reading %1…").arg(title));
  services_.background.run<RunComparison>(
      Background::Lane::kFiles, this,
      [here = result_, folder, title](JobContext& context) -> Result<RunComparison> {
        CW_ASSIGN(const RunResultPtr there, load_run(folder.toStdString(), title, false, context));
        return compare_runs(*here, *there);
      },
      [this](Result<RunComparison> comparison) {
        if (!comparison) return compareView_->setNote(QString::fromStdString(comparison.error().message));
        compareView_->setComparison(std::move(comparison).value());
      });
}

void ResultView::askExport() {
  if (!result_) return;
  auto* dialog =
      new QFileDialog(window(), tr("Export the list"), {},
                      tr("CSV (*.csv);;Tab-separated (*.tsv);;Excel (*.xlsx);;JSON (*.json);;CSV, columns as published "
                         "(*.csv);;Excel, columns as published (*.xlsx)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  QString name = runTitle_;
  name.replace(QLatin1Char('/'), QLatin1Char('-')).replace(QStringLiteral("→"), QStringLiteral("to"));
  dialog->selectFile(name + QStringLiteral(".csv"));
  connect(dialog, &QFileDialog::fileSelected, this, [this, dialog](const QString& path) {
    const QString filter = dialog->selectedNameFilter();
    QString file = path;
    const qsizetype dot = filter.lastIndexOf(QStringLiteral("(*."));
    const QString suffix = filter.mid(dot + 2, filter.size() - dot - 3);
    bool known = false;
    for (const char* one : {".csv", ".tsv", ".xlsx", ".json"}) known = known || file.endsWith(QLatin1String(one));
    if (!known) file += suffix;
    exportTo(file, filter.contains(tr("as published")));
  });
  dialog->open();
}

void ResultView::exportAll() {
  if (!result_ || exporting_) return;
  const QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
  QString title = runTitle_;
  title.replace(QStringLiteral("→"), QStringLiteral("to"));
  exporting_ = true;
  struct Written {
    std::filesystem::path folder;
    std::int64_t rows = 0;
  };
  services_.background.run<Written>(
      Background::Lane::kFiles, this,
      [run = result_->folder, parent = std::filesystem::path(documents.toStdString()) / "Cellwright",
       title = title.toStdString()](JobContext& context) -> Result<Written> {
        Written written;
        CW_ASSIGN(written.folder, make_result_folder(parent, title));
        CW_ASSIGN(const Json summary, export_result(run, written.folder, context));
        written.rows = summary["rows"].get<std::int64_t>();
        return written;
      },
      [this](const Result<Written>& written) {
        exporting_ = false;
        if (!written) return services_.messages.error(written.error());
        const QString folder = QString::fromStdString(written->folder.string());
        services_.messages.post(
            {Message::Kind::kGood,
             {},
             tr("Exported"),
             tr("The list of %n row(s) and the figure are in %1", nullptr, static_cast<int>(written->rows)).arg(folder),
             tr("Show folder"),
             [folder] { QDesktopServices::openUrl(QUrl::fromLocalFile(folder)); }});
        Q_EMIT exported(folder);
      });
}

void ResultView::exportTo(const QString& path, bool publishedColumns) {
  if (!result_) return;
  services_.background.run<Json>(
      Background::Lane::kFiles, this,
      [folder = result_->folder, path, publishedColumns](JobContext& context) {
        return export_list(folder, path.toStdString(), publishedColumns, context);
      },
      [this, path](Result<Json> summary) {
        if (!summary) return services_.messages.error(summary.error());
        services_.messages.toast(
            tr("Exported %1 rows to %2").arg(count_text((*summary)["rows"].get<std::int64_t>()), path));
      });
}

QString ResultView::title() const { return runTitle_; }

Json ResultView::saveView() const {
  return {{"run", folder_.string()},
          {"title", runTitle_.toStdString()},
          {"fdr", volcano_->fdr()},
          {"least_effect", volcano_->leastEffect()}};
}

bool ResultView::restoreView(const Json& view) {
  const auto text = [&view](const char* key) {
    return view.contains(key) && view[key].is_string() ? view[key].get<std::string>() : std::string();
  };
  const auto number = [&view](const char* key, double otherwise) {
    return view.contains(key) && view[key].is_number() ? view[key].get<double>() : otherwise;
  };
  volcano_->setThresholds(number("fdr", volcano_->fdr()), number("least_effect", volcano_->leastEffect()));
  std::error_code ignored;
  const std::filesystem::path run = text("run");
  if (run.empty() || !std::filesystem::exists(run, ignored)) return false;
  if (run != folder_) showRun(run, QString::fromStdString(text("title")), {});
  return true;
}

// What the tab beside the volcano shows, where it shows something.
ResultView::SidePainter ResultView::sidePainter() const {
  const auto painter_of = [](auto plot) -> SidePainter {
    return [plot = std::move(plot)](QPainter& painter, const QRectF& area, const PlotInk& ink) {
      static_cast<void>(plot.paint(painter, area, ink));
    };
  };
  switch (side_->currentIndex()) {
    case kDetailPage:
      if (!detail_->plot().isEmpty()) return painter_of(detail_->plot());
      break;
    case kComparePage:
      if (!compareView_->plot().isEmpty()) return painter_of(compareView_->plot());
      break;
    case kMapPage:
      if (!mapShift_->plot().isEmpty()) return painter_of(mapShift_->plot());
      break;
    case kPairsPage:
      return painter_of(pairs_->plot());
    default:
      break;
  }
  return {};
}

FigurePainter ResultView::figure() const {
  if (!result_) return {};
  return [volcano = volcano_->plot(), axis = axis_->plot(), side = sidePainter(), &theme = services_.theme](
             QPainter& painter, const FigureSize& size) {
    const PlotInk ink = PlotInk::figure(theme, size);
    const double margin = 8.0;
    const double height = size.heightPoints - 2 * margin;
    const bool both = size.widthPoints >= kRoomForBoth;
    const double width = both ? size.widthPoints * 0.5 : size.widthPoints;
    const QRectF beside(both ? width + margin : margin, margin, width - 2 * margin, height);
    if (!both && side) return side(painter, beside, ink);
    volcano.paint(painter, QRectF(margin + 10, margin, width - 2 * margin - 10, height - 14), ink);
    if (both) side ? side(painter, beside, ink) : axis.paint(painter, beside, ink);
  };
}

}  // namespace cw::ui
