// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/command_palette.h"

#include "ui/common/action_registry.h"
#include "ui/common/drag_data.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/main_window/palette_row.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr int kActionRole = Qt::UserRole;
constexpr int kGeneRole = Qt::UserRole + 1;
constexpr int kMostActions = 12;

// Every typed word must begin a word of the command.
bool matches(const QString& command, const QStringList& words) {
  for (const QString& word : words) {
    bool found = false;
    for (const QString& part : command.split(QLatin1Char(' ')))
      found = found || part.startsWith(word, Qt::CaseInsensitive);
    if (!found) return false;
  }
  return true;
}

QString remark_of(const GeneHit& hit) {
  QStringList remarks{QString::fromStdString(hit.ensembl_id)};
  if (!hit.matched.empty()) remarks << QObject::tr("also called %1").arg(QString::fromStdString(hit.matched));
  if (hit.gene_row < 0) remarks << QObject::tr("not measured here");
  if (!hit.in_vocabulary) remarks << QObject::tr("not in the model");
  return remarks.join(QStringLiteral(" · "));
}

// A gene that was found is dragged to a well as a row of the gene table is; Enter and the inspector are its twins.
class Matches : public QListWidget {
 public:
  explicit Matches(CommandPalette* palette) : QListWidget(palette), palette_(palette) { setDragEnabled(true); }

 protected:
  void startDrag(Qt::DropActions) override {
    const QListWidgetItem* item = currentItem();
    if (!item) return;
    GeneDrag drag;
    drag.origin = palette_->objectName();
    drag.ensemblIds << item->data(kGeneRole).toString();
    drag.symbols << item->text();
    palette_->hide();  // it covers the wells
    start_drag(palette_, mime_of(drag), drag.symbols.first());
  }

 private:
  CommandPalette* palette_;
};

}  // namespace

CommandPalette::CommandPalette(Services& services, QWidget* window)
    : QFrame(window), services_(services), field_(new QLineEdit(this)), list_(new Matches(this)) {
  setObjectName(QStringLiteral("commandPalette"));
  setAccessibleName(tr("Search genes and commands"));
  setProperty("surface", "card");
  setAttribute(Qt::WA_StyledBackground);
  field_->setObjectName(QStringLiteral("paletteField"));
  field_->setAccessibleName(tr("Search genes and commands"));
  field_->setPlaceholderText(tr("A gene, or what you want to do"));
  field_->installEventFilter(this);
  list_->setObjectName(QStringLiteral("paletteList"));
  list_->setAccessibleName(tr("Matches"));
  list_->setFocusPolicy(Qt::NoFocus);
  list_->setItemDelegate(new PaletteRow(services.theme, list_));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(10, 10, 10, 10);
  layout->addWidget(field_);
  layout->addWidget(list_);
  connect(field_, &QLineEdit::textChanged, this, &CommandPalette::refresh);
  connect(list_, &QListWidget::itemClicked, this, &CommandPalette::run);
  hide();
}

void CommandPalette::open(const QString& text) {
  const QWidget* window = parentWidget();
  const QSize size(std::min(620, window->width() - 40), std::min(420, window->height() - 120));
  setGeometry((window->width() - size.width()) / 2, 48, size.width(), size.height());
  field_->setText(text);
  refresh(text);
  show();
  raise();
  field_->setFocus();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (watched == field_ && event->type() == QEvent::KeyPress) {
    switch (static_cast<QKeyEvent*>(event)->key()) {
      case Qt::Key_Down:
        list_->setCurrentRow(std::min(list_->currentRow() + 1, list_->count() - 1));
        return true;
      case Qt::Key_Up:
        list_->setCurrentRow(std::max(list_->currentRow() - 1, 0));
        return true;
      case Qt::Key_Return:
      case Qt::Key_Enter:
        run();
        return true;
      case Qt::Key_Escape:
        hide();
        return true;
      default:
        break;
    }
  }
  if (watched == field_ && event->type() == QEvent::FocusOut) hide();
  return QFrame::eventFilter(watched, event);
}

void CommandPalette::refresh(const QString& text) {
  list_->clear();
  for (const GeneHit& hit : services_.document.geneSearch().find(text, 8)) {
    auto* item =
        new QListWidgetItem(services_.theme.icon(QStringLiteral("gene")), QString::fromStdString(hit.symbol), list_);
    item->setData(PaletteRow::kRemarkRole, remark_of(hit));
    item->setData(Qt::AccessibleDescriptionRole, remark_of(hit));
    item->setData(kGeneRole, QString::fromStdString(hit.ensembl_id));
  }
  const QStringList words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  int shown = 0;
  for (QAction* action : services_.actions.all()) {
    if (shown == kMostActions || !action->isEnabled() || !matches(action->text(), words)) continue;
    const QString keys = action->shortcut().toString(QKeySequence::NativeText);
    auto* item = new QListWidgetItem(services_.theme.icon(QStringLiteral("arrow-right")),
                                     action->text().remove(QLatin1Char('&')), list_);
    item->setData(PaletteRow::kKeysRole, keys);
    item->setData(kActionRole, action->objectName());
    item->setFlags(item->flags() & ~Qt::ItemIsDragEnabled);
    ++shown;
  }
  if (list_->count() == 0 && !words.isEmpty()) {
    auto* item = new QListWidgetItem(tr("No gene and no command is called “%1”.").arg(text), list_);
    item->setFlags(Qt::NoItemFlags);
  }
  list_->setCurrentRow(0);
}

void CommandPalette::run() {
  const QListWidgetItem* item = list_->currentItem();
  if (!item) return;
  const QString gene = item->data(kGeneRole).toString();
  const QString action = item->data(kActionRole).toString();
  hide();
  if (!gene.isEmpty()) {
    Q_EMIT geneChosen(gene);
  } else if (QAction* chosen = services_.actions.find(action)) {
    chosen->trigger();
  }
}

}  // namespace cw::ui
