// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/window_services.h"
#include "ui/embedding/embedding_panel.h"

#include <QApplication>
#include <QTest>

namespace cw::ui {

/// The map panel over a project, on the bundled cells.
struct MapBench {
  static constexpr int kSoon = 60'000;

  explicit MapBench(const QString& project)
      : window(project),
        services(window.all),
        document(services.document),
        background(services.background),
        actions(services.actions),
        messages(services.messages),
        jobs(services.jobs),
        panel(std::make_unique<EmbeddingPanel>(services)) {
    panel->resize(900, 620);
    panel->show();
  }
  [[nodiscard]] bool openExample() {
    document.openDataset(CW_SOURCE_DIR "/resources/example/pbmc3k_half_a.h5ad");
    return QTest::qWaitFor([this] { return document.dataset() != nullptr; }, kSoon);
  }
  /// Opens the example and gives it the map that `draw` makes for so many cells.
  template <class Draw>
  [[nodiscard]] bool openWithMap(const Draw& draw) {
    if (!openExample()) return false;
    document.addMap(draw(document.dataset()->num_cells()));
    return settle();
  }
  /// Waits until map and colours are on screen and nothing runs.
  [[nodiscard]] bool settle() {
    return QTest::qWaitFor([this] { return panel->isSettled() && !background.busy(); }, kSoon);
  }
  ScatterCanvas& canvas() { return panel->tile(0).canvas(); }
  template <class T>
  T* find(const char* name) {
    return panel->findChild<T*>(QLatin1String(name));
  }

  WindowServices window;
  Services& services;
  Document& document;
  Background& background;
  ActionRegistry& actions;
  MessageCenter& messages;
  JobCenter& jobs;
  std::unique_ptr<EmbeddingPanel> panel;
};

inline void send_mouse(QWidget* target, QEvent::Type type, QPointF at, Qt::MouseButton button, Qt::MouseButtons held,
                       Qt::KeyboardModifiers modifiers = {}) {
  QMouseEvent event(type, at, target->mapToGlobal(at), button, held, modifiers);
  QApplication::sendEvent(target, &event);
}

}  // namespace cw::ui
