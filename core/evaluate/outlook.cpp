// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/outlook.h"

#include "core/base/random.h"
#include "core/base/words.h"
#include "core/evaluate/number_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace cw {
namespace {

constexpr std::int64_t kFewCells = 20;
constexpr std::int64_t kFewDonors = 3;
constexpr double kLopsided = 0.9;
constexpr std::size_t kNamed = 5;  // classes in a sentence

std::int64_t cells_of(const ClassParts& entry) { return entry.cells[static_cast<std::size_t>(Part::kTest)]; }

/// Classes that cannot be both learned and tested.
std::optional<Doubt> untestable(const SplitDesign& design, const std::vector<ClassParts>& classes) {
  Doubt doubt{DoubtKind::kUntestable, {}, {}};
  for (std::size_t c = 0; c + 1 < classes.size(); ++c) {
    const auto& entry = classes[c];
    if (design.by_group() && entry.total_donors < 2) {
      doubt.text += "'" + entry.name + "' has cells of " + std::to_string(entry.total_donors) + " of '" +
                    design.group_column + "': it cannot be both learned and tested. ";
    } else if (cells_of(entry) < 2) {
      doubt.text += "'" + entry.name + "' has " + std::to_string(cells_of(entry)) + " cell. ";
    } else {
      continue;
    }
    doubt.subjects.push_back(entry.name);
  }
  if (doubt.subjects.empty()) return std::nullopt;
  doubt.text += "Leave the class out, join it with another, or add donors.";
  return doubt;
}

/// Classes below a limit, in one sentence.
void add_small(Outlook& outlook, DoubtKind kind, const std::string& unit, std::int64_t limit,
               const std::function<std::int64_t(const ClassParts&)>& size) {
  Doubt doubt{kind, {}, {}};
  for (std::size_t c = 0; c + 1 < outlook.classes.size(); ++c) {
    if (size(outlook.classes[c]) < limit) doubt.subjects.push_back(outlook.classes[c].name);
  }
  if (doubt.subjects.empty()) return;
  doubt.text = listed(doubt.subjects, kNamed) + (doubt.subjects.size() > 1 ? " have" : " has") + " fewer than " +
               std::to_string(limit) + " " + unit + ": the figures of " +
               (doubt.subjects.size() > 1 ? "these" : "this") + " will say little.";
  outlook.doubts.push_back(std::move(doubt));
}

void add_doubts(Outlook& outlook, const SplitDesign& design) {
  if (auto doubt = untestable(design, outlook.classes)) outlook.doubts.push_back(std::move(*doubt));
  for (const auto& association : outlook.associations) {
    if (!association.confounded) continue;
    outlook.doubts.push_back({DoubtKind::kConfounded,
                              {association.column},
                              "'" + association.column + "' goes along with the label (Cramer's V " +
                                  number_text(association.v, 2) + "): a model may learn it instead."});
  }
  if (!design.by_group()) {
    outlook.doubts.push_back(
        {DoubtKind::kCellsNotDonors, {}, "No column of donors: how well it works for a new donor is not known."});
  }
  if (outlook.largest_share > kLopsided) {
    outlook.doubts.push_back({DoubtKind::kOneDominates,
                              {},
                              "One class has " + number_text(100.0 * outlook.largest_share, 0) +
                                  " % of the cells: look at macro-F1, not at accuracy."});
  }
  add_small(outlook, DoubtKind::kFewCells, "cells", kFewCells, cells_of);
  if (design.by_group()) {
    // of those with one donor it was said that they cannot be tested
    add_small(outlook, DoubtKind::kFewDonors, "donors", kFewDonors,
              [](const ClassParts& entry) { return entry.total_donors < 2 ? kFewDonors : entry.total_donors; });
  }
  for (const Doubt& doubt : outlook.doubts) {
    const std::string name(name_of(doubt.kind));
    if (doubt.subjects.empty()) outlook.flags.push_back(name);
    for (const auto& subject : doubt.subjects) outlook.flags.emplace_back(name).append(":").append(subject);
  }
}

/// The sentences of the doubts that concern the whole question.
std::string general_doubts(const Outlook& outlook) {
  std::string text;
  for (const Doubt& doubt : outlook.doubts) {
    if (doubt.kind == DoubtKind::kFewCells || doubt.kind == DoubtKind::kFewDonors) continue;
    text += (text.empty() ? "" : " ") + doubt.text;
  }
  return text;
}

Result<Predictions> held_out_predictions(const SplitDesign& design, const FeatureMaker& features, int num_folds,
                                         const OutlookOptions& options, JobContext& ctx) {
  CW_ASSIGN(const Split folds, kfold_split(design, num_folds, options.seed));
  Predictions all;
  const auto classes = static_cast<std::int64_t>(design.classes.size());
  for (int fold = 0; fold < num_folds; ++fold) {
    if (ctx.cancelled()) return cancelled_error("checking the question");
    ctx.report(fold, num_folds, "A simple baseline first");
    CW_ASSIGN(const Split split, fold_parts(design, folds, fold, 0.0, options.seed));
    const auto train = split.rows(Part::kTrain);
    const auto test = split.rows(Part::kTest);
    JobContext quiet = ctx.slice(static_cast<double>(fold) / num_folds, static_cast<double>(fold + 1) / num_folds);
    CW_ASSIGN(const FeatureMatrix matrix, features(train, quiet));
    Predictions part;
    part.classes = design.classes;
    part.group_names = design.group_names;
    for (const auto row : test) {
      part.truth.push_back(design.labels[static_cast<std::size_t>(row)]);
      part.folds.push_back(fold);
      if (design.by_group()) part.groups.push_back(design.groups[static_cast<std::size_t>(row)]);
    }
    BaselineOptions settings;
    settings.num_threads = options.num_threads;
    CW_ASSIGN(part.scores,
              fit_and_score(Baseline::kLogistic, matrix.view(), design.labels, classes, train, test, settings, quiet));
    if (fold == 0) {
      all = std::move(part);
    } else {
      append_rows(all, part);
    }
  }
  ctx.report(num_folds, num_folds, "A simple baseline first");
  return all;
}

/// Balanced accuracy decides: chance is 1 / classes whatever their sizes.
void judge(Outlook& outlook, const SplitDesign& design) {
  const auto metric = static_cast<std::size_t>(Metric::kBalancedAccuracy);
  const double value = outlook.baseline->scores.overall[metric];
  const Interval interval = outlook.baseline->overall[metric];
  const double chance = 1.0 / static_cast<double>(design.classes.size());
  const std::string where = design.by_group() ? "in donors it has not seen" : "in cells it has not seen";
  const std::string numbers = "balanced accuracy " + number_text(value, 2) + ", 95 % interval " +
                              number_text(interval.low, 2) + " to " + number_text(interval.high, 2) + " over " +
                              std::to_string(outlook.baseline->num_replicates) + " " + outlook.baseline->interval_over +
                              ", chance " + number_text(chance, 2);
  const bool above = interval.low > chance;
  const bool confounded = std::any_of(outlook.doubts.begin(), outlook.doubts.end(),
                                      [](const Doubt& doubt) { return doubt.kind == DoubtKind::kConfounded; });
  if (above) {
    outlook.prospect = confounded ? Prospect::kUncertain : Prospect::kGood;
    outlook.judgement = "A simple model already tells the classes apart " + where + " (" + numbers +
                        "). Fine-tuning has to beat this number to be worth its cost.";
  } else if (value > chance) {
    outlook.prospect = Prospect::kUncertain;
    outlook.judgement = "A simple model is better than chance " + where + ", but not clearly so (" + numbers +
                        "). More donors would help more than more cells.";
  } else {
    outlook.prospect = Prospect::kPoor;
    outlook.judgement = "A simple model does not tell the classes apart " + where + " (" + numbers +
                        "). Fine-tuning may still find something, but expect little.";
  }
  outlook.verdict = outlook.judgement + (outlook.verdict.empty() ? "" : " " + outlook.verdict);
}

}  // namespace

std::string_view name_of(Prospect prospect) noexcept {
  static constexpr std::array<std::string_view, 4> kNames{"good", "uncertain", "poor", "impossible"};
  return kNames[static_cast<std::size_t>(prospect)];
}

std::string_view name_of(DoubtKind kind) noexcept {
  static constexpr std::array<std::string_view, 6> kNames{"untestable",          "few-cells",  "few-donors",
                                                          "one-class-dominates", "confounded", "cells-not-donors"};
  return kNames[static_cast<std::size_t>(kind)];
}

SplitDesign question_sample(const SplitDesign& design, const OutlookOptions& options) {
  SplitDesign sample = design;
  std::vector<std::int64_t> size(design.classes.size(), 0), quota(design.classes.size(), 0);
  std::int64_t total = 0;
  for (std::int64_t i = 0; i < design.num_cells(); ++i) {
    if (!design.usable(i)) continue;
    ++size[static_cast<std::size_t>(design.labels[static_cast<std::size_t>(i)])];
    ++total;
  }
  const double share =
      std::min(1.0, static_cast<double>(options.max_cells) / static_cast<double>(std::max<std::int64_t>(total, 1)));
  for (std::size_t c = 0; c < size.size(); ++c) {
    quota[c] = std::max(kFewCells * 2, static_cast<std::int64_t>(std::ceil(share * static_cast<double>(size[c]))));
  }
  for (const auto cell : random_permutation(options.seed, design.num_cells())) {
    auto& label = sample.labels[static_cast<std::size_t>(cell)];
    const bool taken = design.usable(cell) && --quota[static_cast<std::size_t>(label)] >= 0;
    if (!taken) label = -1;
  }
  return sample;
}

Outlook assess_labels(const SplitDesign& design, std::vector<Association> associations) {
  Outlook outlook;
  outlook.associations = std::move(associations);
  outlook.classes = class_parts(design, whole_split(design, Part::kTest));
  const auto all = static_cast<double>(cells_of(outlook.classes.back()));
  for (std::size_t c = 0; c + 1 < outlook.classes.size(); ++c) {
    outlook.largest_share =
        std::max(outlook.largest_share, static_cast<double>(cells_of(outlook.classes[c])) / std::max(all, 1.0));
  }
  add_doubts(outlook, design);
  const bool testable = outlook.doubts.empty() || outlook.doubts.front().kind != DoubtKind::kUntestable;
  outlook.prospect = testable ? Prospect::kUncertain : Prospect::kImpossible;
  outlook.verdict = general_doubts(outlook);
  return outlook;
}

Result<Outlook> assess_question(const SplitDesign& design, std::vector<Association> associations,
                                const FeatureMaker& features, const OutlookOptions& options, JobContext& ctx) {
  Outlook outlook = assess_labels(design, std::move(associations));
  if (outlook.prospect == Prospect::kImpossible) return outlook;
  const SplitDesign sample = question_sample(design, options);
  for (std::int64_t i = 0; i < sample.num_cells(); ++i) outlook.cells_used += sample.usable(i);
  outlook.folds = static_cast<int>(std::min<std::int64_t>(
      options.folds, design.by_group() ? outlook.classes.back().total_donors : outlook.cells_used));
  auto predictions = held_out_predictions(sample, features, outlook.folds, options, ctx);
  if (!predictions.ok()) {
    if (predictions.error().id != "E-EVA-011") return predictions.error();
    outlook.prospect = Prospect::kImpossible;
    outlook.verdict = outlook.judgement =
        "Holding out donors leaves one class only to train on: every class but one is in the same few "
        "donors. Add donors, or choose another label.";
    return outlook;
  }
  IntervalOptions intervals;
  intervals.seed = options.seed;
  intervals.num_threads = options.num_threads;
  JobContext scoring = ctx.slice(1.0, 1.0);
  // pooled over cells, folds are no replicates: donors are, or cells, which is flagged
  predictions->folds.clear();
  CW_ASSIGN(outlook.baseline, score_model(*predictions, intervals, scoring));
  judge(outlook, design);
  return outlook;
}

Json to_json(const Outlook& outlook) {
  Json classes = Json::array();
  for (const auto& entry : outlook.classes) {
    classes.push_back({{"class", entry.name},
                       {"cells", entry.cells[static_cast<std::size_t>(Part::kTest)]},
                       {"donors", entry.total_donors}});
  }
  Json json{{"prospect", name_of(outlook.prospect)},
            {"verdict", outlook.verdict},
            {"judgement", outlook.judgement},
            {"classes", classes},
            {"largest_share", outlook.largest_share},
            {"cells_used", outlook.cells_used},
            {"folds", outlook.folds},
            {"flags", outlook.flags},
            {"doubts", Json::array()}};
  for (const auto& doubt : outlook.doubts) {
    json["doubts"].push_back({{"kind", name_of(doubt.kind)}, {"subjects", doubt.subjects}, {"text", doubt.text}});
  }
  Json associations = Json::array();
  for (const auto& association : outlook.associations) {
    associations.push_back({{"column", association.column},
                            {"cramers_v", association.v},
                            {"values", association.values},
                            {"confounded", association.confounded}});
  }
  json["associations"] = associations;
  if (outlook.baseline) {
    Json baseline{{"model", "logistic-regression"}, {"interval_over", outlook.baseline->interval_over}};
    for (std::size_t m = 0; m < kNumMetrics; ++m) {
      baseline["metrics"][std::string(name_of(static_cast<Metric>(m)))] = {
          {"value", outlook.baseline->scores.overall[m]},
          {"low", outlook.baseline->overall[m].low},
          {"high", outlook.baseline->overall[m].high}};
    }
    json["baseline"] = baseline;
  }
  return json;
}

}  // namespace cw
