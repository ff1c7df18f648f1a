// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/perturb/experiment.h"

#include <QWidget>

class QButtonGroup;
class QComboBox;
class QLabel;

namespace cw::ui {

class Document;

/// HOW: each gene alone, together, all pairs, with the anchor; and with which model, layer and method. Nothing is
/// chosen until the wells leave no doubt.
class HowCard : public QWidget {
  Q_OBJECT
 public:
  explicit HowCard(Document& document, QWidget* parent = nullptr);
  void showExperiment(const Experiment& experiment);

 Q_SIGNALS:
  void howChosen(const QString& how);
  void modelChosen(const QString& id);
  void layerChosen(const QString& layer);
  void methodChosen(const QString& method);
  void nullCountChosen(int count);

 private:
  void fillModels();
  void showNote(const Experiment& experiment);

  Document& document_;
  QButtonGroup* hows_;
  QLabel* note_;
  QLabel* badge_;
  QComboBox* model_;
  QComboBox* layer_;
  QComboBox* method_;
  QComboBox* null_;
  QLabel* nullText_;
};

}  // namespace cw::ui
