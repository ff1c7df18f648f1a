// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/gene_well.h"

#include "ui/common/drag_data.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/perturb/flow_layout.h"
#include "ui/perturb/gene_drop.h"
#include "ui/perturb/well_chip.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr qsizetype kMostChips = 4;  // more push the choices below out of sight

bool is_refused_upstream(WellId kind) { return kind == WellId::kInhibit || kind == WellId::kActivate; }

GeneDrag drag_of(const QList<WellGene>& genes) {
  GeneDrag drag;
  for (const WellGene& gene : genes) {
    drag.ensemblIds << gene.ensemblId;
    drag.symbols << gene.symbol;
  }
  drag.origin = QStringLiteral("benchPanel");
  return drag;
}

}  // namespace

GeneWell::GeneWell(const Theme& theme, Document& document, WellId kind, QWidget* parent)
    : DropWell(theme, QString::fromLatin1(word_of(kind)) + QStringLiteral("Well"), parent),
      document_(document),
      kind_(kind),
      operation_(make_label({}, "secondary")),
      chips_(new QWidget(this)),
      flow_(new FlowLayout(4, chips_)),
      field_(new QLineEdit(this)),
      report_(make_label({}, "secondary")),
      add_(new QToolButton(this)) {
  setFocusPolicy(Qt::StrongFocus);
  setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // five of one width
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(10, 7, 7, 8);
  layout->setSpacing(3);
  auto* top = new QHBoxLayout;
  top->setSpacing(4);
  top->addWidget(make_label(title_of(kind), "heading"));
  top->addStretch(1);
  add_->setObjectName(objectName() + QStringLiteral("Add"));
  add_->setIcon(theme.icon(QStringLiteral("plus")));
  add_->setToolTip(tr("Add genes to %1").arg(title_of(kind)));
  add_->setAccessibleName(add_->toolTip());
  add_->setFixedSize(22, 20);
  add_->setIconSize(QSize(14, 14));
  add_->setStyleSheet(QStringLiteral("padding:0"));
  add_->setPopupMode(QToolButton::InstantPopup);
  add_->setMenu(new QMenu(add_));
  connect(add_->menu(), &QMenu::aboutToShow, this, &GeneWell::fillMenu);
  top->addWidget(add_);
  layout->addLayout(top);
  operation_->setWordWrap(true);
  layout->addWidget(operation_);
  if (is_refused_upstream(kind)) addQuartiles(*layout);
  layout->addWidget(chips_);
  field_->setObjectName(objectName() + QStringLiteral("Names"));
  field_->setPlaceholderText(tr("gene names"));
  field_->setAccessibleName(tr("Gene names for %1").arg(title_of(kind)));
  field_->installEventFilter(this);
  field_->hide();
  connect(field_, &QLineEdit::returnPressed, this, [this] {
    const QStringList words = gene_words(field_->text());
    field_->clear();
    field_->hide();
    setFocus();
    if (!words.isEmpty()) Q_EMIT wordsGiven(words);
  });
  layout->addWidget(field_);
  report_->setObjectName(objectName() + QStringLiteral("Report"));
  report_->setWordWrap(true);
  report_->hide();
  layout->addWidget(report_);
  layout->addStretch(1);
  refusal = [this](const QMimeData& mime) -> QString {
    if (!may_hold_genes(mime)) return tr("Takes genes: rows of a gene table, chips, names, a list in a file.");
    const auto genes = genes_of(mime);
    if (kind_ == WellId::kAnchor && genes && (genes->allDetected || genes->ensemblIds.size() > 1)) {
      return tr("The anchor is one gene.");
    }
    return {};
  };
  dropped = [this](const QMimeData& mime) { takeDrop(mime); };
}

// Inhibit and activate: by how many quarters, and that the published code refuses them.
void GeneWell::addQuartiles(QVBoxLayout& layout) {
  auto* row = new QHBoxLayout;
  row->setSpacing(4);
  quartiles_ = new QSpinBox(this);
  quartiles_->setObjectName(objectName() + QStringLiteral("Quarters"));
  quartiles_->setRange(1, 3);
  quartiles_->setFixedWidth(44);
  quartiles_->setStyleSheet(QStringLiteral("min-height:18px;max-height:18px;padding:0 3px"));
  quartiles_->setToolTip(tr("By how many quarters of the cell's list: 1, 2 or 3. Inhibit and Activate share it."));
  quartiles_->setAccessibleName(tr("Quarters of the list"));
  connect(quartiles_, &QSpinBox::valueChanged, this, &GeneWell::quartilesChanged);
  row->addWidget(quartiles_);
  row->addStretch(1);
  auto* badge = make_label(tr("extension"), "warning");
  badge->setObjectName(objectName() + QStringLiteral("Badge"));
  badge->setFont(theme().font("caption"));
  badge->setStyleSheet(QStringLiteral("font-weight:500;font-size:%1px").arg(theme().font("caption").pixelSize()));
  badge->setToolTip(
      tr("The published code only describes this and refuses to run it. Here it is done by the "
         "published rule; the definition is under Help, “Perturbations”."));
  row->addWidget(badge);
  layout.addLayout(row);
}

void GeneWell::takeDrop(const QMimeData& mime) {
  if (const auto genes = genes_of(mime)) {
    if (genes->allDetected) return Q_EMIT allGiven();
    QStringList ids = genes->ensemblIds;
    return Q_EMIT wordsGiven(ids);
  }
  const QStringList files = gene_files_of(mime);
  if (!files.isEmpty()) return Q_EMIT filesGiven(files);
  Q_EMIT wordsGiven(gene_words(mime.text()));
}

void GeneWell::setContents(const Well& well, int quartiles, std::int64_t detected) {
  const QString operation = operation_of(kind_, quartiles);
  operation_->setText(operation);
  setAccessibleName(title_of(kind_));
  setAccessibleDescription(operation);
  if (quartiles_ != nullptr) {
    const QSignalBlocker blocker(quartiles_);
    quartiles_->setValue(quartiles);
  }
  fillChips(well, detected);
}

void GeneWell::fillChips(const Well& well, std::int64_t detected) {
  const bool had_focus = chips_->isAncestorOf(focusWidget());
  while (QLayoutItem* item = flow_->takeAt(0)) {
    item->widget()->hide();
    item->widget()->deleteLater();
    delete item;
  }
  const auto add = [this](WellChip* chip) {
    flow_->addWidget(chip);
    chip->show();
  };
  if (well.all) {
    auto* chip = new WellChip(theme(), objectName() + QStringLiteral("All"), tr("All"),
                              detected > 0 ? count_text(detected) : QString(), chips_);
    chip->setToolTip(tr("Every gene that a cell has, one at a time"));
    connect(chip, &WellChip::removeRequested, this, &GeneWell::allRemoved);
    connect(chip, &WellChip::dragStarted, chip, [chip] {
      GeneDrag drag;
      drag.allDetected = true;
      start_drag(chip, mime_of(drag), tr("all detected genes"));
    });
    add(chip);
  }
  const qsizetype shown = well.genes.size() > kMostChips + 1 ? kMostChips : well.genes.size();
  for (qsizetype i = 0; i < shown; ++i) {
    const WellGene& gene = well.genes[i];
    auto* chip =
        new WellChip(theme(), objectName() + QStringLiteral("Gene-") + gene.ensemblId, gene.symbol, {}, chips_);
    chip->setToolTip(gene.ensemblId);
    connect(chip, &WellChip::removeRequested, this, [this, id = gene.ensemblId] { Q_EMIT removed(id); });
    connect(chip, &WellChip::dragStarted, chip,
            [chip, gene] { start_drag(chip, mime_of(drag_of({gene})), gene.symbol); });
    add(chip);
  }
  if (shown < well.genes.size()) {
    auto* more = new WellChip(theme(), objectName() + QStringLiteral("More"),
                              tr("and %1 more").arg(count_text(well.genes.size() - shown)), {}, chips_);
    more->setRemovable(false);
    QStringList names;
    for (const WellGene& gene : well.genes) names << gene.symbol;
    more->setToolTip(names.mid(0, 200).join(QStringLiteral(", ")));
    connect(more, &WellChip::dragStarted, more, [more, genes = well.genes] {
      start_drag(more, mime_of(drag_of(genes)), tr("%1 genes").arg(count_text(genes.size())));
    });
    add(more);
  }
  chips_->setVisible(flow_->count() > 0);
  chips_->updateGeometry();
  if (had_focus) setFocus();
}

void GeneWell::setReport(const QString& text, const QStringList& details) {
  report_->setText(text);
  report_->setToolTip(details.mid(0, 200).join(QStringLiteral(", ")));
  report_->setVisible(!text.isEmpty());
  if (details.isEmpty()) return;
  report_->setText(text + QStringLiteral(" <a href='show'>") + tr("show") + QStringLiteral("</a>"));
  disconnect(report_, &QLabel::linkActivated, this, nullptr);
  connect(report_, &QLabel::linkActivated, this, [this, details] {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const QString& word : details.mid(0, 30)) menu->addAction(word)->setEnabled(false);
    if (details.size() > 30) menu->addAction(tr("and %1 more").arg(count_text(details.size() - 30)))->setEnabled(false);
    menu->popup(report_->mapToGlobal(QPoint(0, report_->height())));
  });
}

void GeneWell::fillMenu() {
  QMenu* menu = add_->menu();
  menu->clear();
  connect(menu->addAction(tr("Type names…")), &QAction::triggered, this, &GeneWell::openField);
  if (kind_ != WellId::kAnchor) {
    connect(menu->addAction(tr("All detected genes, one at a time")), &QAction::triggered, this, &GeneWell::allGiven);
  }
  const GeneSelection& selected = document_.selection().genes();
  if (!selected.ensemblIds.isEmpty()) {
    QAction* action = menu->addAction(tr("Selected genes (%1)").arg(count_text(selected.ensemblIds.size())));
    connect(action, &QAction::triggered, this, [this, ids = selected.ensemblIds] { Q_EMIT wordsGiven(ids); });
  }
  if (document_.project() != nullptr && kind_ != WellId::kAnchor) {
    for (const ProjectItem& item : document_.project()->items(QStringLiteral("gene-list"))) {
      const char* key = item.body.contains("ids") ? "ids" : "genes";
      if (!item.body.contains(key) || !item.body[key].is_array()) continue;
      QStringList ids;
      for (const Json& id : item.body[key]) {
        if (id.is_string()) ids << QString::fromStdString(id.get<std::string>());
      }
      connect(menu->addAction(tr("%1 (%2)").arg(item.name, count_text(ids.size()))), &QAction::triggered, this,
              [this, ids] { Q_EMIT wordsGiven(ids); });
    }
  }
  menu->addSeparator();
  connect(menu->addAction(tr("From a file (text, CSV, GMT)…")), &QAction::triggered, this, [this] {
    auto* dialog = new QFileDialog(window(), tr("Genes from a file"), {},
                                   tr("Gene lists (*.txt *.csv *.tsv *.gmt *.gz);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &GeneWell::filesGiven);
    dialog->open();
  });
  QAction* clear = menu->addAction(tr("Empty this well"));
  clear->setEnabled(flow_->count() > 0);
  connect(clear, &QAction::triggered, this, &GeneWell::cleared);
}

void GeneWell::openField() {
  field_->show();
  field_->setFocus();
}

void GeneWell::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
    openField();
  } else if (event->key() == Qt::Key_Space || event->key() == Qt::Key_Menu) {
    add_->showMenu();
  } else {
    DropWell::keyPressEvent(event);
  }
}

bool GeneWell::eventFilter(QObject* watched, QEvent* event) {
  if (watched == field_ && event->type() == QEvent::KeyPress &&
      static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
    field_->hide();
    setFocus();
    return true;
  }
  return DropWell::eventFilter(watched, event);
}

}  // namespace cw::ui
