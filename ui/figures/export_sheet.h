// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/figures/figure_writer.h"

#include <QPointer>
#include <QWidget>

class QButtonGroup;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace cw::ui {

/// The inline sheet of "Export figure": what it will look like, format, size, text size, where to. Not modal: the
/// panel behind stays usable, and the preview follows it.
class ExportSheet : public QWidget {
  Q_OBJECT
 public:
  ExportSheet(Services& services, QWidget* window);
  void open(Panel* panel);
  [[nodiscard]] FigureOptions options() const;
  bool eventFilter(QObject* watched, QEvent* event) override;

 Q_SIGNALS:
  void exportRequested(cw::ui::Panel* panel, const QString& path, const cw::ui::FigureOptions& options);

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  QWidget* makeForm();
  QWidget* makeChoice(QButtonGroup*& group, const QString& name, const QStringList& texts);
  void refresh();
  void refreshPreview();
  void renameTo();
  void choosePath();
  void place();

  Services& services_;
  QPointer<Panel> panel_;
  Task drawing_;
  QLabel* preview_;
  QLabel* title_;
  QButtonGroup* format_ = nullptr;
  QButtonGroup* width_ = nullptr;
  QDoubleSpinBox* height_;
  QComboBox* font_;
  QLineEdit* path_;
  QLabel* note_;
  QPushButton* export_;
};

}  // namespace cw::ui
