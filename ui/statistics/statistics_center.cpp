// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/statistics/statistics_center.h"

#include "ui/document/document.h"

#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kSettleMs = 150;                         // a lasso or a run of clicks ends before counting begins
constexpr double kSliceSeconds = 0.4;                  // then other reads of files get their turn
constexpr std::int64_t kAutomaticValues = 60'000'000;  // stored counts that are read without asking: a few seconds
constexpr std::size_t kKept = 8;

QString text_of(const std::optional<Group>& group) {
  if (!group) return {};
  return QStringLiteral("%1\n%2\n%3").arg(int(group->kind)).arg(group->column, group->value);
}

std::int64_t stored_values(const Dataset& dataset) {
  for (const MatrixInfo& matrix : dataset.info.matrices) {
    if (matrix.where != dataset.counts_where) continue;
    return matrix.num_stored >= 0 ? matrix.num_stored : matrix.num_cells * matrix.num_genes;
  }
  return 0;
}

}  // namespace

StatisticsCenter::StatisticsCenter(Background& background, Document& document, QObject* parent)
    : QObject(parent), background_(background), document_(document) {
  settle_.setSingleShot(true);
  settle_.setInterval(kSettleMs);
  connect(&settle_, &QTimer::timeout, this, &StatisticsCenter::choose);
  const auto later = [this] { settle_.start(); };
  connect(&document, &Document::datasetChanged, this, [this] {
    dropStaleMarkers();
    const DatasetPtr& dataset = document_.dataset();
    if (dataset_ && dataset && dataset_->path == dataset->path && dataset_->genes.size() == dataset->genes.size() &&
        dataset_->num_cells() == dataset->num_cells()) {
      dataset_ = dataset;  // a new map or column: the counts are the same
      return;
    }
    task_.cancel();
    dataset_ = dataset;
    genes_.reset();
    kept_.clear();
    counts_.reset();
    asked_ = false;
    setState(State::kNone);
    settle_.start();
  });
  connect(&document, &Document::activeModelChanged, this, later);
  connect(&document.selection(), &SelectionHub::cellsChanged, this, later);
  connect(&document.selection(), &SelectionHub::groupsChanged, this, later);
}

StatisticsCenter::~StatisticsCenter() { task_.cancel(); }

StatisticsCenter::Key StatisticsCenter::key() const {
  Key key;
  const ModelEntry* model = document_.activeModel();
  const QString dictionary = model ? model->dictionary() : QString();
  key.dictionary = dictionary.isEmpty() ? "v1" : dictionary.toStdString();
  key.cells = document_.selection().cells();
  key.start = text_of(document_.selection().groups().start);
  key.goal = text_of(document_.selection().groups().goal);
  return key;
}

void StatisticsCenter::choose() {
  task_.cancel();
  if (!dataset_ || dataset_->counts_where.empty()) return setState(State::kNone);
  const Key wanted = key();
  const auto it = std::find_if(kept_.begin(), kept_.end(), [&wanted](const auto& one) { return one.first == wanted; });
  if (it != kept_.end()) {
    genes_ = it->second;
    return setState(State::kReady);
  }
  if (!asked_ && stored_values(*dataset_) > kAutomaticValues) return setState(State::kAsk);
  run();
}

void StatisticsCenter::compute() {
  asked_ = true;
  settle_.stop();
  choose();
  asked_ = false;
}

void StatisticsCenter::run() {
  GeneStatisticsRequest request;
  request.dataset = dataset_;
  request.index = document_.geneIndex();
  const Key wanted = key();
  request.dictionary = wanted.dictionary;
  if (wanted.cells) request.cells = wanted.cells->mask;
  const GroupChoice& groups = document_.selection().groups();
  if (groups.start) request.start = document_.cellsOf(*groups.start);
  if (groups.goal) request.goal = document_.cellsOf(*groups.goal);
  fraction_ = 0.0;
  setState(State::kRunning);
  step(std::make_shared<GeneStatisticsPass>(std::move(request)), wanted);
}

void StatisticsCenter::step(std::shared_ptr<GeneStatisticsPass> pass, const Key& key) {
  struct Slice {
    GeneStatisticsPtr result;
    double fraction = 0.0;
  };
  task_ = background_.run<Slice>(
      pass->readsFile() ? Background::Lane::kFiles : Background::Lane::kCompute, this,
      [pass](JobContext& context) -> Result<Slice> {
        CW_ASSIGN(auto result, pass->step(kSliceSeconds, context));
        return Slice{std::move(result), pass->fraction()};
      },
      [this, pass, key](Result<Slice> slice) {
        if (!slice) {
          error_ = QString::fromStdString(slice.error().message);
          return setState(State::kFailed);
        }
        if (!slice->result) {
          fraction_ = slice->fraction;
          Q_EMIT progress(fraction_);
          return step(pass, key);
        }
        genes_ = slice->result;
        if (kept_.size() >= kKept) kept_.erase(kept_.begin());
        kept_.emplace_back(key, genes_);
        setState(State::kReady);
      });
}

void StatisticsCenter::setState(State state) {
  state_ = state;
  Q_EMIT changed();
}

}  // namespace cw::ui
