// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/embedding/color_picker.h"

#include "ui/document/cell_quality.h"
#include "ui/document/document.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr int kIndex = Qt::UserRole;
constexpr int kMostGenes = 12;
constexpr int kWidth = 300;
constexpr int kMostHeight = 400;

}  // namespace

ColorPicker::ColorPicker(const Theme& theme, Document& document, QWidget* parent)
    : QFrame(parent, Qt::Popup),
      theme_(theme),
      document_(document),
      search_(new QLineEdit(this)),
      list_(new QListWidget(this)) {
  setObjectName(QStringLiteral("colourPicker"));
  setProperty("surface", "card");
  setAccessibleName(tr("Colour by"));
  search_->setObjectName(QStringLiteral("colourSearch"));
  search_->setAccessibleName(tr("Find a column or gene to colour by"));
  search_->setPlaceholderText(tr("Column or gene"));
  search_->installEventFilter(this);
  list_->setObjectName(QStringLiteral("colourList"));
  list_->setAccessibleName(tr("Columns and genes"));
  list_->setFocusPolicy(Qt::NoFocus);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(8, 8, 8, 8);
  layout->addWidget(search_);
  layout->addWidget(list_);
  connect(search_, &QLineEdit::textChanged, this, [this] { fill(); });
  connect(list_, &QListWidget::itemClicked, this, [this] { choose(); });
}

void ColorPicker::openBelow(QWidget* anchor, const QList<ColumnUse>& uses) {
  uses_ = uses;
  search_->clear();
  fill();
  setFixedWidth(kWidth);
  move(anchor->mapToGlobal(QPoint(0, anchor->height() + 4)));
  show();
  search_->setFocus();
}

void ColorPicker::addCaption(const QString& text) {
  auto* item = new QListWidgetItem(text, list_);
  item->setFlags(Qt::NoItemFlags);
  item->setFont(theme_.font("caption", QFont::DemiBold));
  item->setForeground(theme_.color("ink-2"));
  item->setSizeHint({0, theme_.size("row")});
}

void ColorPicker::addEntry(const QString& text, const QString& detail, const Coloring& coloring) {
  auto* item = new QListWidgetItem(detail.isEmpty() ? text : text + QStringLiteral("   ") + detail, list_);
  item->setData(kIndex, static_cast<int>(colorings_.size()));
  item->setSizeHint({0, theme_.size("row")});
  colorings_.append(coloring);
}

void ColorPicker::fill() {
  list_->clear();
  colorings_.clear();
  const QString text = search_->text().trimmed();
  const auto matches = [&text](const QString& name) {
    return text.isEmpty() || name.contains(text, Qt::CaseInsensitive) ||
           column_words(name).contains(text, Qt::CaseInsensitive);
  };
  const auto columns = [&](ColumnUse::Kind kind, const QString& caption) {
    bool first = true;
    for (const ColumnUse& use : uses_) {
      if (use.kind != kind || !matches(use.name)) continue;
      if (first) addCaption(caption);
      first = false;
      const QString words = column_words(use.name);
      const QString detail =
          kind == ColumnUse::Kind::kCategories ? tr("%n group(s)", nullptr, use.numCategories) : QString();
      addEntry(words, detail, {Coloring::Kind::kColumn, use.name, {}, words});
    }
  };
  columns(ColumnUse::Kind::kCategories, tr("Labels"));
  columns(ColumnUse::Kind::kNumbers, tr("Numbers"));
  if (document_.dataset() && !document_.dataset()->counts_where.empty()) {
    bool first = true;
    for (const CellQuality quality : kCellQualities) {
      const QString title = title_of(quality);
      if (!matches(title)) continue;
      if (first) addCaption(tr("Quality of the cells"));
      first = false;
      addEntry(title, {}, {Coloring::Kind::kQuality, word_of(quality), {}, title});
    }
  }
  const GeneSelection& selected = document_.selection().genes();
  if (text.isEmpty()) {
    addCaption(tr("Genes"));
    if (!selected.ensemblIds.isEmpty()) {
      addEntry(tr("Mean of the selected genes"),
               tr("%n gene(s)", nullptr, static_cast<int>(selected.ensemblIds.size())),
               {Coloring::Kind::kSelectedGenes, {}, {}, tr("selected genes")});
    }
    auto* hint = new QListWidgetItem(tr("Type a gene’s name"), list_);
    hint->setFlags(Qt::NoItemFlags);
    hint->setForeground(theme_.color("ink-2"));
    hint->setSizeHint({0, theme_.size("row")});
    addCaption(tr("None"));
    addEntry(tr("One colour"), {}, {});
  } else {
    bool first = true;
    for (const GeneHit& hit : document_.geneSearch().find(text, kMostGenes)) {
      if (hit.gene_row < 0) continue;
      if (first) addCaption(tr("Genes"));
      first = false;
      const QString symbol = QString::fromStdString(hit.symbol), id = QString::fromStdString(hit.ensembl_id);
      addEntry(symbol, hit.matched.empty() ? id : QString::fromStdString(hit.matched),
               {Coloring::Kind::kGenes, {}, {id}, symbol});
    }
    if (list_->count() == 0) addCaption(tr("Nothing of that name is in this data set"));
  }
  for (int row = 0; row < list_->count(); ++row) {
    if (!(list_->item(row)->flags() & Qt::ItemIsEnabled)) continue;
    if (!text.isEmpty()) list_->setCurrentRow(row);
    break;
  }
  int height = 4;
  for (int row = 0; row < list_->count(); ++row) height += list_->item(row)->sizeHint().height();
  list_->setFixedHeight(std::min(kMostHeight, height));
  adjustSize();
}

void ColorPicker::choose() {
  const QListWidgetItem* item = list_->currentItem();
  if (!item || !(item->flags() & Qt::ItemIsEnabled)) return;
  const Coloring coloring = colorings_[item->data(kIndex).toInt()];
  hide();
  Q_EMIT chosen(coloring);
}

bool ColorPicker::eventFilter(QObject* watched, QEvent* event) {
  if (watched != search_ || event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
  const int key = static_cast<QKeyEvent*>(event)->key();
  if (key == Qt::Key_Down || key == Qt::Key_Up) {
    const int step = key == Qt::Key_Down ? 1 : -1;
    for (int row = list_->currentRow() + step; row >= 0 && row < list_->count(); row += step) {
      if (!(list_->item(row)->flags() & Qt::ItemIsEnabled)) continue;
      list_->setCurrentRow(row);
      break;
    }
    return true;
  }
  if (key == Qt::Key_Return || key == Qt::Key_Enter) {
    choose();
    return true;
  }
  return QFrame::eventFilter(watched, event);
}

}  // namespace cw::ui
