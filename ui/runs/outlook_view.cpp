// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/outlook_view.h"

#include "ui/common/widgets.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <optional>

namespace cw::ui {
namespace {

constexpr int kParts = 4;  // of the meter
constexpr int kMeterHeight = 6;
constexpr int kMeterRoom = 12;
constexpr int kGap = 3;

// How a prospect is shown: its words, lit parts, colour.
struct Level {
  const char* prospect;
  const char* words;
  int lit;
  const char* color;
};
constexpr Level kLevels[] = {
    {"good", QT_TRANSLATE_NOOP("cw::ui::OutlookView", "Promising"), 4, "good"},
    {"uncertain", QT_TRANSLATE_NOOP("cw::ui::OutlookView", "Uncertain"), 3, "warning"},
    {"poor", QT_TRANSLATE_NOOP("cw::ui::OutlookView", "Little hope"), 2, "warning"},
    {"impossible", QT_TRANSLATE_NOOP("cw::ui::OutlookView", "Cannot be tested"), 1, "bad"},
};

QString text_of(const Json& json, const char* key) { return QString::fromStdString(json.value(key, std::string())); }

// Without the last entry, which counts all of them.
Json classes_of(const Json& outlook) {
  Json classes = outlook.value("classes", Json::array());
  if (!classes.empty()) classes.erase(classes.size() - 1);
  return classes;
}

QStringList subjects_of(const Json& doubt) {
  QStringList subjects;
  for (const Json& subject : doubt.value("subjects", Json::array())) {
    subjects << QString::fromStdString(subject.get<std::string>());
  }
  return subjects;
}

// What one click can do about a doubt, if anything.
std::optional<std::pair<OutlookView::Remedy, QString>> remedy_of(const QString& kind, const QStringList& subjects,
                                                                 std::size_t classes) {
  using Remedy = OutlookView::Remedy;
  const bool some_are_left = classes >= static_cast<std::size_t>(subjects.size()) + 2;
  if (kind == QLatin1String("untestable") && !some_are_left) {
    return std::pair(Remedy::kCellByCell, OutlookView::tr("Test cell by cell instead"));
  }
  if ((kind == QLatin1String("untestable") || kind == QLatin1String("few-cells")) && some_are_left) {
    return std::pair(Remedy::kLeaveOut, subjects.size() == 1
                                            ? OutlookView::tr("Leave out %1").arg(subjects.first())
                                            : OutlookView::tr("Leave out %1 classes").arg(subjects.size()));
  }
  if (kind == QLatin1String("confounded") && !subjects.isEmpty()) {
    return std::pair(Remedy::kKeepTogether, OutlookView::tr("Test on another %1").arg(subjects.first()));
  }
  if (kind == QLatin1String("one-class-dominates")) {
    return std::pair(Remedy::kWeighClasses, OutlookView::tr("Count every class the same"));
  }
  return std::nullopt;
}

}  // namespace

OutlookView::OutlookView(const Theme& theme, QWidget* parent)
    : QWidget(parent),
      theme_(theme),
      title_(make_label({}, "heading", this)),
      verdict_(make_label({}, "small", this)),
      note_(make_label({}, "secondary", this)),
      facts_(make_label({}, "small", this)),
      doubts_(new QVBoxLayout) {
  setObjectName(QStringLiteral("runOutlookMeter"));
  verdict_->setObjectName(QStringLiteral("runOutlook"));
  note_->setObjectName(QStringLiteral("runOutlookNote"));
  facts_->setObjectName(QStringLiteral("runFacts"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  column->addWidget(title_);
  column->addSpacing(kMeterRoom);
  for (QLabel* text : {verdict_, note_, facts_}) {
    text->setWordWrap(true);
    column->addWidget(text);
  }
  doubts_->setSpacing(2);
  column->addLayout(doubts_);
  setText({});
}

void OutlookView::setText(const QString& text, const char* role) {
  level_ = 0;
  title_->hide();
  verdict_->setProperty("role", role);
  verdict_->setStyleSheet(QString());  // takes the new role
  verdict_->setText(text);
  verdict_->setVisible(!text.isEmpty());
  setNote({});
  facts_->hide();
  while (QLayoutItem* item = doubts_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  setAccessibleName(text);
  update();
}

void OutlookView::setNote(const QString& note) {
  note_->setText(note);
  note_->setVisible(!note.isEmpty());
}

bool OutlookView::isPossible(const Json& outlook) {
  if (text_of(outlook, "prospect") != QLatin1String("impossible")) return true;
  for (const Json& doubt : outlook.value("doubts", Json::array())) {
    if (text_of(doubt, "kind") == QLatin1String("untestable")) {
      return classes_of(outlook).size() >= static_cast<std::size_t>(subjects_of(doubt).size()) + 2;
    }
  }
  return false;
}

void OutlookView::setOutlook(const Json& outlook, bool trying) {
  setText(text_of(outlook, "judgement"));
  const QString prospect = text_of(outlook, "prospect");
  const auto* const level = std::find_if(std::begin(kLevels), std::end(kLevels), [&prospect](const Level& one) {
    return prospect == QLatin1String(one.prospect);
  });
  const bool known = level != std::end(kLevels) && (!trying || prospect == QLatin1String("impossible"));
  title_->setText(known ? tr(level->words) : tr("Looking ..."));
  title_->show();
  level_ = known ? level->lit : 0;
  color_ = known ? QLatin1String(level->color) : QString();
  setAccessibleName(title_->text());
  setNote(trying ? tr("Trying a simple method on donors, or cells, that it has not seen ...") : QString());
  const Json classes = classes_of(outlook);
  std::int64_t cells = 0;
  std::int64_t rarest = -1;
  QString name;
  for (const Json& one : classes) {
    const auto count = one.value("cells", std::int64_t{0});
    cells += count;
    if (rarest >= 0 && count >= rarest) continue;
    rarest = count;
    name = text_of(one, "class");
  }
  facts_->setText(tr("%1 classes in %2 cells. Rarest: %3, %4 cells.")
                      .arg(classes.size())
                      .arg(count_text(cells), name, count_text(std::max<std::int64_t>(rarest, 0))));
  facts_->setVisible(!classes.empty());
  for (const Json& doubt : outlook.value("doubts", Json::array())) addDoubt(doubt, classes.size());
  update();
}

void OutlookView::addDoubt(const Json& doubt, std::size_t classes) {
  auto* text = make_label(text_of(doubt, "text"), "warning", this);
  text->setWordWrap(true);
  doubts_->addWidget(text);
  const QString kind = text_of(doubt, "kind");
  const QStringList subjects = subjects_of(doubt);
  const auto remedy = remedy_of(kind, subjects, classes);
  if (!remedy) return;
  addRemedy(kind, remedy->second, remedy->first, subjects);
}

void OutlookView::addRemedy(const QString& name, const QString& words, Remedy remedy, const QStringList& subjects) {
  auto* button = make_button(QStringLiteral("runRemedy-") + name, words, "link", this);
  connect(button, &QPushButton::clicked, this, [this, remedy, subjects] { Q_EMIT remedyChosen(remedy, subjects); });
  doubts_->addWidget(button, 0, Qt::AlignLeft);
}

void OutlookView::setLeftOut(const QStringList& classes) {
  if (classes.isEmpty()) return;
  auto* text = make_label(tr("Left out: %1").arg(classes.join(QStringLiteral(", "))), "small", this);
  text->setWordWrap(true);
  doubts_->addWidget(text);
  addRemedy(QStringLiteral("take-in"), tr("Take in again"), Remedy::kTakeIn, classes);
}

void OutlookView::paintEvent(QPaintEvent*) {
  if (level_ == 0) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  const double width = (QWidget::width() - kGap * (kParts - 1.0)) / kParts;
  const double top = title_->geometry().bottom() + kMeterRoom / 2.0 + 1.0;
  for (int part = 0; part < kParts; ++part) {
    painter.setBrush(theme_.color(part < level_ ? qPrintable(color_) : "line"));
    painter.drawRoundedRect(QRectF(part * (width + kGap), top, width, kMeterHeight), 3.0, 3.0);
  }
}

}  // namespace cw::ui
