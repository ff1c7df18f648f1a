// SPDX-License-Identifier: GPL-3.0-or-later
// The panel in space: going there and back, and what is offered where the map has two dimensions only.
#include "ui/common/action_registry.h"
#include "ui/common/messages.h"
#include "ui/document/document.h"
#include "ui/embedding/embed_flow.h"
#include "ui/embedding/embedding_panel.h"
#include "ui/theme/numbers.h"

#include <QMenu>
#include <QToolButton>

namespace cw::ui {

void EmbeddingPanel::setInSpace(bool on) {
  if (on != inSpace_) {
    inSpace_ = on;
    for (EmbeddingTile* tile : tiles_) tile->setInSpace(on);
    if (on) flatTool_ = tool_;
    if (on || tool_ == CanvasTool::kPan) setTool(on ? CanvasTool::kPan : flatTool_);
    QAction* pan = services_.actions.find(QStringLiteral("explore.pan"));
    pan->setText(on ? tr("Turn the map") : tr("Move the map"));
    pan->setToolTip(tr("%1 (H)").arg(pan->text()));
    refreshFooter();
    keepViewSoon();
  }
  refreshHeader();
}

void EmbeddingPanel::toggleSpace() {
  const CellMapPtr map = findMap(mapKey_);
  if (!map) return;
  if (inSpace_ || map->dimensions >= 3) return setInSpace(!inSpace_);
  refreshHeader();  // the button is not down yet
  offerSpace();
}

// A map of two dimensions has no third: others of the file may, and one can be computed.
void EmbeddingPanel::offerSpace() {
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("spaceMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (const CellMapPtr& map : dataset_->maps) {
    if (map->dimensions < 3) continue;
    connect(menu->addAction(tr("Show %1 in 3-D").arg(map->name)), &QAction::triggered, this, [this, key = map->key] {
      showMap(key);
      setInSpace(true);
    });
  }
  if (!menu->isEmpty()) menu->addSeparator();
  const QString obstacle = flow_->obstacle();
  QString text = tr("Compute a 3-D UMAP (about %1)").arg(duration_text(flow_->estimate(3)));
  if (flow_->isRunning()) text = flow_->progressText();
  if (!obstacle.isEmpty()) text = obstacle;
  QAction* compute = menu->addAction(text);
  compute->setObjectName(QStringLiteral("computeSpace"));
  compute->setEnabled(obstacle.isEmpty() && !flow_->isRunning());
  connect(compute, &QAction::triggered, this, [this] { flow_->start(3); });
  menu->popup(spacePill_->mapToGlobal(QPoint(0, spacePill_->height())));
}

void EmbeddingPanel::leaveSpace(const QString& why) {
  if (!inSpace_) return;
  setInSpace(false);
  services_.messages.post({Message::Kind::kWarning,
                           QStringLiteral("W-UI-203"),
                           tr("No 3-D on this computer"),
                           tr("The map is shown flat: %1. A newer graphics driver, or Mesa's software "
                              "rendering, makes it possible.")
                               .arg(why),
                           {},
                           {},
                           {}});
}

}  // namespace cw::ui
