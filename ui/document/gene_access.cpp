// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/gene_access.h"

#include "core/tokenize/data_formats.h"
#include "ui/document/counts_source.h"

namespace cw::ui {
namespace {

constexpr double kSecondsPerStep = 0.15;  // others that read files wait no longer than this

std::vector<std::uint8_t> mitochondrial_genes(const Dataset& dataset) {
  std::vector<std::uint8_t> mask(dataset.genes.size(), 0);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const std::string& symbol = dataset.genes[i].symbol;
    mask[i] = symbol.starts_with("MT-") || symbol.starts_with("mt-") ? 1 : 0;
  }
  return mask;
}

}  // namespace

// Touched in the files lane only, one step after the other.
struct GeneAccess::Work {
  DatasetPtr dataset;
  std::filesystem::path file;
  std::string source;
  bool readOnly = false;
  std::unique_ptr<GeneIndexBuilder> builder;
};

GeneAccess::GeneAccess(Background& background, QObject* parent) : QObject(parent), background_(background) {}

GeneAccess::~GeneAccess() { task_.cancel(); }

void GeneAccess::stop() {
  task_.cancel();
  index_.reset();
  fraction_ = 0.0;
}

void GeneAccess::start(DatasetPtr dataset, const std::filesystem::path& file, bool readOnly) {
  stop();
  if (!dataset || dataset->counts_where.empty()) return;
  auto work = std::make_shared<Work>();
  work->dataset = std::move(dataset);
  work->file = file;
  work->readOnly = readOnly;
  goOn(std::move(work));
}

void GeneAccess::goOn(std::shared_ptr<Work> work) {
  struct Step {
    std::shared_ptr<const GeneIndex> index;
    double fraction = 0.0;
  };
  task_ = background_.run<Step>(
      Background::Lane::kFiles, this,
      [work](JobContext& context) -> Result<Step> {
        if (!work->builder) {
          work->source = counts_source(*work->dataset);
          if (auto present = GeneIndex::open(work->file, work->source)) return Step{*present, 1.0};
          if (work->readOnly) return cancelled_error("indexing the genes of a read-only project");
          CW_ASSIGN(auto reader, data_formats().open_dataset(work->dataset->path));
          CW_ASSIGN(work->builder,
                    GeneIndexBuilder::create(std::move(reader), work->dataset->counts_where,
                                             mitochondrial_genes(*work->dataset), work->file, work->source));
        }
        CW_ASSIGN(const bool complete, work->builder->step(kSecondsPerStep, context));
        if (!complete) return Step{nullptr, work->builder->fraction()};
        work->builder.reset();
        CW_ASSIGN(auto made, GeneIndex::open(work->file, work->source));
        return Step{std::move(made), 1.0};
      },
      [this, work](Result<Step> step) {
        if (!step) {
          if (step.error().code != ErrorCode::kCancelled) Q_EMIT failed(step.error());
          return;
        }
        fraction_ = step->fraction;
        index_ = step->index;
        Q_EMIT progress(fraction_);  // at 1 the index is there already
        if (!index_) goOn(work);
      });
}

}  // namespace cw::ui
