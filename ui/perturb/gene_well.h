// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/perturb/experiment.h"
#include "ui/perturb/well.h"

class QLabel;
class QLineEdit;
class QSpinBox;
class QToolButton;
class QVBoxLayout;

namespace cw::ui {

class Document;
class FlowLayout;

/// One of the five wells: says exactly what happens to its genes, takes genes dragged from anywhere, and shows them as
/// chips. Enter opens a field for names; the button lists "all detected genes", the selected genes, gene lists, a file.
class GeneWell : public DropWell {
  Q_OBJECT
 public:
  GeneWell(const Theme& theme, Document& document, WellId kind, QWidget* parent = nullptr);

  /// `detected`: genes that "all" stands for; 0 = not known.
  void setContents(const Well& well, int quartiles, std::int64_t detected);
  /// A sentence below the chips ("12 of 15 added; 3 not in the model") and what its button shows; "" takes it away.
  void setReport(const QString& text, const QStringList& details);
  [[nodiscard]] WellId kind() const noexcept { return kind_; }

 Q_SIGNALS:
  /// Text typed, pasted or dropped: words to look up.
  void wordsGiven(const QStringList& words);
  void filesGiven(const QStringList& files);
  void genesGiven(const QList<cw::ui::WellGene>& genes);
  void allGiven();
  void removed(const QString& ensemblId);
  void allRemoved();
  void cleared();
  void quartilesChanged(int quartiles);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void addQuartiles(QVBoxLayout& layout);
  void fillMenu();
  void takeDrop(const QMimeData& mime);
  void openField();
  void fillChips(const Well& well, std::int64_t detected);

  Document& document_;
  WellId kind_;
  QLabel* operation_;
  QSpinBox* quartiles_ = nullptr;
  QWidget* chips_;
  FlowLayout* flow_;
  QLineEdit* field_;
  QLabel* report_;
  QToolButton* add_;
};

}  // namespace cw::ui
