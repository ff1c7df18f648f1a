// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

class QTextBrowser;
class QToolButton;

namespace cw::ui {

/// The pages of docs/help, shown beside the work: F1 opens the one of the panel in use. All pages are in the program.
class HelpPanel : public Panel {
  Q_OBJECT
 public:
  explicit HelpPanel(Services& services, QWidget* parent = nullptr);
  /// "jobs.md"; "" or a page that does not exist opens the first one. "about" is made here.
  void showPage(const QString& page);
  [[nodiscard]] QString page() const { return page_; }
  [[nodiscard]] static QStringList pages();
  [[nodiscard]] QString helpPage() const override { return QStringLiteral("index.md"); }

 Q_SIGNALS:
  void closeRequested();

 private:
  void follow(const QUrl& link);
  void render();

  Services& services_;
  QTextBrowser* text_;
  QToolButton* back_;
  QString page_;
  QStringList history_;
};

/// The about page as Markdown: licence, versions, what it is built on.
[[nodiscard]] QString about_text();

}  // namespace cw::ui
