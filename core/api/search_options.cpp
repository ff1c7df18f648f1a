// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/search_options.h"

#include "core/api/finetune_options.h"
#include "core/api/job_kinds.h"
#include "core/api/option_json.h"
#include "core/api/search_space.h"

#include <array>
#include <string_view>

namespace cw {
namespace {

constexpr auto kFields = [](auto& o, auto&& field) {
  field("kind", o.kind);
  field("finetune", o.finetune);
  field("search", o.search);
  field("output", o.output);
  field("trials", o.trials);
  field("sampler", o.sampler);
  field("rungs", o.rungs);
  field("keep", o.keep);
  field("parallel", o.parallel);
  field("baseline", o.baseline);
  field("seed", o.seed);
  field("num_threads", o.num_threads);
  field("overwrite", o.overwrite);
};

// The search says itself where trials write, how far they go and on how many processors.
constexpr std::array<std::string_view, 5> kOfTheSearch{"output", "resume", "overwrite", "pause_after", "num_threads"};

template <class Options>
Result<Json> completed(Result<Options> options) {
  if (!options.ok()) return options.error();
  return to_json(*options);
}

/// Every setting's ends with the other options as they are: what no run would take is refused before the first.
Result<> try_settings(const FinetuneSearchOptions& o, const Json& base) {
  for (const auto& text : o.search) {
    CW_ASSIGN(const SearchSetting setting, parse_search_setting(base, text));
    for (const Json& value : extremes_of(setting)) {
      Json options = with_settings(base, Json{{setting.name, value}});
      options["output"] = o.output;
      if (const auto checked = check_job(o.kind, options); !checked.ok()) {
        return checked.error().in("--search " + text);
      }
    }
  }
  return {};
}

}  // namespace

Result<Json> searched_options(const FinetuneSearchOptions& o) {
  Json options = o.finetune;
  for (const auto key : kOfTheSearch) {
    if (options.is_object()) options.erase(std::string(key));
  }
  Result<Json> complete = option_error("kind", o.kind, "finetune-cells, finetune-genes or finetune-multitask");
  if (o.kind == "finetune-cells") complete = completed(finetune_cells_options_from_json(options));
  if (o.kind == "finetune-genes") complete = completed(finetune_genes_options_from_json(options));
  if (o.kind == "finetune-multitask") complete = completed(finetune_multitask_options_from_json(options));
  if (!complete.ok()) return complete;
  for (const auto key : kOfTheSearch) complete->erase(std::string(key));
  return complete;
}

Result<> FinetuneSearchOptions::validate() const {
  if (output.empty()) return option_error("--out", "empty", "a run folder");
  CW_TRY(check_range("--trials", static_cast<double>(trials), 1, 100000));
  if (sampler != "tpe" && sampler != "random") return option_error("--sampler", sampler, "tpe or random");
  CW_TRY(check_range("--rungs", static_cast<double>(rungs), 1, 10));
  CW_TRY(check_range("--keep", keep, 0.05, 0.9));
  CW_TRY(check_range("--parallel", static_cast<double>(parallel), 1, 256));
  if (num_threads < 0) return option_error("--threads", std::to_string(num_threads), "0 (all) or more");
  CW_ASSIGN(const Json base, searched_options(*this));
  Json job = base;
  job["output"] = output;
  CW_TRY(check_job(kind, job));
  const bool drawn = base.value("split", "").empty();  // a split of the user's own says itself what validates
  if (kind != "finetune-genes" && drawn && base.at("validation") == 0.0) {
    return Error{ErrorCode::kInvalidArgument, "E-SRC-004",
                 "--validation is 0, but trials are compared on the validation part; give it a share, such as 0.1"};
  }
  return try_settings(*this, base);
}

Json to_json(const FinetuneSearchOptions& options) { return write_fields(options, kFields); }

Result<FinetuneSearchOptions> search_options_from_json(const Json& json) {
  return read_fields<FinetuneSearchOptions>(json, "search", kFields);
}

}  // namespace cw
