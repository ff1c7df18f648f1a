// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/help/help_panel.h"

#include "ui/common/action_registry.h"
#include "ui/common/messages.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/theme/theme.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>
#include <QTextBrowser>
#include <QToolButton>

namespace cw::ui {

class HelpPanelTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyLinkLeadsToAPage();
  void pagesOpenAndGoBack();
  void anUnknownPageOpensTheFirst();
  void aboutNamesVersionAndLicence();

 private:
  Theme theme_;
  Background background_;
  MessageCenter messages_;
  ActionRegistry actions_;
  Document document_{background_, messages_};
  JobCenter jobs_;
  Services services_{theme_, background_, messages_, actions_, document_, jobs_};
};

void HelpPanelTest::everyLinkLeadsToAPage() {
  const QStringList pages = HelpPanel::pages();
  QVERIFY(pages.size() >= 6);
  static const QRegularExpression link(QStringLiteral("\\]\\(([^)#]+)"));
  for (const QString& page : pages) {
    QFile file(QStringLiteral(":/help/") + page);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QString text = QString::fromUtf8(file.readAll());
    QVERIFY2(text.startsWith(QLatin1String("# ")), qPrintable(page));
    for (auto it = link.globalMatch(text); it.hasNext();) {
      const QString target = it.next().captured(1);
      const bool known = target == QLatin1String("about") || target.startsWith(QLatin1String("https://")) ||
                         QFile::exists(QStringLiteral(":/help/") + target);
      QVERIFY2(known, qPrintable(page + QStringLiteral(" -> ") + target));
    }
  }
}

void HelpPanelTest::pagesOpenAndGoBack() {
  HelpPanel panel(services_);
  panel.showPage(QStringLiteral("jobs.md"));
  panel.showPage(QStringLiteral("glossary.md"));
  auto* text = panel.findChild<QTextBrowser*>(QStringLiteral("helpText"));
  QVERIFY(text->toPlainText().contains(QLatin1String("Rank list")));
  QTest::mouseClick(panel.findChild<QToolButton*>(QStringLiteral("helpBack")), Qt::LeftButton);
  QCOMPARE(panel.page(), QStringLiteral("jobs.md"));
  QVERIFY(!panel.findChild<QToolButton*>(QStringLiteral("helpBack"))->isEnabled());
}

void HelpPanelTest::anUnknownPageOpensTheFirst() {
  HelpPanel panel(services_);
  panel.showPage(QStringLiteral("nonsense.md"));
  QCOMPARE(panel.page(), QStringLiteral("index.md"));
}

void HelpPanelTest::aboutNamesVersionAndLicence() {
  const QString text = about_text();
  QVERIFY(text.contains(QLatin1String("General Public License")));
  QVERIFY(text.contains(QLatin1String("no warranty")));
}

}  // namespace cw::ui

QTEST_MAIN(cw::ui::HelpPanelTest)
#include "help_panel_test.moc"
