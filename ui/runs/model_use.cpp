// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/model_use.h"

#include "ui/common/action_registry.h"
#include "ui/document/document.h"

#include <QAction>

namespace cw::ui {

void use_model(Services& services, const std::filesystem::path& folder) {
  Document& document = services.document;
  const auto choose = [&document, folder] {
    for (const ModelEntry& model : document.models()) {
      if (model.path != folder) continue;
      document.setActiveModel(model.id);
      return true;
    }
    return false;
  };
  if (choose()) return;
  QObject::connect(&document, &Document::modelsChanged, &document, choose, Qt::SingleShotConnection);
  document.addModel(folder);
}

void embed_with(Services& services, const std::filesystem::path& folder, QObject* receiver) {
  const auto isActive = [&services, folder] {
    const ModelEntry* active = services.document.activeModel();
    return active && active->path == folder;
  };
  const auto start = [&services, isActive] {
    if (!isActive()) return;
    if (QAction* action = services.actions.find(QStringLiteral("analyze.embed-map"))) action->trigger();
  };
  if (isActive()) return start();
  QObject::connect(&services.document, &Document::activeModelChanged, receiver, start, Qt::SingleShotConnection);
  use_model(services, folder);
}

}  // namespace cw::ui
