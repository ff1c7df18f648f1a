// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_settings.h"

#include "core/api/finetune_options.h"
#include "core/api/pretrain_options.h"
#include "core/api/search_options.h"
#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <array>
#include <set>

namespace cw::ui {
namespace {

struct Words {
  const char* key;
  const char* title;
  const char* help;
  const char* choices;  // separated by blanks
};

#define CW_WORDS(text) QT_TRANSLATE_NOOP("cw::ui::Runs", text)

constexpr std::array kWords{
    Words{"label", CW_WORDS("Label to learn"), CW_WORDS("The column of the cells that the model learns to tell"), ""},
    Words{"labels", CW_WORDS("Labels to learn"), CW_WORDS("The columns of the cells that the model learns at once"),
          ""},
    Words{"classes", CW_WORDS("Lists of genes"), CW_WORDS("The classes of genes that the model learns to tell"), ""},
    Words{"class_column", CW_WORDS("Column of the classes"),
          CW_WORDS("Of a CSV; empty = “class”, “label”, or columns of yes and no"), ""},
    Words{"bundled_classes", CW_WORDS("Or lists of a recipe"), CW_WORDS("Lists that come with the program"), ""},
    Words{"tokens", CW_WORDS("Corpus"), CW_WORDS("The cells to learn from, as token files"), ""},
    Words{"init", CW_WORDS("Start from"), CW_WORDS("Random weights, or a model that is trained on"), ""},
    Words{"group", CW_WORDS("Keep together"),
          CW_WORDS("All cells of one donor are either trained on or tested; “auto” finds the column of donors"), ""},
    Words{"model", CW_WORDS("Start from"), CW_WORDS("The model whose knowledge of genes is taken over"), ""},
    Words{"preset", CW_WORDS("Size"), CW_WORDS("A published architecture with the rates of its training"),
          "demo v1-10m v1-40m v2-104m v2-316m"},
    Words{"epochs", CW_WORDS("Passes over the cells"), CW_WORDS("How often every training cell is seen"), ""},
    Words{"steps", CW_WORDS("Steps"), CW_WORDS("Length of the run in optimiser steps; 0 = given otherwise"), ""},
    Words{"minutes", CW_WORDS("Minutes"),
          CW_WORDS("Length of the run on the clock; such a run cannot be repeated bit by bit. 0 = given otherwise"),
          ""},
    Words{"freeze_layers", CW_WORDS("Frozen layers"),
          CW_WORDS("So many first layers keep what they know: faster, and less prone to learn few cells by heart"), ""},
    Words{"batch", CW_WORDS("Batches"), CW_WORDS("The column that says in which experiment a cell was measured"), ""},
    Words{"max_length", CW_WORDS("Genes per cell"), CW_WORDS("The highest ranks of a cell; the rest is left out"), ""},
    Words{"folds", CW_WORDS("Folds"), CW_WORDS("Every gene is held out in one of them; each trains a model"), ""},
    Words{"fold", CW_WORDS("Only fold"), CW_WORDS("Trains this one alone, a trial of what it takes; 0 = all"), ""},
    Words{"trials", CW_WORDS("Trials"), CW_WORDS("Different settings tried"), ""},
    Words{"rungs", CW_WORDS("Rungs"),
          CW_WORDS("Trials are trained in so many stages; the best of each go on. 1 = all to the end"), ""},
    Words{"keep", CW_WORDS("Share that goes on"), CW_WORDS("Of each stage"), ""},
    Words{"parallel", CW_WORDS("Trials at a time"), CW_WORDS("They share the processors"), ""},
    Words{"sampler", CW_WORDS("Drawing of settings"), CW_WORDS("By what did well (tpe), or at random"), "tpe random"},
    Words{"baseline", CW_WORDS("Also as given"), CW_WORDS("Trains with the settings above too, to compare with"), ""},
    Words{"validation", CW_WORDS("Share for validation"),
          CW_WORDS("Kept out of training; chooses the best moment of the run"), ""},
    Words{"test", CW_WORDS("Share for the test"), CW_WORDS("Looked at once, at the end: the figures that count"), ""},
    Words{"baselines", CW_WORDS("Compare with simple methods"),
          CW_WORDS("Majority class, logistic regression, SVM and random forest on the same cells"), ""},
    Words{"max_cells", CW_WORDS("Most cells"), CW_WORDS("A random sample of so many; 0 = all"), ""},
    Words{"max_cells_per_class", CW_WORDS("Most cells of a class"), CW_WORDS("A random sample of so many; 0 = all"),
          ""},
    Words{"rare_threshold", CW_WORDS("Leave out rare classes"),
          CW_WORDS("Classes with at most this share of the cells are not learnt; 0 = none"), ""},
    Words{"lora_rank", CW_WORDS("Small changes only (LoRA)"),
          CW_WORDS("Above 0: the model keeps what it knows and learns changes of this rank; 8 is usual. 0 = off"), ""},
    Words{"train_embeddings", CW_WORDS("Train embeddings too"),
          CW_WORDS("Also below frozen layers, as the published classifier does; slower"), ""},
    Words{"learning_rate", CW_WORDS("Learning rate"), CW_WORDS("The highest rate; 0 = of the size chosen"), ""},
    Words{"schedule", CW_WORDS("Schedule"),
          CW_WORDS("How the rate falls after the warm-up; empty = of the size chosen"),
          "linear cosine constant polynomial"},
    Words{"warmup_steps", CW_WORDS("Warm-up steps"), CW_WORDS("The rate rises over so many; −1 = chosen for you"), ""},
    Words{"warmup_share", CW_WORDS("Warm-up share"),
          CW_WORDS("The rate rises over this share of the run, instead of a number of steps; −1 = by steps"), ""},
    Words{"batch_size", CW_WORDS("Cells per step"), CW_WORDS("More = steadier, but fewer steps"), ""},
    Words{"tokens_per_batch", CW_WORDS("Genes per batch"),
          CW_WORDS("Most gene tokens at a time; fewer need less memory"), ""},
    Words{"recompute", CW_WORDS("Compute layers again"),
          CW_WORDS("Less memory for a third more time; the result is the same"), ""},
    Words{"accumulate", CW_WORDS("Batches per step"), CW_WORDS("More = steadier gradients at the same memory"), ""},
    Words{"order", CW_WORDS("Order of cells"), CW_WORDS("At random, or cells of like length together"),
          "packed by-length"},
    Words{"class_weights", CW_WORDS("Class weights"), CW_WORDS("“balanced”: every class counts the same"),
          "none balanced"},
    Words{"focal_gamma", CW_WORDS("Focal loss"), CW_WORDS("0 = none; 1 to 3: easy cells count less"), ""},
    Words{"metric", CW_WORDS("Best by"), CW_WORDS("The figure of the validation cells that chooses the best weights"),
          "auto macro_f1 accuracy balanced_accuracy macro_auroc macro_auprc log_loss brier ece rmse mae r2 pearson "
          "spearman loss"},
    Words{"target_type", CW_WORDS("The label holds"), CW_WORDS("Classes, or a number of every cell, as days or a dose"),
          "class number"},
    Words{"number_loss", CW_WORDS("Errors of numbers"), CW_WORDS("“huber”: cells far off count less"), "mse huber"},
    Words{"pooling", CW_WORDS("Seen of a cell"),
          CW_WORDS("The first position, the mean of all positions, or a mean that is learnt"),
          "cls first mean attention"},
    Words{"hidden_dropout", CW_WORDS("Dropout"), CW_WORDS("Negative = of the model"), ""},
    Words{"attention_dropout", CW_WORDS("Dropout of attention"), CW_WORDS("Negative = of the model"), ""},
    Words{"weight_decay", CW_WORDS("Weight decay"), CW_WORDS("Negative = of the size chosen"), ""},
    Words{"beta1", CW_WORDS("AdamW β1"), CW_WORDS("Memory of the gradient's mean"), ""},
    Words{"beta2", CW_WORDS("AdamW β2"), CW_WORDS("Memory of the gradient's size"), ""},
    Words{"epsilon", CW_WORDS("AdamW ε"), CW_WORDS("Keeps small gradients from growing"), ""},
    Words{"clip", CW_WORDS("Largest gradient"), CW_WORDS("Longer ones are cut; 0 = none"), ""},
    Words{"mask_probability", CW_WORDS("Hidden genes"), CW_WORDS("Share of the genes of a cell that must be guessed"),
          ""},
    Words{"mask_special", CW_WORDS("Hide special tokens"), CW_WORDS("As the published collator does"), ""},
    Words{"leave_out", CW_WORDS("Leave out genes"),
          CW_WORDS("Up to this share of a cell's genes at random: helps with few cells"), ""},
    Words{"start_from_frequencies", CW_WORDS("Start from gene frequencies"),
          CW_WORDS("Saves a short run from learning them first"), ""},
    Words{"validate_every", CW_WORDS("Validate every"), CW_WORDS("Steps; 0 = chosen for you"), ""},
    Words{"patience", CW_WORDS("Patience"), CW_WORDS("Stop after so many validations that are not better; 0 = never"),
          ""},
    Words{"checkpoint_every", CW_WORDS("Checkpoint every"), CW_WORDS("Steps; 0 = by the clock"), ""},
    Words{"checkpoint_minutes", CW_WORDS("Minutes between checkpoints"), CW_WORDS("Where no steps are given"), ""},
    Words{"store", CW_WORDS("Numbers of the model"), CW_WORDS("float16 is half the size"), "float32 float16"},
    Words{"seed", CW_WORDS("Seed"), CW_WORDS("The same seed gives the same run"), ""},
    Words{"processes", CW_WORDS("Processes"), CW_WORDS("So many engines divide every batch among them"), ""},
    Words{"zero", CW_WORDS("Divide the optimiser"),
          CW_WORDS("Each process keeps only its share of the optimiser's memory"), ""},
    Words{"offload_optimiser", CW_WORDS("Optimiser on disk"),
          CW_WORDS("Less memory: the optimiser's numbers lie in a file of the run's disk; the result is the same"), ""},
    Words{"exchange_precision", CW_WORDS("Numbers exchanged"),
          CW_WORDS("“bf16”: processes send each other half of the bytes, rounded"), "fp32 bf16"},
    Words{"exchange_timeout", CW_WORDS("Longest silence"),
          CW_WORDS("Seconds after which a process that does not answer counts as stuck"), ""},
    Words{"num_threads", CW_WORDS("Processors"), CW_WORDS("0 = all; changes the time, not the result"), ""},
};

#undef CW_WORDS

QString tr(const char* text) { return QCoreApplication::translate("cw::ui::Runs", text); }

// Filled in by the window, or read from files that only the command line takes.
const std::set<std::string, std::less<>> kNotAsked{
    "input",     "tokens",   "more_tokens", "dictionary",   "output",        "out",         "config",
    "init",      "filter",   "split",       "counts",       "resume",        "pause_after", "overwrite",
    "precision", "label",    "labels",      "group",        "model",         "classes",     "target_type",
    "kind",      "finetune", "search",      "task_weights", "match_upstream"};

const std::set<std::string, std::less<>> kFirst{"preset",     "epochs", "minutes",  "freeze_layers",
                                                "validation", "test",   "folds",    "baselines",
                                                "trials",     "rungs",  "parallel", "baseline"};

// Where results go, and whether they were there before, makes no difference to them.
const std::set<std::string, std::less<>> kNoDifference{"output", "out", "resume", "overwrite", "num_threads"};

const Words* words_of(const QString& key) {
  for (const Words& words : kWords) {
    if (key == QLatin1String(words.key)) return &words;
  }
  return nullptr;
}

}  // namespace

Json default_options(const QString& kind) {
  if (kind == QLatin1String("finetune-cells")) return to_json(FinetuneCellsOptions());
  if (kind == QLatin1String("finetune-multitask")) return to_json(FinetuneMultitaskOptions());
  if (kind == QLatin1String("finetune-genes")) return to_json(FinetuneGenesOptions());
  if (kind == QLatin1String("search")) return to_json(FinetuneSearchOptions());
  PretrainOptions options;
  options.epochs = 3.0;
  options.preset = "demo";  // what an ordinary computer trains in minutes
  return to_json(options);
}

QList<RunSetting> settings_of(const QString& kind) {
  const Json options = default_options(kind);
  QList<RunSetting> settings;
  for (const Words& words : kWords) {
    if (!options.contains(words.key) || kNotAsked.contains(std::string_view(words.key))) continue;
    const QString choices = QLatin1String(words.choices);
    settings << RunSetting{QLatin1String(words.key), tr(words.title), tr(words.help),
                           choices.isEmpty() ? QStringList() : choices.split(QLatin1Char(' ')),
                           kFirst.contains(std::string_view(words.key))};
  }
  // a field that has no words yet is asked for by its name
  for (const auto& [key, value] : options.items()) {
    const QString name = QString::fromStdString(key);
    if (!words_of(name) && !kNotAsked.contains(key)) settings << RunSetting{name, name, {}, {}, false};
  }
  return settings;
}

QString setting_title(const QString& key) {
  const Words* words = words_of(key);
  return words ? tr(words->title) : key;
}

QString in_window_words(const QString& message) {
  static const QRegularExpression kOption(QStringLiteral("--([a-z][a-z0-9-]*)"));
  QString text;
  qsizetype at = 0;
  for (auto found = kOption.globalMatch(message); found.hasNext();) {
    const QRegularExpressionMatch option = found.next();
    const QString key = option.captured(1).replace(QLatin1Char('-'), QLatin1Char('_'));
    text += message.mid(at, option.capturedStart() - at) + QStringLiteral("“%1”").arg(setting_title(key));
    at = option.capturedEnd();
  }
  return text + message.mid(at);
}

QString setting_text(const Json& value) {
  if (value.is_boolean()) return value.get<bool>() ? tr("yes") : tr("no");
  if (value.is_number_float()) return QString::number(value.get<double>(), 'g', 6);
  if (value.is_string()) {
    const auto text = QString::fromStdString(value.get<std::string>());
    // of files the name is enough
    return text.contains(QLatin1Char('/')) ? text.section(QLatin1Char('/'), -1, -1, QString::SectionSkipEmpty) : text;
  }
  return QString::fromStdString(value.dump());
}

QList<SettingDifference> differing_settings(const std::vector<Json>& options) {
  QStringList keys;
  for (const Json& one : options) {
    for (const auto& [key, value] : one.items()) {
      const QString name = QString::fromStdString(key);
      if (!keys.contains(name) && !kNoDifference.contains(key)) keys << name;
    }
  }
  QList<SettingDifference> differences;
  for (const QString& key : keys) {
    const std::string name = key.toStdString();
    std::set<std::string> distinct;
    SettingDifference difference{key, {}};
    for (const Json& one : options) {
      const bool has = one.is_object() && one.contains(name);
      distinct.insert(has ? one[name].dump() : "absent");
      difference.values << (has ? setting_text(one[name]) : QStringLiteral("–"));
    }
    if (distinct.size() > 1) differences << difference;
  }
  return differences;
}

}  // namespace cw::ui
