// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"
#include "app/gui/journey.h"
#include "app/plugin_list.h"
#include "core/base/version.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QStandardPaths>
#include <cstdio>

namespace {

QCommandLineOption hidden_option(const char* name, const char* value) {
  QCommandLineOption option(QString::fromLatin1(name), {}, QString::fromLatin1(value));
  option.setFlags(QCommandLineOption::HiddenFromHelp);
  return option;
}

int complain(const cw::Error& error) {
  std::fprintf(stderr, "error [%s] %s\n", error.id.c_str(), error.message.c_str());
  return cw::exit_code(error.code);
}

}  // namespace

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
  const QCommandLineOption script = hidden_option("script", "file");  // docs/journeys.md
  const QCommandLineOption part = hidden_option("part", "number");
  parser.addOptions({script, part});
  parser.process(application);

  cw::register_plugins();
  cw::ui::Application window(application);
  const QString unnamed =
      QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/Unnamed.cellwright");
  const QString folder = parser.isSet(project) ? parser.value(project) : unnamed;
  if (const auto started = window.start(folder.toStdString()); !started) return complain(started.error());
  window.open(parser.positionalArguments());
  std::unique_ptr<cw::ui::Journey> journey;
  if (parser.isSet(script)) {
    const QString file = parser.value(script);
    auto steps = cw::ui::read_journey(file.toStdString(), std::max(1, parser.value(part).toInt()));
    if (!steps) return complain(steps.error());
    journey = std::make_unique<cw::ui::Journey>(window, std::move(steps).value(), QFileInfo(file).baseName());
    journey->start();
  }
  return QApplication::exec();
}
