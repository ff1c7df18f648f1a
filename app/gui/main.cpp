// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"
#include "app/gui/gallery.h"
#include "app/gui/journey.h"
#include "app/plugin_list.h"
#include "core/base/version.h"
#include "ui/figures/figure_desk.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <algorithm>
#include <cstdio>
#include <cstring>

namespace {

QCommandLineOption hidden_option(const char* name, const char* value) {
  QCommandLineOption option(QString::fromLatin1(name), {}, QString::fromLatin1(value));
  option.setFlags(QCommandLineOption::HiddenFromHelp);
  return option;
}

// No display is needed to draw or to answer --help.
void choose_platform(int argc, char** argv) {
  const auto has = [&](const char* option) {
    return std::any_of(argv + 1, argv + argc, [&](const char* one) { return std::strcmp(one, option) == 0; });
  };
  if (has("--render") || has("--gallery") || has("--help") || has("--version")) qputenv("QT_QPA_PLATFORM", "offscreen");
}

cw::Result<cw::ui::FigureOptions> figure_options(const QString& out, const QString& width, const QString& height) {
  cw::ui::FigureOptions options;
  CW_ASSIGN(options.format, cw::ui::figure_format(out));
  if (!width.isEmpty()) options.widthMillimetres = width.toDouble();
  if (!height.isEmpty()) options.heightMillimetres = height.toDouble();
  if (options.widthMillimetres < 20 || options.widthMillimetres > 400 || options.heightMillimetres < 20 ||
      options.heightMillimetres > 400) {
    return cw::Error{cw::ErrorCode::kInvalidArgument, "E-UI-008", "width and height must be 20 to 400 mm"};
  }
  return options;
}

int complain(const cw::Error& error) {
  std::fprintf(stderr, "error [%s] %s\n", error.id.c_str(), error.message.c_str());
  return cw::exit_code(error.code);
}

}  // namespace

int main(int argc, char** argv) {
  choose_platform(argc, argv);
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
  const QCommandLineOption render(
      QStringLiteral("render"), QStringLiteral("Draws a view without a window: an exported figure, or a view as JSON"),
      QStringLiteral("view"));
  const QCommandLineOption out(QStringLiteral("out"),
                               QStringLiteral("With --render: .svg, .pdf, .png or .tiff to write"),
                               QStringLiteral("file"));
  const QCommandLineOption width(QStringLiteral("width"), QStringLiteral("With --render: millimetres [89]"),
                                 QStringLiteral("mm"));
  const QCommandLineOption height(QStringLiteral("height"), QStringLiteral("With --render: millimetres [63]"),
                                  QStringLiteral("mm"));
  parser.addOptions({render, out, width, height});
  const QCommandLineOption script = hidden_option("script", "file");  // docs/journeys.md
  const QCommandLineOption part = hidden_option("part", "number");
  const QCommandLineOption gallery = hidden_option("gallery", "picture");  // docs/design-sheet.md
  parser.addOptions({script, part, gallery});
  parser.process(application);

  if (parser.isSet(gallery)) {
    cw::ui::Theme theme;
    theme.applyTo(application);
    const auto sheet = cw::ui::make_gallery(theme);
    sheet->show();
    return sheet->grab().save(parser.value(gallery)) ? 0 : 1;
  }
  cw::register_plugins();
  const QTemporaryDir scratch;  // a project that is drawn from is closed before its folder goes
  cw::ui::Application window(application);
  const QString unnamed =
      QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/Unnamed.cellwright");
  const QString folder = parser.isSet(project) ? parser.value(project) : unnamed;
  if (parser.isSet(render)) {
    const auto options = figure_options(parser.value(out), parser.value(width), parser.value(height));
    if (!options) return complain(options.error());
    const QString place = parser.isSet(project) ? folder : scratch.filePath(QStringLiteral("render.cellwright"));
    if (const auto opened = window.services().document.openProject(place.toStdString()); !opened) {
      return complain(opened.error());
    }
    window.figures().render(QFileInfo(parser.value(render)).absoluteFilePath(),
                            QFileInfo(parser.value(out)).absoluteFilePath(), *options, [](const QString& problem) {
                              if (!problem.isEmpty()) std::fprintf(stderr, "error %s\n", qPrintable(problem));
                              QApplication::exit(problem.isEmpty() ? 0 : 3);
                            });
    return QApplication::exec();
  }
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
