// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dataset/models_card.h"

#include "ui/common/widgets.h"
#include "ui/dataset/fit_meter.h"
#include "ui/dataset/import_findings.h"
#include "ui/document/document.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace cw::ui {
namespace {

std::int64_t number(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_number() ? json[key].get<std::int64_t>() : 0;
}

QString said(const char* text) { return QCoreApplication::translate("ModelsCard", text); }

QString head_text(const Json& description) {
  const auto head = description.value("head", std::string());
  if (head == "masked-lm") return said("pretrained");
  if (description.contains("classes") && description["classes"].is_array()) {
    return said("classifier of %1 classes").arg(description["classes"].size());
  }
  return said("classifier");
}

}  // namespace

QString model_size_text(const Json& description) {
  if (!description.is_object() || !description.contains("layers")) return said("Its description cannot be read.");
  const double weights = static_cast<double>(number(description, "parameters")) / 1e6;
  return said("%1 · %2 layers · %3 wide · %4 million weights · %5 genes in the vocabulary · reads %6 per cell")
      .arg(head_text(description), count_text(number(description, "layers")), count_text(number(description, "hidden")),
           number_text(weights, 2), count_text(number(description, "vocabulary")),
           count_text(number(description, "max_length")));
}

QString model_corpus_text(const Json& description) {
  const Json own = description.is_object() && description.contains("cellwright") ? description["cellwright"] : Json();
  if (!own.is_object() || !own.contains("corpus") || !own["corpus"].is_object()) {
    return said("Training data not recorded in the folder.");
  }
  return said("Trained on %1 cells.").arg(count_text(number(own["corpus"], "cells")));
}

bool was_trained_on(const Json& description, const std::string& sha256) {
  if (sha256.empty() || !description.is_object() || !description.contains("cellwright")) return false;
  // the checksums of the files stand somewhere below "corpus"; 64 digits are found nowhere else
  const Json& own = description["cellwright"];
  return own.is_object() && own.contains("corpus") && own["corpus"].dump().find(sha256) != std::string::npos;
}

ModelsCard::ModelsCard(Services& services, QWidget* parent)
    : QWidget(parent), services_(services), list_(new QVBoxLayout) {
  setObjectName(QStringLiteral("modelsCard"));
  setAccessibleName(tr("Models"));
  setProperty("surface", "card");
  setAttribute(Qt::WA_StyledBackground);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 12, 16, 14);
  layout->setSpacing(8);
  auto* head = new QHBoxLayout;
  head->addWidget(make_caption(tr("Models"), this));
  head->addStretch(1);
  auto* add = make_button(QStringLiteral("addModel"), tr("Add a model folder…"), "link", this);
  head->addWidget(add);
  layout->addLayout(head);
  list_->setSpacing(0);
  layout->addLayout(list_);
  connect(add, &QPushButton::clicked, this, &ModelsCard::addRequested);
  connect(&services.document, &Document::modelsChanged, this, &ModelsCard::refresh);
  connect(&services.document, &Document::activeModelChanged, this, &ModelsCard::refresh);
  refresh();
}

void ModelsCard::setReport(const Json& report) {
  report_ = report;
  refresh();
}

void ModelsCard::refresh() {
  while (QLayoutItem* item = list_->takeAt(0)) {
    if (QWidget* widget = item->widget()) widget->deleteLater();
    delete item;
  }
  bool first = true;
  for (const ModelEntry& model : services_.document.models()) {
    if (!first) list_->addWidget(make_line(Qt::Horizontal, this));
    first = false;
    list_->addWidget(makeCard(model));
  }
}

QWidget* ModelsCard::makeCard(const ModelEntry& model) {
  Document& document = services_.document;
  auto* card = new QWidget(this);
  card->setObjectName(QStringLiteral("model.") + model.id);
  auto* row = new QHBoxLayout(card);
  row->setContentsMargins(0, 8, 0, 8);
  row->setSpacing(16);
  auto* words = new QVBoxLayout;
  words->setSpacing(3);
  words->addWidget(make_label(model.name, "heading", card));
  QString corpus = model_corpus_text(model.description);
  if (model.isDemonstration) corpus += tr(" Small, for trying things out: not for conclusions.");
  for (const QString& text : {model_size_text(model.description), corpus}) {
    auto* label = make_label(text, "secondary", card);
    label->setWordWrap(true);
    words->addWidget(label);
  }
  if (was_trained_on(model.description, file_link_from_json(document.datasetRecord()).sha256)) {
    words->addWidget(make_label(tr("This data set was part of its training."), "warning", card));
  }
  if (document.linkState(model.id) == LinkState::kMissing && !model.isDemonstration) {
    words->addWidget(make_label(tr("The folder is not where it was."), "warning", card));
  }
  row->addLayout(words, 1);
  if (report_.is_object() && report_.contains("dictionaries") && !report_["dictionaries"].empty()) {
    const QString dictionary = model.dictionary();
    if (dictionary == QLatin1String("v1") || dictionary == QLatin1String("v2")) {
      auto* fit = new FitMeter(services_.theme, card);
      fit->setFit(fit_of(report_, dictionary), tr("these data"));
      row->addWidget(fit, 0, Qt::AlignTop);
    } else {
      row->addWidget(make_label(tr("Vocabulary not known"), "secondary", card), 0, Qt::AlignTop);
    }
  }
  const ModelEntry* active = document.activeModel();
  const bool inUse = active && active->id == model.id;
  auto* use = make_button(QStringLiteral("useModel.") + model.id, inUse ? tr("In use") : tr("Use"), "", card);
  use->setAccessibleName(inUse ? tr("%1 is in use").arg(model.name) : tr("Use %1").arg(model.name));
  use->setEnabled(!inUse);
  use->setFixedWidth(72);
  connect(use, &QPushButton::clicked, this, [this, id = model.id] { services_.document.setActiveModel(id); });
  row->addWidget(use, 0, Qt::AlignTop);
  return card;
}

}  // namespace cw::ui
