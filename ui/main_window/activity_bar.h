// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QButtonGroup;
class QVBoxLayout;

namespace cw::ui {

class Theme;

/// The rail at the left: one button per workspace, an icon above a word.
class ActivityBar : public QWidget {
  Q_OBJECT
 public:
  explicit ActivityBar(const Theme& theme, QWidget* parent = nullptr);
  /// `id` is what `chosen` gives back.
  void addWorkspace(const QString& id, const QString& text, const QString& icon, const QString& toolTip);
  void setCurrent(const QString& id);

 Q_SIGNALS:
  void chosen(const QString& id);

 private:
  void refreshIcons();

  const Theme& theme_;
  QButtonGroup* buttons_;
  QVBoxLayout* layout_;
};

}  // namespace cw::ui
