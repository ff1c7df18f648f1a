// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/group_card.h"

#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/statistics/group_composition.h"
#include "ui/statistics/label_columns.h"
#include "ui/statistics/paint_composition.h"
#include "ui/theme/numbers.h"
#include "ui/theme/palettes.h"
#include "ui/theme/theme.h"

#include <QInputDialog>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>
#include <numeric>

namespace cw::ui {
namespace {

constexpr std::size_t kListed = 8;
constexpr qsizetype kLabelColumns = 2;

// A bar of shares with the largest parts named below it.
class CompositionView : public QWidget {
 public:
  CompositionView(const Theme& theme, const GroupComposition& composition, QWidget* parent)
      : QWidget(parent), parts_(composition.by_part[0]) {
    const QString text = composition_text(composition.parts, parts_);
    setAccessibleDescription(text);
    setToolTip(text);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, kBar, 0, 0);
    layout->setSpacing(0);
    std::vector<std::size_t> order(parts_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [this](std::size_t a, std::size_t b) { return parts_[a] > parts_[b]; });
    std::size_t listed = 0;
    for (const std::size_t part : order) {
      if (parts_[part] == 0 || listed == kListed) break;
      ++listed;
      layout->addWidget(
          line(theme, QString::fromStdString(composition.parts[part]), category_color(int(part)), parts_[part]));
    }
    const auto others = std::count_if(parts_.begin(), parts_.end(), [](std::int64_t cells) { return cells > 0; }) -
                        static_cast<std::ptrdiff_t>(listed);
    if (others > 0) layout->addWidget(make_label(tr("and %1 more").arg(others), "secondary", this));
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    paint_composition(painter, QRect(0, 0, width(), kBar - 6), parts_);
  }

 private:
  static constexpr int kBar = 20;

  QWidget* line(const Theme& theme, const QString& name, const QColor& color, std::int64_t cells) {
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(7);
    auto* dot = new QLabel(row);
    dot->setFixedSize(8, 8);
    dot->setStyleSheet(QStringLiteral("background:%1;border-radius:4px").arg(color.name()));
    layout->addWidget(dot);
    auto* text = make_label(name, "small", row);
    text->setMinimumWidth(20);
    layout->addWidget(text, 1);
    layout->addWidget(make_label(count_text(cells), "secondary", row));
    row->setFixedHeight(theme.size("row") - 4);
    return row;
  }

  std::vector<std::int64_t> parts_;
};

}  // namespace

GroupCard::GroupCard(Services& services, const Group& group, QWidget* parent)
    : Card(services, QStringLiteral("groupCard"), parent) {
  addTitle(group.label());
  addText(group.kind == Group::Kind::kSelection ? tr("Kept selection") : tr("Group of “%1”").arg(group.column));
  auto mask = services.document.cellsOf(group);
  const std::int64_t cells = std::count(mask.begin(), mask.end(), std::uint8_t{1});
  QWidget* buttons = addButtons();
  addButton(buttons, QStringLiteral("groupUseStart"), tr("Use as start"), tr("Cells to be perturbed"),
            [this, group] { useAs(true, group); });
  addButton(buttons, QStringLiteral("groupUseGoal"), tr("Use as goal"), tr("Cells to move towards"),
            [this, group] { useAs(false, group); });
  addButton(buttons, QStringLiteral("groupSelectCells"), tr("Select cells"), tr("Select the cells of the group"),
            [this, group] {
              services_.document.selectCells(
                  make_selection(services_.document.cellsOf(group), group.label(), QStringLiteral("inspectorPanel")));
            });
  addButton(buttons, QStringLiteral("groupMarkers"), tr("Find markers"),
            tr("Genes that tell these cells from all others"), [this] { Q_EMIT markersRequested(); });
  addComposition(std::move(mask), cells);
  finish();
}

GroupCard::GroupCard(Services& services, const CellSelectionPtr& cells, QWidget* parent)
    : Card(services, QStringLiteral("selectionCard"), parent) {
  addTitle(tr("%1 cells").arg(count_text(cells->count)));
  const auto all = services.document.dataset()->num_cells();
  const QString share = percent_text(all == 0 ? 0.0 : static_cast<double>(cells->count) / static_cast<double>(all));
  addText(cells->name.isEmpty() ? tr("Selected, %1 of all").arg(share)
                                : tr("Selected (%1), %2 of all").arg(cells->name, share));
  QWidget* buttons = addButtons();
  const QString name = cells->name.isEmpty() ? tr("Selection") : cells->name;
  addButton(buttons, QStringLiteral("selectionMarkers"), tr("Find markers"),
            tr("Genes that tell these cells from all others"), [this] { Q_EMIT markersRequested(); });
  addButton(buttons, QStringLiteral("selectionKeep"), tr("Keep…"), tr("Keep the selection under a name"),
            [this] { keepUnderName(); });
  addButton(buttons, QStringLiteral("selectionUseStart"), tr("Use as start"),
            tr("Keep the selection and perturb its cells"), [this, name] {
              if (const auto group = keep(name)) useAs(true, *group);
            });
  addButton(buttons, QStringLiteral("selectionUseGoal"), tr("Use as goal"),
            tr("Keep the selection and move cells towards it"), [this, name] {
              if (const auto group = keep(name)) useAs(false, *group);
            });
  addComposition(cells->mask, cells->count);
  finish();
}

void GroupCard::addComposition(std::vector<std::uint8_t> mask, std::int64_t cells) {
  const DatasetPtr dataset = services_.document.dataset();
  if (!dataset) return;
  addFact(tr("Cells"), count_text(cells));
  const QString donors = services_.document.donorColumn();
  QLabel* donorFact = donors.isEmpty() ? nullptr : addFact(tr("Donors"), QStringLiteral("…"));
  auto* place = new QWidget(this);
  auto* parts = new QVBoxLayout(place);
  parts->setContentsMargins(0, 0, 0, 0);
  parts->setSpacing(4);
  addWidget(place);
  struct Part {
    QString column;
    GroupComposition composition;
  };
  services_.background.run<QList<Part>>(
      Background::Lane::kCompute, this,
      [dataset, donors, mask = std::move(mask)](JobContext&) -> Result<QList<Part>> {
        QList<Part> found;
        if (const Column* column = dataset->cells.find(donors.toStdString()); column && !donors.isEmpty()) {
          found.append({donors, compose_mask(mask, *column)});
        }
        const auto most = found.size() + kLabelColumns;
        for (const QString& name : label_columns(*dataset)) {
          if (name == donors || found.size() == most) continue;
          Part part{name, compose_mask(mask, *dataset->cells.find(name.toStdString()))};
          if (part.composition.parts.size() >= 2 && part.composition.parts_of(0) > 0) found.append(std::move(part));
        }
        return found;
      },
      [this, donors, donorFact, place, parts](Result<QList<Part>> found) {
        for (const Part& part : *found) {
          if (donorFact && part.column == donors) donorFact->setText(count_text(part.composition.parts_of(0)));
          parts->addSpacing(services_.theme.size("padding"));
          parts->addWidget(make_caption(tr("By %1").arg(part.column), place));
          parts->addWidget(new CompositionView(services_.theme, part.composition, place));
        }
      });
}

void GroupCard::useAs(bool start, const Group& group) {
  GroupChoice choice = services_.document.selection().groups();
  auto& mine = start ? choice.start : choice.goal;
  auto& other = start ? choice.goal : choice.start;
  mine = group;
  if (other == group) other.reset();
  services_.document.chooseGroups(std::move(choice));
}

std::optional<Group> GroupCard::keep(const QString& wanted) {
  const ProjectStore* project = services_.document.project();
  const CellSelectionPtr cells = services_.document.selection().cells();
  if (!project || !cells) return std::nullopt;
  QStringList taken;
  for (const ProjectItem& item : project->items(QStringLiteral("selection"))) taken << item.name;
  QString name = wanted;
  for (int i = 2; taken.contains(name); ++i) name = QStringLiteral("%1 (%2)").arg(wanted).arg(i);
  if (services_.document.saveSelection(name).isEmpty()) return std::nullopt;
  Group group;
  group.kind = Group::Kind::kSelection;
  group.value = name;
  group.count = cells->count;
  group.color = category_color(static_cast<int>(taken.size()));
  return group;
}

void GroupCard::keepUnderName() {
  const CellSelectionPtr cells = services_.document.selection().cells();
  if (!cells) return;
  bool ok = false;
  const QString name = QInputDialog::getText(this, tr("Keep selection"), tr("Name of the selection"), QLineEdit::Normal,
                                             cells->name, &ok)
                           .trimmed();
  if (!ok || name.isEmpty()) return;
  if (const auto group = keep(name)) {
    services_.messages.toast(tr("Kept %1 cells as “%2”").arg(count_text(cells->count), group->value));
  }
}

}  // namespace cw::ui
