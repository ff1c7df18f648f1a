// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/run_evaluate.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/base/version.h"
#include "core/evaluate/evaluation_report.h"
#include "core/evaluate/number_comparison.h"
#include "core/evaluate/number_text.h"
#include "core/evaluate/predictions_file.h"
#include "core/io/table_writers.h"

#include <filesystem>

namespace cw {
namespace {

namespace fs = std::filesystem;

PredictionsLayout layout_of(const EvaluateOptions& options) {
  return {options.truth, options.group, options.genes, options.leave_out_unknown};
}

IntervalOptions intervals_of(const EvaluateOptions& options) {
  return {options.level, options.num_resamples, options.seed, options.num_threads};
}

Result<Json> provenance_of(const EvaluateOptions& options) {
  CW_ASSIGN(const std::string checksum, sha256_of_path(options.input));
  return Json{{"program", "cellwright " + std::string(version())},
              {"kind", "evaluate"},
              {"input", options.input},
              {"input_sha256", checksum},
              {"options", to_json(options)}};
}

/// Predictions of one file, per gene if asked for, and per occurrence beside it.
struct Scored {
  Predictions predictions;
  ModelScores scores;
  std::optional<ModelScores> occurrences;
};

Result<Predictions> read_rows(const std::string& path, const EvaluateOptions& options, Predictions* occurrences,
                              JobContext& ctx) {
  CW_ASSIGN(auto predictions, read_predictions(path, layout_of(options), ctx));
  if (options.genes.empty()) return predictions;
  auto genes = mean_over_groups(predictions);
  if (occurrences != nullptr) {
    to_probabilities(predictions);
    *occurrences = std::move(predictions);
  }
  return genes;
}

Result<Scored> score_file(const EvaluateOptions& options, JobContext& ctx) {
  Scored scored;
  Predictions occurrences;
  CW_ASSIGN(scored.predictions, read_rows(options.input, options, &occurrences, ctx));
  auto scores = score_model(scored.predictions, intervals_of(options), ctx);
  if (!scores.ok()) return scores.error().in(options.input);
  scored.scores = std::move(scores).value();
  if (options.genes.empty()) return scored;
  CW_ASSIGN(scored.occurrences, score_model(occurrences, intervals_of(options), ctx));
  return scored;
}

Result<Comparison> compare_files(const EvaluateOptions& options, const Predictions& first, JobContext& ctx) {
  std::vector<ComparedModel> models{{fs::path(options.input).stem().string(), "", first}};
  for (const auto& path : options.against) {
    CW_ASSIGN(auto predictions, read_rows(path, options, nullptr, ctx));
    if (predictions.names != first.names) {
      return Error{ErrorCode::kShape, "E-EVA-013",
                   path + ": its " + std::to_string(predictions.num_rows()) + " " + first.unit + " are not the " +
                       std::to_string(first.num_rows()) + " of " + options.input +
                       ", or in another order; a comparison needs the same split for all models"};
    }
    models.push_back({fs::path(path).stem().string(), "", std::move(predictions)});
  }
  return compare_models(models, intervals_of(options), ctx);
}

Result<NumberComparison> compare_number_files(const EvaluateOptions& options, const NumberPredictions& first,
                                              const Replicates& replicates, JobContext& ctx) {
  std::vector<NumberModel> models{{fs::path(options.input).stem().string(), "", first.predicted}};
  for (const auto& path : options.against) {
    CW_ASSIGN(auto other, read_number_predictions(path, layout_of(options)));
    if (other.names != first.names) {
      return Error{ErrorCode::kShape, "E-EVA-013",
                   path + ": its " + std::to_string(other.names.size()) + " cells are not the " +
                       std::to_string(first.names.size()) + " of " + options.input +
                       ", or in another order; a comparison needs the same split for all models"};
    }
    models.push_back({fs::path(path).stem().string(), "", std::move(other.predicted)});
  }
  return compare_number_models(first.truth, models, replicates, intervals_of(options), ctx);
}

Result<Json> evaluate_numbers(const EvaluateOptions& options, const fs::path& folder, JobContext& ctx) {
  CW_ASSIGN(const auto rows, read_number_predictions(options.input, layout_of(options)));
  const auto replicates =
      choose_replicates(rows.groups, "donors", rows.folds, "cells", static_cast<std::int64_t>(rows.truth.size()));
  CW_ASSIGN(const auto figures,
            estimate_regression(rows.truth, rows.predicted, replicates, intervals_of(options), ctx));
  Json result{{"n_rows", rows.truth.size()},
              {"interval_over", figures.over},
              {"replicates", figures.num_replicates},
              {"flags", replicates.clustered() ? Json::array() : Json::array({"cells-not-donors"})}};
  std::string text = "# " + fs::path(options.input).filename().string() + "\n\n" + std::to_string(rows.truth.size()) +
                     " cells. In brackets: interval over " + std::to_string(figures.num_replicates) + " " +
                     figures.over + ".\n\n";
  if (!replicates.clustered()) text += "- **Note:** " + flag_text("cells-not-donors") + "\n\n";
  for (std::size_t m = 0; m < kNumberFigures.size(); ++m) {
    const Interval interval = figures.intervals[m];
    result["metrics"][std::string(kNumberFigures[m])] = {
        {"value", figures.values[m]}, {"low", interval.low}, {"high", interval.high}};
    text += "- " + std::string(kNumberFigures[m]) + ": " + number_text(figures.values[m]) + " (" +
            number_text(interval.low) + " to " + number_text(interval.high) + ")\n";
  }
  if (!options.against.empty()) {
    CW_ASSIGN(const NumberComparison comparison, compare_number_files(options, rows, replicates, ctx));
    CW_TRY(write_csv(folder / "comparison.csv", comparison_table(comparison), true));
    CW_TRY(write_json(folder / "comparison.json", to_json(comparison)));
    text += "\n## Compared\n\n" + comparison_text(comparison);
    result["verdict"] = comparison.verdict;
  }
  CW_TRY(write_file_atomically(folder / "report.md", text));
  result["text"] = text;
  return result;
}

Result<Json> evaluate_classes(const EvaluateOptions& options, const fs::path& folder, JobContext& ctx) {
  JobContext scoring = ctx.slice(0.0, options.against.empty() ? 1.0 : 0.5);
  CW_ASSIGN(const Scored scored, score_file(options, scoring));
  CW_TRY(write_evaluation_tables(folder, scored.predictions, scored.scores));
  Json result = to_json(scored.scores);
  result["unit"] = scored.predictions.unit;
  std::string text = evaluation_text(fs::path(options.input).filename().string(), scored.predictions, scored.scores);
  if (scored.occurrences) {
    result["per_occurrence"] = to_json(*scored.occurrences);
    const auto auc = static_cast<std::size_t>(Metric::kMacroAuroc);
    text += "\nPer gene the AUROC is " + number_text(scored.scores.scores.overall[auc]) +
            "; counting every occurrence in "
            "a cell (as the published code does) it is " +
            number_text(scored.occurrences->scores.overall[auc]) +
            ". A gene that is everywhere dominates the latter.\n";
  }
  if (!options.against.empty()) {
    JobContext comparing = ctx.slice(0.5, 1.0);
    CW_ASSIGN(const Comparison comparison, compare_files(options, scored.predictions, comparing));
    CW_TRY(write_csv(folder / "comparison.csv", comparison_table(comparison), true));
    CW_TRY(write_json(folder / "comparison.json", to_json(comparison)));
    text += "\n## Compared\n\n" + comparison_text(comparison);
    result["verdict"] = comparison.verdict;
  }
  CW_TRY(write_file_atomically(folder / "report.md", text));
  result["text"] = text;
  return result;
}

}  // namespace

Result<Json> run_evaluate(const EvaluateOptions& options, JobContext& ctx) {
  CW_TRY(options.validate());
  CW_ASSIGN(const Json provenance, provenance_of(options));
  CW_ASSIGN(auto output, PendingOutput::create(options.output, options.overwrite));
  std::error_code status;
  fs::create_directory(output.path(), status);
  if (status) return error_from_errno("making the folder", output.path().string());
  CW_ASSIGN(Json result, options.regression ? evaluate_numbers(options, output.path(), ctx)
                                            : evaluate_classes(options, output.path(), ctx));
  Json metrics = result;
  metrics.erase("text");
  metrics["provenance"] = provenance;
  CW_TRY(write_json(output.path() / "metrics.json", metrics));
  CW_TRY(output.commit());
  result["output"] = options.output;
  ctx.report(1, 1, "Evaluation");
  return result;
}

}  // namespace cw
