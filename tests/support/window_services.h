// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/plugin_list.h"
#include "ui/common/action_registry.h"
#include "ui/common/background.h"
#include "ui/common/messages.h"
#include "ui/common/panel.h"
#include "ui/document/document.h"
#include "ui/jobs/job_center.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

namespace cw::ui {

/// What a panel is given, over a project of its own: for tests of one panel.
class WindowServices {
 public:
  /// `project`: "" = one of its own.
  explicit WindowServices(const QString& project = {})
      : document_(background_, messages_), all{theme, background_, messages_, actions_, document_, jobs_} {
    static const bool once = (register_plugins(), true);
    Q_UNUSED(once)
    theme.applyTo(*qApp);
    const QString path = project.isEmpty() ? folder_.filePath(QStringLiteral("test.cellwright")) : project;
    if (const auto opened = document_.openProject(path.toStdString()); !opened) {
      qFatal("%s", opened.error().message.c_str());
    }
  }
  /// Reads a file and waits for it.
  [[nodiscard]] bool open(const std::filesystem::path& file) {
    document_.openDataset(file);
    return QTest::qWaitFor([this] { return document_.dataset() != nullptr; }, 20'000) && settle();
  }
  /// Waits until nothing runs in the background.
  [[nodiscard]] bool settle(int quietMs = 300) {
    QElapsedTimer quiet;
    quiet.start();
    return QTest::qWaitFor(
        [&] {
          if (background_.busy()) quiet.restart();
          return quiet.elapsed() > quietMs;
        },
        40'000);
  }

  Theme theme;

 private:
  QTemporaryDir folder_;
  Background background_;
  MessageCenter messages_;
  ActionRegistry actions_;
  Document document_;
  JobCenter jobs_;

 public:
  Services all;
};

}  // namespace cw::ui
