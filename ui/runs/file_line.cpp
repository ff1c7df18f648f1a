// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/file_line.h"

#include "ui/common/dropped_files.h"
#include "ui/common/widgets.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>

namespace cw::ui {

FileLine::FileLine(const QString& name, const QString& title, const QString& filter, QWidget* parent)
    : QWidget(parent), line_(new QLineEdit(this)) {
  setAcceptDrops(true);
  line_->setObjectName(name);
  line_->setAccessibleName(title);
  line_->setAcceptDrops(false);  // it would take the address as text
  line_->setPlaceholderText(tr("Choose a file, or drop it here"));
  auto* choose = make_button(name + QStringLiteral("-choose"), tr("Choose ..."), "", this);
  choose->setAccessibleName(tr("Choose a file: %1").arg(title));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(line_, 1);
  row->addWidget(choose);
  setFocusProxy(line_);
  connect(line_, &QLineEdit::textChanged, this, &FileLine::edited);
  connect(choose, &QPushButton::clicked, this, [this, title, filter] {
    const QString chosen = QFileDialog::getOpenFileName(this, title, path(), filter);
    if (!chosen.isEmpty()) setPath(chosen);
  });
}

QString FileLine::path() const { return line_->text().trimmed(); }

void FileLine::setPath(const QString& path) { line_->setText(path); }

void FileLine::setPlaceholder(const QString& text) { line_->setPlaceholderText(text); }

void FileLine::dragEnterEvent(QDragEnterEvent* event) {
  if (dropped_files(*event->mimeData()).size() == 1) event->acceptProposedAction();
}

void FileLine::dropEvent(QDropEvent* event) {
  const QStringList files = dropped_files(*event->mimeData());
  if (files.size() != 1) return;
  setPath(files.first());
  event->acceptProposedAction();
}

}  // namespace cw::ui
