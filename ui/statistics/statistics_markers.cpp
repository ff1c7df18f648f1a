// SPDX-License-Identifier: GPL-3.0-or-later
// StatisticsCenter: markers, computed once and kept in the project.
#include "ui/document/counts_source.h"
#include "ui/document/document.h"
#include "ui/statistics/statistics_center.h"

#include <algorithm>

namespace cw::ui {

/// A question for markers on its way through the lanes.
struct StatisticsCenter::MarkerQuestion {
  DatasetPtr dataset;
  QString name;
  std::vector<std::uint8_t> inside;
  std::shared_ptr<const Column> donors;
  QObject* receiver = nullptr;
  MarkersDone done;
  Background::Progress progress;
  MarkerOrigin origin;
};

Task StatisticsCenter::findMarkers(const QString& name, std::vector<std::uint8_t> inside, QObject* receiver,
                                   MarkersDone done, Background::Progress progress) {
  // the donors are those of the data set now, whatever is open when the counts have been read
  auto question = std::make_shared<MarkerQuestion>();
  question->dataset = document_.dataset();
  question->name = name;
  question->inside = std::move(inside);
  if (const Column* column = question->dataset->cells.find(document_.donorColumn().toStdString())) {
    question->donors = std::shared_ptr<const Column>(question->dataset, column);
  }
  question->receiver = receiver;
  question->done = std::move(done);
  question->progress = std::move(progress);
  return background_.run<MarkerOrigin>(
      Background::Lane::kCompute, receiver,
      [question](JobContext&) -> Result<MarkerOrigin> {
        return marker_origin(*question->dataset, question->inside, question->donors.get());
      },
      [this, question](Result<MarkerOrigin> origin) {
        question->origin = *origin;
        const QString id = keptMarkers(*origin);
        if (id.isEmpty()) return countMarkers(question);
        readMarkers(id, question->receiver, [this, question, id](Result<FoundMarkers> kept) {
          if (kept) return question->done(kept);
          if (!document_.project()->isReadOnly()) document_.project()->remove(id);
          countMarkers(question);
        });
      });
}

Task StatisticsCenter::readMarkers(const QString& id, QObject* receiver, MarkersDone done) {
  const DatasetPtr dataset = document_.dataset();
  const auto item = document_.project()->item(id);
  return background_.run<MarkerListPtr>(
      Background::Lane::kCompute, receiver,
      [item, dataset](JobContext&) {
        return read_kept_markers(item.value_or(ProjectItem()), static_cast<std::int64_t>(dataset->genes.size()));
      },
      [id, done = std::move(done)](Result<MarkerListPtr> list) {
        if (!list) return done(list.error());
        done(FoundMarkers{id, *list});
      });
}

QString StatisticsCenter::keptMarkers(const MarkerOrigin& origin) const {
  if (!document_.project() || origin.dataset.empty()) return {};
  for (const ProjectItem& item : document_.project()->items(QLatin1String(kMarkersKind))) {
    if (origin_of_markers(item) == origin) return item.id;
  }
  return {};
}

void StatisticsCenter::countMarkers(const std::shared_ptr<MarkerQuestion>& question) {
  if (counts_ && countsSource_ == question->origin.counts) return scoreMarkers(question);
  background_.run<SampledCountsPtr>(
      Background::Lane::kFiles, question->receiver,
      [question](JobContext& context) { return read_sampled_counts(*question->dataset, context); },
      [this, question](Result<SampledCountsPtr> counts) {
        if (!counts) return question->done(counts.error());
        counts_ = *counts;
        countsSource_ = question->origin.counts;
        scoreMarkers(question);
      },
      question->progress);
}

void StatisticsCenter::scoreMarkers(const std::shared_ptr<MarkerQuestion>& question) {
  struct Scored {
    MarkerListPtr list;
    ProjectItem item;
  };
  background_.run<Scored>(
      Background::Lane::kCompute, question->receiver,
      [question, counts = counts_](JobContext& context) -> Result<Scored> {
        CW_ASSIGN(MarkerListPtr list, find_markers(*counts, question->inside, question->donors.get(), context));
        return Scored{list, keep_markers(*list, question->origin, question->name)};
      },
      [this, question](Result<Scored> scored) {
        if (!scored) return question->done(scored.error());
        FoundMarkers found{{}, scored->list};
        ProjectStore* project = document_.project();
        const auto& dataset = document_.dataset();
        if (project && !project->isReadOnly() && dataset && dataset->id.toStdString() == question->origin.dataset) {
          found.id = keptMarkers(question->origin);  // the same may have been asked twice before the first answer
          if (found.id.isEmpty()) found.id = project->put(scored->item);
        }
        question->done(std::move(found));
      });
}

void StatisticsCenter::dropStaleMarkers() {
  const DatasetPtr dataset = document_.dataset();
  if (!dataset || !document_.project() || document_.project()->isReadOnly()) return;
  checking_.cancel();
  checking_ = background_.run<std::string>(
      Background::Lane::kCompute, this,
      [dataset](JobContext&) -> Result<std::string> { return counts_source(*dataset); },
      [this, dataset](Result<std::string> source) {
        ProjectStore* project = document_.project();
        if (source->empty() || !project) return;
        for (const ProjectItem& item : project->items(QLatin1String(kMarkersKind))) {
          const MarkerOrigin origin = origin_of_markers(item);
          if (origin.dataset == dataset->id.toStdString() && origin.counts != *source) project->remove(item.id);
        }
      });
}

}  // namespace cw::ui
