// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"
#include "app/plugin_list.h"
#include "core/base/version.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QStandardPaths>
#include <cstdio>

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("cellwright"));
  QApplication::setApplicationDisplayName(QStringLiteral("Cellwright"));
  QApplication::setApplicationVersion(QString::fromStdString(std::string(cw::version())));
  QApplication::setOrganizationName(QStringLiteral("cellwright"));

  QCommandLineParser parser;
  parser.setApplicationDescription(QStringLiteral("Cellwright: in silico perturbation of single cells"));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument(QStringLiteral("file"), QStringLiteral("Data, model folder or project to open"),
                               QStringLiteral("[file...]"));
  QCommandLineOption project(QStringLiteral("project"), QStringLiteral("Project folder [the unnamed one]"),
                             QStringLiteral("folder"));
  parser.addOption(project);
  parser.process(application);

  cw::register_plugins();
  cw::ui::Application window(application);
  const QString unnamed =
      QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/Unnamed.cellwright");
  const QString folder = parser.isSet(project) ? parser.value(project) : unnamed;
  if (const auto started = window.start(folder.toStdString()); !started) {
    std::fprintf(stderr, "error [%s] %s\n", started.error().id.c_str(), started.error().message.c_str());
    return cw::exit_code(started.error().code);
  }
  window.open(parser.positionalArguments());
  return QApplication::exec();
}
