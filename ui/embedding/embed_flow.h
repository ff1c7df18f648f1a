// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"
#include "ui/embedding/map_result.h"

#include <QObject>
#include <QSet>
#include <optional>

namespace cw::ui {

struct ProjectItem;

/// From counts to a map: embeds the cells with the active model, then makes the UMAP and its clusters, as two jobs of
/// the engine. The result is kept in the project ("map" items) and comes back when the data set is opened again; jobs
/// that outlive the window are taken up by the next one.
class EmbedFlow : public QObject {
  Q_OBJECT
 public:
  explicit EmbedFlow(Services& services, QObject* parent = nullptr);

  /// "" where it can start now, else the reason in plain words.
  [[nodiscard]] QString obstacle() const;
  /// Rough duration on this machine in seconds.
  [[nodiscard]] double estimate(int dimensions = 2) const;
  /// Makes a map of two or three dimensions. Cells that were embedded for a map before are not embedded again.
  void start(int dimensions = 2);
  void cancel();
  /// Of the data set in view.
  [[nodiscard]] bool isRunning() const;
  [[nodiscard]] double fraction() const;
  [[nodiscard]] QString progressText() const;

 Q_SIGNALS:
  /// Progress, start or end.
  void changed();
  /// The map is part of the data set now; `fresh` = just computed, not restored.
  void mapReady(const QString& key, const QString& clusterColumn, bool fresh);

 private:
  void onDataset();
  void onEnded(const QString& job);
  void startMap(const ProjectItem& item);
  [[nodiscard]] std::optional<ProjectItem> embeddedBefore() const;
  void load(const ProjectItem& item, bool fresh);
  void drop(const QString& itemId);
  [[nodiscard]] QList<ProjectItem> items() const;
  [[nodiscard]] const struct JobRecord* runningJob() const;

  Services& services_;
  QSet<QString> loading_;  // items that are being read
};

}  // namespace cw::ui
