// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/genes_question.h"

#include "core/evaluate/gene_classes.h"
#include "core/recipes/recipe.h"
#include "core/tokenize/dictionary.h"
#include "ui/document/document.h"
#include "ui/runs/file_line.h"
#include "ui/runs/outlook_view.h"
#include "ui/theme/numbers.h"

#include <QComboBox>
#include <QFileInfo>
#include <QSignalBlocker>

namespace cw::ui {
namespace {

constexpr std::int64_t kFewGenes = 20;  // of a class: its figures are rough
constexpr const char* kClasses = "classes";

/// What is known of a file of gene classes beside the data in view.
struct ClassFile {
  QStringList sentences;
  QStringList doubts;
  QString problem;
};

ClassFile read_class_file(const Json& options, const std::string& dictionary, const Dataset& dataset,
                          JobContext& context) {
  ClassFile file;
  const auto folds = options.value("folds", std::int64_t{0});
  const auto known = Dictionary::load(dictionary);
  const auto list = known.ok() ? read_gene_classes(options.value(kClasses, std::string()),
                                                   options.value("class_column", std::string()), **known,
                                                   ClassOrder::kByName, context)
                               : Result<GeneClassList>(known.error());
  if (!list) {
    file.problem = QString::fromStdString(list.error().message);
    return file;
  }
  for (std::size_t c = 0; c < list->classes.size(); ++c) {
    std::int64_t genes = 0;
    std::int64_t here = 0;
    for (std::size_t i = 0; i < list->tokens.size(); ++i) {
      if (list->class_of[i] != static_cast<std::int32_t>(c)) continue;
      ++genes;
      here += dataset.gene_row((*known)->ensembl_id(list->tokens[i])) >= 0;
    }
    const auto name = QString::fromStdString(list->classes[c]);
    file.sentences
        << GenesQuestion::tr("%1: %2 genes, %3 of them in these data.").arg(name, count_text(genes), count_text(here));
    if (here < folds) {
      file.problem = GenesQuestion::tr("These data have %1 genes of “%2”; %3 folds need as many of each class.")
                         .arg(count_text(here), name, count_text(folds));
    } else if (here < kFewGenes) {
      file.doubts << GenesQuestion::tr("“%1” has few genes here: its figures will be rough.").arg(name);
    }
  }
  return file;
}

}  // namespace

GenesQuestion::GenesQuestion(Services& services, OutlookView& outlook, QWidget* parent)
    : RunQuestion(services, outlook, parent),
      file_(new FileLine(QStringLiteral("run-classFile"), tr("Lists of genes"),
                         tr("Lists of genes (*.csv *.tsv *.json *.gmt);;All files (*)"), this)),
      bundled_(new QComboBox(this)) {
  addField(QString::fromLatin1(kClasses), file_);
  addField(QStringLiteral("bundled_classes"), bundled_);
  addBundledLists();
  model_ = addModels();
  connect(file_, &FileLine::edited, this, [this] {
    const QSignalBlocker block(bundled_);
    bundled_->setCurrentIndex(std::max(0, bundled_->findData(file_->path())));
    Q_EMIT edited();
  });
  connect(bundled_, &QComboBox::currentIndexChanged, this, [this] { file_->setPath(chosen(bundled_)); });
}

void GenesQuestion::addBundledLists() {
  bundled_->addItem(tr("a file of my own"), QString());
  const auto recipes = bundled_recipes();
  if (!recipes) return;
  for (const Recipe& recipe : *recipes) {
    for (const RecipeStep& step : recipe.steps) {
      if (step.kind != "finetune-genes") continue;
      for (const RecipeData& lists : recipe.data) {
        const std::string place = place_of(lists, {});
        if (step.options.value(kClasses, std::string()) != "{" + lists.name + "}" || place.empty()) continue;
        bundled_->addItem(QString::fromStdString(recipe.title), QString::fromStdString(place));
      }
    }
  }
}

QString GenesQuestion::obstacle() const {
  if (QString problem = dataObstacle(); !problem.isEmpty()) return problem;
  if (model_->count() == 0) return tr("There is no model to start from: add one in Data.");
  if (file_->path().isEmpty()) return tr("Choose the lists of genes: one class per list.");
  return problem_.isEmpty() ? QString() : tr("These lists cannot be learnt; see above.");
}

void GenesQuestion::fill(Json& options) const {
  const DatasetPtr& dataset = services_.document.dataset();
  const ModelEntry* model = modelIn(model_);
  options["input"] = dataset ? dataset->path.string() : std::string();
  options["model"] = model ? model->path.string() : std::string();
  options[kClasses] = file_->path().toStdString();
  options["output"] = ".";
}

QString GenesQuestion::suggestedTitle() const {
  const QString lists =
      bundled_->currentIndex() > 0 ? bundled_->currentText() : QFileInfo(file_->path()).completeBaseName();
  return lists.isEmpty() ? tr("Gene classes") : tr("Genes: %1").arg(lists);
}

// Every fold is trained, and then one model on all genes.
RunSize GenesQuestion::size(const Json& options) const {
  RunSize size = sizeWith(modelIn(model_));
  if (options.value("fold", std::int64_t{0}) == 0) size.times = options.value("folds", 1.0) + 1.0;
  return size;
}

void GenesQuestion::judge(const Json& options) {
  reading_.cancel();
  problem_.clear();
  const DatasetPtr dataset = services_.document.dataset();
  const ModelEntry* model = modelIn(model_);
  if (!dataset || !model || file_->path().isEmpty()) {
    return outlook_.setText(
        tr("Each list is a class: genes in the first column and their class in another, one list per line (GMT), or "
           "JSON. The model learns to tell the classes by the cells in which their genes are seen."));
  }
  reading_ = services_.background.run<ClassFile>(
      Background::Lane::kFiles, this,
      [dataset, options, dictionary = model->dictionary().toStdString()](JobContext& context) -> Result<ClassFile> {
        return read_class_file(options, dictionary, *dataset, context);
      },
      [this](Result<ClassFile> file) {
        if (!file) return;
        problem_ = file->problem;
        outlook_.setText(problem_.isEmpty() ? file->sentences.join(QLatin1Char(' ')) : problem_,
                         problem_.isEmpty() ? "small" : "bad");
        outlook_.setNote(problem_.isEmpty() ? file->doubts.join(QLatin1Char(' ')) : QString());
        Q_EMIT judged();
      });
}

}  // namespace cw::ui
