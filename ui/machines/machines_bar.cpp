// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/machines/machines_bar.h"

#include "ui/common/action_registry.h"
#include "ui/common/messages.h"
#include "ui/common/widgets.h"
#include "ui/machines/machine_sheet.h"
#include "ui/machines/machine_text.h"
#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <utility>

namespace cw::ui {
namespace {

constexpr int kEvery = 10'000;   // ms
constexpr int kOthersEvery = 6;  // of these
constexpr int kCardHeight = 40;
constexpr int kDot = 8;
constexpr int kGaugeWidth = 22;
constexpr int kGaugeHeight = 4;
constexpr int kPad = 10;

/// A machine: its name and state, and a bar for processors, memory and each GPU.
class MachineCard : public QAbstractButton {
 public:
  MachineCard(const MachineBook& book, const Theme& theme, QString name, QWidget* parent)
      : QAbstractButton(parent), book_(book), theme_(theme), name_(std::move(name)) {
    setObjectName(QStringLiteral("machine-") + name_);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
    setFixedHeight(kCardHeight);
    refresh();
  }

  void refresh() {
    const MachineEntry* one = book_.find(name_);
    if (!one) return;
    setText(machine_title(*one));
    setAccessibleName(QStringLiteral("%1: %2").arg(machine_title(*one), machine_state(*one)));
    QStringList lines{machine_state(*one)};
    for (const MachineGauge& gauge : machine_gauges(*one)) {
      lines << tr("%1 %2 %").arg(gauge.name).arg(qRound(gauge.share * 100.0));
    }
    setToolTip((lines + machine_problems(*one)).join(QLatin1Char('\n')));
    updateGeometry();
    update();
  }

  [[nodiscard]] QSize sizeHint() const override {
    const MachineEntry* one = book_.find(name_);
    if (!one) return {0, kCardHeight};
    const int words =
        std::max(QFontMetrics(theme_.font("body", QFont::DemiBold)).horizontalAdvance(machine_title(*one)),
                 QFontMetrics(theme_.font("small")).horizontalAdvance(machine_state(*one)));
    const auto bars = static_cast<int>(machine_gauges(*one).size());
    return {kPad * 2 + kDot + kPad + words + bars * (kGaugeWidth + 4), kCardHeight};
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    const MachineEntry* one = book_.find(name_);
    if (!one) return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme_.color(hasFocus() ? "accent" : "line"), hasFocus() ? 2.0 : 1.0));
    painter.setBrush(theme_.color(underMouse() ? "hover" : "panel"));
    const double radius = theme_.size("radius-card");
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), radius, radius);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme_.color(machine_color(*one)));
    painter.drawEllipse(QRectF(kPad, (height() - kDot) / 2.0, kDot, kDot));
    const int left = kPad * 2 + kDot;
    painter.setFont(theme_.font("body", QFont::DemiBold));
    painter.setPen(theme_.color("ink"));
    painter.drawText(QRect(left, 3, width() - left, height() / 2 - 2), Qt::AlignLeft | Qt::AlignVCenter,
                     machine_title(*one));
    painter.setFont(theme_.font("small"));
    painter.setPen(theme_.color("ink-2"));
    painter.drawText(QRect(left, height() / 2, width() - left, height() / 2 - 3), Qt::AlignLeft | Qt::AlignVCenter,
                     machine_state(*one));
    double x = left + QFontMetrics(theme_.font("body", QFont::DemiBold)).horizontalAdvance(machine_title(*one)) + kPad;
    painter.setPen(Qt::NoPen);
    for (const MachineGauge& gauge : machine_gauges(*one)) {
      QRectF bar(x, height() / 4.0 - kGaugeHeight / 2.0 + 1.0, kGaugeWidth, kGaugeHeight);
      painter.setBrush(theme_.color("line"));
      painter.drawRoundedRect(bar, 2, 2);
      bar.setWidth(kGaugeWidth * gauge.share);
      painter.setBrush(theme_.color(gauge.share > kFull ? "warning" : "accent"));
      if (gauge.share > 0.0) painter.drawRoundedRect(bar, 2, 2);
      x += kGaugeWidth + 4;
    }
  }

 private:
  static constexpr double kFull = 0.95;
  const MachineBook& book_;
  const Theme& theme_;
  QString name_;
};

}  // namespace

MachinesBar::MachinesBar(Services& services, QWidget* parent)
    : QWidget(parent), services_(services), book_(this), cards_(new QHBoxLayout) {
  setObjectName(QStringLiteral("machinesBar"));
  setAccessibleName(tr("Machines"));
  const int pad = services.theme.size("padding");
  auto* inner = new QWidget(this);
  cards_->setContentsMargins(0, 0, 0, 0);
  cards_->setSpacing(8);
  inner->setLayout(cards_);
  inner->setProperty("surface", "panel");
  auto* scroll = new QScrollArea(this);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(inner);
  auto* add = make_button(QStringLiteral("machineAdd"), tr("Add machine"), "", this);
  connect(add, &QPushButton::clicked, this, &MachinesBar::addMachine);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(pad, 6, pad, 6);
  row->setSpacing(8);
  row->addWidget(scroll, 1);
  row->addWidget(add);
  setFixedHeight(kCardHeight + 12);
  timer_.setInterval(kEvery);
  connect(&timer_, &QTimer::timeout, this, &MachinesBar::look);
  connect(&book_, &MachineBook::changed, this, &MachinesBar::rebuild);
  connect(&book_, &MachineBook::failed, &services.messages,
          [this](const Error& error) { services_.messages.error(error); });
  connect(&services.theme, &Theme::changed, this, &MachinesBar::rebuild);
  services.actions.add(QStringLiteral("machines.add"), tr("Add a machine"), {}, this, [this] { addMachine(); });
  services.actions.add(QStringLiteral("machines.look"), tr("Look at all machines"), {}, this,
                       [this] { book_.refresh(); });
}

void MachinesBar::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  book_.refresh();
  timer_.start();
}

void MachinesBar::hideEvent(QHideEvent* event) {
  timer_.stop();
  QWidget::hideEvent(event);
}

void MachinesBar::look() {
  const bool others = ++ticks_ % kOthersEvery == 0;
  QStringList names;
  for (const MachineEntry& one : book_.machines()) {
    if (others || one.kind() == QLatin1String("this-pc")) names << one.name();
  }
  for (const QString& name : std::as_const(names)) book_.probe(name);
}

void MachinesBar::rebuild() {
  QStringList names;
  for (const MachineEntry& one : book_.machines()) names << one.name();
  if (names != shown_) {
    shown_ = names;
    while (QLayoutItem* item = cards_->takeAt(0)) {
      delete item->widget();
      delete item;
    }
    for (const QString& name : std::as_const(names)) {
      auto* card = new MachineCard(book_, services_.theme, name, this);
      connect(card, &QAbstractButton::clicked, this,
              [this, name] { (new MachineSheet(services_.theme, book_, name, this))->open(); });
      cards_->addWidget(card);
    }
    cards_->addStretch(1);
  }
  for (int i = 0; i < cards_->count(); ++i) {
    if (auto* card = static_cast<MachineCard*>(cards_->itemAt(i)->widget())) card->refresh();
  }
}

void MachinesBar::addMachine() { (new AddMachineSheet(services_.theme, book_, this))->open(); }

}  // namespace cw::ui
