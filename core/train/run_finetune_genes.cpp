// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_finetune_genes.h"

#include "core/embed/embed_cells.h"
#include "core/embed/gene_embeddings.h"
#include "core/evaluate/baselines.h"
#include "core/evaluate/comparison.h"
#include "core/evaluate/gene_classes.h"
#include "core/evaluate/published_splits.h"
#include "core/io/table_writers.h"
#include "core/train/class_model.h"
#include "core/train/class_objective.h"
#include "core/train/finetune_training.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kTokensPerBatch = 8192;

struct Job {
  const FinetuneGenesOptions& options;
  FinetuneInputs inputs;
  GeneClassList genes;                  // that occur in the cells
  std::vector<std::int64_t> num_cells;  // [genes] with the gene
  std::vector<std::int64_t> rows;       // all cells
  SplitDesign design;                   // one row per gene
  std::vector<Split> splits;            // of every fold that is to be trained
  ModelConfig config;
};

SplitDesign design_of(const GeneClassList& genes) {
  SplitDesign design;
  design.label_column = "class";
  design.labels = genes.class_of;
  design.classes = genes.classes;
  design.unit = {"genes", "genes"};
  return design;
}

// Cells that contain each gene; genes without any are dropped, also from the splits there are.
void keep_genes_that_occur(Job& job) {
  std::vector<std::int64_t> count(static_cast<std::size_t>(job.inputs.model.dictionary->num_tokens()));
  std::vector<std::int32_t> tokens;
  for (const std::int64_t row : job.rows) {
    job.inputs.cells.copy_tokens(row, tokens);
    for (const std::int32_t token : tokens) ++count[static_cast<std::size_t>(token)];
  }
  GeneClassList kept;
  kept.classes = job.genes.classes;
  std::vector<Split> splits(job.splits.size());
  for (std::size_t g = 0; g < job.genes.tokens.size(); ++g) {
    const std::int64_t cells = count[static_cast<std::size_t>(job.genes.tokens[g])];
    if (cells == 0) continue;
    kept.tokens.push_back(job.genes.tokens[g]);
    kept.class_of.push_back(job.genes.class_of[g]);
    job.num_cells.push_back(cells);
    for (std::size_t s = 0; s < splits.size(); ++s) splits[s].parts.push_back(job.splits[s].parts[g]);
  }
  job.splits = std::move(splits);
  job.genes = std::move(kept);
}

Result<> require_genes_of_each_class(const Job& job) {
  std::vector<std::int64_t> genes(job.genes.classes.size());
  for (const std::int32_t c : job.genes.class_of) ++genes[static_cast<std::size_t>(c)];
  const std::int64_t fewest = *std::min_element(genes.begin(), genes.end());
  if (fewest >= job.options.folds) return {};
  std::string text;
  for (std::size_t c = 0; c < genes.size(); ++c) {
    text += (text.empty() ? "" : ", ") + job.genes.classes[c] + " " + std::to_string(genes[c]);
  }
  return Error{ErrorCode::kRefused, "E-FIN-007",
               job.options.input + ": its cells express too few genes of a class for " +
                   std::to_string(job.options.folds) + " folds (" + text +
                   "); use fewer --folds, more cells, or check that the lists name human genes"};
}

Result<std::vector<Split>> all_splits(const FinetuneGenesOptions& options, const SplitDesign& design) {
  if (options.match_upstream) return published_gene_folds(design, static_cast<int>(options.folds));
  CW_ASSIGN(const Split folds, kfold_split(design, static_cast<int>(options.folds), options.seed));
  std::vector<Split> splits;
  for (int fold = 0; fold < folds.num_folds; ++fold) {
    CW_ASSIGN(Split split, fold_parts(design, folds, fold, options.validation, options.seed));
    splits.push_back(std::move(split));
  }
  return splits;
}

// The parts of the folds that are to be trained.
Result<> draw_splits(Job& job, const SplitDesign& design) {
  CW_ASSIGN(job.splits, all_splits(job.options, design));
  if (job.options.fold > 0) job.splits = {std::move(job.splits[static_cast<std::size_t>(job.options.fold - 1)])};
  return {};
}

Result<Job> prepare(const FinetuneGenesOptions& options, JobContext& ctx) {
  Job job{options, {}, {}, {}, {}, {}, {}, {}};
  auto opened = static_cast<const FinetuneOptions&>(options);
  if (options.match_upstream) opened.max_cells = 0;  // taken of the cells with the genes of each part
  CW_ASSIGN(job.inputs, open_finetune_inputs(opened, ctx));
  const ClassOrder order = options.match_upstream ? ClassOrder::kAsInFile : ClassOrder::kByName;
  CW_ASSIGN(job.genes,
            read_gene_classes(options.classes, options.class_column, *job.inputs.model.dictionary, order, ctx));
  // The published folds are drawn of all genes listed, also of those that no cell has.
  if (options.match_upstream) CW_TRY(draw_splits(job, design_of(job.genes)));
  job.rows.resize(static_cast<std::size_t>(job.inputs.cells.num_cells()));
  std::iota(job.rows.begin(), job.rows.end(), 0);
  keep_genes_that_occur(job);
  CW_TRY(require_genes_of_each_class(job));
  job.design = design_of(job.genes);
  if (!options.match_upstream) CW_TRY(draw_splits(job, job.design));
  job.config = classifier_config(options, job.inputs.model.encoder->config(), kGeneClassifier, job.genes.classes);
  return job;
}

// Class of every token of the vocabulary, -1 for all but the genes in `part`.
std::vector<std::int32_t> class_of_token(const Job& job, const Split& split, Part part) {
  std::vector<std::int32_t> classes(static_cast<std::size_t>(job.inputs.model.dictionary->num_tokens()), -1);
  for (const std::int64_t gene : split.rows(part)) {
    const auto g = static_cast<std::size_t>(gene);
    classes[static_cast<std::size_t>(job.genes.tokens[g])] = job.genes.class_of[g];
  }
  return classes;
}

// Cells for the genes with a class in `classes`: the published code limits them for each part by itself.
std::vector<std::int64_t> cells_of(const Job& job, const std::vector<std::int32_t>& classes) {
  if (!job.options.match_upstream) return job.rows;
  return published_first(cells_with_genes(job.inputs.cells, job.rows, classes), job.options.max_cells);
}

ClassPlan class_plan(const Job& job, const Split& split) {
  std::vector<std::int64_t> occurrences(job.genes.classes.size());
  for (const std::int64_t gene : split.rows(Part::kTrain)) {
    const auto g = static_cast<std::size_t>(gene);
    occurrences[static_cast<std::size_t>(job.genes.class_of[g])] += job.num_cells[g];
  }
  ClassPlan plan;
  plan.config = job.config;
  plan.loss = {class_weights(job.options, occurrences), job.options.focal_gamma};
  plan.metric = metric_of(to_json(job.options));
  plan.tokens_per_batch = kTokensPerBatch;
  plan.num_threads = job.options.num_threads;
  return plan;
}

// One model: trained on the training genes of `split`.
struct TrainedGenes {
  TrainedModel model;
  OccurrenceLogits held_out;  // of its test genes; none of a run that pauses
};

Result<TrainedGenes> train_on(const Job& job, const Split& split, const std::string& name, Parameters& parameters,
                              TrainingProcess& process, JobContext& ctx) {
  const FinetuneGenesOptions& options = job.options;
  const std::vector<std::int32_t> learned = class_of_token(job, split, Part::kTrain);
  const GeneClasses objective(class_plan(job, split), job.inputs.cells, cells_of(job, learned), learned,
                              class_of_token(job, split, Part::kValidation), parameters);
  Json fingerprint = finetune_fingerprint(to_json(options), job.inputs, job.config);
  fingerprint["part"] = name;
  fingerprint["genes"] = job.genes.tokens;
  fingerprint["gene_classes"] = job.genes.class_of;
  TrainedGenes trained;
  JobContext training = ctx.slice(0.0, 0.9);
  // Not `resume`: a fold that was never begun has no checkpoint to go on from, and that is no error.
  const FinetuneTraining setup{
      options, job.inputs, job.config, fs::path(options.output) / name / "checkpoints", std::move(fingerprint), false};
  CW_ASSIGN(trained.model, train_from_model(setup, objective, parameters, process, training));
  if (trained.model.pauses()) return trained;
  JobContext judging = ctx.slice(0.9, 1.0);
  const std::vector<std::int32_t> judged = class_of_token(job, split, Part::kTest);
  CW_ASSIGN(trained.held_out, objective.logits(cells_of(job, judged), judged, process.exchange(), judging));
  return trained;
}

Predictions predictions_without_rows(const Job& job) {
  Predictions p;
  p.classes = job.genes.classes;
  p.probabilities = false;
  p.unit = "occurrences";
  p.group_unit = "genes";
  for (const std::int32_t token : job.genes.tokens) {
    p.group_names.push_back(job.inputs.model.dictionary->symbol(token));
  }
  return p;
}

void append_occurrences(const Job& job, OccurrenceLogits held_out, int fold, Predictions& all) {
  Predictions more = predictions_without_rows(job);
  for (const GeneOccurrence& occurrence : held_out.occurrences) {
    const auto gene =
        std::lower_bound(job.genes.tokens.begin(), job.genes.tokens.end(), occurrence.token) - job.genes.tokens.begin();
    more.truth.push_back(job.genes.class_of[static_cast<std::size_t>(gene)]);
    more.groups.push_back(static_cast<std::int32_t>(gene));
    more.folds.push_back(fold);
  }
  more.scores = std::move(held_out.logits);
  append_rows(all, more);
}

// Mean embedding of each gene over its cells, before fine-tuning.
Result<FeatureMatrix> frozen_embedding(const Job& job, JobContext& ctx) {
  const Encoder& encoder = *job.inputs.model.encoder;
  CW_ASSIGN(const int layer, layer_index(encoder.config(), "second-to-last"));
  GeneEmbeddings genes(encoder.config().hidden);
  CW_TRY(for_each_cell(encoder, job.inputs.cells, job.rows, layer, false, kTokensPerBatch,
                       "Embedding genes for the baselines", ctx, [&](const CellStates& cell) { genes.add(cell); }));
  FeatureMatrix features;
  features.name = "frozen embedding";
  features.num_columns = encoder.config().hidden;
  const std::vector<std::int32_t> tokens = genes.tokens();
  const std::vector<float> means = genes.means();
  for (const std::int32_t token : job.genes.tokens) {
    const auto place = std::lower_bound(tokens.begin(), tokens.end(), token) - tokens.begin();
    const auto begin = means.begin() + place * features.num_columns;
    features.values.insert(features.values.end(), begin, begin + features.num_columns);
    ++features.num_rows;
  }
  return features;
}

// The simple models on every fold, in the order of `genes` (rows of the per-gene predictions).
Result<std::vector<ComparedModel>> gene_baselines(const Job& job, JobContext& ctx) {
  JobContext embedding = ctx.slice(0.0, 0.7);
  CW_ASSIGN(const FeatureMatrix features, frozen_embedding(job, embedding));
  JobContext fitting = ctx.slice(0.7, 1.0);
  BaselineOptions baseline_options;
  baseline_options.seed = job.options.seed;
  baseline_options.num_threads = job.options.num_threads;
  std::vector<ComparedModel> models;
  std::vector<std::int64_t> order;  // gene of every row appended
  for (const Split& split : job.splits) {
    const std::vector<std::int64_t> test = split.rows(Part::kTest);
    order.insert(order.end(), test.begin(), test.end());
    CW_ASSIGN(std::vector<BaselineResult> results,
              run_baselines(job.design, split, std::span(&features, 1), baseline_options, fitting));
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (&split == &job.splits.front()) {
        models.push_back({std::string(name_of(results[i].baseline)), results[i].features, {}});
        models.back().predictions = std::move(results[i].predictions);
      } else {
        append_rows(models[i].predictions, results[i].predictions);
      }
    }
  }
  std::vector<std::int64_t> by_gene(order.size());
  std::iota(by_gene.begin(), by_gene.end(), 0);
  std::sort(by_gene.begin(), by_gene.end(), [&](std::int64_t a, std::int64_t b) {
    return order[static_cast<std::size_t>(a)] < order[static_cast<std::size_t>(b)];
  });
  for (ComparedModel& model : models) {
    Predictions sorted;
    sorted.classes = model.predictions.classes;
    sorted.probabilities = model.predictions.probabilities;
    for (const std::int64_t row : by_gene) {
      sorted.truth.push_back(model.predictions.truth[static_cast<std::size_t>(row)]);
      sorted.scores.insert(sorted.scores.end(), model.predictions.row(row),
                           model.predictions.row(row) + sorted.num_classes());
    }
    sorted.unit = "genes";
    model.predictions = std::move(sorted);
  }
  return models;
}

Result<> write_predictions(const Job& job, const Predictions& genes) {
  std::vector<std::string> ids;
  std::vector<std::int64_t> cells;
  std::vector<std::int64_t> folds;
  std::vector<std::int32_t> predicted;
  const Dictionary& dictionary = *job.inputs.model.dictionary;
  std::size_t gene = 0;  // those judged, in the order of all
  for (std::int64_t i = 0; i < genes.num_rows(); ++i, ++gene) {
    const auto row = static_cast<std::size_t>(i);
    while (dictionary.symbol(job.genes.tokens[gene]) != genes.names[row]) ++gene;
    ids.push_back(dictionary.ensembl_id(job.genes.tokens[gene]));
    cells.push_back(job.num_cells[gene]);
    predicted.push_back(genes.predicted(i));
    folds.push_back(genes.folds[row] + 1);
  }
  std::vector<Column> columns;
  columns.push_back(Column::of_strings("gene", genes.names));
  columns.push_back(Column::of_codes("true", genes.truth, genes.classes));
  columns.push_back(Column::of_codes("predicted", std::move(predicted), genes.classes));
  for (std::int64_t c = 0; c < genes.num_classes(); ++c) {
    std::vector<double> values;
    for (std::int64_t i = 0; i < genes.num_rows(); ++i) values.push_back(genes.row(i)[c]);
    columns.push_back(Column::of_reals("p_" + genes.classes[static_cast<std::size_t>(c)], std::move(values)));
  }
  columns.push_back(Column::of_strings("ensembl_id", std::move(ids)));
  columns.push_back(Column::of_integers("n_cells", std::move(cells)));
  columns.push_back(Column::of_integers("fold", std::move(folds)));
  return write_csv(fs::path(job.options.output) / "gene_predictions.csv", columns, true);
}

Result<Parameters> allocate(const Job& job, TrainingProcess& process) {
  return process.allocate(classifier_parameters(job.config, job.options));
}

std::string name_of_fold(std::int64_t fold) { return "fold-" + std::to_string(fold); }

// The fold that was asked for, up to where the run pauses.
Result<Json> train_until_pause(const Job& job, TrainingProcess& process, JobContext& ctx) {
  CW_ASSIGN(Parameters parameters, allocate(job, process));
  CW_ASSIGN(TrainedGenes trained,
            train_on(job, job.splits.front(), name_of_fold(job.options.fold), parameters, process, ctx));
  return std::move(trained.model.paused);
}

// Trains every fold and gathers what each says of its held-out genes.
Result<Predictions> train_folds(const Job& job, TrainingProcess& process, Json& folds, JobContext& ctx) {
  const std::vector<Split>& splits = job.splits;
  Predictions occurrences = predictions_without_rows(job);
  for (std::size_t i = 0; i < splits.size(); ++i) {
    const int fold = job.options.fold > 0 ? static_cast<int>(job.options.fold) - 1 : static_cast<int>(i);
    const auto count = static_cast<double>(splits.size());
    JobContext part = ctx.slice(static_cast<double>(i) / count, static_cast<double>(i + 1) / count);
    CW_ASSIGN(Parameters parameters, allocate(job, process));
    CW_ASSIGN(TrainedGenes trained, train_on(job, splits[i], name_of_fold(fold + 1), parameters, process, part));
    append_occurrences(job, std::move(trained.held_out), fold, occurrences);
    folds.push_back({{"fold", fold + 1},
                     {"steps", trained.model.state.step},
                     {"seconds", trained.model.state.seconds},
                     {"cells", trained.model.state.cells},
                     {"history", to_json(trained.model.state)["history"]}});
  }
  return occurrences;
}

// Per gene and per occurrence; per gene beside the simple models.
Result<Json> evaluate(const Job& job, const Predictions& occurrences, JobContext& ctx) {
  Predictions genes = mean_over_groups(occurrences);
  CW_TRY(write_predictions(job, genes));
  genes.folds.clear();  // intervals are over genes: five folds would be five points
  IntervalOptions intervals;
  intervals.seed = job.options.seed;
  intervals.num_threads = job.options.num_threads;
  std::vector<ComparedModel> models;
  models.push_back({"fine-tuned", "tokens", std::move(genes)});
  CW_ASSIGN(std::vector<ComparedModel> others, gene_baselines(job, ctx));
  for (ComparedModel& model : others) models.push_back(std::move(model));
  CW_ASSIGN(const Comparison comparison, compare_models(models, intervals, ctx));
  Predictions probable = occurrences;
  to_probabilities(probable);
  const Scores each = Scorer(probable).score({});
  const fs::path out = job.options.output;
  CW_TRY(write_csv(out / "comparison.csv", comparison_table(comparison), true));
  const Json per_occurrence = {{"occurrences", probable.num_rows()},
                               {"accuracy", each[Metric::kAccuracy]},
                               {"macro_f1", each[Metric::kMacroF1]},
                               {"auroc", each[Metric::kMacroAuroc]}};
  CW_TRY(write_json(out / "evaluation.json", {{"per_gene", to_json(comparison)}, {"per_occurrence", per_occurrence}}));
  Json table = Json::array();
  for (std::size_t i = 0; i < comparison.models.size(); ++i) {
    const ModelScores& scores = comparison.scores[i];
    constexpr auto kAuroc = static_cast<std::size_t>(Metric::kMacroAuroc);
    table.push_back({{"model", comparison.models[i]},
                     {"features", comparison.features[i]},
                     {"accuracy", scores.scores[Metric::kAccuracy]},
                     {"macro_f1", scores.scores[Metric::kMacroF1]},
                     {"auroc", scores.scores[Metric::kMacroAuroc]},
                     {"auroc_low", scores.overall[kAuroc].low},
                     {"auroc_high", scores.overall[kAuroc].high}});
  }
  return Json{{"per_occurrence", per_occurrence}, {"comparison", std::move(table)}, {"verdict", comparison.verdict}};
}

Result<Json> finetune(const FinetuneGenesOptions& options, TrainingProcess& process, JobContext& ctx) {
  JobContext opening = ctx.slice(0.0, 0.03);
  CW_ASSIGN(const Job job, prepare(options, opening));
  if (options.pause_after > 0.0) return train_until_pause(job, process, ctx);
  Json folds = Json::array();
  JobContext training = ctx.slice(0.03, 0.75);
  CW_ASSIGN(const Predictions occurrences, train_folds(job, process, folds, training));
  std::optional<Parameters> parameters;  // of the model that learns from every gene; nothing is held out
  if (options.fold == 0) {
    JobContext last = ctx.slice(0.75, 0.9);
    CW_ASSIGN(parameters, allocate(job, process));
    CW_ASSIGN([[maybe_unused]] const TrainedGenes trained,
              train_on(job, whole_split(job.design, Part::kTrain), "all-genes", *parameters, process, last));
  }
  Json summary = {{"classes", job.genes.classes},
                  {"genes", job.genes.tokens.size()},
                  {"cells", job.rows.size()},
                  {"folds", job.splits.size()}};
  if (!process.writes()) return summary;
  JobContext judging = ctx.slice(0.9, 1.0);
  CW_ASSIGN(summary["test"], evaluate(job, occurrences, judging));
  if (parameters) {
    CW_TRY(write_finetuned(options, options.output, job.config, parameters->tensors(),
                           finetuned_record("gene classes", job.inputs, to_json(options), summary)));
    summary["model"] = (fs::path(options.output) / "model").string();
  }
  CW_TRY(write_json(fs::path(options.output) / "training.json", {{"summary", summary}, {"folds", folds}}));
  return summary;
}

}  // namespace

Result<Json> run_finetune_genes(const FinetuneGenesOptions& options, JobContext& ctx) {
  return run_finetuning("finetune-genes", options, finetune, ctx);
}

Result<Json> finetune_genes_in_group(const FinetuneGenesOptions& options, Communicator& communicator, JobContext& ctx) {
  return finetune_as_member(options, finetune, communicator, ctx);
}

}  // namespace cw
