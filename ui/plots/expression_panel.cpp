// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/expression_panel.h"

#include "ui/common/widgets.h"
#include "ui/document/cell_quality.h"
#include "ui/document/document.h"
#include "ui/figures/dense_layer.h"
#include "ui/statistics/label_columns.h"
#include "ui/theme/numbers.h"
#include "ui/theme/palettes.h"
#include "ui/theme/theme.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QHelpEvent>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QStackedLayout>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr qsizetype kMostDots = 40;
constexpr qsizetype kMostViolins = 6;
constexpr std::size_t kMostGroups = 40;

std::vector<PlotSpot> paint_expression(QPainter& painter, const QRectF& area, const ExpressionTable& table,
                                       bool violins, const PlotLook& look) {
  return violins ? paint_violins(painter, area, table, look) : paint_dot_plot(painter, area, table, look);
}

}  // namespace

/// What is being put together: one gene after the other is read, then summarised.
struct ExpressionWork {
  DatasetPtr dataset;
  std::vector<std::int64_t> rows;
  std::size_t next = 0;
  std::shared_ptr<const GeneIndex> index;  ///< of quality
  ExpressionTable table;
};

class ExpressionPanel::Canvas : public QWidget {
 public:
  explicit Canvas(ExpressionPanel& panel) : QWidget(&panel), panel_(panel) {
    setObjectName(QStringLiteral("expressionCanvas"));
    setAccessibleName(ExpressionPanel::tr("Expression by group"));
    setFocusPolicy(Qt::StrongFocus);
    setMinimumHeight(80);
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    const Theme& theme = panel_.services_.theme;
    QPainter painter(this);
    const int padding = theme.size("padding");
    PlotLook look{theme.font("small"), theme.font("caption"), theme.color("ink"), theme.color("ink-2"),
                  theme.color("line-strong")};
    spots_ = paint_expression(painter, QRectF(rect()).adjusted(padding, padding, -padding, -padding), panel_.table_,
                              panel_.showsViolins(), look);
    if (hasFocus()) {
      painter.setPen(QPen(theme.color("accent"), 2));
      painter.setBrush(Qt::NoBrush);
      painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
  }
  bool event(QEvent* event) override {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto& help = static_cast<const QHelpEvent&>(*event);
    for (const PlotSpot& spot : spots_) {
      if (!spot.area.contains(help.pos())) continue;
      QToolTip::showText(help.globalPos(), describe(panel_.table_, spot.gene, spot.group), this);
      return true;
    }
    QToolTip::hideText();
    return true;
  }

 private:
  ExpressionPanel& panel_;
  std::vector<PlotSpot> spots_;
};

ExpressionPanel::ExpressionPanel(Services& services, QWidget* parent)
    : Panel(QStringLiteral("expressionPanel"), tr("Expression by group"), parent),
      services_(services),
      dots_(make_pill(QStringLiteral("plotDots"), tr("Dots"), this)),
      violins_(make_pill(QStringLiteral("plotViolins"), tr("Violins"), this)),
      quality_(make_pill(QStringLiteral("plotQuality"), tr("Quality"), this)),
      column_(make_pill(QStringLiteral("plotColumn"), {}, this)),
      canvas_(new Canvas(*this)),
      empty_(make_empty_state(services.theme, QStringLiteral("gene"),
                              tr("Select genes in the table to see them by group."), {}, {}, this)),
      counting_(make_empty_state(services.theme, QStringLiteral("gene"),
                                 tr("The counts and genes of each cell are being counted; it takes a moment."), {}, {},
                                 this)),
      stack_(new QStackedLayout) {
  auto* header = new QWidget(this);
  header->setFixedHeight(services.theme.size("bar"));
  auto* row = new QHBoxLayout(header);
  row->setContentsMargins(services.theme.size("padding"), 0, services.theme.size("padding"), 0);
  row->setSpacing(8);
  row->addWidget(make_label(title(), "heading", header));
  auto* kinds = new QButtonGroup(this);
  for (QToolButton* button : {dots_, violins_, quality_}) {
    button->setCheckable(true);
    kinds->addButton(button);
    row->addWidget(button);
  }
  dots_->setChecked(true);
  dots_->setToolTip(tr("Size: share of cells with the gene; colour: mean"));
  violins_->setToolTip(tr("How the values spread within each group; up to %1 genes").arg(kMostViolins));
  quality_->setToolTip(tr("Counts, genes and mitochondrial share of the cells of each group"));
  column_->setAccessibleName(tr("Column of the groups"));
  column_->setMenu(new QMenu(column_));
  row->addWidget(column_);
  row->addStretch(1);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(header);
  layout->addWidget(make_line(Qt::Horizontal, this));
  layout->addLayout(stack_, 1);
  stack_->addWidget(empty_);
  stack_->addWidget(counting_);
  stack_->addWidget(canvas_);
  connect(kinds, &QButtonGroup::buttonToggled, this, &ExpressionPanel::build);
  connect(column_->menu(), &QMenu::aboutToShow, this, &ExpressionPanel::fillColumns);
  Document& document = services.document;
  connect(&document, &Document::datasetChanged, this, &ExpressionPanel::build);
  connect(&document, &Document::columnStyleChanged, this, &ExpressionPanel::build);
  connect(&document.selection(), &SelectionHub::genesChanged, this, &ExpressionPanel::build);
  connect(&document, &Document::geneIndexProgress, this, [this](double fraction) {
    if (fraction >= 1.0 && quality_->isChecked()) build();
  });
  connect(&services.theme, &Theme::changed, canvas_, qOverload<>(&QWidget::update));
  build();
}

void ExpressionPanel::fillColumns() {
  QMenu* menu = column_->menu();
  menu->clear();
  const DatasetPtr& dataset = services_.document.dataset();
  if (!dataset) return;
  for (const QString& name : label_columns(*dataset)) {
    QAction* action = menu->addAction(name, this, [this, name] {
      chosen_ = name;
      build();
    });
    action->setCheckable(true);
    action->setChecked(name == chosen_);
  }
}

void ExpressionPanel::showQuality() { quality_->setChecked(true); }

void ExpressionPanel::setViolins(bool violins) { (violins ? violins_ : dots_)->setChecked(true); }

void ExpressionPanel::build() {
  work_.reset();
  const DatasetPtr& dataset = services_.document.dataset();
  const QStringList columns = dataset ? label_columns(*dataset) : QStringList();
  if (!columns.contains(chosen_)) chosen_ = columns.value(0);
  column_->setText(tr("Groups: %1").arg(chosen_.isEmpty() ? tr("all cells") : chosen_));
  column_->setEnabled(dataset != nullptr);
  quality_->setEnabled(dataset && !dataset->counts_where.empty());
  auto work = std::make_shared<ExpressionWork>();
  work->dataset = dataset;
  work->table.column = chosen_;
  const QStringList ids = services_.document.selection().genes().ensemblIds;
  const qsizetype most = violins_->isChecked() ? kMostViolins : kMostDots;
  for (const QString& id : ids) {
    const std::int64_t gene = dataset ? dataset->gene_row(id.toStdString()) : -1;
    if (gene < 0 || static_cast<qsizetype>(work->rows.size()) == most) continue;
    work->rows.push_back(gene);
    work->table.genes.push_back(QString::fromStdString(dataset->genes[static_cast<std::size_t>(gene)].symbol));
  }
  work->table.quality = quality_->isChecked() && dataset && services_.document.geneIndex() &&
                        services_.document.geneIndex()->num_cells() == dataset->num_cells();
  if (work->table.quality) {
    work->index = services_.document.geneIndex();
  } else if (quality_->isChecked() || work->rows.empty()) {
    table_ = {};
    return showState();
  }
  work_ = work;
  services_.background.run<std::vector<PlotGroup>>(
      Background::Lane::kCompute, this,
      [dataset, name = chosen_.toStdString(),
       colors = services_.document.columnStyle(chosen_).colors](JobContext&) -> Result<std::vector<PlotGroup>> {
        std::vector<PlotGroup> groups;
        const Column* column = dataset->cells.find(name);
        if (!column) {
          groups.push_back({tr("all cells"), category_color(0), {}});
          for (std::int64_t i = 0; i < dataset->num_cells(); ++i)
            groups[0].cells.push_back(static_cast<std::int32_t>(i));
          return groups;
        }
        const Column labels = as_categorical(*column);
        for (std::size_t i = 0; i < std::min(labels.categories.size(), kMostGroups); ++i) {
          const QString label = QString::fromStdString(labels.categories[i]);
          groups.push_back({label, colors.value(label, category_color(static_cast<int>(i))), {}});
        }
        for (std::size_t i = 0; i < labels.codes.size(); ++i) {
          if (labels.codes[i] < 0 || labels.codes[i] >= static_cast<std::int32_t>(groups.size())) continue;
          groups[static_cast<std::size_t>(labels.codes[i])].cells.push_back(static_cast<std::int32_t>(i));
        }
        std::erase_if(groups, [](const PlotGroup& group) { return group.cells.empty(); });
        return groups;
      },
      [this, work](Result<std::vector<PlotGroup>> groups) {
        work->table.groups = std::move(groups).value();
        work->table.quality ? countQuality(work) : readNext(work);
      });
}

void ExpressionPanel::countQuality(std::shared_ptr<ExpressionWork> work) {
  services_.background.run<ExpressionTable>(
      Background::Lane::kCompute, this,
      [work](JobContext&) -> Result<ExpressionTable> {
        ExpressionTable table = work->table;
        for (const CellQuality quality : kCellQualities) {
          double largest = 0.0;
          for (ExpressionSummary& one : summarise(values_of(work->index->sums(), quality), table.groups)) {
            largest = std::max(largest, one.largest);
            table.values.push_back(std::move(one));
          }
          table.genes.push_back(title_of(quality));
          table.largest.push_back(largest);
        }
        return table;
      },
      [this, work](Result<ExpressionTable> table) {
        if (work_ != work) return;
        table_ = std::move(table).value();
        work_.reset();
        canvas_->setAccessibleDescription(describe(table_));
        showState();
      });
}

void ExpressionPanel::readNext(std::shared_ptr<ExpressionWork> work) {
  if (work_ != work) return;  // another choice was made meanwhile
  if (work->next == work->rows.size()) {
    table_ = std::move(work->table);
    work_.reset();
    canvas_->setAccessibleDescription(describe(table_));
    return showState();
  }
  services_.document.geneValues(work->rows[work->next], this,
                                [this, work](Result<std::shared_ptr<const GeneValues>> values) {
                                  if (work_ != work) return;
                                  if (!values) return services_.messages.error(values.error());
                                  services_.background.run<std::vector<ExpressionSummary>>(
                                      Background::Lane::kCompute, this,
                                      [work, values = *values](JobContext&) -> Result<std::vector<ExpressionSummary>> {
                                        return summarise(values->normalised, work->table.groups);
                                      },
                                      [this, work](Result<std::vector<ExpressionSummary>> summaries) {
                                        double largest = 0.0;
                                        for (ExpressionSummary& one : *summaries) {
                                          largest = std::max(largest, one.largest);
                                          work->table.values.push_back(std::move(one));
                                        }
                                        work->table.largest.push_back(largest);
                                        ++work->next;
                                        readNext(work);
                                      });
                                });
}

void ExpressionPanel::showState() {
  QWidget* shown = canvas_;
  if (table_.genes.empty()) shown = quality_->isChecked() && quality_->isEnabled() ? counting_ : empty_;
  stack_->setCurrentWidget(shown);
  canvas_->update();
}

bool ExpressionPanel::showsViolins() const {
  return table_.quality || (violins_->isChecked() && table_.genes.size() <= static_cast<std::size_t>(kMostViolins));
}

bool ExpressionPanel::hasFigure() const { return !table_.genes.empty(); }

FigurePainter ExpressionPanel::figure() const {
  if (!hasFigure()) return {};
  return [table = std::make_shared<const ExpressionTable>(table_), violins = showsViolins()](QPainter& painter,
                                                                                             const FigureSize& size) {
    const PlotLook look{figure_font(size.fontPoints), figure_font(std::max(5.0, size.fontPoints - 2.0)), Qt::black,
                        QColor(0x40, 0x40, 0x40), QColor(0x80, 0x80, 0x80)};
    paint_expression(painter, QRectF(4.0, 4.0, size.widthPoints - 8.0, size.heightPoints - 8.0), *table, violins, look);
  };
}

QString ExpressionPanel::figureName() const {
  const DatasetPtr& dataset = services_.document.dataset();
  return (table_.quality ? tr("%1 quality by %2") : tr("%1 expression by %2"))
      .arg(dataset ? dataset->name : QString(), chosen_.isEmpty() ? tr("all cells") : chosen_);
}

std::optional<Table> ExpressionPanel::figureData() const {
  if (table_.genes.empty()) return std::nullopt;
  return table_.as_table();
}

QByteArray ExpressionPanel::saveView() const {
  const Json view = {
      {"column", chosen_.toStdString()}, {"violins", violins_->isChecked()}, {"quality", quality_->isChecked()}};
  return QByteArray::fromStdString(view.dump());
}

void ExpressionPanel::restoreView(const QByteArray& view) {
  const Json json = Json::parse(view.toStdString(), nullptr, false);
  if (!json.is_object()) return;
  if (json.contains("column") && json["column"].is_string()) {
    chosen_ = QString::fromStdString(json["column"].get<std::string>());
  }
  if (json.contains("violins") && json["violins"].is_boolean()) setViolins(json["violins"].get<bool>());
  if (json.contains("quality") && json["quality"] == true) showQuality();
  build();
}

}  // namespace cw::ui
