// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/figures/export_sheet.h"

#include "ui/common/tab_order.h"
#include "ui/common/widgets.h"
#include "ui/theme/theme.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSettings>
#include <QStandardPaths>
#include <QToolButton>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

constexpr int kPreviewWidth = 320;
constexpr int kPreviewHeight = 260;
constexpr int kFormWidth = 330;
constexpr auto kFolderKey = "figures/folder";

QString safe_name(QString name) {
  static const QRegularExpression kUnsafe(QStringLiteral("[/\\\\:*?\"<>|\\s]+"));
  return name.replace(kUnsafe, QStringLiteral("-"));
}

}  // namespace

ExportSheet::ExportSheet(Services& services, QWidget* window)
    : QWidget(window),
      services_(services),
      preview_(new QLabel(this)),
      title_(make_label(tr("Export figure"), "heading", this)),
      height_(new QDoubleSpinBox(this)),
      font_(new QComboBox(this)),
      path_(new QLineEdit(this)),
      note_(make_label({}, "secondary", this)),
      export_(make_button(QStringLiteral("exportFigureButton"), tr("Export"), "primary", this)) {
  setObjectName(QStringLiteral("exportSheet"));
  setAccessibleName(tr("Export figure"));
  setProperty("surface", "card");
  setAttribute(Qt::WA_StyledBackground);
  preview_->setObjectName(QStringLiteral("exportPreview"));
  preview_->setAccessibleName(tr("Preview of the figure"));
  preview_->setFixedSize(kPreviewWidth, kPreviewHeight);
  preview_->setAlignment(Qt::AlignCenter);
  auto* row = new QHBoxLayout(this);
  const int pad = services.theme.size("padding");
  row->setContentsMargins(pad, pad, pad, pad);
  row->setSpacing(pad);
  row->addWidget(preview_);
  row->addWidget(makeForm());
  window->installEventFilter(this);
  hide();
}

QWidget* ExportSheet::makeForm() {
  auto* form = new QWidget(this);
  form->setFixedWidth(kFormWidth);
  auto* column = new QVBoxLayout(form);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  auto* close = new QToolButton(form);
  close->setObjectName(QStringLiteral("exportClose"));
  close->setAccessibleName(tr("Close the export sheet"));
  close->setToolTip(tr("Close (Esc)"));
  close->setIcon(services_.theme.icon(QStringLiteral("close")));
  auto* heading = new QHBoxLayout;
  heading->addWidget(title_, 1);
  heading->addWidget(close);
  column->addLayout(heading);

  height_->setObjectName(QStringLiteral("exportHeight"));
  height_->setAccessibleName(tr("Height in millimetres"));
  height_->setRange(20.0, kTallest);
  height_->setDecimals(0);
  height_->setValue(63.0);
  height_->setSuffix(tr(" mm"));
  font_->setObjectName(QStringLiteral("exportFont"));
  font_->setAccessibleName(tr("Text size in points"));
  for (const int points : {7, 6, 5}) font_->addItem(tr("%1 pt").arg(points), points);
  path_->setObjectName(QStringLiteral("exportPath"));
  path_->setAccessibleName(tr("File to write"));
  auto* choose = make_button(QStringLiteral("exportChoosePath"), tr("Choose…"), "", form);

  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(10);
  grid->setVerticalSpacing(8);
  grid->setColumnStretch(1, 1);
  const auto field = [&](int at, const QString& text, QWidget* widget) {
    grid->addWidget(make_label(text, "secondary", form), at, 0);
    grid->addWidget(widget, at, 1, Qt::AlignLeft);
  };
  field(0, tr("Format"),
        makeChoice(format_, QStringLiteral("exportFormat"),
                   {QStringLiteral("PDF"), QStringLiteral("SVG"), QStringLiteral("PNG"), QStringLiteral("TIFF")}));
  field(1, tr("Width"),
        makeChoice(width_, QStringLiteral("exportWidth"), {tr("89 mm, one column"), tr("183 mm, two")}));
  field(2, tr("Height"), height_);
  field(3, tr("Text"), font_);
  grid->addWidget(make_label(tr("File"), "secondary", form), 4, 0);
  auto* file = new QHBoxLayout;
  file->addWidget(path_, 1);
  file->addWidget(choose);
  grid->addLayout(file, 4, 1);
  column->addLayout(grid);
  note_->setWordWrap(true);
  column->addWidget(note_);
  column->addStretch(1);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  buttons->addWidget(export_);
  column->addLayout(buttons);
  QList<QWidget*> order;
  for (QButtonGroup* group : {format_, width_}) {
    for (QAbstractButton* button : group->buttons()) order << button;
  }
  tab_through(order << height_ << font_ << path_ << choose << export_ << close);

  connect(close, &QToolButton::clicked, this, &QWidget::hide);
  connect(&services_.theme, &Theme::changed, close,
          [this, close] { close->setIcon(services_.theme.icon(QStringLiteral("close"))); });
  connect(format_, &QButtonGroup::idClicked, this, &ExportSheet::renameTo);
  connect(width_, &QButtonGroup::idClicked, this, &ExportSheet::refreshPreview);
  connect(height_, &QDoubleSpinBox::valueChanged, this, &ExportSheet::refreshPreview);
  connect(font_, &QComboBox::currentIndexChanged, this, &ExportSheet::refreshPreview);
  connect(path_, &QLineEdit::textChanged, this, &ExportSheet::refresh);
  connect(choose, &QPushButton::clicked, this, &ExportSheet::choosePath);
  connect(export_, &QPushButton::clicked, this, [this] {
    if (!panel_) return;
    QSettings().setValue(QLatin1String(kFolderKey), QFileInfo(path_->text()).absolutePath());
    Q_EMIT exportRequested(panel_, path_->text(), options());
    hide();
  });
  return form;
}

QWidget* ExportSheet::makeChoice(QButtonGroup*& group, const QString& name, const QStringList& texts) {
  auto* row = new QWidget(this);
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(4);
  group = new QButtonGroup(row);
  for (const QString& text : texts) {
    auto* button = make_pill(name + QString::number(group->buttons().size()), text, row);
    button->setCheckable(true);
    button->setChecked(group->buttons().isEmpty());
    group->addButton(button, static_cast<int>(group->buttons().size()));
    layout->addWidget(button);
  }
  return row;
}

FigureOptions ExportSheet::options() const {
  constexpr FigureFormat kFormats[] = {FigureFormat::kPdf, FigureFormat::kSvg, FigureFormat::kPng, FigureFormat::kTiff};
  FigureOptions options;
  options.format = kFormats[format_->checkedId()];
  options.widthMillimetres = width_->checkedId() == 0 ? kOneColumn : kTwoColumns;
  options.heightMillimetres = height_->value();
  options.fontPoints = font_->currentData().toDouble();
  return options;
}

void ExportSheet::open(Panel* panel) {
  panel_ = panel;
  title_->setText(tr("Export figure: %1").arg(panel->title()));
  QString folder =
      QSettings()
          .value(QLatin1String(kFolderKey), QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation))
          .toString();
  if (!QFileInfo(folder).isDir()) folder = QDir::homePath();
  path_->setText(QDir(folder).filePath(safe_name(panel->figureName())));
  renameTo();
  refreshPreview();
  show();
  raise();
  place();
  format_->checkedButton()->setFocus();
}

void ExportSheet::renameTo() {
  const QFileInfo file(path_->text());
  QString name = file.fileName();
  if (const auto old = figure_format(name); old) name = file.completeBaseName();
  path_->setText(file.dir().filePath(name + QLatin1Char('.') + suffix_of(options().format)));
  refresh();
}

void ExportSheet::choosePath() {
  auto* dialog = new QFileDialog(this, tr("Export figure"), path_->text());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  connect(dialog, &QFileDialog::fileSelected, path_, &QLineEdit::setText);
  dialog->open();
}

void ExportSheet::refresh() {
  if (!panel_) return;
  const FigureOptions now = options();
  const bool vector = now.format == FigureFormat::kPdf || now.format == FigureFormat::kSvg;
  const QString reopen = now.format == FigureFormat::kTiff
                             ? QString()
                             : tr(" Drop the file on the window later to come back to this view.");
  note_->setText((vector ? tr("Text stays text, its font is in the file.") : tr("600 dots per inch.")) + reopen);
  const auto named = figure_format(path_->text());
  export_->setEnabled(named.ok() && QFileInfo(QFileInfo(path_->text()).absolutePath()).isDir());
  export_->setToolTip(export_->isEnabled() ? QString() : tr("Choose a folder that exists and a name with its ending"));
  export_->setText(QFileInfo::exists(path_->text()) ? tr("Replace file") : tr("Export"));
}

void ExportSheet::refreshPreview() {
  const FigurePainter paint = panel_ ? panel_->figure() : FigurePainter();
  if (!paint) return;
  const FigureSize size = figure_size(options());
  const double ratio = devicePixelRatioF();
  const double scale = std::min(kPreviewWidth / size.widthPoints, kPreviewHeight / size.heightPoints) * ratio;
  drawing_.cancel();
  drawing_ = services_.background.run<QImage>(
      Background::Lane::kCompute, this,
      [paint, size, scale](JobContext&) -> Result<QImage> { return preview_figure(paint, size, scale); },
      [this, ratio](Result<QImage> image) {
        image->setDevicePixelRatio(ratio);
        preview_->setPixmap(QPixmap::fromImage(*image));
      });
}

void ExportSheet::place() {
  adjustSize();
  const QWidget* window = parentWidget();
  move(window->width() - width() - 16, window->height() - height() - 40);
}

bool ExportSheet::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize && isVisible()) place();
  return QWidget::eventFilter(watched, event);
}

void ExportSheet::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) return hide();
  const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (enter) {
    // a button that has the focus is meant itself, a field means the sheet
    auto* button = qobject_cast<QPushButton*>(focusWidget());
    return (button ? button : export_)->click();
  }
  QWidget::keyPressEvent(event);
}

}  // namespace cw::ui
