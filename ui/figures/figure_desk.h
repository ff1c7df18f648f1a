// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/figures/figure_writer.h"

#include <functional>
#include <optional>

namespace cw::ui {

class ExportSheet;

/// Everything that leaves the window as a picture, and comes back: export, copy, "figure that reopens", views drawn
/// without a window.
class FigureDesk : public QObject {
  Q_OBJECT
 public:
  /// `current`: the panel that is meant; `panels`: all of them.
  FigureDesk(Services& services, QWidget* window, std::function<Panel*()> current,
             std::function<QList<Panel*>()> panels);

  void exportFigure();
  /// Writes the figure of a panel as it is shown, without a question, in the format of the name; problems go to the
  /// messages.
  void save(Panel& panel, const QString& path);
  void copyFigure();
  void copyTable();
  /// Shows the view that a figure (SVG, PDF, PNG) or view file carries; opens its data first where they are not open.
  void reopen(const QString& path);
  /// The same, then writes the figure to `out` and calls `done`: "" = written, else the reason. For `--render`.
  void render(const QString& view, const QString& out, const FigureOptions& options,
              std::function<void(const QString&)> done);
  [[nodiscard]] FigureTag tagOf(const Panel& panel) const;

 Q_SIGNALS:
  /// The view of this panel was restored: show it.
  void panelWanted(cw::ui::Panel* panel);

 private:
  void write(const Panel& panel, const QString& path, const FigureOptions& options,
             std::function<void(const QString&)> done);
  void open(const FigureTag& tag);
  void restore();
  void fail(const Error& error);
  /// The panel that is meant where it has a figure, else the first one on screen that has; nullptr = none.
  [[nodiscard]] Panel* figurePanel() const;

  Services& services_;
  std::function<Panel*()> current_;
  std::function<QList<Panel*>()> panels_;
  ExportSheet* sheet_;
  std::optional<FigureTag> wanted_;  // restored as soon as its data are there
  std::function<void(Panel*, const QString&)> restored_;
};

}  // namespace cw::ui
