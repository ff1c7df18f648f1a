// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dataset/data_panel.h"

#include "ui/common/action_registry.h"
#include "ui/common/background.h"
#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/dataset/card_parts.h"
#include "ui/dataset/cell_files.h"
#include "ui/dataset/import_sheet.h"
#include "ui/dataset/label_table.h"
#include "ui/dataset/models_card.h"
#include "ui/dataset/overview_card.h"
#include "ui/dataset/quality_card.h"
#include "ui/document/document.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedLayout>

namespace cw::ui {
namespace {

constexpr int kMostWidth = 980;

// A name that no file of the folder has yet.
std::filesystem::path free_name(const std::filesystem::path& folder, const std::string& stem) {
  std::error_code ignored;
  for (int i = 1;; ++i) {
    auto path = folder / (stem + (i == 1 ? "" : "-" + std::to_string(i)) + ".h5ad");
    if (!std::filesystem::exists(path, ignored)) return path;
  }
}

}  // namespace

DataPanel::DataPanel(Services& services, QWidget* parent)
    : Panel(QStringLiteral("dataPanel"), tr("Data"), parent),
      services_(services),
      pages_(new QStackedLayout(this)),
      bars_(new QVBoxLayout),
      sheet_(new ImportSheet(services)),
      overview_(new OverviewCard(services)),
      quality_(new QualityCard(services)),
      models_(new ModelsCard(services)) {
  setProperty("surface", "ground");
  setAttribute(Qt::WA_StyledBackground);
  auto* column = make_surface("ground");
  auto* layout = new QVBoxLayout(column);
  layout->setContentsMargins(16, 16, 16, 24);
  layout->setSpacing(14);
  layout->addLayout(bars_);
  for (QWidget* card : {static_cast<QWidget*>(sheet_), static_cast<QWidget*>(overview_),
                        static_cast<QWidget*>(quality_), static_cast<QWidget*>(models_)}) {
    layout->addWidget(card);
  }
  layout->addStretch(1);
  column->setMaximumWidth(kMostWidth);
  auto* wide = make_surface("ground");
  auto* middle = new QHBoxLayout(wide);
  middle->setContentsMargins(0, 0, 0, 0);
  middle->addStretch(1);
  middle->addWidget(column, 100);
  middle->addStretch(1);
  auto* scroll = new QScrollArea(this);
  scroll->setObjectName(QStringLiteral("dataScroll"));
  scroll->setAccessibleName(tr("Data"));
  scroll->setWidgetResizable(true);
  scroll->setWidget(wide);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  pages_->addWidget(scroll);
  pages_->addWidget(make_empty_state(
      services.theme, QStringLiteral("drop"),
      tr("Drop an h5ad, loom, 10x or CSV file here, or a model folder. Your file is read, never changed."),
      tr("Open file…"), [this] { Q_EMIT openRequested(); }, this));
  sheet_->hide();

  makeActions();
  connect(sheet_, &ImportSheet::inspected, this, [this](bool clean) {
    models_->setReport(sheet_->report());
    if (!sheet_->isHidden()) Q_EMIT inspected(clean);
  });
  connect(sheet_, &ImportSheet::accepted, this, [this] {
    sheet_->hide();
    Q_EMIT importAccepted();
  });
  connect(sheet_, &ImportSheet::rejected, this, [this] {
    sheet_->hide();
    if (services_.document.dataset()) services_.document.removeItem(QString(services_.document.dataset()->id));
  });
  connect(sheet_, &ImportSheet::helpRequested, this, &DataPanel::helpRequested);
  connect(sheet_, &ImportSheet::otherFileRequested, this, &DataPanel::openRequested);
  connect(overview_, &OverviewCard::checkRequested, this, [this] { inspectAgain(true); });
  connect(overview_, &OverviewCard::joinRequested, this, &DataPanel::chooseLabels);
  connect(overview_, &OverviewCard::exportRequested, this,
          [this] { exportCells(services_.document.selection().cells()); });
  connect(quality_, &QualityCard::exportRequested, this, &DataPanel::exportCells);
  connect(models_, &ModelsCard::addRequested, this, &DataPanel::addModelRequested);
  connect(&services.document, &Document::datasetChanged, this, &DataPanel::refresh);
  connect(&services.document, &Document::datasetAdded, this, [this] { inspectAgain(true); });
  refresh();
}

void DataPanel::makeActions() {
  ActionRegistry& actions = services_.actions;
  actions.add(QStringLiteral("data.check"), tr("Check the data set again"), {}, this, [this] { inspectAgain(true); });
  actions.add(QStringLiteral("data.join-labels"), tr("Join labels from a table…"), {}, this,
              [this] { chooseLabels(); });
  actions.add(QStringLiteral("data.export-cells"), tr("Save cells as a file…"), {}, this,
              [this] { exportCells(services_.document.selection().cells()); });
}

void DataPanel::refresh() {
  const DatasetPtr& dataset = services_.document.dataset();
  pages_->setCurrentIndex(dataset ? 0 : 1);
  if (!dataset) {
    shownId_.clear();
    sheet_->hide();
    return;
  }
  const QString shown = dataset->id + QString::fromStdString(dataset->path.string() + dataset->counts_where);
  if (shown == shownId_) return;
  shownId_ = shown;
  const Json record = services_.document.datasetRecord();
  // an unfinished import comes back; one that was accepted is looked at for the models only
  inspectAgain(!record.contains("imported") && services_.document.project() &&
               !services_.document.project()->isReadOnly());
}

void DataPanel::inspectAgain(bool show) {
  const DatasetPtr& dataset = services_.document.dataset();
  if (!dataset) return;
  sheet_->look(dataset);
  sheet_->setVisible(show);
  if (show) sheet_->setFocus();
}

void DataPanel::focusImport() {
  if (!sheet_->isHidden()) sheet_->setFocus();
}

void DataPanel::showBar(QWidget* bar) {
  if (bar_) bar_->deleteLater();
  bar_ = bar;
  if (bar) bars_->addWidget(bar);
}

void DataPanel::showProgress(const QString& what) {
  auto* bar = make_surface("card", this);
  bar->setAccessibleName(what);
  auto* layout = new QHBoxLayout(bar);
  layout->setContentsMargins(16, 10, 16, 10);
  layout->addWidget(make_label(what, "", bar), 1);
  auto* progress = new QProgressBar(bar);
  progress->setObjectName(QStringLiteral("cellFileProgress"));
  progress->setAccessibleName(what);
  progress->setRange(0, 1000);
  progress->setTextVisible(false);
  progress->setFixedWidth(220);
  layout->addWidget(progress);
  auto* stop = make_button(QStringLiteral("cellFileStop"), tr("Stop"), "link", bar);
  connect(stop, &QPushButton::clicked, this, [this] { stop_.cancel(); });
  layout->addWidget(stop);
  showBar(bar);
}

void DataPanel::setProgress(double fraction) {
  if (auto* progress = bar_ ? bar_->findChild<QProgressBar*>() : nullptr) {
    progress->setValue(static_cast<int>(1000 * fraction));
  }
}

void DataPanel::exportCells(const CellSelectionPtr& cells) {
  const DatasetPtr& dataset = services_.document.dataset();
  if (!dataset || dataset->counts_where.empty()) return;
  auto* dialog =
      new QFileDialog(this, tr("Save %1 cells").arg(count_text(cells ? cells->count : dataset->num_cells())));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setObjectName(QStringLiteral("exportCellsDialog"));
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(QStringLiteral("h5ad"));
  dialog->setNameFilter(tr("AnnData (*.h5ad)"));
  dialog->selectFile(QString::fromStdString(dataset->path.stem().string()) + QStringLiteral("-subset.h5ad"));
  connect(dialog, &QFileDialog::fileSelected, this,
          [this, cells](const QString& path) { writeCellsTo(path.toStdString(), cells); });
  dialog->open();
}

void DataPanel::writeCellsTo(const std::filesystem::path& path, const CellSelectionPtr& cells) {
  const DatasetPtr dataset = services_.document.dataset();
  if (path == dataset->path) {
    return services_.messages.error({ErrorCode::kInvalidArgument, "E-UI-223",
                                     path.string() + " is the file that the cells are read from; choose another name"});
  }
  showProgress(tr("Writing %1").arg(QString::fromStdString(path.filename().string())));
  stop_ = write_cells(
      services_.background, this, dataset, cells, path,
      [this](Result<CellFile> file) {
        showBar(nullptr);
        if (!file) return services_.messages.error(file.error());
        Message message;
        message.kind = Message::Kind::kGood;
        message.text = tr("Saved %1 cells as %2")
                           .arg(count_text(file->num_cells), QString::fromStdString(file->path.filename().string()));
        message.fixText = tr("Open it");
        message.fix = [this, path = file->path] { services_.document.openDataset(path); };
        services_.messages.post(message);
      },
      [this](double fraction, const QString&) { setProgress(fraction); });
}

void DataPanel::chooseLabels() {
  if (!services_.document.dataset()) return;
  auto* dialog = new QFileDialog(this, tr("Table of labels"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setObjectName(QStringLiteral("joinLabelsDialog"));
  dialog->setFileMode(QFileDialog::ExistingFile);
  dialog->setNameFilters({tr("Tables (*.csv *.tsv *.txt *.gz)"), tr("All files (*)")});
  connect(dialog, &QFileDialog::fileSelected, this, &DataPanel::joinLabels);
  dialog->open();
}

void DataPanel::joinLabels(const QString& path) {
  readLabels(path, [this](const Error& error) { services_.messages.error(error); });
}

void DataPanel::openTable(const QString& path) {
  readLabels(path, [this, path](const Error& error) {
    const bool otherTable = error.id == "E-UI-211" || error.id == "E-UI-212";
    if (!otherTable) return services_.messages.error(error);
    services_.document.openDataset(path.toStdString());
  });
}

void DataPanel::readLabels(const QString& path, std::function<void(const Error&)> otherwise) {
  const DatasetPtr dataset = services_.document.dataset();
  if (!dataset) return;
  services_.background.run<LabelJoin>(
      Background::Lane::kFiles, this,
      [file = path.toStdString(), dataset](JobContext& context) { return join_labels(file, dataset->cells, context); },
      [this, path, otherwise = std::move(otherwise)](Result<LabelJoin> join) {
        if (!join) return otherwise(join.error());
        showJoin(path, *join);
        Q_EMIT attentionWanted();
      });
}

void DataPanel::showJoin(const QString& path, const LabelJoin& join) {
  auto* card = make_surface("card", this);
  card->setObjectName(QStringLiteral("joinReport"));
  auto* layout = new QVBoxLayout(card);
  layout->setContentsMargins(16, 12, 16, 12);
  layout->setSpacing(6);
  layout->addWidget(make_label(tr("Labels of %1").arg(QFileInfo(path).fileName()), "heading", card));
  QStringList lines;
  const QString key = join.name_column.empty() ? tr("the first column") : QString::fromStdString(join.name_column);
  lines << tr("%1 of %2 cells found their row (%3), by %4.")
               .arg(count_text(join.num_matched), count_text(join.num_cells),
                    percent_text(static_cast<double>(join.num_matched) /
                                 static_cast<double>(std::max<std::int64_t>(1, join.num_cells))),
                    key);
  if (const auto extra = join.num_rows - join.num_matched; extra > 0) {
    QStringList names;
    for (const auto& name : join.unmatched) names << QString::fromStdString(name);
    lines << tr("%1 rows of the table name no cell of this data set (%2).")
                 .arg(count_text(extra), names.join(QStringLiteral(", ")));
  }
  QStringList added;
  for (const Column& column : join.columns) added << QString::fromStdString(column.name);
  lines << tr("New columns: %1.").arg(added.join(QStringLiteral(", ")));
  if (!join.replaced.isEmpty())
    lines << tr("These replace columns of the data set: %1.").arg(join.replaced.join(QStringLiteral(", ")));
  lines << tr(
      "The data set with its labels is written as a file of the project, so that experiments can use them; your "
      "own file stays as it is.");
  auto* cancel = make_button(QStringLiteral("joinCancel"), tr("Cancel"), "", card);
  auto* add = make_button(QStringLiteral("joinAdd"), tr("Add the columns"), "primary", card);
  lay_question(*layout, card, lines, cancel, add);
  const ProjectStore* project = services_.document.project();
  add->setEnabled(project && !project->isReadOnly() && !services_.document.dataset()->counts_where.empty());
  connect(cancel, &QPushButton::clicked, this, [this] { showBar(nullptr); });
  connect(add, &QPushButton::clicked, this, [this, path, join] { addColumns(path, join); });
  showBar(card);
  add->setFocus();
}

void DataPanel::addColumns(const QString& path, const LabelJoin& join) {
  const DatasetPtr dataset = services_.document.dataset();
  auto table = std::make_shared<Table>(dataset->cells);
  for (const Column& column : join.columns) table->set(column);
  const auto labelled = std::make_shared<const Dataset>(*dataset, std::move(table));
  const auto target = free_name(services_.document.project()->folder() / "data",
                                dataset->path.stem().string() + "+" + QFileInfo(path).completeBaseName().toStdString());
  showProgress(tr("Adding labels"));
  stop_ = write_cells(
      services_.background, this, labelled, nullptr, target,
      [this, id = dataset->id, source = dataset->path](Result<CellFile> file) {
        showBar(nullptr);
        if (!file) return services_.messages.error(file.error());
        Document& document = services_.document;
        if (!document.dataset() || document.dataset()->id != id) return;
        if (!document.datasetRecord().contains("source")) document.setDatasetField("source", source.string());
        document.setDatasetField("load", Json::object());  // the new file has its counts in X
        document.setDatasetField("sha256", std::string());
        document.relink(id, file->path);
        services_.messages.toast(tr("Added the labels"));
      },
      [this](double fraction, const QString&) { setProgress(fraction); });
}

void DataPanel::offerMerge(const QStringList& paths) {
  QStringList names;
  for (const QString& path : paths) names << QFileInfo(path).fileName();
  auto* card = make_surface("card", this);
  card->setObjectName(QStringLiteral("mergeOffer"));
  auto* layout = new QVBoxLayout(card);
  layout->setContentsMargins(16, 12, 16, 12);
  layout->setSpacing(6);
  layout->addWidget(make_label(tr("%n file(s)", nullptr, static_cast<int>(paths.size())), "heading", card));
  const QStringList lines{
      names.join(QStringLiteral(", ")),
      tr("As one data set they get a column “batch” with the file's name; genes that one of them lacks are left out. "
         "It is written as a file of the project.")};
  auto* each = make_button(QStringLiteral("mergeOpenEach"), tr("Open each"), "", card);
  auto* merge = make_button(QStringLiteral("mergeFiles"), tr("Merge into one"), "primary", card);
  lay_question(*layout, card, lines, each, merge);
  connect(each, &QPushButton::clicked, this, [this, paths] {
    showBar(nullptr);
    Q_EMIT openFilesRequested(paths);
  });
  connect(merge, &QPushButton::clicked, this, [this, paths] { writeMerged(paths); });
  showBar(card);
  pages_->setCurrentIndex(0);
  merge->setFocus();
}

void DataPanel::writeMerged(const QStringList& paths) {
  const ProjectStore* project = services_.document.project();
  if (!project || project->isReadOnly()) return;
  std::vector<std::filesystem::path> files;
  for (const QString& path : paths) files.emplace_back(path.toStdString());
  showProgress(tr("Merging %n file(s)", nullptr, static_cast<int>(paths.size())));
  stop_ = merge_files(
      services_.background, this, files, free_name(project->folder() / "data", "merged"),
      [this, files](Result<CellFile> file) {
        showBar(nullptr);
        refresh();
        if (!file) return services_.messages.error(file.error());
        QStringList lacking;
        for (std::size_t i = 0; i < files.size(); ++i) {
          if (file->genes_left_out[i] == 0) continue;
          lacking << tr("%1: %2").arg(QString::fromStdString(files[i].filename().string()),
                                      count_text(file->genes_left_out[i]));
        }
        Message message;
        message.kind = Message::Kind::kGood;
        message.text =
            tr("Merged %1 cells with %2 common genes.").arg(count_text(file->num_cells), count_text(file->num_genes));
        if (!lacking.isEmpty()) {
          message.kind = Message::Kind::kInfo;
          message.text += QLatin1Char(' ') + tr("Genes left out: %1.").arg(lacking.join(QStringLiteral(", ")));
        }
        services_.messages.post(message);
        services_.document.openDataset(file->path);
      },
      [this](double fraction, const QString&) { setProgress(fraction); });
}

}  // namespace cw::ui
