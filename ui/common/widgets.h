// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/messages.h"

#include <QString>

class QFrame;
class QLabel;
class QPushButton;
class QToolButton;
class QWidget;

namespace cw::ui {

class Theme;

/// The few parts that every panel is made of, in one look. `role`: "caption", "title", "heading", "secondary",
/// "small", "good", "warning", "bad" (resources/theme/cellwright.qss).
[[nodiscard]] QLabel* make_label(const QString& text, const char* role = "", QWidget* parent = nullptr);
/// An upper-case caption above a block; the accessible name keeps the case.
[[nodiscard]] QLabel* make_caption(const QString& text, QWidget* parent = nullptr);
[[nodiscard]] QFrame* make_line(Qt::Orientation orientation = Qt::Horizontal, QWidget* parent = nullptr);
/// `kind`: "", "primary" or "link".
[[nodiscard]] QPushButton* make_button(const QString& objectName, const QString& text, const char* kind = "",
                                       QWidget* parent = nullptr);
/// A small button with a menu or a value: "Colour: cell type ▾".
[[nodiscard]] QToolButton* make_pill(const QString& objectName, const QString& text, QWidget* parent = nullptr);
/// A widget on a surface: "panel", "ground" or "card".
[[nodiscard]] QWidget* make_surface(const char* surface, QWidget* parent = nullptr);
/// The inline bar of a message: icon, bold title, text, and its fix button where it has one.
[[nodiscard]] QWidget* make_message_bar(const Theme& theme, const Message& message, QWidget* parent = nullptr);
/// The explanation in an empty panel: a sentence and, where something can be done, a button ("" = none).
[[nodiscard]] QWidget* make_empty_state(const Theme& theme, const QString& icon, const QString& text,
                                        const QString& buttonText, std::function<void()> run,
                                        QWidget* parent = nullptr);

}  // namespace cw::ui
