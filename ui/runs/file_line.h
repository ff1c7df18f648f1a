// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QLineEdit;

namespace cw::ui {

/// A path that is typed, chosen in a dialog or dropped.
class FileLine : public QWidget {
  Q_OBJECT
 public:
  /// `name`: the object name of the line; the button is called `name`-choose. `filter` as QFileDialog takes it.
  FileLine(const QString& name, const QString& title, const QString& filter, QWidget* parent = nullptr);
  [[nodiscard]] QString path() const;
  void setPath(const QString& path);
  void setPlaceholder(const QString& text);

 Q_SIGNALS:
  void edited();

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  QLineEdit* line_;
};

}  // namespace cw::ui
