// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/project/gene_list_editor.h"

#include "ui/common/background.h"
#include "ui/common/tab_order.h"
#include "ui/common/widgets.h"
#include "ui/document/document.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>

namespace cw::ui {

GeneListEditor::GeneListEditor(Services& services, QWidget* parent)
    : QWidget(parent),
      services_(services),
      name_(new QLineEdit(this)),
      text_(new QPlainTextEdit(this)),
      found_(make_label({}, "secondary", this)),
      add_(make_button(QStringLiteral("geneListAdd"), tr("Add list"), "primary", this)) {
  setObjectName(QStringLiteral("geneListEditor"));
  setAccessibleName(tr("New gene list"));
  auto* layout = new QVBoxLayout(this);
  const int padding = services.theme.size("padding");
  layout->setContentsMargins(padding, padding, padding, padding);
  layout->setSpacing(8);
  layout->addWidget(make_caption(tr("New gene list"), this));
  name_->setObjectName(QStringLiteral("geneListName"));
  name_->setAccessibleName(tr("Name of the list"));
  name_->setPlaceholderText(tr("Name"));
  text_->setObjectName(QStringLiteral("geneListText"));
  text_->setAccessibleName(tr("Genes, one per line or between commas"));
  text_->setPlaceholderText(tr("Paste symbols or Ensembl ids"));
  text_->setTabChangesFocus(true);
  text_->setFixedHeight(96);
  found_->setWordWrap(true);
  layout->addWidget(name_);
  layout->addWidget(text_);
  layout->addWidget(found_);
  auto* buttons = new QHBoxLayout;
  auto* cancel = make_button(QStringLiteral("geneListCancel"), tr("Cancel"), "", this);
  buttons->addStretch(1);
  buttons->addWidget(cancel);
  buttons->addWidget(add_);
  layout->addLayout(buttons);
  tab_through({name_, text_, cancel, add_});
  timer_.setSingleShot(true);
  timer_.setInterval(150);
  connect(&timer_, &QTimer::timeout, this, &GeneListEditor::check);
  connect(text_, &QPlainTextEdit::textChanged, &timer_, qOverload<>(&QTimer::start));
  connect(name_, &QLineEdit::returnPressed, this, &GeneListEditor::accept);
  connect(add_, &QPushButton::clicked, this, &GeneListEditor::accept);
  connect(cancel, &QPushButton::clicked, this, &GeneListEditor::closed);
}

void GeneListEditor::begin(const QString& text) {
  name_->clear();
  text_->setPlainText(text);
  check();
  name_->setFocus();
}

void GeneListEditor::check() {
  // 20,000 names take some 10 ms, each a look into a table
  list_ = genes_in_text(services_.document.geneSearch(), {}, text_->toPlainText());
  QString said = tr("%n gene(s) recognised", nullptr, static_cast<int>(list_.ensemblIds.size()));
  if (!list_.unknown.isEmpty()) {
    said += tr(", %1 not: %2").arg(list_.unknown.size()).arg(list_.unknown.mid(0, 5).join(QStringLiteral(", ")));
    if (list_.unknown.size() > 5) said += QStringLiteral(" …");
  }
  found_->setText(text_->toPlainText().trimmed().isEmpty() ? QString() : said);
  add_->setEnabled(!list_.ensemblIds.isEmpty());
}

void GeneListEditor::accept() {
  check();
  if (list_.ensemblIds.isEmpty()) return;
  list_.name = name_->text().trimmed();
  if (list_.name.isEmpty()) list_.name = tr("%n gene(s)", nullptr, static_cast<int>(list_.ensemblIds.size()));
  Q_EMIT accepted(list_);
  Q_EMIT closed();
}

void GeneListEditor::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) return Q_EMIT closed();
  if (event->key() == Qt::Key_Return && event->modifiers() == Qt::ControlModifier) return accept();
  QWidget::keyPressEvent(event);
}

}  // namespace cw::ui
