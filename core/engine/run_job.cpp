// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/run_job.h"

#include "core/api/job_kinds.h"
#include "core/api/merge_options.h"
#include "core/api/stats_options.h"
#include "core/embed/run_embed.h"
#include "core/embed/run_predict.h"
#include "core/evaluate/run_evaluate.h"
#include "core/evaluate/run_split.h"
#include "core/maps/run_map.h"
#include "core/maps/run_markers.h"
#include "core/perturb/run_merge.h"
#include "core/perturb/run_perturb.h"
#include "core/ranking/run_stats.h"
#include "core/search/run_search.h"
#include "core/tokenize/run_medians.h"
#include "core/tokenize/run_tokenize.h"
#include "core/train/run_finetune_cells.h"
#include "core/train/run_finetune_genes.h"
#include "core/train/run_finetune_multitask.h"
#include "core/train/run_pretrain.h"

#include <algorithm>
#include <array>

namespace cw {
namespace {

struct Kind {
  std::string_view name;
  Result<Json> (*run)(const Json& options, JobContext& context);
  /// The part of one of several processes; none: the work is done by one.
  Result<Json> (*run_part)(const Json& options, Communicator& communicator, JobContext& context) = nullptr;
};

// One kind of job: its options, which check_job has accepted, are handed to the domain.
template <class Options, Result<Options> (*from_json)(const Json&), Result<Json> (*run)(const Options&, JobContext&)>
Result<Json> run_kind(const Json& json, JobContext& context) {
  CW_ASSIGN(const Options options, from_json(json));
  return run(options, context);
}

template <class Options, Result<Options> (*from_json)(const Json&),
          Result<Json> (*run)(const Options&, Communicator&, JobContext&)>
Result<Json> run_part(const Json& json, Communicator& communicator, JobContext& context) {
  CW_ASSIGN(const Options options, from_json(json));
  return run(options, communicator, context);
}

constexpr std::array kKinds{
    Kind{"embed", run_kind<EmbedOptions, embed_options_from_json, run_embed>},
    Kind{"perturb", run_kind<PerturbOptions, perturb_options_from_json, run_perturb>},
    Kind{"merge", run_kind<MergeOptions, merge_options_from_json, run_merge>},
    Kind{"stats", run_kind<StatsOptions, stats_options_from_json, run_stats>},
    Kind{"predict", run_kind<PredictOptions, predict_options_from_json, run_predict>},
    Kind{"pretrain", run_kind<PretrainOptions, pretrain_options_from_json, run_pretrain>,
         run_part<PretrainOptions, pretrain_options_from_json, pretrain_in_group>},
    Kind{"finetune-cells", run_kind<FinetuneCellsOptions, finetune_cells_options_from_json, run_finetune_cells>,
         run_part<FinetuneCellsOptions, finetune_cells_options_from_json, finetune_cells_in_group>},
    Kind{"finetune-multitask",
         run_kind<FinetuneMultitaskOptions, finetune_multitask_options_from_json, run_finetune_multitask>,
         run_part<FinetuneMultitaskOptions, finetune_multitask_options_from_json, finetune_multitask_in_group>},
    Kind{"finetune-genes", run_kind<FinetuneGenesOptions, finetune_genes_options_from_json, run_finetune_genes>,
         run_part<FinetuneGenesOptions, finetune_genes_options_from_json, finetune_genes_in_group>},
    Kind{"search", run_kind<FinetuneSearchOptions, search_options_from_json, run_search>},
    Kind{"map", run_kind<MapOptions, map_options_from_json, run_map>},
    Kind{"markers", run_kind<MarkersOptions, markers_options_from_json, run_markers>},
    Kind{"tokenize", run_kind<TokenizeOptions, tokenize_options_from_json, run_tokenize>},
    Kind{"split", run_kind<SplitOptions, split_options_from_json, run_split>},
    Kind{"evaluate", run_kind<EvaluateOptions, evaluate_options_from_json, run_evaluate>},
    Kind{"medians", run_kind<MediansOptions, medians_options_from_json, run_medians>},
};

// check_job has found it.
const Kind& kind_of(const JobSpec& spec) {
  const auto* kind =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& entry) { return entry.name == spec.kind; });
  CW_ASSERT(kind != kKinds.end());
  return *kind;
}

}  // namespace

Result<Json> run_job(const JobSpec& spec, JobContext& context) {
  CW_TRY(check_job(spec.kind, spec.options));
  return kind_of(spec).run(spec.options, context);
}

Result<Json> run_job_in_group(const JobSpec& spec, Communicator& communicator, JobContext& context) {
  CW_TRY(check_job(spec.kind, spec.options));
  if (const auto part = kind_of(spec).run_part) return part(spec.options, communicator, context);
  return Error{ErrorCode::kUnsupported, "E-JOB-015",
               "a job of kind '" + spec.kind + "' runs in one process; start it without several ranks"};
}

}  // namespace cw
