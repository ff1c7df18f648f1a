// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dataset/import_sheet.h"

#include "core/tokenize/inspect.h"
#include "ui/common/messages.h"
#include "ui/common/tab_order.h"
#include "ui/common/widgets.h"
#include "ui/dataset/card_parts.h"
#include "ui/dataset/fit_meter.h"
#include "ui/document/document.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>

namespace cw::ui {
namespace {

constexpr int kTitleWidth = 112;

struct Look {
  const char* icon;
  const char* color;
  QString spoken;
};

Look look_of(Finding::State state) {
  switch (state) {
    case Finding::State::kGood:
      return {"check", "good", ImportSheet::tr("fine")};
    case Finding::State::kNote:
      return {"info", "accent", ImportSheet::tr("note")};
    case Finding::State::kWarning:
      return {"warning", "warning", ImportSheet::tr("worth a look")};
    case Finding::State::kProblem:
      break;
  }
  return {"error", "bad", ImportSheet::tr("problem")};
}

QComboBox* column_box(const char* objectName, const QString& name, QWidget* parent) {
  auto* box = new QComboBox(parent);
  box->setObjectName(QLatin1String(objectName));
  box->setAccessibleName(name);
  box->setMinimumWidth(150);
  return box;
}

}  // namespace

ImportSheet::ImportSheet(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      title_(make_label({}, "title", this)),
      size_(make_label({}, "secondary", this)),
      state_(make_label({}, "secondary", this)),
      fit_(new FitMeter(services.theme, this)),
      lines_(new QVBoxLayout),
      labels_(new QWidget(this)),
      import_(make_button(QStringLiteral("importButton"), tr("Import"), "primary", this)) {
  setObjectName(QStringLiteral("importSheet"));
  setAccessibleName(tr("Import"));
  setProperty("surface", "card");
  setAttribute(Qt::WA_StyledBackground);
  setFocusPolicy(Qt::StrongFocus);
  const auto [layout, head] = lay_card_head(this, title_, size_);
  head->addWidget(fit_);
  layout->addWidget(state_);
  lines_->setSpacing(6);
  layout->addLayout(lines_);

  auto* row = new QHBoxLayout(labels_);
  row->setContentsMargins(0, 4, 0, 0);
  groupBy_ = column_box("importGroupBy", tr("Group by"), labels_);
  donor_ = column_box("importDonor", tr("Donor"), labels_);
  donor_->setToolTip(tr("Cells of one donor are no independent observations: results are compared across donors"));
  row->addWidget(make_label(tr("Group by"), "secondary", labels_));
  row->addWidget(groupBy_);
  row->addSpacing(16);
  row->addWidget(make_label(tr("Donor"), "secondary", labels_));
  row->addWidget(donor_);
  row->addStretch(1);
  layout->addWidget(labels_);

  auto* foot = new QHBoxLayout;
  auto* cancel = make_button(QStringLiteral("importCancel"), tr("Remove from the project"), "", this);
  foot->addWidget(make_label(tr("Your file is read, never changed."), "secondary", this));
  foot->addStretch(1);
  foot->addWidget(cancel);
  foot->addWidget(import_);
  layout->addLayout(foot);
  cancel_ = cancel;
  orderTabs();
  connect(import_, &QPushButton::clicked, this, &ImportSheet::accept);
  connect(cancel, &QPushButton::clicked, this, &ImportSheet::rejected);
  connect(&services.document, &Document::activeModelChanged, this, [this] {
    if (!report_.is_null()) take(report_);
  });
}

void ImportSheet::clearLines() {
  while (QLayoutItem* item = lines_->takeAt(0)) {
    if (QWidget* widget = item->widget()) widget->deleteLater();
    delete item;
  }
}

void ImportSheet::look(const DatasetPtr& dataset) {
  task_.cancel();
  dataset_ = dataset;
  report_ = Json();
  clearLines();
  findings_.clear();
  title_->setText(tr("Import %1").arg(dataset->name));
  size_->setText(
      tr("%1 cells × %2 genes   %3")
          .arg(count_text(dataset->num_cells()),
               count_text(static_cast<std::int64_t>(
                   dataset->genes.empty() ? static_cast<std::size_t>(dataset->info.num_genes) : dataset->genes.size())),
               bytes_text(static_cast<double>(std::max<std::int64_t>(0, link_of(dataset->path).bytes)))));
  state_->setText(tr("Looking at counts and genes…"));
  state_->show();
  fit_->hide();
  fillLabels();
  InspectOptions options;
  if (!dataset->counts_where.empty()) options.counts = dataset->counts_where;
  if (!dataset->gene_ids.empty()) options.gene_ids = dataset->gene_ids;
  options.species = dataset->species;
  task_ = services_.background.run<Json>(
      Background::Lane::kFiles, this,
      [path = dataset->path, options](JobContext& context) { return inspect(path, options, context); },
      [this](Result<Json> report) {
        if (report) return take(*report);
        state_->setText(QString::fromStdString(report.error().message));
        Q_EMIT inspected(false);
      });
}

void ImportSheet::take(const Json& report) {
  report_ = report;
  const ModelEntry* model = services_.document.activeModel();
  const QString dictionary = model ? model->dictionary() : QStringLiteral("v1");
  findings_ = import_findings(report, dictionary);
  clearLines();
  for (const Finding& finding : findings_) addFinding(finding);
  orderTabs();
  state_->hide();
  const bool usable = report.contains("counts") && report["counts"]["where"].is_string();
  import_->setEnabled(true);
  import_->setText(usable ? tr("Import") : tr("Keep to look at"));
  fit_->setVisible(usable);
  if (usable) fit_->setFit(fit_of(report, dictionary), model ? model->name : QString());
  Q_EMIT inspected(is_clean(findings_));
}

// The lines are made when the report is there, after what stands below them.
void ImportSheet::orderTabs() {
  QList<QWidget*> order{this};
  for (int i = 0; i < lines_->count(); ++i) {
    for (QPushButton* button : lines_->itemAt(i)->widget()->findChildren<QPushButton*>()) order << button;
  }
  tab_through(order << groupBy_ << donor_ << cancel_ << import_);
}

void ImportSheet::addFinding(const Finding& finding) {
  auto* line = new QWidget(this);
  const Look look = look_of(finding.state);
  line->setAccessibleName(QStringLiteral("%1, %2: %3").arg(finding.title, look.spoken, finding.text));
  auto* column = new QVBoxLayout(line);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  auto* row = new QHBoxLayout;
  row->setSpacing(10);
  auto* icon = new QLabel(line);
  icon->setPixmap(services_.theme.icon(QLatin1String(look.icon), services_.theme.color(look.color))
                      .pixmap(services_.theme.size("icon")));
  icon->setToolTip(look.spoken);
  row->addWidget(icon, 0, Qt::AlignTop);
  auto* title = make_label(finding.title, "heading", line);
  title->setFixedWidth(kTitleWidth);
  row->addWidget(title, 0, Qt::AlignTop);
  auto* text = make_label(finding.text, "", line);
  text->setWordWrap(true);
  text->setTextInteractionFlags(Qt::TextSelectableByMouse);
  row->addWidget(text, 1);
  auto* rest = make_label(finding.rest.join(QLatin1Char('\n')), "secondary", line);
  rest->setContentsMargins(kTitleWidth + services_.theme.size("icon") + 20, 0, 0, 0);
  rest->setTextInteractionFlags(Qt::TextSelectableByMouse);
  rest->hide();
  if (finding.remedy != Finding::Remedy::kNone) {
    auto* cure_button = make_button(QStringLiteral("remedyButton"), finding.remedyText, "link", line);
    connect(cure_button, &QPushButton::clicked, this, [this, finding, rest] { cure(finding, rest); });
    row->addWidget(cure_button, 0, Qt::AlignTop);
  }
  if (!finding.page.isEmpty() && finding.state != Finding::State::kGood) {
    auto* why = make_button(QStringLiteral("whyButton"), tr("Why?"), "link", line);
    why->setAccessibleName(tr("Why: %1").arg(finding.title));
    connect(why, &QPushButton::clicked, this, [this, page = finding.page] { Q_EMIT helpRequested(page); });
    row->addWidget(why, 0, Qt::AlignTop);
  }
  column->addLayout(row);
  column->addWidget(rest);
  lines_->addWidget(line);
}

void ImportSheet::cure(const Finding& finding, QLabel* rest) {
  Document& document = services_.document;
  LoadOptions options;
  options.species = dataset_->species;
  switch (finding.remedy) {
    case Finding::Remedy::kShowRest:
      rest->setVisible(rest->isHidden());
      return;
    case Finding::Remedy::kUseMatrix:
      options.counts = finding.argument.toStdString();
      return document.openDataset(dataset_->path, options);
    case Finding::Remedy::kReadAsHuman:
      options.species = "human";
      if (!dataset_->counts_where.empty()) options.counts = dataset_->counts_where;
      return document.openDataset(dataset_->path, options);
    case Finding::Remedy::kOtherModel:
      for (const ModelEntry& model : document.models()) {
        if (model.dictionary() == QLatin1String("v2")) return document.setActiveModel(model.id);
      }
      services_.messages.post({Message::Kind::kInfo,
                               {},
                               tr("No such model yet"),
                               tr("Drop the folder of a Geneformer V2 model on the window: it reads 4,096 genes per "
                                  "cell."),
                               {}});
      return;
    case Finding::Remedy::kOtherFile:
      return Q_EMIT otherFileRequested();
    case Finding::Remedy::kNone:
      return;
  }
}

void ImportSheet::fillLabels() {
  const LabelColumns columns = suggested_labels(*dataset_);
  groupBy_->clear();
  donor_->clear();
  groupBy_->addItems(columns.groups);
  donor_->addItem(tr("none"));
  donor_->addItems(columns.donors);
  for (const QString& other : columns.groups) donor_->addItem(other);
  donor_->setCurrentIndex(columns.donors.isEmpty() ? 0 : 1);
  const Json record = services_.document.datasetRecord();
  const auto choose = [&record](QComboBox* box, const char* key) {
    if (!record.contains(key) || !record[key].is_string()) return;
    const int index = box->findText(QString::fromStdString(record[key].get<std::string>()));
    if (index >= 0) box->setCurrentIndex(index);
  };
  choose(groupBy_, "group-by");
  choose(donor_, "donor");
  labels_->setVisible(!columns.groups.isEmpty());
}

void ImportSheet::accept() {
  Document& document = services_.document;
  document.setDatasetField("group-by", groupBy_->currentText().toStdString());
  document.setDatasetField("donor", donor_->currentIndex() > 0 ? donor_->currentText().toStdString() : std::string());
  document.setDatasetField("imported", true);
  Q_EMIT accepted();
}

void ImportSheet::keyPressEvent(QKeyEvent* event) {
  if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && import_->isEnabled()) return accept();
  if (event->key() == Qt::Key_Escape) return accept();  // looking at a file without a decision changes nothing
  QWidget::keyPressEvent(event);
}

}  // namespace cw::ui
