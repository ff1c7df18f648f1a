// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/corpus_question.h"

#include "core/api/tokenize_options.h"
#include "core/tokenize/token_corpus.h"
#include "ui/common/dropped_files.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/runs/outlook_view.h"
#include "ui/runs/run_settings.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QListWidget>
#include <QMimeData>
#include <QPushButton>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr int kRows = 3;
constexpr double kFewCells = 100'000.0;
constexpr int kPathRole = Qt::UserRole;

struct CorpusFacts {
  double cells = 0.0;
  double tokens = 0.0;
  QString dictionary;
};

}  // namespace

CorpusQuestion::CorpusQuestion(Services& services, OutlookView& outlook, QWidget* parent)
    : RunQuestion(services, outlook, parent),
      start_(new QComboBox(this)),
      files_(new QListWidget(this)),
      remove_(make_button(QStringLiteral("run-removeTokens"), tr("Remove"), "", this)) {
  setAcceptDrops(true);
  addField(QStringLiteral("tokens"), makeFiles());
  files_->setObjectName(QStringLiteral("run-tokenFiles"));
  files_->setAccessibleName(tr("Token files of the corpus; none: the cells in view"));
  showEmpty();
  start_->addItem(tr("random weights of a size"), QString());
  for (const ModelEntry& model : services_.document.models()) {
    if (model.description.value("architecture", std::string()).find("MaskedLM") == std::string::npos) continue;
    start_->addItem(model.name, model.id);
  }
  addField(QStringLiteral("init"), start_);
  connect(start_, &QComboBox::currentIndexChanged, this, &CorpusQuestion::edited);
}

QWidget* CorpusQuestion::makeFiles() {
  auto* whole = new QWidget(this);
  files_->setParent(whole);
  files_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  files_->setFixedHeight(kRows * services_.theme.size("table-row"));
  auto* add = make_button(QStringLiteral("run-addTokens"), tr("Add token files ..."), "", whole);
  auto* folder = make_button(QStringLiteral("run-addFolder"), tr("Add folder ..."), "", whole);
  remove_->setParent(whole);
  remove_->setAccessibleName(tr("Remove the chosen token files"));
  remove_->setEnabled(false);
  auto* buttons = new QHBoxLayout;
  for (QPushButton* button : {add, folder, remove_}) buttons->addWidget(button);
  buttons->addStretch(1);
  auto* column = new QVBoxLayout(whole);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(files_);
  column->addLayout(buttons);
  connect(add, &QPushButton::clicked, this, [this] {
    addFiles(QFileDialog::getOpenFileNames(this, tr("Token files"), {}, tr("Rank lists of cells (*.tokens.h5)")));
  });
  connect(folder, &QPushButton::clicked, this, [this] {
    const QString chosen = QFileDialog::getExistingDirectory(this, tr("A folder of token files"));
    if (!chosen.isEmpty()) addFiles({chosen});
  });
  connect(remove_, &QPushButton::clicked, this, &CorpusQuestion::removeChosen);
  connect(files_, &QListWidget::itemSelectionChanged, this,
          [this] { remove_->setEnabled(!files_->selectedItems().isEmpty()); });
  return whole;
}

QStringList CorpusQuestion::files() const {
  QStringList paths;
  for (int row = 0; row < files_->count(); ++row) {
    const QString path = files_->item(row)->data(kPathRole).toString();
    if (!path.isEmpty()) paths << path;
  }
  return paths;
}

// Without files a line says what is learnt from instead.
void CorpusQuestion::showEmpty() {
  if (!files().isEmpty()) return;
  files_->clear();
  auto* item =
      new QListWidgetItem(tr("the cells in view (add token files, or drop them, to take those instead)"), files_);
  item->setFlags(Qt::NoItemFlags);
}

void CorpusQuestion::addFiles(const QStringList& paths) {
  if (files().isEmpty() && !paths.isEmpty()) files_->clear();
  for (const QString& path : paths) {
    if (files().contains(path)) continue;
    auto* item = new QListWidgetItem(QFileInfo(path).fileName(), files_);
    item->setData(kPathRole, path);
    item->setToolTip(path);
  }
  Q_EMIT edited();
}

void CorpusQuestion::removeChosen() {
  qDeleteAll(files_->selectedItems());
  showEmpty();
  Q_EMIT edited();
}

void CorpusQuestion::dragEnterEvent(QDragEnterEvent* event) {
  if (!dropped_files(*event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void CorpusQuestion::dropEvent(QDropEvent* event) {
  addFiles(dropped_files(*event->mimeData()));
  event->acceptProposedAction();
}

QString CorpusQuestion::obstacle() const {
  if (!files().isEmpty()) return problem_.isEmpty() ? QString() : tr("These token files are no corpus; see above.");
  return dataObstacle();
}

void CorpusQuestion::fill(Json& options) const {
  const QStringList paths = files();
  const DatasetPtr& dataset = services_.document.dataset();
  options["tokens"] =
      paths.isEmpty() ? (dataset ? dataset->path.string() : std::string()) : paths.first().toStdString();
  options["more_tokens"] = Json::array();
  for (const QString& path : paths.mid(1)) options["more_tokens"].push_back(path.toStdString());
  const ModelEntry* model = modelIn(start_);
  options["init"] = model ? model->path.string() : std::string();
  options["out"] = ".";
  // one length: what is given by steps or minutes is not also given by passes
  if (options["steps"] != 0 || options["minutes"] != 0.0) options["epochs"] = 0.0;
}

QString CorpusQuestion::suggestedTitle() const {
  const QStringList paths = files();
  const DatasetPtr& dataset = services_.document.dataset();
  if (paths.size() > 1) return tr("Gene model of %1 files").arg(paths.size());
  if (!paths.isEmpty()) return tr("Gene model of %1").arg(QFileInfo(paths.first()).fileName());
  return tr("Gene model of %1").arg(dataset ? dataset->name : QString());
}

RunSize CorpusQuestion::size(const Json& options) const {
  RunSize size;
  if (files().isEmpty()) {
    size = sizeOfData();
  } else {
    size.cells = cells_;
    size.genes = genes_;
  }
  const ModelEntry* model = modelIn(start_);
  size.shape = model ? shape_of_model(model->description) : shape_of_preset(options.value("preset", std::string()));
  return size;
}

void CorpusQuestion::judge(const Json&) {
  reading_.cancel();
  problem_.clear();
  if (files().isEmpty()) {
    return outlook_.setText(
        tr("A gene model learns which genes go together. It takes many cells: under 100,000 it knows little more "
           "than how frequent genes are; start from a published model where you can."));
  }
  std::vector<std::filesystem::path> paths;
  for (const QString& path : files()) paths.emplace_back(path.toStdString());
  reading_ = services_.background.run<CorpusFacts>(
      Background::Lane::kFiles, this,
      [paths](JobContext&) -> Result<CorpusFacts> {
        CW_ASSIGN(const TokenCorpus corpus, TokenCorpus::open(paths));
        return CorpusFacts{static_cast<double>(corpus.num_cells()), static_cast<double>(corpus.num_tokens()),
                           QString::fromStdString(corpus.dictionary_name())};
      },
      [this](Result<CorpusFacts> facts) {
        if (!facts) {
          problem_ = QString::fromStdString(facts.error().message);
          outlook_.setText(problem_, "bad");
          return Q_EMIT judged();
        }
        cells_ = facts->cells;
        genes_ = facts->cells > 0.0 ? facts->tokens / facts->cells : 0.0;
        const ModelEntry* model = modelIn(start_);
        if (model && !facts->dictionary.isEmpty() && model->dictionary() != facts->dictionary) {
          problem_ = tr("The files were made with the vocabulary %1, the model %2 knows %3.")
                         .arg(facts->dictionary, model->name, model->dictionary());
          outlook_.setText(problem_, "bad");
          return Q_EMIT judged();
        }
        outlook_.setText(
            tr("%1 cells, %2 genes each, vocabulary %3.")
                .arg(count_text(static_cast<std::int64_t>(cells_)), number_text(genes_, 3), facts->dictionary));
        if (cells_ < kFewCells) {
          outlook_.setNote(tr("Under 100,000 cells a new model learns little more than how frequent genes are."));
        }
        Q_EMIT judged();
      });
}

Result<> CorpusQuestion::prepare(const std::filesystem::path& folder, Json& options) {
  options["out"] = folder.string();
  if (!files().isEmpty()) return {};
  const Dataset& dataset = *services_.document.dataset();
  const std::filesystem::path before = folder.string() + "-tokens";
  const ModelEntry* model = modelIn(start_);
  TokenizeOptions tokens;
  tokens.inputs = {dataset.path.string()};
  tokens.output = (before / "cells.tokens.h5").string();
  tokens.dictionary = model                                                      ? model->dictionary().toStdString()
                      : options.value("preset", std::string()).starts_with("v2") ? "v2"
                                                                                 : "v1";
  tokens.counts = dataset.counts_where;
  tokens.gene_ids = dataset.gene_ids;
  tokens.species = dataset.species;
  CW_TRY(services_.jobs.submit(new_job("tokenize", to_json(tokens)), tr("Rank lists of %1").arg(dataset.name), before));
  options["tokens"] = tokens.output;
  return {};
}

}  // namespace cw::ui
