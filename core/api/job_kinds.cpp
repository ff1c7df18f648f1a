// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/job_kinds.h"

#include "core/api/embed_options.h"
#include "core/api/evaluate_options.h"
#include "core/api/finetune_options.h"
#include "core/api/map_options.h"
#include "core/api/markers_options.h"
#include "core/api/medians_options.h"
#include "core/api/merge_options.h"
#include "core/api/perturb_options.h"
#include "core/api/predict_options.h"
#include "core/api/pretrain_options.h"
#include "core/api/search_options.h"
#include "core/api/split_options.h"
#include "core/api/stats_options.h"
#include "core/api/tokenize_options.h"

#include <array>
#include <string_view>

namespace cw {
namespace {

struct Kind {
  std::string_view name;
  Result<> (*check)(const Json& options);
};

template <class Options, Result<Options> (*from_json)(const Json&)>
Result<> check(const Json& json) {
  CW_ASSIGN(const Options options, from_json(json));
  return options.validate();
}

constexpr std::array kKinds{
    Kind{"embed", check<EmbedOptions, embed_options_from_json>},
    Kind{"perturb", check<PerturbOptions, perturb_options_from_json>},
    Kind{"merge", check<MergeOptions, merge_options_from_json>},
    Kind{"stats", check<StatsOptions, stats_options_from_json>},
    Kind{"predict", check<PredictOptions, predict_options_from_json>},
    Kind{"pretrain", check<PretrainOptions, pretrain_options_from_json>},
    Kind{"finetune-cells", check<FinetuneCellsOptions, finetune_cells_options_from_json>},
    Kind{"finetune-multitask", check<FinetuneMultitaskOptions, finetune_multitask_options_from_json>},
    Kind{"finetune-genes", check<FinetuneGenesOptions, finetune_genes_options_from_json>},
    Kind{"search", check<FinetuneSearchOptions, search_options_from_json>},
    Kind{"map", check<MapOptions, map_options_from_json>},
    Kind{"markers", check<MarkersOptions, markers_options_from_json>},
    Kind{"tokenize", check<TokenizeOptions, tokenize_options_from_json>},
    Kind{"split", check<SplitOptions, split_options_from_json>},
    Kind{"evaluate", check<EvaluateOptions, evaluate_options_from_json>},
    Kind{"medians", check<MediansOptions, medians_options_from_json>},
};

}  // namespace

Result<> check_job(const std::string& kind, const Json& options) {
  std::string known;
  for (const Kind& entry : kKinds) {
    if (entry.name == kind) return entry.check(options);
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  return Error{ErrorCode::kInvalidArgument, "E-JOB-011",
               "there is no kind of job called '" + kind + "'; the kinds are: " + known};
}

bool output_is_folder(const std::string& kind) {
  return kind == "perturb" || kind == "pretrain" || kind == "search" || kind.rfind("finetune-", 0) == 0;
}

}  // namespace cw
