// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/drop_shelf.h"

#include "ui/common/drag_data.h"
#include "ui/common/widgets.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

namespace cw::ui {
namespace {

constexpr int kWellHeight = 56;
constexpr int kMargin = 12;
constexpr int kMostWidth = 900;

// Files are the window's own: it opens them.
bool is_for_bench(const QMimeData& mime) {
  return !mime.hasUrls() &&
         (mime.hasFormat(QLatin1String(kGenesMime)) || mime.hasFormat(QLatin1String(kGroupMime)) || mime.hasText());
}

}  // namespace

DropShelf::DropShelf(const Theme& theme, QWidget* window) : QFrame(window), theme_(theme), row_(new QHBoxLayout(this)) {
  setObjectName(QStringLiteral("dropShelf"));
  setAccessibleName(tr("Wells of the bench"));
  setProperty("surface", "card");
  setAttribute(Qt::WA_StyledBackground);
  row_->setContentsMargins(kMargin, kMargin, kMargin, kMargin);
  row_->setSpacing(8);
  hide();
}

void DropShelf::add(const QString& caption, DropWell& well, const char* edge, std::function<QString()> contents) {
  auto* own = new DropWell(theme_, QStringLiteral("shelf-") + well.objectName(), this);
  own->setAccessibleName(caption);
  own->setEdge(edge);
  own->setMinimumHeight(kWellHeight);
  auto* layout = new QVBoxLayout(own);
  layout->setContentsMargins(12, 6, 8, 6);
  layout->setSpacing(1);
  auto* text = make_label({}, "secondary", own);
  text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  layout->addWidget(make_label(caption, "heading", own));
  layout->addWidget(text);
  own->refusal = [&well](const QMimeData& mime) { return well.refusal(mime); };
  own->dropped = [this, &well](const QMimeData& mime) {
    well.dropped(mime);
    const bool genes = !group_of(mime);
    // the drop is still being delivered to a well of this shelf
    QTimer::singleShot(0, this, [this, genes] {
      hide();
      Q_EMIT taken(genes);
    });
  };
  row_->addWidget(own, 1);
  wells_.append({own, &well, text, std::move(contents)});
}

void DropShelf::showDrag(const QMimeData* mime, const QRect& area) {
  if (mime == nullptr || !is_for_bench(*mime)) return hide();
  int shown = 0;
  for (const Twin& twin : wells_) {
    const bool takes = twin.bench->refusal(*mime).isEmpty();
    twin.own->setVisible(takes);
    if (!takes) continue;
    ++shown;
    const QString contents = twin.contents();
    twin.own->setHollow(contents.isEmpty());
    twin.text->setText(contents.isEmpty() ? tr("drop here") : contents);
    twin.own->showDrag(mime);
  }
  if (shown == 0) return hide();
  const int width = std::min(kMostWidth, area.width() - 2 * kMargin);
  const int height = kWellHeight + 2 * kMargin;
  setGeometry(area.center().x() - width / 2, area.bottom() - height - kMargin, width, height);
  show();
  raise();
}

}  // namespace cw::ui
