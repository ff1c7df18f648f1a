// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/help/help_panel.h"

#include "ui/common/widgets.h"
#include "ui/theme/theme.h"

#include <QDesktopServices>
#include <QDir>
#include <QFile>
#include <QHBoxLayout>
#include <QLabel>
#include <QTextBlock>
#include <QTextBrowser>
#include <QTextDocument>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

static void initialise_help() { Q_INIT_RESOURCE(help); }

namespace cw::ui {
namespace {

constexpr int kWidth = 340;
constexpr auto kFirst = "index.md";
constexpr auto kAbout = "about";

QString read_page(const QString& name) {
  if (name == QLatin1String(kAbout)) return about_text();
  QFile file(QStringLiteral(":/help/") + name);
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

// Markdown has no say in type; headings are made as in the rest of the window.
void style_page(QTextDocument& document, const Theme& theme) {
  for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
    QTextCursor cursor(block);
    QTextBlockFormat format = block.blockFormat();
    const int level = format.headingLevel();
    if (level > 0) {
      format.setTopMargin(level == 1 ? 0 : 16);
      format.setBottomMargin(6);
    } else {
      format.setBottomMargin(format.bottomMargin() > 0 ? 8 : 2);
      format.setLineHeight(135, QTextBlockFormat::ProportionalHeight);
    }
    cursor.setBlockFormat(format);
    if (level == 0) continue;
    cursor.select(QTextCursor::BlockUnderCursor);
    QTextCharFormat text = cursor.charFormat();
    text.clearProperty(QTextFormat::FontSizeAdjustment);  // it would win over the size
    text.setFont(theme.font(level == 1 ? "title" : "body", QFont::DemiBold));
    cursor.setCharFormat(text);
  }
}

}  // namespace

HelpPanel::HelpPanel(Services& services, QWidget* parent)
    : Panel(QStringLiteral("helpPanel"), tr("Help"), parent),
      services_(services),
      text_(new QTextBrowser(this)),
      back_(new QToolButton(this)) {
  initialise_help();
  setMinimumWidth(kWidth);
  const auto tool = [this](QToolButton* button, const char* name, const QString& text, const QString& icon) {
    button->setObjectName(QLatin1String(name));
    button->setAccessibleName(text);
    button->setToolTip(text);
    if (!icon.isEmpty()) button->setIcon(services_.theme.icon(icon));
    return button;
  };
  tool(back_, "helpBack", tr("Back"), {})->setText(tr("Back"));
  auto* contents = tool(new QToolButton(this), "helpContents", tr("All pages"), {});
  contents->setText(tr("All pages"));
  auto* glossary = tool(new QToolButton(this), "helpGlossary", tr("Glossary"), {});
  glossary->setText(tr("Glossary"));
  auto* close = tool(new QToolButton(this), "helpClose", tr("Close help"), QStringLiteral("close"));
  auto* bar = new QWidget(this);
  bar->setFixedHeight(services.theme.size("bar"));
  auto* row = new QHBoxLayout(bar);
  const int pad = services.theme.size("padding");
  row->setContentsMargins(pad, 0, 6, 0);
  row->setSpacing(2);
  row->addWidget(make_label(tr("Help"), "heading", bar));
  row->addStretch(1);
  for (QToolButton* button : {back_, contents, glossary, close}) row->addWidget(button);
  text_->setObjectName(QStringLiteral("helpText"));
  text_->setAccessibleName(tr("Help text"));
  text_->setOpenLinks(false);
  text_->setFrameShape(QFrame::NoFrame);
  text_->setProperty("plain", true);
  text_->document()->setDocumentMargin(pad);
  text_->document()->setIndentWidth(22);
  auto* page = new QVBoxLayout(this);
  page->setContentsMargins(0, 0, 0, 0);
  page->setSpacing(0);
  page->addWidget(bar);
  page->addWidget(make_line(Qt::Horizontal, this));
  page->addWidget(text_, 1);
  connect(text_, &QTextBrowser::anchorClicked, this, &HelpPanel::follow);
  connect(back_, &QToolButton::clicked, this, [this] {
    if (history_.size() < 2) return;
    history_.removeLast();
    showPage(history_.takeLast());
  });
  connect(contents, &QToolButton::clicked, this, [this] { showPage(QLatin1String(kFirst)); });
  connect(glossary, &QToolButton::clicked, this, [this] { showPage(QStringLiteral("glossary.md")); });
  connect(close, &QToolButton::clicked, this, &HelpPanel::closeRequested);
  connect(&services.theme, &Theme::changed, this, [this, close] {
    close->setIcon(services_.theme.icon(QStringLiteral("close")));
    render();
  });
  showPage(QLatin1String(kFirst));
  history_.clear();
}

QStringList HelpPanel::pages() {
  initialise_help();
  return QDir(QStringLiteral(":/help")).entryList({QStringLiteral("*.md")}, QDir::Files, QDir::Name);
}

void HelpPanel::showPage(const QString& page) {
  page_ = read_page(page).isEmpty() ? QLatin1String(kFirst) : page;
  history_ << page_;
  back_->setEnabled(history_.size() > 1);
  render();
}

void HelpPanel::render() {
  const QString text = read_page(page_);
  if (page_ == QLatin1String("LICENSE")) {
    text_->setPlainText(text);
  } else {
    text_->setMarkdown(text);
    style_page(*text_->document(), services_.theme);
  }
  text_->moveCursor(QTextCursor::Start);
}

void HelpPanel::follow(const QUrl& link) {
  if (link.scheme().startsWith(QLatin1String("http"))) {
    QDesktopServices::openUrl(link);
  } else if (!link.path().isEmpty() && link.path() != page_) {
    showPage(link.path());
  }
  if (link.hasFragment()) text_->scrollToAnchor(link.fragment());
}

}  // namespace cw::ui
