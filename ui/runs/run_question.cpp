// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_question.h"

#include "ui/document/document.h"
#include "ui/runs/cells_question.h"
#include "ui/runs/corpus_question.h"
#include "ui/runs/genes_question.h"
#include "ui/runs/run_settings.h"
#include "ui/runs/tasks_question.h"

#include <QComboBox>
#include <QFormLayout>

namespace cw::ui {
namespace {

constexpr int kFieldWidth = 240;
constexpr double kTypicalGenes = 900.0;

double genes_per_cell(const Dataset& dataset) {
  for (const MatrixInfo& matrix : dataset.info.matrices) {
    if (matrix.where != dataset.counts_where || matrix.num_stored <= 0 || matrix.num_cells <= 0) continue;
    return static_cast<double>(matrix.num_stored) / static_cast<double>(matrix.num_cells);
  }
  return kTypicalGenes;
}

}  // namespace

RunQuestion::RunQuestion(Services& services, OutlookView& outlook, QWidget* parent)
    : QWidget(parent), services_(services), outlook_(outlook), fields_(new QFormLayout(this)) {
  fields_->setContentsMargins(0, 0, 0, 0);
  fields_->setHorizontalSpacing(12);
  fields_->setVerticalSpacing(8);
}

Result<> RunQuestion::prepare(const std::filesystem::path& folder, Json& options) {
  options["output"] = folder.string();
  return {};
}

void RunQuestion::addField(const QString& key, QWidget* field) {
  const QString title = setting_title(key);
  field->setObjectName(QStringLiteral("run-") + key);
  field->setAccessibleName(title);
  field->setMinimumWidth(kFieldWidth);
  fields_->addRow(title, field);
}

QComboBox* RunQuestion::addModels() {
  auto* box = new QComboBox(this);
  const Document& document = services_.document;
  for (const ModelEntry& model : document.models()) box->addItem(model.name, model.id);
  if (const ModelEntry* active = document.activeModel()) box->setCurrentIndex(box->findData(active->id));
  addField(QStringLiteral("model"), box);
  connect(box, &QComboBox::currentIndexChanged, this, &RunQuestion::edited);
  return box;
}

QComboBox* RunQuestion::addGroups(const QStringList& columns) {
  auto* box = new QComboBox(this);
  box->addItem(tr("auto: donors where they are known"), QStringLiteral("auto"));
  box->addItem(tr("nothing: cell by cell"), QStringLiteral("none"));
  for (const QString& column : columns) box->addItem(column, column);
  const DatasetPtr& dataset = services_.document.dataset();
  const QString donors = services_.document.donorColumn();
  const Column* column = dataset ? dataset->cells.find(donors.toStdString()) : nullptr;
  if (column && column->categories.size() > 1 && box->findData(donors) >= 0) {
    box->setCurrentIndex(box->findData(donors));
  }
  addField(QStringLiteral("group"), box);
  connect(box, &QComboBox::currentIndexChanged, this, &RunQuestion::edited);
  return box;
}

QString RunQuestion::chosen(const QComboBox* box) { return box->currentData().toString(); }

const ModelEntry* RunQuestion::modelIn(const QComboBox* box) const {
  for (const ModelEntry& model : services_.document.models()) {
    if (model.id == chosen(box)) return &model;
  }
  return nullptr;
}

RunSize RunQuestion::sizeOfData() const {
  const DatasetPtr& dataset = services_.document.dataset();
  return dataset ? RunSize{{}, static_cast<double>(dataset->num_cells()), genes_per_cell(*dataset)} : RunSize{};
}

RunSize RunQuestion::sizeWith(const ModelEntry* model) const {
  if (!model) return {};
  RunSize size = sizeOfData();
  size.shape = shape_of_model(model->description);
  return size;
}

QString RunQuestion::dataObstacle() const {
  const DatasetPtr& dataset = services_.document.dataset();
  if (!dataset) return tr("Open a data set first.");
  if (dataset->counts_where.empty()) return tr("This file holds no counts, so no model can read it.");
  return {};
}

RunQuestion* make_question(const QString& kind, Services& services, OutlookView& outlook, QWidget* parent) {
  if (kind == QLatin1String("finetune-genes")) return new GenesQuestion(services, outlook, parent);
  if (kind == QLatin1String("finetune-multitask")) return new TasksQuestion(services, outlook, parent);
  if (kind == QLatin1String("pretrain")) return new CorpusQuestion(services, outlook, parent);
  return new CellsQuestion(services, outlook, parent);
}

}  // namespace cw::ui
