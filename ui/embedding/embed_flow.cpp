// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/embed_flow.h"

#include "core/api/embed_options.h"
#include "core/api/map_options.h"
#include "core/base/parallel.h"
#include "core/jobs/job_spec.h"
#include "ui/common/background.h"
#include "ui/common/messages.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/jobs/job_error_text.h"
#include "ui/theme/numbers.h"

#include <algorithm>

namespace cw::ui {
namespace {

constexpr auto kKind = "map";
constexpr double kShareOfEmbedding = 0.85;
// what the engine multiplies per second and processor on models of this size; only for "about N min"
constexpr double kFlopsPerProcessor = 8e10;
constexpr double kTypicalGenes = 900;  // detected per cell, where the file does not say
constexpr double kMapSecondsPerCell = 0.003;

std::string text_of(const Json& body, const char* key) {
  return body.contains(key) && body[key].is_string() ? body[key].get<std::string>() : std::string();
}

QString id_of(const Json& body, const char* key) { return QString::fromStdString(text_of(body, key)); }

std::int64_t number_of(const Json& description, const char* key) {
  const bool known = description.contains(key) && description[key].is_number();
  return known ? description[key].get<std::int64_t>() : 0;
}

double genes_per_cell(const Dataset& dataset) {
  for (const MatrixInfo& matrix : dataset.info.matrices) {
    if (matrix.where != dataset.counts_where || matrix.num_stored <= 0 || matrix.num_cells <= 0) continue;
    return static_cast<double>(matrix.num_stored) / static_cast<double>(matrix.num_cells);
  }
  return kTypicalGenes;
}

MapLabels labels_of(const ProjectItem& item) {
  return {item.name, QStringLiteral("map:") + item.id, id_of(item.body, "note"), text_of(item.body, "clusters")};
}

// a name that nothing in the list has yet: "UMAP", "UMAP 2"
QString unused(const QString& wanted, const QStringList& taken, const QString& between) {
  QString name = wanted;
  for (int number = 2; taken.contains(name); ++number) name = wanted + between + QString::number(number);
  return name;
}

}  // namespace

EmbedFlow::EmbedFlow(Services& services, QObject* parent) : QObject(parent), services_(services) {
  connect(&services.document, &Document::datasetChanged, this, &EmbedFlow::onDataset);
  connect(&services.document, &Document::activeModelChanged, this, &EmbedFlow::changed);
  connect(&services.jobs, &JobCenter::changed, this, &EmbedFlow::changed);
  connect(&services.jobs, &JobCenter::added, this, &EmbedFlow::changed);
  connect(&services.jobs, &JobCenter::ended, this, &EmbedFlow::onEnded);
}

QString EmbedFlow::obstacle() const {
  const DatasetPtr& dataset = services_.document.dataset();
  if (!dataset) return tr("No data set is open.");
  if (dataset->counts_where.empty()) return tr("This file holds no counts, so its cells cannot be embedded.");
  if (!services_.document.activeModel()) return tr("There is no model to embed the cells with.");
  if (!services_.document.project()) return tr("No project is open.");
  if (services_.document.project()->isReadOnly()) return tr("This project is open for reading only.");
  return {};
}

// A finished map of these cells by the model in use, of which the embedded cells are still there.
std::optional<ProjectItem> EmbedFlow::embeddedBefore() const {
  const ProjectStore* project = services_.document.project();
  const ModelEntry* model = services_.document.activeModel();
  if (!project || !model) return std::nullopt;
  for (const ProjectItem& item : items()) {
    const std::string file = text_of(item.body, "embed_file");
    if (text_of(item.body, "stage") != "done" || text_of(item.body, "model") != model->path.string()) continue;
    std::error_code none;
    if (!file.empty() && std::filesystem::exists(project->folder() / file, none)) return item;
  }
  return std::nullopt;
}

double EmbedFlow::estimate(int dimensions) const {
  const DatasetPtr& dataset = services_.document.dataset();
  const ModelEntry* model = services_.document.activeModel();
  if (!dataset || !model) return 0;
  const Json& description = model->description;
  const auto width = static_cast<double>(number_of(description, "hidden"));
  const auto layers = static_cast<double>(number_of(description, "layers"));
  const auto longest = static_cast<double>(number_of(description, "max_positions"));
  const double detected = genes_per_cell(*dataset);
  const double genes = longest > 0 ? std::min(longest, detected) : detected;
  const double perCell = genes * layers * (24 * width * width + 4 * genes * width);
  const auto cells = static_cast<double>(dataset->num_cells());
  if (dimensions == 3 && embeddedBefore()) return 3 + cells * kMapSecondsPerCell;
  return 3 + cells * (perCell / (kFlopsPerProcessor * effective_threads(0)) + kMapSecondsPerCell);
}

QList<ProjectItem> EmbedFlow::items() const {
  QList<ProjectItem> own;
  const ProjectStore* project = services_.document.project();
  const DatasetPtr& dataset = services_.document.dataset();
  if (!project || !dataset || dataset->id.isEmpty()) return own;
  for (const ProjectItem& item : project->items(QLatin1String(kKind))) {
    if (id_of(item.body, "dataset") == dataset->id) own.append(item);
  }
  return own;
}

void EmbedFlow::start(int dimensions) {
  if (!obstacle().isEmpty() || isRunning()) return;
  const Document& document = services_.document;
  const ModelEntry& model = *document.activeModel();
  const Dataset& dataset = *document.dataset();
  QStringList names;
  for (const CellMapPtr& map : dataset.maps) names << map->name;
  QStringList columns;
  for (const Column& column : dataset.cells.columns) columns << QString::fromStdString(column.name);
  ProjectItem item;
  item.kind = QLatin1String(kKind);
  item.name = unused(dimensions == 3 ? QStringLiteral("UMAP 3-D") : QStringLiteral("UMAP"), names, QStringLiteral(" "));
  item.body = {{"dataset", dataset.id.toStdString()},
               {"stage", "embed"},
               {"model", model.path.string()},
               {"dimensions", dimensions},
               {"clusters", unused(QStringLiteral("cluster"), columns, QStringLiteral("_")).toStdString()},
               {"note", tr("%1, second-to-last layer · UMAP, 15 neighbours, seed 42").arg(model.name).toStdString()}};
  if (dimensions == 3) {
    if (const auto before = embeddedBefore()) {
      item.body["embed_file"] = before->body["embed_file"];
      item.body["clusters"] = "";  // they are those of the flat map
      item.id = document.project()->put(item);
      return startMap(item);
    }
  }
  item.id = document.project()->put(item);

  const JobSpec spec = [&] {
    EmbedOptions options;
    options.input = dataset.path.string();
    options.model = model.path.string();
    JobSpec made = new_job("embed", Json::object());
    const auto folder = document.project()->runsFolder() / ("embed-" + made.id);
    options.output = (folder / "cells.h5ad").string();
    made.options = to_json(options);
    return made;
  }();
  const auto folder = document.project()->runsFolder() / ("embed-" + spec.id);
  const auto job = services_.jobs.submit(spec, tr("Embed %1 with %2").arg(dataset.name, model.name), folder);
  if (!job) {
    services_.document.project()->remove(item.id);
    return services_.messages.error(job.error());
  }
  item.body["embed_job"] = job->toStdString();
  item.body["embed_file"] = (std::filesystem::path("runs") / ("embed-" + spec.id) / "cells.h5ad").string();
  services_.document.project()->put(item);
  Q_EMIT changed();
}

void EmbedFlow::startMap(const ProjectItem& item) {
  MapOptions options;
  const std::filesystem::path project = services_.document.project()->folder();
  options.input = (project / text_of(item.body, "embed_file")).string();
  options.dimensions = number_of(item.body, "dimensions") == 3 ? 3 : 2;
  options.clusters = !text_of(item.body, "clusters").empty();
  JobSpec spec = new_job("map", Json::object());
  const auto folder = std::filesystem::path("runs") / ("map-" + spec.id);
  options.output = (project / folder / "map.h5ad").string();
  spec.options = to_json(options);
  const auto job = services_.jobs.submit(
      spec, (options.dimensions == 3 ? tr("3-D map of %1") : tr("Map of %1")).arg(services_.document.dataset()->name),
      project / folder);
  if (!job) {
    drop(item.id);
    return services_.messages.error(job.error());
  }
  ProjectItem next = item;
  next.body["stage"] = "map";
  next.body["map_job"] = job->toStdString();
  next.body["file"] = (folder / "map.h5ad").string();
  services_.document.project()->put(std::move(next));
  Q_EMIT changed();
}

void EmbedFlow::drop(const QString& itemId) {
  if (ProjectStore* project = services_.document.project()) project->remove(itemId);
  Q_EMIT changed();
}

const JobRecord* EmbedFlow::runningJob() const {
  for (const ProjectItem& item : items()) {
    const std::string stage = text_of(item.body, "stage");
    if (stage == "done") continue;
    const JobRecord* job = services_.jobs.job(id_of(item.body, stage == "map" ? "map_job" : "embed_job"));
    if (job && !has_ended(job->phase)) return job;
  }
  return nullptr;
}

bool EmbedFlow::isRunning() const { return runningJob() != nullptr || !loading_.isEmpty(); }

double EmbedFlow::fraction() const {
  const JobRecord* job = runningJob();
  if (!job) return loading_.isEmpty() ? 0.0 : 1.0;
  return job->kind == QLatin1String("map") ? kShareOfEmbedding + (1 - kShareOfEmbedding) * job->fraction
                                           : kShareOfEmbedding * job->fraction;
}

QString EmbedFlow::progressText() const {
  const JobRecord* job = runningJob();
  if (!job) return tr("Reading the map…");
  if (job->phase == JobPhase::kQueued) return tr("Waiting for another job to end…");
  const QString what =
      job->kind == QLatin1String("map") ? tr("Arranging the cells on a map") : tr("Embedding the cells");
  return job->secondsLeft > 0 ? tr("%1 · %2 left").arg(what, duration_text(job->secondsLeft)) : what + QChar(0x2026);
}

void EmbedFlow::cancel() {
  if (const JobRecord* job = runningJob()) services_.jobs.cancel(job->id);
}

void EmbedFlow::onEnded(const QString& jobId) {
  const JobRecord* job = services_.jobs.job(jobId);
  if (!job) return;
  for (const ProjectItem& item : items()) {
    const std::string stage = text_of(item.body, "stage");
    if (stage == "done" || id_of(item.body, stage == "map" ? "map_job" : "embed_job") != jobId) continue;
    if (job->phase == JobPhase::kDone) {
      if (stage == "map") {
        load(item, true);
      } else {
        startMap(item);
      }
    } else if (job->phase == JobPhase::kFailed && job->error) {
      Error error = *job->error;
      error.message = job_error_text(error).toStdString();
      services_.messages.error(error, tr("Resume"), [this, jobId] {  // the item stays: it gets the result
        if (const auto resumed = services_.jobs.resume(jobId); !resumed) services_.messages.error(resumed.error());
      });
    }
  }
  Q_EMIT changed();
}

void EmbedFlow::onDataset() {
  const DatasetPtr& dataset = services_.document.dataset();
  for (const ProjectItem& item : items()) {
    const std::string stage = text_of(item.body, "stage");
    const JobRecord* job = services_.jobs.job(id_of(item.body, stage == "map" ? "map_job" : "embed_job"));
    if (stage == "done") {
      const QString key = labels_of(item).key;
      const bool present = std::any_of(dataset->maps.begin(), dataset->maps.end(),
                                       [&key](const CellMapPtr& map) { return map->key == key; });
      if (!present) load(item, false);
    } else if (job && job->phase == JobPhase::kDone) {
      onEnded(job->id);  // it ended while the window was closed or showed other data
    }
  }
}

void EmbedFlow::load(const ProjectItem& item, bool fresh) {
  if (loading_.contains(item.id)) return;
  loading_.insert(item.id);
  const auto file = services_.document.project()->folder() / text_of(item.body, "file");
  services_.background.run<MapResult>(
      Background::Lane::kFiles, this,
      [file, dataset = services_.document.dataset(), labels = labels_of(item)](JobContext&) {
        return read_map_result(file, *dataset, labels);
      },
      [this, item, fresh, id = services_.document.dataset()->id](Result<MapResult> result) {
        loading_.remove(item.id);
        Q_EMIT changed();
        if (!result) return services_.messages.error(result.error());
        const DatasetPtr& dataset = services_.document.dataset();
        if (!dataset || dataset->id != id) return;  // other data are in view: it is read when these come back
        if (fresh) {
          ProjectItem done = item;
          done.body["stage"] = "done";
          services_.document.project()->put(std::move(done));
        }
        services_.document.setDataset(with_map(*dataset, *result));
        Q_EMIT mapReady(result->map->key, QString::fromStdString(result->clusters.name), fresh);
      });
  Q_EMIT changed();
}

}  // namespace cw::ui
