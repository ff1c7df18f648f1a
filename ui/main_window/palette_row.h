// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStyledItemDelegate>

namespace cw::ui {

class Theme;

/// A row of the command palette: icon, name, a remark in the second ink, and keys at the right end.
class PaletteRow : public QStyledItemDelegate {
  Q_OBJECT
 public:
  static constexpr int kRemarkRole = Qt::UserRole + 10;
  static constexpr int kKeysRole = Qt::UserRole + 11;

  PaletteRow(const Theme& theme, QObject* parent);
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 private:
  const Theme& theme_;
};

}  // namespace cw::ui
