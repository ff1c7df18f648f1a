// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/perturb/rank_microscope.h"

#include "ui/common/widgets.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QPushButton>
#include <QSpinBox>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace cw::ui {
namespace {

constexpr int kWait = 40;  // ms
constexpr qsizetype kMostSteps = 60;

/// Place, gene, and a bar of how far it was moved.
class GenePainter : public QStyledItemDelegate {
 public:
  GenePainter(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), theme_(theme) {}
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    painter->save();
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const bool changed = index.data(RankListModel::kChanged).toBool();
    if (selected) painter->fillRect(option.rect, theme_.color("accent-ground"));
    painter->setFont(theme_.font("small"));
    painter->setPen(theme_.color("ink-3"));
    const QRect place(option.rect.left() + 6, option.rect.top(), 44, option.rect.height());
    painter->drawText(place, Qt::AlignVCenter | Qt::AlignRight, count_text(index.row() + 1));
    painter->setPen(theme_.color(changed ? "accent" : "ink"));
    painter->setFont(theme_.font("small", changed ? QFont::DemiBold : QFont::Normal));
    const QRect name = option.rect.adjusted(60, 0, -64, 0);
    painter->drawText(name, Qt::AlignVCenter | Qt::AlignLeft, index.data(RankListModel::kSymbol).toString());
    const int moved = index.data(RankListModel::kOrigin).toInt() - index.row();
    if (changed && moved != 0) {
      painter->setFont(theme_.font("caption"));
      painter->drawText(option.rect.adjusted(0, 0, -8, 0), Qt::AlignVCenter | Qt::AlignRight,
                        (moved > 0 ? QStringLiteral("↑ ") : QStringLiteral("↓ ")) + count_text(std::abs(moved)));
    }
    painter->restore();
  }
  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {160, 22}; }

 private:
  const Theme& theme_;
};

}  // namespace

CellTrack::CellTrack(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
  setObjectName(QStringLiteral("cellTrack"));
  setAccessibleName(tr("Where the cell is"));
  setMinimumHeight(150);
  connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void CellTrack::setStates(const QString& start, const QString& goal) {
  start_ = start;
  goal_ = goal;
  update();
}

void CellTrack::clear() {
  steps_.clear();
  update();
}

void CellTrack::add(Step step) {
  steps_.append(std::move(step));
  while (steps_.size() > kMostSteps) steps_.removeFirst();
  const Step& now = steps_.last();
  setAccessibleDescription(
      goal_.isEmpty()
          ? tr("similarity to the cell as it is %1").arg(number_text(now.similarity, 4))
          : tr("%1 of the way to %2").arg(fixed_text(100 * now.progress, 2, true) + QStringLiteral(" %"), goal_));
  update();
}

void CellTrack::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  if (steps_.isEmpty()) return;
  const bool states = !goal_.isEmpty();
  const auto value_of = [&](const Step& step) { return states ? step.progress : 1.0 - step.similarity; };
  double widest = states ? 0.01 : 1e-6;
  for (const Step& step : steps_) widest = std::max(widest, std::abs(value_of(step)));
  widest *= 1.15;
  const QRectF plot = QRectF(rect()).adjusted(24, 26, -24, -30);
  const auto x_of = [&](double value) {
    return states ? plot.center().x() + value / widest * plot.width() / 2 : plot.left() + value / widest * plot.width();
  };
  painter.setPen(QPen(theme_.color("line-strong"), 1));
  painter.drawLine(QPointF(plot.left(), plot.bottom()), QPointF(plot.right(), plot.bottom()));
  painter.drawLine(QPointF(x_of(0), plot.top()), QPointF(x_of(0), plot.bottom()));
  painter.setFont(theme_.font("small"));
  painter.setPen(theme_.color("ink-2"));
  const QRectF axis(plot.left() - 20, plot.bottom() + 4, plot.width() + 40, 18);
  if (states) {
    painter.drawText(axis, Qt::AlignLeft, tr("← %1").arg(start_));
    painter.drawText(axis, Qt::AlignRight, tr("%1 →").arg(goal_));
    painter.drawText(axis, Qt::AlignHCenter, tr("the cell as it is"));
  } else {
    painter.drawText(axis, Qt::AlignLeft, tr("the cell as it is"));
    painter.drawText(axis, Qt::AlignRight, tr("less alike →"));
  }
  painter.drawText(QRectF(plot.left() - 20, 4, plot.width() + 40, 18), Qt::AlignRight,
                   tr("full width: %1")
                       .arg(states ? fixed_text(100 * widest, 1) + QStringLiteral("\u2009%") : number_text(widest, 2)));
  for (qsizetype i = 0; i < steps_.size(); ++i) {
    const bool last = i + 1 == steps_.size();
    const double age = static_cast<double>(steps_.size() - 1 - i);
    const double y = plot.bottom() - 14 - std::min(age, 12.0) / 12.0 * (plot.height() - 24);
    QColor color = theme_.color(states && value_of(steps_[i]) > 0 ? "goal" : "start");
    if (std::abs(value_of(steps_[i])) < 1e-12) color = theme_.color("ink-2");
    if (!last) color.setAlphaF(static_cast<float>(std::max(0.12, 0.7 - 0.06 * age)));
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(QPointF(x_of(value_of(steps_[i])), y), last ? 6.0 : 3.0, last ? 6.0 : 3.0);
  }
}

RankMicroscope::RankMicroscope(const Theme& theme, WarmSession& warm, QWidget* parent)
    : QWidget(parent), theme_(theme), warm_(warm), model_(new RankListModel(this)) {
  setObjectName(QStringLiteral("rankMicroscope"));
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(14, 12, 14, 14);
  layout->setSpacing(10);
  auto* listCard = make_surface("card");
  listCard->setMaximumWidth(360);
  auto* listLayout = new QVBoxLayout(listCard);
  listLayout->setContentsMargins(10, 8, 10, 10);
  listLayout->addWidget(make_caption(tr("One cell as the model sees it")));
  auto* choose = new QHBoxLayout;
  choose->addWidget(make_label(tr("Cell"), "secondary"));
  cell_ = new QSpinBox;
  cell_->setObjectName(QStringLiteral("microscopeCell"));
  cell_->setAccessibleName(tr("Number of the cell"));
  cell_->setKeyboardTracking(false);
  cell_->setRange(1, 1);
  connect(cell_, &QSpinBox::valueChanged, this, &RankMicroscope::openCell);
  of_ = make_label({}, "secondary");
  choose->addWidget(cell_);
  choose->addWidget(of_, 1);
  listLayout->addLayout(choose);
  name_ = make_label({}, "secondary");
  name_->setObjectName(QStringLiteral("microscopeName"));
  name_->setWordWrap(true);
  listLayout->addWidget(name_);
  find_ = new QLineEdit;
  find_->setObjectName(QStringLiteral("microscopeFind"));
  find_->setPlaceholderText(tr("Find a gene in this cell"));
  find_->setAccessibleName(tr("Find a gene in this cell"));
  connect(find_, &QLineEdit::textChanged, this, [this](const QString& word) {
    const int row = model_->find(word.trimmed());
    if (row < 0) return;
    view_->setCurrentIndex(model_->index(row));
    view_->scrollTo(model_->index(row), QAbstractItemView::PositionAtCenter);
  });
  connect(find_, &QLineEdit::returnPressed, this, [this] { view_->setFocus(); });
  listLayout->addWidget(find_);
  view_ = new QListView;
  view_->setObjectName(QStringLiteral("microscopeList"));
  view_->setAccessibleName(tr("Genes of the cell, the most unusual first. Alt with up or down moves a gene."));
  view_->setModel(model_);
  view_->setItemDelegate(new GenePainter(theme, view_));
  view_->setUniformItemSizes(true);
  view_->setDragEnabled(true);
  view_->setAcceptDrops(true);
  view_->setDropIndicatorShown(true);
  view_->setDragDropMode(QAbstractItemView::DragDrop);
  view_->setDefaultDropAction(Qt::MoveAction);
  view_->installEventFilter(this);
  listLayout->addWidget(view_, 1);
  listLayout->addWidget(make_label(
      tr("Drag a gene, or move it with Alt+↑ and Alt+↓ (with Shift by ten). Delete takes it out."), "secondary"));
  static_cast<QLabel*>(listLayout->itemAt(listLayout->count() - 1)->widget())->setWordWrap(true);
  layout->addWidget(listCard, 4);

  auto* cellCard = make_surface("card");
  auto* cellLayout = new QVBoxLayout(cellCard);
  cellLayout->setContentsMargins(10, 8, 10, 10);
  cellLayout->setSpacing(6);
  cellLayout->addWidget(make_caption(tr("How the cell moves")));
  numbers_ = make_label({}, "");
  numbers_->setObjectName(QStringLiteral("microscopeNumbers"));
  numbers_->setWordWrap(true);
  cellLayout->addWidget(numbers_);
  track_ = new CellTrack(theme);
  cellLayout->addWidget(track_, 1);
  changes_ = make_label({}, "secondary");
  changes_->setObjectName(QStringLiteral("microscopeChanges"));
  changes_->setWordWrap(true);
  cellLayout->addWidget(changes_);
  auto* reset = make_button(QStringLiteral("microscopeReset"), tr("Back to the cell as it is"));
  connect(reset, &QPushButton::clicked, model_, &RankListModel::reset);
  cellLayout->addWidget(reset, 0, Qt::AlignLeft);
  layout->addWidget(cellCard, 5);

  wait_.setSingleShot(true);
  wait_.setInterval(kWait);
  connect(&wait_, &QTimer::timeout, this, &RankMicroscope::ask);
  connect(model_, &RankListModel::changedByHand, this, [this](int row) {
    if (row >= 0) {
      view_->setCurrentIndex(model_->index(row));
      view_->scrollTo(model_->index(row));
    }
    changes_->setText(model_->changes().join(QStringLiteral("\n")));
    wait_.start();
  });
}

void RankMicroscope::setNote(const QString& note) {
  numbers_->setText(note);
  track_->clear();
}

void RankMicroscope::setExperiment(const PerturbOptions& options, std::vector<Cell> cells) {
  options_ = options;
  cells_ = std::move(cells);
  track_->setStates(QString::fromStdString(options.start), QString::fromStdString(options.goal));
  const QSignalBlocker blocker(cell_);
  cell_->setRange(1, std::max(1, static_cast<int>(cells_.size())));
  of_->setText(tr("of %1").arg(count_text(std::ssize(cells_))));
  openCell(cell_->value());
}

void RankMicroscope::openCell(int number) {
  if (cells_.empty()) return setNote(tr("No cell of START passes the filter."));
  number = std::clamp(number, 1, static_cast<int>(cells_.size()));
  track_->clear();
  changes_->clear();
  numbers_->setText(tr("Reading the cell…"));
  warm_.ask(QStringLiteral("cell"), options_, cellJson(number), this, [this, number](Result<Json> answer) {
    if (!answer) {
      if (answer.error().code == ErrorCode::kCancelled) return;
      model_->setGenes(Json::array());  // not those of the cell before
      name_->setText(QString::fromStdString(cells_[static_cast<std::size_t>(number - 1)].name));
      return setNote(QString::fromStdString(answer.error().message));
    }
    if (answer->contains("genes")) model_->setGenes((*answer)["genes"]);
    name_->setText(
        tr("%1, %2 genes")
            .arg(QString::fromStdString(answer->value("name", std::string())), count_text(model_->rowCount())));
    take(*answer);
  });
}

// By name: cells that were left out make rows of the data set other rows for the engine.
Json RankMicroscope::cellJson(int number) const {
  const Cell& cell = cells_[static_cast<std::size_t>(number - 1)];
  return Json{{"row", cell.row}, {"name", cell.name}};
}

void RankMicroscope::ask() {
  if (cells_.empty() || model_->rowCount() == 0) return;
  Json params = cellJson(cell_->value());
  params["tokens"] = model_->tokens();
  params["changed"] = model_->changed();
  warm_.ask(QStringLiteral("cell"), options_, params, this, [this](Result<Json> answer) {
    if (!answer) {
      if (answer.error().code != ErrorCode::kCancelled)
        numbers_->setText(QString::fromStdString(answer.error().message));
      return;
    }
    take(*answer);
  });
}

void RankMicroscope::take(const Json& answer) {
  const auto number = [&](const char* key, double fallback) {
    return answer.contains(key) && answer[key].is_number() ? answer[key].get<double>() : fallback;
  };
  CellTrack::Step step;
  step.similarity = number("similarity", number("cosine", 1.0));
  step.progress = number("progress", 0.0);
  track_->add(step);
  showNumbers(answer);
  Q_EMIT answered();
}

void RankMicroscope::showNumbers(const Json& answer) {
  const CellTrack::Step& step = track_->steps().last();
  QStringList lines;
  if (answer.contains("progress")) {
    lines << tr("%1 of the way to %2")
                 .arg(fixed_text(100 * step.progress, 2, true) + QStringLiteral("\u2009%"),
                      QString::fromStdString(options_.goal));
  }
  lines << tr("Similarity to the cell as it is: %1").arg(fixed_text(step.similarity, 5));
  if (answer.contains("states") && answer.contains("shifts") && answer["states"].is_array() &&
      answer["shifts"].is_array()) {
    for (std::size_t i = 0; i < std::min(answer["states"].size(), answer["shifts"].size()); ++i) {
      lines << tr("Shift towards %1: %2")
                   .arg(QString::fromStdString(answer["states"][i].get<std::string>()),
                        number_text(answer["shifts"][i].get<double>(), 3));
    }
  }
  numbers_->setText(lines.join(QLatin1Char('\n')));
}

bool RankMicroscope::eventFilter(QObject* watched, QEvent* event) {
  if (watched != view_ || event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
  const auto* key = static_cast<QKeyEvent*>(event);
  const int row = view_->currentIndex().row();
  if (row < 0) return false;
  if (key->key() == Qt::Key_Delete) return model_->takeOut(row);
  if (!(key->modifiers() & Qt::AltModifier)) return false;
  const int step = key->modifiers() & Qt::ShiftModifier ? 10 : 1;
  switch (key->key()) {
    case Qt::Key_Up:
      model_->moveGene(row, row - step);
      return true;
    case Qt::Key_Down:
      model_->moveGene(row, row + step);
      return true;
    case Qt::Key_Home:
      model_->moveGene(row, 0);
      return true;
    case Qt::Key_End:
      model_->moveGene(row, model_->rowCount() - 1);
      return true;
    default:
      return false;
  }
}

}  // namespace cw::ui
