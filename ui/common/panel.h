// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/table.h"

#include <QSizeF>
#include <QWidget>
#include <functional>
#include <optional>

class QPainter;

namespace cw::ui {

class ActionRegistry;
class Background;
class Document;
class JobCenter;
class MessageCenter;
class Theme;

/// What every panel is given: references to objects that outlive it.
struct Services {
  Theme& theme;
  Background& background;
  MessageCenter& messages;
  ActionRegistry& actions;
  Document& document;
  JobCenter& jobs;
};

/// A picture that can be exported: drawn by the panel with a QPainter in points (1/72 inch) on white, with text as
/// text.
struct FigureSize {
  double widthPoints = 252.3;  ///< 89 mm
  double heightPoints = 180.0;
  double fontPoints = 7.0;  ///< of labels; small print is 2 points smaller, never under 5
};

/// Draws a picture on white; holds all it needs, so that it may run on any thread while the panel goes on.
using FigurePainter = std::function<void(QPainter&, const FigureSize&)>;

/// A part of the window with a task of its own: the frame puts it into a dock or the central area.
class Panel : public QWidget {
  Q_OBJECT
 public:
  Panel(const QString& objectName, const QString& title, QWidget* parent = nullptr);

  [[nodiscard]] QString title() const { return title_; }
  /// Page of docs/ that F1 opens, without its folder: "explore.md".
  [[nodiscard]] virtual QString helpPage() const { return {}; }

  /// False where there is nothing to draw.
  [[nodiscard]] virtual bool hasFigure() const { return false; }
  /// The panel's picture as it is now, for export and the clipboard; empty where there is none.
  [[nodiscard]] virtual FigurePainter figure() const { return {}; }
  /// A name for the file of the figure and of its data: "kang_pbmc umap cell_type".
  [[nodiscard]] virtual QString figureName() const { return title_; }
  /// The numbers behind the picture, for "copy as table" and the accessible twin of a chart.
  [[nodiscard]] virtual std::optional<Table> figureData() const { return std::nullopt; }
  /// The panel's state as JSON for "figure that reopens" and saved views; `restoreView` gets it back.
  [[nodiscard]] virtual QByteArray saveView() const { return {}; }
  virtual void restoreView(const QByteArray& view);

 Q_SIGNALS:
  void titleChanged(const QString& title);

 protected:
  void setTitle(const QString& title);

 private:
  QString title_;
};

}  // namespace cw::ui
