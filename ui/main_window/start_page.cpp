// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/start_page.h"

#include "ui/common/background.h"
#include "ui/common/widgets.h"
#include "ui/theme/theme.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

// The dashed area that says where to drop.
class DropArea : public QWidget {
 public:
  DropArea(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {}

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme_.color("line-strong"), 1.5, Qt::DashLine));
    painter.setBrush(theme_.color("panel"));
    const int radius = theme_.size("radius-card");
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), radius, radius);
  }

 private:
  const Theme& theme_;
};

}  // namespace

StartPage::StartPage(Services& services, QWidget* parent)
    : QWidget(parent), services_(services), recent_(new QListWidget(this)) {
  setObjectName(QStringLiteral("startPage"));
  setAccessibleName(tr("Start"));
  setProperty("surface", "ground");
  setAttribute(Qt::WA_StyledBackground);
  auto* column = new QVBoxLayout;
  column->setSpacing(16);
  column->addWidget(make_label(tr("Start with your cells"), "title", this));

  auto* area = new DropArea(services.theme, this);
  area->setMinimumSize(520, 190);
  auto* inside = new QVBoxLayout(area);
  inside->setContentsMargins(24, 24, 24, 24);
  inside->setSpacing(12);
  auto* icon = new QLabel(area);
  icon->setPixmap(services.theme.icon(QStringLiteral("drop"), services.theme.color("accent")).pixmap(36));
  inside->addStretch(1);
  inside->addWidget(icon, 0, Qt::AlignHCenter);
  auto* words = make_label(tr("Drop an h5ad, loom, 10x or CSV file here. Your file is read, never changed."), "", area);
  words->setAlignment(Qt::AlignCenter);
  words->setWordWrap(true);
  inside->addWidget(words);
  auto* buttons = new QHBoxLayout;
  auto* open = make_button(QStringLiteral("openFileButton"), tr("Open file…"), "primary", area);
  auto* example = make_button(QStringLiteral("openExampleButton"), tr("Open the example"), "", area);
  example->setToolTip(
      tr("1,339 blood cells from a healthy donor (10x Genomics). From file to ranked gene list in about "
         "three minutes, no graphics card needed."));
  buttons->addStretch(1);
  buttons->addWidget(open);
  buttons->addWidget(example);
  buttons->addStretch(1);
  inside->addLayout(buttons);
  inside->addStretch(1);
  column->addWidget(area);

  column->addWidget(make_caption(tr("Recent"), this));
  recent_->setObjectName(QStringLiteral("recentList"));
  recent_->setAccessibleName(tr("Recent files and projects"));
  recent_->setMaximumHeight(200);
  column->addWidget(recent_);
  column->addWidget(
      make_label(tr("New here? The example takes about three minutes and ends in a ranked list that you can export."),
                 "secondary", this));

  auto* middle = new QVBoxLayout;
  middle->addStretch(1);
  middle->addLayout(column);
  middle->addStretch(2);
  auto* page = new QHBoxLayout(this);
  page->addStretch(1);
  page->addLayout(middle);
  page->addStretch(1);

  connect(open, &QPushButton::clicked, this, &StartPage::openRequested);
  connect(example, &QPushButton::clicked, this, &StartPage::exampleRequested);
  connect(recent_, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) {
    if (const QString path = item->data(Qt::UserRole).toString(); !path.isEmpty()) Q_EMIT recentChosen(path);
  });
  setRecent({});
}

void StartPage::setRecent(const QStringList& paths) {
  recent_->clear();
  const QSettings settings;
  for (const QString& path : paths) {
    const QFileInfo file(path);
    const QString size = settings.value(QStringLiteral("recent-size/") + QString(path).replace('/', '|')).toString();
    auto* item =
        new QListWidgetItem(services_.theme.icon(QStringLiteral("folder")),
                            QStringList{file.fileName(), size, file.path()}.join(QStringLiteral("   ")), recent_);
    item->setData(Qt::UserRole, path);
    // a path on a network drive may take long to answer
    services_.background.run<bool>(
        Background::Lane::kCompute, recent_,
        [name = path.toStdString()](JobContext&) -> Result<bool> {
          std::error_code ignored;
          return std::filesystem::exists(name, ignored);
        },
        [this, path](Result<bool> there) {
          if (there && !*there) showMissing(path);
        });
  }
  if (paths.isEmpty()) {
    auto* item = new QListWidgetItem(tr("Nothing yet. What you open appears here."), recent_);
    item->setFlags(Qt::NoItemFlags);
  }
}

void StartPage::showMissing(const QString& path) {
  for (int row = 0; row < recent_->count(); ++row) {
    QListWidgetItem* item = recent_->item(row);
    if (item->data(Qt::UserRole).toString() != path || !item->flags().testFlag(Qt::ItemIsEnabled)) continue;
    item->setIcon(services_.theme.icon(QStringLiteral("warning"), services_.theme.color("warning")));
    item->setText(tr("%1   not there any more").arg(item->text()));
    item->setFlags(Qt::ItemIsSelectable);
  }
}

}  // namespace cw::ui
