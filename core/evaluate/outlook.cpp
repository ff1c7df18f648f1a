// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/outlook.h"

#include "core/base/random.h"
#include "core/evaluate/number_text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cw {
namespace {

constexpr std::int64_t kFewCells = 20;
constexpr std::int64_t kFewDonors = 3;
constexpr double kLopsided = 0.9;

/// The design of a random sample: others lose their label. Rare classes stay whole up to `kFewCells`.
SplitDesign sampled(const SplitDesign& design, const OutlookOptions& options, std::int64_t& used) {
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
  used = 0;
  for (const auto cell : random_permutation(options.seed, design.num_cells())) {
    auto& label = sample.labels[static_cast<std::size_t>(cell)];
    const bool taken = design.usable(cell) && --quota[static_cast<std::size_t>(label)] >= 0;
    if (taken) {
      ++used;
    } else {
      label = -1;
    }
  }
  return sample;
}

/// What stands in the way of a test, or "".
std::string obstacle(const SplitDesign& design, const std::vector<ClassParts>& classes) {
  std::string text;
  for (std::size_t c = 0; c + 1 < classes.size(); ++c) {
    const auto cells = classes[c].cells[static_cast<std::size_t>(Part::kTest)];
    if (design.by_group() && classes[c].total_donors < 2) {
      text += "'" + classes[c].name + "' has cells of " + std::to_string(classes[c].total_donors) + " of '" +
              design.group_column + "': it cannot be both learned and tested. ";
    } else if (cells < 2) {
      text += "'" + classes[c].name + "' has " + std::to_string(cells) + " cell. ";
    }
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
  if (above) {
    outlook.prospect = Prospect::kGood;
    outlook.verdict += "A simple model already tells the classes apart " + where + " (" + numbers +
                       "). Fine-tuning has to beat this number to be worth its cost.";
  } else if (value > chance) {
    outlook.prospect = Prospect::kUncertain;
    outlook.verdict += "A simple model is better than chance " + where + ", but not clearly so (" + numbers +
                       "). More donors would help more than more cells.";
  } else {
    outlook.prospect = Prospect::kPoor;
    outlook.verdict += "A simple model does not tell the classes apart " + where + " (" + numbers +
                       "). Fine-tuning may still find something, but expect little.";
  }
}

void add_warnings(Outlook& outlook, const SplitDesign& design) {
  if (!design.by_group()) {
    outlook.flags.emplace_back("cells-not-donors");
    outlook.verdict += " No column of donors: how well it works for a new donor is not known.";
  }
  for (std::size_t c = 0; c + 1 < outlook.classes.size(); ++c) {
    const auto& entry = outlook.classes[c];
    if (entry.cells[static_cast<std::size_t>(Part::kTest)] < kFewCells) {
      outlook.flags.push_back("few-cells:" + entry.name);
    }
    if (design.by_group() && entry.total_donors < kFewDonors) outlook.flags.push_back("few-donors:" + entry.name);
  }
  if (outlook.largest_share > kLopsided) {
    outlook.flags.emplace_back("one-class-dominates");
    outlook.verdict += " One class has " + number_text(100.0 * outlook.largest_share, 0) +
                       " % of the cells: look at macro-F1, not at accuracy.";
  }
  for (const auto& association : outlook.associations) {
    if (!association.confounded) continue;
    outlook.flags.push_back("confounded:" + association.column);
    outlook.verdict += " '" + association.column + "' goes along with the label (Cramer's V " +
                       number_text(association.v, 2) + "): a model may learn it instead.";
    if (outlook.prospect == Prospect::kGood) outlook.prospect = Prospect::kUncertain;
  }
}

}  // namespace

std::string_view name_of(Prospect prospect) noexcept {
  static constexpr std::array<std::string_view, 4> kNames{"good", "uncertain", "poor", "impossible"};
  return kNames[static_cast<std::size_t>(prospect)];
}

Result<Outlook> assess_question(const SplitDesign& design, std::vector<Association> associations,
                                const FeatureMaker& features, const OutlookOptions& options, JobContext& ctx) {
  Outlook outlook;
  outlook.associations = std::move(associations);
  outlook.classes = class_parts(design, whole_split(design, Part::kTest));
  const auto test = static_cast<std::size_t>(Part::kTest);
  const double all = static_cast<double>(outlook.classes.back().cells[test]);
  for (std::size_t c = 0; c + 1 < outlook.classes.size(); ++c) {
    outlook.largest_share =
        std::max(outlook.largest_share, static_cast<double>(outlook.classes[c].cells[test]) / std::max(all, 1.0));
  }
  if (const std::string reason = obstacle(design, outlook.classes); !reason.empty()) {
    outlook.prospect = Prospect::kImpossible;
    outlook.verdict = reason + "Leave the class out, join it with another, or add donors.";
    add_warnings(outlook, design);
    return outlook;
  }
  const SplitDesign sample = sampled(design, options, outlook.cells_used);
  outlook.folds = static_cast<int>(std::min<std::int64_t>(
      options.folds, design.by_group() ? outlook.classes.back().total_donors : outlook.cells_used));
  auto predictions = held_out_predictions(sample, features, outlook.folds, options, ctx);
  if (!predictions.ok()) {
    if (predictions.error().id != "E-EVA-011") return predictions.error();
    outlook.prospect = Prospect::kImpossible;
    outlook.verdict =
        "Holding out donors leaves one class only to train on: every class but one is in the same few "
        "donors. Add donors, or choose another label.";
    add_warnings(outlook, design);
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
  add_warnings(outlook, design);
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
            {"classes", classes},
            {"largest_share", outlook.largest_share},
            {"cells_used", outlook.cells_used},
            {"folds", outlook.folds},
            {"flags", outlook.flags}};
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
