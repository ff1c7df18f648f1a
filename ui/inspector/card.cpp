// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/card.h"

#include "ui/common/widgets.h"
#include "ui/theme/theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace cw::ui {
namespace {

/// A value that never makes the card wider than the panel: words wrap, and a word without a place to break (a barcode)
/// is shortened in its middle, with all of it in the tool tip.
class FactText : public QLabel {
 public:
  FactText(const QString& text, QWidget* parent) : QLabel(text, parent), full_(text), shown_(text) {
    setProperty("role", "small");
    setWordWrap(true);
    setMinimumWidth(1);
  }

 protected:
  void resizeEvent(QResizeEvent* event) override {
    QLabel::resizeEvent(event);
    if (text() != shown_) full_ = text();  // it was set meanwhile
    const bool breaks = full_.contains(QLatin1Char(' '));
    shown_ = breaks ? full_ : fontMetrics().elidedText(full_, Qt::ElideMiddle, width());
    if (shown_ != text()) setText(shown_);
    setToolTip(shown_ == full_ ? QString() : full_);
  }

 private:
  QString full_;
  QString shown_;
};

}  // namespace

Card::Card(Services& services, const QString& objectName, QWidget* parent)
    : QWidget(parent), services_(services), layout_(new QVBoxLayout(this)) {
  setObjectName(objectName);
  const int padding = services.theme.size("padding");
  layout_->setContentsMargins(padding, padding, padding, padding);
  layout_->setSpacing(4);
}

QLabel* Card::addTitle(const QString& text) {
  // a barcode has no place to break the line
  auto* label = make_label(text, text.size() > 18 && !text.contains(QLatin1Char(' ')) ? "heading" : "title", this);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  layout_->addWidget(label);
  return label;
}

QLabel* Card::addText(const QString& text) {
  facts_ = nullptr;
  auto* label = make_label(text, "secondary", this);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  layout_->addWidget(label);
  return label;
}

void Card::addCaption(const QString& text) {
  facts_ = nullptr;
  layout_->addSpacing(services_.theme.size("padding"));
  layout_->addWidget(make_caption(text, this));
  layout_->addSpacing(2);
}

QLabel* Card::addFact(const QString& name, const QString& value) {
  if (!facts_) {
    layout_->addSpacing(8);
    facts_ = new QGridLayout;
    facts_->setHorizontalSpacing(10);
    facts_->setVerticalSpacing(0);
    facts_->setColumnMinimumWidth(0, 96);
    facts_->setColumnStretch(1, 1);
    layout_->addLayout(facts_);
  }
  const int row = facts_->rowCount();
  auto* key = make_label(name, "secondary", this);
  key->setWordWrap(true);
  auto* text = new FactText(value, this);
  text->setTextInteractionFlags(Qt::TextSelectableByMouse);
  text->setAccessibleName(name);
  text->setAccessibleDescription(value);
  text->setMinimumHeight(services_.theme.size("table-row"));
  facts_->addWidget(key, row, 0);
  facts_->addWidget(text, row, 1);
  facts_->addWidget(make_line(Qt::Horizontal, this), row + 1, 0, 1, 2);
  return text;
}

void Card::addWidget(QWidget* widget) {
  facts_ = nullptr;
  layout_->addWidget(widget);
}

QWidget* Card::addButtons() {
  facts_ = nullptr;
  auto* buttons = new QWidget(this);
  auto* grid = new QGridLayout(buttons);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(6);
  grid->setColumnStretch(0, 1);
  grid->setColumnStretch(1, 1);
  layout_->addWidget(buttons);
  return buttons;
}

void Card::addButton(QWidget* buttons, const QString& objectName, const QString& text, const QString& toolTip,
                     std::function<void()> run) {
  auto* grid = static_cast<QGridLayout*>(buttons->layout());
  auto* button = make_button(objectName, text, "", buttons);
  button->setToolTip(toolTip);
  button->setAccessibleDescription(toolTip);
  const int index = grid->count();
  grid->addWidget(button, index / 2, index % 2);
  connect(button, &QPushButton::clicked, this, std::move(run));
}

void Card::finish() { layout_->addStretch(1); }

}  // namespace cw::ui
