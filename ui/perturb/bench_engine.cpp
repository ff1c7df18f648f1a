// SPDX-License-Identifier: GPL-3.0-or-later
// What the bench asks of the engine: times, previews, runs, cells placed in the map, and the microscope's cell.
#include "core/io/table_writers.h"
#include "core/jobs/job_spec.h"
#include "ui/common/messages.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/machines/where_row.h"
#include "ui/perturb/bench_page.h"
#include "ui/perturb/bench_panel.h"
#include "ui/perturb/preview_view.h"
#include "ui/perturb/rank_microscope.h"
#include "ui/results/map_shift_view.h"
#include "ui/results/result_view.h"

#include <QDateTime>
#include <QPushButton>
#include <QRegularExpression>
#include <QStackedWidget>
#include <algorithm>
#include <string_view>
#include <unordered_set>

namespace cw::ui {
namespace {

constexpr std::int64_t kPreviewCells = 64;
constexpr double kPreviewSeconds = 4.0;
constexpr std::int64_t kShiftCells = 24;

constexpr std::int64_t kFewestCells = 20;  // of a group: fewer say nothing about it

/// Facts and specification of an experiment, made off the window's thread; `file` holds the labels where there are
/// some.
struct Prepared {
  BenchFacts facts;
  PerturbOptions options;
  std::optional<Error> problem;
};

Result<Prepared> prepare(const Experiment& experiment, const SpecSources& sources, const std::filesystem::path& file) {
  Prepared prepared;
  prepared.facts = facts_of(experiment, sources);
  auto spec = spec_of(experiment, sources);
  if (!spec) {
    prepared.problem = spec.error();
    return prepared;
  }
  prepared.options = std::move(spec->options);
  if (spec->labels) {
    CW_TRY(write_csv(file, *spec->labels, true));
    prepared.options.labels = file.string();
  }
  return prepared;
}

/// The arrows lie in a plane: the first map that was made as one, else the first two components of another.
CellMapPtr flat_map(const std::vector<CellMapPtr>& maps) {
  const auto flat = std::find_if(maps.begin(), maps.end(), [](const CellMapPtr& map) { return map->dimensions == 2; });
  return flat == maps.end() ? maps.front() : *flat;
}

/// A folder name that says what is in it: "20261121-164512-ctrl-stim-delete-all".
std::string folder_name(const Experiment& experiment) {
  QString slug = title_of(experiment).toLower();
  slug.replace(QRegularExpression(QStringLiteral("[^a-z0-9]+")), QStringLiteral("-"));
  const QString time = QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmsszzz"));
  return (time + QLatin1Char('-') + slug.left(48)).toStdString();
}

}  // namespace

void BenchPanel::askEstimate() {
  const Experiment experiment = book_->current();
  const std::filesystem::path file = warm_->nextLabelFile();
  services_.background.run<Prepared>(
      Background::Lane::kCompute, this,
      [experiment, from = sources(experiment), file](JobContext&) { return prepare(experiment, from, file); },
      [this, id = experiment.id](Result<Prepared> prepared) {
        if (book_->current().id != id) return;
        if (!prepared || prepared->problem) {
          const Error& error = prepared ? *prepared->problem : prepared.error();
          return page_->showEstimate(Json(), QString::fromStdString(error.message));
        }
        warm_->ask(QStringLiteral("estimate"), prepared->options, {}, this, [this, id](Result<Json> estimate) {
          if (book_->current().id != id) return;
          if (!estimate) {
            if (estimate.error().code == ErrorCode::kCancelled) return;
            return page_->showEstimate(Json(), QString::fromStdString(estimate.error().message));
          }
          page_->showEstimate(*estimate, {});
          page_->showExperiment(book_->current(), facts_);
        });
      });
}

void BenchPanel::preview() {
  if (!preview_->isEnabled()) return;
  pages_->setCurrentWidget(page_);
  showHeader();
  const Experiment experiment = book_->current();
  const QString key = QString::fromStdString(to_json(experiment).dump());
  const std::filesystem::path file = warm_->nextLabelFile();
  page_->preview().setNote(tr("Previewing…"), true);
  services_.background.run<Prepared>(
      Background::Lane::kCompute, this,
      [experiment, from = sources(experiment), file](JobContext&) { return prepare(experiment, from, file); },
      [this, key, goal = experiment.goal](Result<Prepared> prepared) {
        if (!prepared || prepared->problem) {
          const Error& error = prepared ? *prepared->problem : prepared.error();
          return page_->preview().setNote(QString::fromStdString(error.message), false);
        }
        PerturbOptions options = prepared->options;
        options.preview = kPreviewCells;
        options.preview_seconds = kPreviewSeconds;
        options.null_count = 0;
        // thousands of deletions in a few seconds: estimated from gradients, and the picture says so
        const bool all_deleted = options.requests.size() == 1 && options.requests.front().kind == "delete" &&
                                 options.requests.front().genes == std::vector<std::string>{"all"} &&
                                 options.how == "each";
        options.method = all_deleted ? "screen" : "exact";
        warm_->ask(QStringLiteral("preview"), options, {}, this, [this, key, goal](Result<Json> result) {
          if (!result) {
            if (result.error().code == ErrorCode::kCancelled) return;
            return page_->preview().setNote(QString::fromStdString(result.error().message), false);
          }
          previewed_ = key;
          page_->preview().setResult(*result, goal ? goal->label() : QString());
        });
      });
}

void BenchPanel::run() {
  if (!run_->isEnabled()) {
    const QString lacking = missing_for_run(book_->current(), facts_);
    const QString missing = lacking.isEmpty() ? page_->where().obstacle() : lacking;
    if (!missing.isEmpty()) services_.messages.post({Message::Kind::kInfo, {}, tr("Not yet"), missing, {}, {}, {}});
    return;
  }
  const Experiment experiment = book_->current();
  if (book_->stageOf(experiment) != Stage::kDraft) {
    if (const auto resumed = services_.jobs.resume(experiment.jobId); !resumed)
      services_.messages.error(resumed.error());
    return;
  }
  start(experiment);
}

void BenchPanel::start(const Experiment& experiment, bool show) {
  ProjectStore* project = services_.document.project();
  if (project == nullptr || project->isReadOnly()) {
    return services_.messages.error(Error{ErrorCode::kRefused, "E-UI-405",
                                          "this project is open elsewhere and read-only here, so nothing can be run in "
                                          "it; make a copy, or close the other window"});
  }
  const auto place = page_->where().place();
  if (!place) return services_.messages.error(place.error());
  const std::filesystem::path folder = project->runsFolder() / folder_name(experiment);
  if (show) run_->setEnabled(false);
  services_.background.run<Prepared>(
      Background::Lane::kFiles, this,
      [experiment, from = sources(experiment), folder](JobContext&) -> Result<Prepared> {
        std::error_code made;
        std::filesystem::create_directories(folder, made);
        if (made)
          return Error{ErrorCode::kIo, "E-UI-406",
                       folder.string() + ": the folder for the run cannot be made (" + made.message() + ")"};
        return prepare(experiment, from, folder / "labels.csv");
      },
      [this, experiment, folder, show, place = *place](Result<Prepared> prepared) {
        if (!prepared || prepared->problem) {
          services_.messages.error(prepared ? *prepared->problem : prepared.error());
          return showHeader();
        }
        PerturbOptions options = prepared->options;
        options.output = folder.string();
        const auto job =
            services_.jobs.submit(new_job("perturb", to_json(options)), title_of(experiment), folder, place);
        if (!job) {
          services_.messages.error(job.error());
          return showHeader();
        }
        const QString run = book_->setRun(experiment, QString::fromStdString(folder.string()), *job);
        if (show) showResult(run);
      });
}

void BenchPanel::runForEach(const QString& id, const QString& column) {
  const Experiment* found = book_->find(id);
  const DatasetPtr dataset = services_.document.dataset();
  const Column* labels = dataset ? dataset->cells.find(column.toStdString()) : nullptr;
  if (found == nullptr || labels == nullptr) return;
  const auto refuse = [this](const QString& why) {
    services_.messages.post({Message::Kind::kInfo, {}, tr("Not run for each group"), why, {}, {}, {}});
  };
  const bool compares =
      (found->start && found->start->column == column) || (found->goal && found->goal->column == column);
  if (compares) return refuse(tr("START and GOAL are groups of %1 themselves. Choose another column.").arg(column));
  QList<Group> groups;
  for (const std::string& value : as_categorical(*labels).categories) {
    const Group group = services_.document.groupOf(column, QString::fromStdString(value));
    if (group.count >= kFewestCells) groups << group;
  }
  if (groups.isEmpty()) return refuse(tr("No group of %1 has %2 cells.").arg(column).arg(kFewestCells));
  Experiment trial = *found;
  trial.runFolder.clear();
  if (const QString missing = missing_for_run(trial, facts_); !missing.isEmpty() && id == book_->current().id) {
    return refuse(missing);
  }
  for (const QString& one : book_->forEach(id, groups)) start(*book_->find(one), false);
  services_.messages.toast(
      tr("%n run(s) queued, one per group of %1", nullptr, static_cast<int>(groups.size())).arg(column));
}

// The run's own options, for a few genes and cells.
void BenchPanel::askShift(const std::vector<std::int64_t>& rows) {
  const RunResultPtr run = result_->result();
  const DatasetPtr dataset = services_.document.dataset();
  if (!run) return;
  if (!dataset || dataset->maps.empty()) {
    return result_->mapShift().setNote(tr("There is no map yet. Make one under Explore, then come back."));
  }
  auto options = perturb_options_from_json(run->effects->provenance.value("options", Json::object()));
  if (!options) return result_->mapShift().setNote(QString::fromStdString(options.error().message));
  options->input = dataset->path.string();
  options->requests.clear();
  options->null_count = 0;
  options->method = "exact";
  options->preview = kShiftCells;
  options->preview_seconds = kPreviewSeconds;
  for (const std::int64_t row : rows) {
    const std::int32_t index = run->perturbationOfRow[static_cast<std::size_t>(row)];
    if (index < 0) continue;
    const Perturbation& p = run->effects->perturbations[static_cast<std::size_t>(index)];
    options->requests.push_back({p.kind, p.ensembl_ids});
    if (p.ensembl_ids.size() > 1) options->how = "together";
  }
  if (options->requests.empty()) return;
  if (options->how == "pairs" || options->how == "anchor") {
    options->how = "together";
    options->anchor.clear();
  }
  result_->mapShift().setNote(tr("Placing cells in the map…"));
  warm_->ask(QStringLiteral("place"), *options, {}, this, [this, dataset, run](Result<Json> answer) {
    if (!answer) {
      if (answer.error().code != ErrorCode::kCancelled)
        result_->mapShift().setNote(QString::fromStdString(answer.error().message));
      return;
    }
    services_.background.run<MapShift>(
        Background::Lane::kCompute, this,
        [dataset, run, answer = *answer](JobContext&) -> Result<MapShift> {
          // by name: tokenizing leaves cells out, so rows of the run are not those of the data set
          std::unordered_set<std::string_view> changed;
          for (const EffectCell& cell : run->effects->cells) changed.insert(cell.name);
          std::vector<std::uint8_t> start;
          for (const std::string& name : dataset->cells.index) start.push_back(changed.contains(name) ? 1 : 0);
          return map_shift_of(answer, *dataset, flat_map(dataset->maps), std::move(start));
        },
        [this](Result<MapShift> shift) {
          if (shift) result_->mapShift().setShift(std::move(shift).value());
        });
  });
}

void BenchPanel::openMicroscope() {
  if (!services_.document.dataset()) return;
  pages_->setCurrentWidget(microscope_);
  showHeader();
  Experiment experiment = book_->current();
  // the list is changed by hand here: the wells do not matter
  for (Well& well : experiment.wells) well = {};
  add_all_genes(experiment, WellId::kDelete);
  experiment.method = QStringLiteral("exact");
  const std::filesystem::path file = warm_->nextLabelFile();
  microscope_->setNote(tr("Loading the model and the cells…"));
  struct Opened {
    Prepared prepared;
    std::vector<RankMicroscope::Cell> cells;
  };
  services_.background.run<Opened>(
      Background::Lane::kCompute, this,
      [experiment, from = sources(experiment), file](JobContext&) -> Result<Opened> {
        Opened opened;
        CW_ASSIGN(opened.prepared, prepare(experiment, from, file));
        for (const std::int64_t row : rows_to_change(experiment, from)) {
          opened.cells.push_back({row, from.dataset->cells.index[static_cast<std::size_t>(row)]});
        }
        return opened;
      },
      [this](Result<Opened> opened) {
        if (!opened || opened->prepared.problem) {
          const Error& error = opened ? *opened->prepared.problem : opened.error();
          return microscope_->setNote(QString::fromStdString(error.message));
        }
        PerturbOptions options = opened->prepared.options;
        options.preview = kPreviewCells;
        options.preview_seconds = kPreviewSeconds;
        microscope_->setExperiment(options, std::move(opened->cells));
      });
}

}  // namespace cw::ui
