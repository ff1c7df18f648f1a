// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPoint>
#include <QString>
#include <QWidget>
#include <optional>

namespace cw::ui {

/// What a step of a journey names: a widget by its object name ("bench.run"), or an item in it by its text
/// ("genesTable[STAT1]": row, tab or entry).
struct JourneyTarget {
  QString name;
  QString item;
};

[[nodiscard]] JourneyTarget journey_target(const QString& word);

/// The widget of that name that is on the screen; one that is hidden only where `hiddenToo`; nullptr = none.
[[nodiscard]] QWidget* find_widget(const QString& name, bool hiddenToo = false);

/// A point to press, in the widget that gets the event. Scrolls item views to the item. Nothing where it is not there.
struct PressPoint {
  QWidget* widget = nullptr;
  QPoint position;
};
[[nodiscard]] std::optional<PressPoint> press_point(const JourneyTarget& target);

/// What a user reads in a widget: text, value, or all rows of a list, one per line.
[[nodiscard]] QString text_of_widget(const QWidget* widget);

/// Rows of an item view or list; -1 where it has none.
[[nodiscard]] int rows_of_widget(const QWidget* widget);

}  // namespace cw::ui
