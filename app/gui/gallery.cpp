// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/gallery.h"

#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/theme/numbers.h"
#include "ui/theme/palettes.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>
#include <QRadioButton>
#include <QSlider>
#include <QSpinBox>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr int kPageWidth = 640;

QString sentence(const char* text) { return QString::fromUtf8(text); }

QPixmap swatches(const QList<QColor>& colors, int width) {
  constexpr int kHeight = 22;
  QPixmap picture(static_cast<int>(colors.size()) * width, kHeight);
  picture.fill(Qt::transparent);
  QPainter painter(&picture);
  for (int i = 0; i < colors.size(); ++i) painter.fillRect(i * width, 0, width, kHeight, colors[i]);
  return picture;
}

QWidget* row_of(const QString& caption, const QList<QWidget*>& widgets, QWidget* parent) {
  auto* block = new QWidget(parent);
  auto* column = new QVBoxLayout(block);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  column->addWidget(make_caption(caption, block));
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  for (QWidget* widget : widgets) row->addWidget(widget);
  row->addStretch(1);
  column->addLayout(row);
  return block;
}

QPushButton* button(const char* text, const char* kind, bool enabled = true) {
  auto* made = make_button(QStringLiteral("gallery"), sentence(text), kind);
  made->setEnabled(enabled);
  return made;
}

QToolButton* pill(const char* text, bool checked = false) {
  auto* made = make_pill(QStringLiteral("gallery"), sentence(text));
  made->setCheckable(true);
  made->setChecked(checked);
  return made;
}

QTableWidget* table(const Theme& theme) {
  auto* made = new QTableWidget(3, 4);
  made->setHorizontalHeaderLabels({sentence("Gene"), sentence("Effect"), sentence("FDR"), sentence("Cells")});
  const char* cells[3][4] = {
      {"STAT1", "−0.034", "1e−6", "498"}, {"IRF9", "−0.025", "4e−5", "377"}, {"USP18", "+0.009", "0.004", "204"}};
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 4; ++column) {
      auto* item = new QTableWidgetItem(sentence(cells[row][column]));
      item->setTextAlignment(Qt::AlignVCenter | (column == 0 ? Qt::AlignLeft : Qt::AlignRight));
      made->setItem(row, column, item);
    }
  }
  made->selectRow(1);
  made->setShowGrid(false);
  made->verticalHeader()->hide();
  made->verticalHeader()->setDefaultSectionSize(theme.size("table-row"));
  made->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  made->setFixedHeight(4 * theme.size("table-row") + 6);
  made->setSelectionBehavior(QAbstractItemView::SelectRows);
  return made;
}

// One sheet in the colours of now.
QWidget* sheet(const Theme& theme) {
  auto* page = make_surface("panel");
  page->setFixedWidth(kPageWidth);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(20, 16, 20, 20);
  column->setSpacing(14);
  column->addWidget(make_label(theme.isDark() ? sentence("Dark") : sentence("Light"), "title", page));
  column->addWidget(row_of(sentence("Type"),
                           {make_label(sentence("STAT1"), "title"), make_label(sentence("Heading"), "heading"),
                            make_label(sentence("Body 1,234")), make_label(sentence("Secondary"), "secondary"),
                            make_caption(sentence("Caption"))},
                           page));
  auto* focused = button("Focus", "");
  column->addWidget(row_of(sentence("Buttons"),
                           {button("Run", "primary"), button("Preview 64 cells", ""), focused, button("Why?", "link"),
                            button("Disabled", "", false), button("Disabled", "primary", false)},
                           page));
  auto* donors = new QCheckBox(sentence("Donors"));
  donors->setChecked(true);
  auto* each = new QRadioButton(sentence("Each gene alone"));
  each->setChecked(true);
  column->addWidget(row_of(sentence("Choices"),
                           {pill("UMAP"), pill("Colour: cell type", true), donors, new QCheckBox(sentence("Labels")),
                            each, new QRadioButton(sentence("Together"))},
                           page));
  auto* line = new QLineEdit(sentence("STAT1, IRF9"));
  auto* spin = new QSpinBox;
  spin->setValue(42);
  auto* box = new QComboBox;
  box->addItem(sentence("Second-to-last layer"));
  auto* slider = new QSlider(Qt::Horizontal);
  slider->setValue(40);
  column->addWidget(row_of(sentence("Fields"), {line, spin, box, slider}, page));
  auto* progress = new QProgressBar;
  progress->setRange(0, 100);
  progress->setValue(38);
  progress->setTextVisible(false);
  progress->setFixedWidth(120);
  column->addWidget(row_of(sentence("Progress"),
                           {progress, make_label(sentence("38 % · 2,410 passes/s · 6 min left ±1"), "secondary")},
                           page));
  for (const auto kind : {Message::Kind::kInfo, Message::Kind::kGood, Message::Kind::kWarning, Message::Kind::kError}) {
    const bool warning = kind == Message::Kind::kWarning;
    Message message;
    message.kind = kind;
    message.title = warning ? sentence("Known to the model") : QString();
    message.text = warning ? sentence("This data set was part of the pretraining corpus.")
                           : sentence("What happened, why, and what to do.");
    message.fixText = warning ? sentence("Why?") : QString();
    message.fix = [] {};
    column->addWidget(make_message_bar(theme, message, page));
  }
  column->addWidget(table(theme));
  QList<QColor> categories;
  for (int i = 0; i < 28; ++i) categories << category_color(i);
  QList<QColor> continuous;
  QList<QColor> diverging;
  for (int i = 0; i < 256; i += 4) {
    continuous << QColor(color_scale(QStringLiteral("viridis"))[i]);
    diverging << QColor(color_scale(QStringLiteral("start-goal"))[i]);
  }
  const auto picture = [](const QPixmap& pixmap) {
    auto* label = new QLabel;
    label->setPixmap(pixmap);
    return label;
  };
  column->addWidget(row_of(sentence("Categories"), {picture(swatches(categories, 20))}, page));
  column->addWidget(row_of(sentence("Continuous, start to goal"),
                           {picture(swatches(continuous, 4)), picture(swatches(diverging, 4))}, page));
  QList<QWidget*> icons;
  for (const char* name : {"data", "explore", "perturb", "gene", "cell", "group", "lasso", "filter", "model", "export",
                           "figure", "history", "stop", "play", "help"}) {
    auto* tool = new QToolButton;
    tool->setIcon(theme.icon(QString::fromLatin1(name)));
    tool->setToolTip(QString::fromLatin1(name));
    icons << tool;
  }
  column->addWidget(row_of(sentence("Icons"), icons, page));
  column->addStretch(1);
  focused->setFocus();
  return page;
}

QPixmap picture_of(Theme& theme, Theme::Mode mode) {
  theme.setMode(mode);
  const std::unique_ptr<QWidget> page(sheet(theme));
  page->setAttribute(Qt::WA_DontShowOnScreen);
  page->show();
  page->ensurePolished();
  page->adjustSize();
  return page->grab();
}

}  // namespace

std::unique_ptr<QWidget> make_gallery(Theme& theme) {
  // colours belong to the whole program: each half is drawn in its own and shown as a picture
  auto gallery = std::make_unique<QWidget>();
  gallery->setObjectName(QStringLiteral("gallery"));
  gallery->setWindowTitle(sentence("Design sheet"));
  auto* row = new QHBoxLayout(gallery.get());
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  for (const auto mode : {Theme::Mode::kLight, Theme::Mode::kDark}) {
    auto* half = new QLabel;
    half->setPixmap(picture_of(theme, mode));
    half->setAlignment(Qt::AlignTop);
    row->addWidget(half);
  }
  return gallery;
}

}  // namespace cw::ui
