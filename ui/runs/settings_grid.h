// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/runs/run_settings.h"

#include <QHash>
#include <QWidget>

namespace cw::ui {

/// Settings below each other: title, field, and what it does.
class SettingsGrid : public QWidget {
  Q_OBJECT
 public:
  /// `options` gives the values to begin with and says which are whole numbers. Fields are called `prefix` and the key.
  SettingsGrid(const QList<RunSetting>& settings, const Json& options, QWidget* parent = nullptr,
               const QString& prefix = QStringLiteral("setting-"));
  /// The fields as they are now. What is no number stays text: checking the job then names it.
  [[nodiscard]] Json values() const;
  /// The first field that should hold a number and does not; "" = all do.
  [[nodiscard]] QString problem() const;
  void setValue(const QString& key, const QString& text);

 Q_SIGNALS:
  void edited();

 private:
  struct Field {
    QWidget* widget = nullptr;
    Json before;  ///< its type is the field's
  };
  [[nodiscard]] QWidget* makeField(const RunSetting& setting, const Json& value, const QString& name);
  [[nodiscard]] static QString textOf(const QWidget* widget);

  QList<RunSetting> settings_;
  QHash<QString, Field> fields_;
};

}  // namespace cw::ui
