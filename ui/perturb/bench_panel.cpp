// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/bench_panel.h"

#include "core/tokenize/dictionary.h"
#include "ui/common/action_registry.h"
#include "ui/common/elided_label.h"
#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/data_table/data_table.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/machines/where_row.h"
#include "ui/perturb/bench_drag.h"
#include "ui/perturb/bench_page.h"
#include "ui/perturb/gene_well.h"
#include "ui/perturb/how_card.h"
#include "ui/perturb/preview_view.h"
#include "ui/perturb/queue_view.h"
#include "ui/perturb/rank_microscope.h"
#include "ui/results/result_view.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kEstimateDelay = 700;  // ms after the last edit

WellId well_of(const QString& word) {
  for (const WellId kind : kAllWells) {
    if (word == QLatin1String(word_of(kind))) return kind;
  }
  return WellId::kDelete;
}

}  // namespace

BenchPanel::BenchPanel(Services& services, QWidget* parent)
    : Panel(QStringLiteral("benchPanel"), tr("Perturb"), parent),
      services_(services),
      book_(new ExperimentBook(services.document, services.jobs, this)),
      warm_(new WarmSession(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  makeHeader(*layout);
  pages_ = new QStackedWidget;
  page_ = new BenchPage(services, *book_);
  result_ = new ResultView(services);
  pages_->addWidget(page_);
  microscope_ = new RankMicroscope(services.theme, *warm_);
  pages_->addWidget(result_);
  pages_->addWidget(microscope_);
  layout->addWidget(pages_, 1);
  connectPage();
  makeActions();
  estimateTimer_.setSingleShot(true);
  estimateTimer_.setInterval(kEstimateDelay);
  connect(&estimateTimer_, &QTimer::timeout, this, &BenchPanel::askEstimate);
  auto* drag = new BenchDrag(services, *page_, *book_, *this);
  connect(drag, &BenchDrag::genesTaken, this, [this] {
    toBench_->click();
    Q_EMIT shown();
  });
  connect(book_, &ExperimentBook::currentChanged, this, &BenchPanel::refresh);
  connect(book_, &ExperimentBook::listChanged, this, &BenchPanel::showHeader);
  connect(&services.document, &Document::datasetChanged, this, &BenchPanel::refresh);
  connect(&services.document, &Document::activeModelChanged, this, &BenchPanel::refresh);
  connect(&services.document, &Document::donorColumnChanged, this, &BenchPanel::refresh);
  refresh();
}

BenchPanel::~BenchPanel() = default;

void BenchPanel::makeHeader(QVBoxLayout& layout) {
  auto* bar = make_surface("panel");
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(12, 3, 12, 3);
  row->setSpacing(8);
  heading_ = new ElidedLabel;
  heading_->setProperty("role", "heading");
  heading_->setObjectName(QStringLiteral("benchHeading"));
  stage_ = make_label({}, "secondary");
  stage_->setObjectName(QStringLiteral("benchStage"));
  row->addWidget(heading_);
  row->addWidget(stage_);
  row->addStretch(1);
  toBench_ = make_button(QStringLiteral("showBench"), tr("Bench"), "link");
  toResult_ = make_button(QStringLiteral("showResult"), tr("Result"), "link");
  preview_ = make_button(QStringLiteral("previewButton"), tr("Preview 64 cells"));
  run_ = make_button(QStringLiteral("runButton"), tr("Run"), "primary");
  toMicroscope_ = make_button(QStringLiteral("showMicroscope"), tr("Microscope"), "link");
  toMicroscope_->setToolTip(tr("One cell as its list of genes: move a gene and see the cell move"));
  connect(toMicroscope_, &QPushButton::clicked, this, &BenchPanel::openMicroscope);
  for (QPushButton* button : {toBench_, toMicroscope_, toResult_, preview_, run_}) row->addWidget(button);
  connect(toBench_, &QPushButton::clicked, this, [this] {
    pages_->setCurrentWidget(page_);
    showHeader();
  });
  connect(toResult_, &QPushButton::clicked, this, [this] { showResult(book_->current().id); });
  connect(preview_, &QPushButton::clicked, this, &BenchPanel::preview);
  connect(run_, &QPushButton::clicked, this, &BenchPanel::run);
  layout.addWidget(bar);
  layout.addWidget(make_line());
}

void BenchPanel::connectPage() {
  connect(&page_->where(), &WhereRow::changed, this, &BenchPanel::showHeader);
  connect(page_, &BenchPage::edited, this,
          [this](const QString& text, const std::function<void(Experiment&)>& change, int mergeId) {
            book_->edit(
                text,
                [this, &change](Experiment& experiment) {
                  change(experiment);
                  chooseLasso(experiment);
                },
                mergeId);
          });
  connect(page_, &BenchPage::wordsGiven, this, &BenchPanel::addWords);
  connect(page_, &BenchPage::filesGiven, this, [this](WellId well, const QStringList& files) {
    for (const QString& file : files) {
      services_.background.run<QStringList>(
          Background::Lane::kFiles, this, [file](JobContext&) { return read_gene_words(file.toStdString()); },
          [this, well](Result<QStringList> words) {
            if (!words) return page_->well(well).setReport(QString::fromStdString(words.error().message), {});
            addWords(well, *words);
          });
    }
  });
  connect(page_, &BenchPage::fixRequested, this, &BenchPanel::applyFix);
  connect(&page_->queue(), &QueueView::openRequested, this, [this](const QString& id) { book_->setCurrent(id); });
  connect(&page_->queue(), &QueueView::resultRequested, this, &BenchPanel::showResult);
  connect(&page_->queue(), &QueueView::runRequested, this, [this](const QString& id) {
    book_->setCurrent(id);
    run();
  });
  connect(result_, &ResultView::geneChosen, this, &BenchPanel::geneChosen);
  connect(result_, &ResultView::addRequested, this, &BenchPanel::addGenes);
  connect(result_, &ResultView::shiftRequested, this, &BenchPanel::askShift);
  connect(result_, &ResultView::benchRequested, toBench_, &QPushButton::click);
}

void BenchPanel::makeActions() {
  ActionRegistry& actions = services_.actions;
  actions.add(QStringLiteral("perturb.run"), tr("Run the experiment on the bench"),
              QKeySequence(Qt::CTRL | Qt::Key_Return), this, [this] {
                Q_EMIT shown();
                run();
              });
  actions.add(QStringLiteral("perturb.preview"), tr("Preview the experiment on 64 cells"),
              QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Return), this, [this] {
                Q_EMIT shown();
                preview();
              });
  actions.add(QStringLiteral("perturb.new"), tr("New experiment"), {}, this, [this] {
    book_->create();
    pages_->setCurrentWidget(page_);
    Q_EMIT shown();
  });
  actions.add(QStringLiteral("perturb.result"), tr("Show the result of the experiment"), {}, this, [this] {
    showResult(book_->current().id);
    Q_EMIT shown();
  });
  actions.add(QStringLiteral("perturb.export"), tr("Export list and figure"), {}, this, [this] {
    if (!hasFigure()) showResult(book_->current().id);
    result_->exportAll();
  });
  actions.add(QStringLiteral("perturb.microscope"), tr("Look at one cell as its list of genes"), {}, this, [this] {
    openMicroscope();
    Q_EMIT shown();
  });
  actions.add(QStringLiteral("perturb.all"), tr("Delete all detected genes, one at a time"), {}, this, [this] {
    book_->edit(tr("Delete all genes"), [](Experiment& e) { add_all_genes(e, WellId::kDelete); });
    Q_EMIT shown();
  });
}

// A lasso that becomes a state or filter must be there tomorrow as well: it is kept as a selection of the project.
void BenchPanel::chooseLasso(Experiment& experiment) {
  const CellSelectionPtr cells = services_.document.selection().cells();
  ProjectStore* project = services_.document.project();
  if (!cells || project == nullptr) return;
  const auto keep = [&](const Group& group) {
    if (group.kind != Group::Kind::kSelection || group.value != cells->name) return;
    const auto items = project->items(QStringLiteral("selection"));
    const bool known =
        std::any_of(items.begin(), items.end(), [&](const ProjectItem& item) { return item.name == group.value; });
    if (!known) services_.document.saveSelection(group.value);
  };
  if (experiment.start) keep(*experiment.start);
  if (experiment.goal) keep(*experiment.goal);
  for (const Group& group : experiment.alternatives) keep(group);
  for (const Group& group : experiment.filter) keep(group);
}

SpecSources BenchPanel::sources(const Experiment& e) const {
  const Document& document = services_.document;
  SpecSources sources;
  sources.dataset = document.dataset();
  const ModelEntry* model = document.activeModel();
  for (const ModelEntry& one : document.models()) {
    if (one.id == e.modelId) model = &one;
  }
  if (model != nullptr) {
    sources.model = model->path;
    sources.dictionary = model->dictionary().toStdString();
  }
  sources.donorColumn = document.donorColumn().toStdString();
  QList<Group> groups = e.filter + e.alternatives;
  if (e.start) groups << *e.start;
  if (e.goal) groups << *e.goal;
  for (const Group& group : groups) {
    if (group.kind != Group::Kind::kSelection) continue;
    const auto mask = document.cellsOf(group);
    if (mask.empty()) continue;
    auto& rows = sources.selections[group.value];
    rows.clear();
    for (std::size_t i = 0; i < mask.size(); ++i) {
      if (mask[i] != 0) rows.push_back(static_cast<std::int64_t>(i));
    }
  }
  return sources;
}

void BenchPanel::refresh() {
  page_->showExperiment(book_->current(), facts_);
  showHeader();
  takeFacts();
}

void BenchPanel::showHeader() {
  const Experiment& e = book_->current();
  const Stage stage = book_->stageOf(e);
  const JobRecord* job = services_.jobs.job(e.jobId);
  heading_->setText(title_of(e));
  heading_->setToolTip(title_of(e));
  stage_->setText(stage_text(stage, job != nullptr ? job->fraction : 0.0));
  const bool on_result = pages_->currentWidget() == result_;
  const bool on_bench = pages_->currentWidget() == page_;
  toBench_->setVisible(!on_bench);
  toMicroscope_->setVisible(pages_->currentWidget() != microscope_);
  toMicroscope_->setEnabled(services_.document.dataset() != nullptr);
  toResult_->setVisible(!on_result && stage != Stage::kDraft);
  const bool goes_on = stage == Stage::kPaused || stage == Stage::kFailed;
  run_->setText(goes_on ? tr("Go on") : tr("Run"));
  const QString missing = goes_on ? QString() : missing_for_run(e, facts_);
  const QString obstacle = goes_on || !missing.isEmpty() ? missing : page_->where().obstacle();
  run_->setVisible(on_bench || goes_on);
  preview_->setVisible(on_bench);
  run_->setEnabled((stage == Stage::kDraft && obstacle.isEmpty() && services_.document.dataset()) || goes_on);
  run_->setToolTip(!obstacle.isEmpty() ? obstacle : tr("Computes it all (Ctrl+Enter)"));
  preview_->setEnabled(missing.isEmpty() && services_.document.dataset() != nullptr);
  preview_->setToolTip(!missing.isEmpty()
                           ? missing
                           : tr("A look at up to 64 cells in about five seconds; not a result (Ctrl+Shift+Enter)"));
  if (!page_->preview().hasResult()) {
    page_->preview().setNote(
        missing.isEmpty() ? tr("Press “Preview 64 cells” for a first look in about five seconds.") : missing, false);
  }
}

void BenchPanel::takeFacts() {
  facts_task_.cancel();
  warm_->drop(QStringLiteral("estimate"));
  const Experiment experiment = book_->current();
  const QString key = QString::fromStdString(to_json(experiment).dump());
  if (previewed_ != key) {
    warm_->drop(QStringLiteral("preview"));
    page_->preview().setResult(Json(), {});
    previewed_.clear();
  }
  if (!services_.document.dataset()) {
    facts_ = {};
    page_->showExperiment(experiment, facts_);
    page_->showEstimate(Json(), tr("Open data first: drop a file on the window."));
    return showHeader();
  }
  facts_task_ = services_.background.run<BenchFacts>(
      Background::Lane::kCompute, this,
      [experiment, from = sources(experiment)](JobContext&) -> Result<BenchFacts> {
        return facts_of(experiment, from);
      },
      [this, id = experiment.id](Result<BenchFacts> facts) {
        if (!facts || book_->current().id != id) return;
        facts_ = std::move(facts).value();
        const QString missing = missing_for_run(book_->current(), facts_);
        page_->showEstimate(Json(), missing.isEmpty() ? tr("Counting and timing…") : missing);
        page_->showExperiment(book_->current(), facts_);
        showHeader();
        if (missing.isEmpty() && book_->stageOf(book_->current()) == Stage::kDraft) estimateTimer_.start();
        if (book_->stageOf(book_->current()) != Stage::kDraft) {
          page_->showEstimate(Json(), tr("It was run already. A change makes a new draft; this one stays as it is."));
        }
      });
}

void BenchPanel::showResult(const QString& id) {
  const Experiment* found = book_->find(id);
  if (found == nullptr) return;
  const Experiment experiment = *found;
  book_->setCurrent(id);
  if (experiment.runFolder.isEmpty()) {
    result_->showNothing(tr("Nothing has run yet. %1").arg(missing_for_run(experiment, facts_)));
  } else {
    result_->showRun(experiment.runFolder.toStdString(), title_of(experiment), experiment.jobId);
  }
  QList<std::pair<QString, QString>> others;
  for (const Experiment& one : book_->experiments()) {
    if (one.id != id && !one.runFolder.isEmpty()) others.append({one.runFolder, title_of(one)});
  }
  result_->setOtherRuns(others);
  pages_->setCurrentWidget(result_);
  if (isVisible()) result_->table().view()->setFocus();
  showHeader();
}

void BenchPanel::addWords(WellId well, const QStringList& words) {
  const SpecSources from = sources(book_->current());
  const auto dictionary = Dictionary::load(from.dictionary.empty() ? "v1" : from.dictionary);
  const auto knows = [&](const std::string& id) { return !dictionary || (*dictionary)->token_of(id).has_value(); };
  addFound(well, find_genes(words, services_.document.geneSearch(), knows));
}

void BenchPanel::addFound(WellId well, const FoundGenes& found) {
  AddedGenes added;
  if (!found.genes.isEmpty()) {
    Experiment trial = book_->current();
    added = add_genes(trial, well, found.genes);
    if (added.added > 0) {
      book_->edit(tr("Add %n gene(s) to %1", nullptr, added.added).arg(title_of(well)),
                  [well, genes = found.genes](Experiment& e) { add_genes(e, well, genes); });
    }
  }
  QStringList details;
  for (const QString& gene : found.notInModel) details << tr("%1: not in the model").arg(gene);
  for (const QString& word : found.unknown) details << tr("%1: no gene of this name").arg(word);
  const bool worth_saying = !details.isEmpty() || added.already > 0 || found.numAsked() > 1;
  page_->well(well).setReport(worth_saying ? drop_report(added, found) : QString(), details);
}

void BenchPanel::addGenes(const QString& word, const GeneDrag& genes) {
  const WellId well = well_of(word);
  if (genes.allDetected) {
    return book_->edit(tr("%1 all genes").arg(title_of(well)), [well](Experiment& e) { add_all_genes(e, well); });
  }
  addWords(well, genes.ensemblIds);
}

void BenchPanel::addGenesTo(const QString& id, const GeneDrag& genes) {
  const Experiment* found = book_->find(id);
  if (found == nullptr) return;
  WellId well = WellId::kDelete;
  for (const WellId kind : kAllWells) {
    if (kind != WellId::kAnchor && !found->well(kind).isEmpty()) well = kind;
  }
  openExperiment(id);
  pages_->setCurrentWidget(page_);  // what was run stays as it was: the genes go to a draft of it
  addGenes(QLatin1String(word_of(well)), genes);
  showHeader();
}

void BenchPanel::applyFix(Check::Fix fix) {
  const BenchFacts facts = facts_;
  switch (fix) {
    case Check::Fix::kExcludeDonors:
      return book_->edit(tr("Leave out shared donors"), [&](Experiment& e) { e.excludedDonors << facts.sharedDonors; });
    case Check::Fix::kIncludeDonors:
      return book_->edit(tr("Use all donors"), [](Experiment& e) { e.excludedDonors.clear(); });
    case Check::Fix::kRemoveUnknown:
      return book_->edit(tr("Take out unknown genes"), [&](Experiment& e) {
        for (Well& well : e.wells)
          well.genes.removeIf([&](const WellGene& gene) { return facts.unknownGenes.contains(gene.symbol); });
      });
    case Check::Fix::kClearStart:
      return book_->edit(tr("Empty START"), [](Experiment& e) { e.start.reset(); });
    case Check::Fix::kClearGoal:
      return book_->edit(tr("Empty GOAL"), [](Experiment& e) { e.goal.reset(); });
    case Check::Fix::kComputeExactly:
      return book_->edit(tr("Compute exactly"), [](Experiment& e) { e.method = QStringLiteral("exact"); });
    case Check::Fix::kNone:
      break;
  }
}

void BenchPanel::openExperiment(const QString& id) {
  if (book_->find(id) == nullptr) return;
  book_->setCurrent(id);
  if (book_->stageOf(book_->current()) == Stage::kDraft) {
    pages_->setCurrentWidget(page_);
    showHeader();
  } else {
    showResult(id);
  }
}

void BenchPanel::openResultOfJob(const QString& jobId) {
  for (const Experiment& e : book_->experiments()) {
    if (e.jobId == jobId) return showResult(QString(e.id));
  }
}

QString BenchPanel::helpPage() const {
  return pages_->currentWidget() == result_ ? QStringLiteral("results.md") : QStringLiteral("perturb.md");
}

bool BenchPanel::hasFigure() const { return pages_->currentWidget() == result_ && result_->result() != nullptr; }

FigurePainter BenchPanel::figure() const { return hasFigure() ? result_->figure() : FigurePainter(); }

QString BenchPanel::figureName() const { return hasFigure() ? result_->title() : Panel::figureName(); }

std::optional<Table> BenchPanel::figureData() const {
  return hasFigure() ? std::optional<Table>(result_->result()->ranking.table) : std::nullopt;
}

QByteArray BenchPanel::saveView() const {
  Json view{{"experiment", book_->current().id.toStdString()},
            {"page", pages_->currentWidget() == result_ ? "result" : "bench"}};
  if (hasFigure()) view["result"] = result_->saveView();
  return QByteArray::fromStdString(view.dump());
}

void BenchPanel::restoreView(const QByteArray& view) {
  const Json json = Json::parse(view.toStdString(), nullptr, false);
  if (!json.is_object()) return;
  const auto text = [&json](const char* key) {
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
  };
  const QString id = QString::fromStdString(text("experiment"));
  const bool known = book_->find(id) != nullptr;
  if (known) book_->setCurrent(id);
  if (text("page") != "result") return;
  if (known) showResult(id);
  const Json shown = json.contains("result") ? json["result"] : Json::object();
  if (!shown.is_object()) return;
  const bool there = result_->restoreView(shown);
  if (known) return;
  if (!there) {
    return services_.messages.error({ErrorCode::kNotFound, "E-UI-012",
                                     "the run of this figure is neither in this project nor where it was; open the "
                                     "project it was made in, then drop the figure again"});
  }
  pages_->setCurrentWidget(result_);  // a run of another project: shown, not taken over
  showHeader();
}

}  // namespace cw::ui
