// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/message_area.h"

#include "ui/common/widgets.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QTimer>
#include <QToolButton>
#include <memory>

namespace cw::ui {
namespace {

constexpr int kMost = 3;
constexpr int kMargin = 12;
constexpr int kToastTime = 4000;
constexpr int kButtonTime = 10'000;  // a button must be reached

}  // namespace

MessageArea::MessageArea(const Theme& theme, MessageCenter& messages, QWidget* place, QWidget* window)
    : QWidget(window), theme_(theme), place_(place), layout_(new QVBoxLayout(this)) {
  setObjectName(QStringLiteral("messageArea"));
  setAccessibleName(tr("Messages"));
  layout_->setContentsMargins(0, 0, 0, 0);
  layout_->setSpacing(6);
  place->installEventFilter(this);
  connect(&messages, &MessageCenter::posted, this, &MessageArea::show);
  hide();
}

bool MessageArea::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize || event->type() == QEvent::Move) settle();
  return QWidget::eventFilter(watched, event);
}

void MessageArea::show(const Message& message) {
  while (layout_->count() >= kMost) {
    const std::unique_ptr<QLayoutItem> oldest(layout_->takeAt(0));
    oldest->widget()->hide();
    oldest->widget()->deleteLater();  // its own button may have posted this message
  }
  Message shown = message;
  if (!shown.id.isEmpty()) shown.text = QStringLiteral("%1  [%2]").arg(shown.text, shown.id);
  auto* frame = make_surface("card", this);
  frame->setObjectName(QStringLiteral("message"));
  auto* row = new QHBoxLayout(frame);
  row->setContentsMargins(0, 0, 0, 0);
  QWidget* bar = make_message_bar(theme_, shown, frame);
  row->addWidget(bar);
  auto* close = new QToolButton(frame);
  close->setObjectName(QStringLiteral("closeMessage"));
  close->setAccessibleName(tr("Close message"));
  close->setToolTip(tr("Close"));
  close->setIcon(theme_.icon(QStringLiteral("close")));
  static_cast<QBoxLayout*>(bar->layout())->addWidget(close, 0, Qt::AlignTop);
  layout_->addWidget(frame);
  const auto gone = [this, frame] {
    layout_->removeWidget(frame);
    frame->hide();
    frame->deleteLater();
    if (layout_->count() == 0) hide();
    settle();
  };
  connect(close, &QToolButton::clicked, this, gone);
  if (auto* fix = frame->findChild<QPushButton*>(QStringLiteral("fixButton"))) {
    connect(fix, &QPushButton::clicked, this, gone);
  }
  if (message.kind == Message::Kind::kGood) {
    QTimer::singleShot(message.fixText.isEmpty() ? kToastTime : kButtonTime, frame, gone);
  }
  QWidget::show();
  raise();
  settle();
}

void MessageArea::settle() {
  const QRect place(place_->mapTo(parentWidget(), QPoint()), place_->size());
  const int width = std::min(640, place.width() - 2 * kMargin);
  setFixedWidth(width);
  layout_->activate();
  const int height = layout_->hasHeightForWidth() ? layout_->heightForWidth(width) : sizeHint().height();
  setGeometry(place.center().x() - width / 2, place.bottom() - height - kMargin, width, height);
}

}  // namespace cw::ui
