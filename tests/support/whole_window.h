// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/gui/application.h"
#include "app/plugin_list.h"

#include <QApplication>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

namespace cw::ui {

/// The whole program with a project of its own, for tests of the window.
class WholeWindow {
 public:
  WholeWindow() {
    QStandardPaths::setTestModeEnabled(true);
    static const bool once = (register_plugins(), true);
    Q_UNUSED(once)
    application_ = std::make_unique<Application>(*qApp);
  }
  /// Starts it and opens a file; true once the file is there and nothing works on it any more.
  [[nodiscard]] bool open(const QString& file) {
    if (!application_->start((folder_.path() + QStringLiteral("/window.cellwright")).toStdString())) return false;
    application_->open({file});
    constexpr int kSoon = 30'000;
    return QTest::qWaitFor([this] { return document().dataset() != nullptr; }, kSoon) && settle(kSoon);
  }
  /// Waits until nothing runs in the background.
  [[nodiscard]] bool settle(int timeout) {
    return QTest::qWaitFor([this] { return !services().background.busy(); }, timeout);
  }
  [[nodiscard]] MainWindow& window() { return application_->window(); }
  [[nodiscard]] Services& services() { return application_->services(); }
  [[nodiscard]] Document& document() { return services().document; }

 private:
  QTemporaryDir folder_;
  std::unique_ptr<Application> application_;
};

}  // namespace cw::ui
