// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include "core/base/check.h"
#include "ui/theme/icons.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QEvent>
#include <QFile>
#include <QFontDatabase>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPalette>
#include <QRegularExpression>
#include <QStyle>
#include <QStyleFactory>
#include <QTimer>
#include <tuple>

// The resources lie in a static library: without this their registration would be dropped by the linker.
static void initialise_resources() { Q_INIT_RESOURCE(cellwright); }

namespace cw::ui {
namespace {

constexpr auto kFamily = "Inter Tabular";

QByteArray resource(const QString& path) {
  QFile file(path);
  CW_ASSERT(file.open(QIODevice::ReadOnly));
  return file.readAll();
}

QHash<QString, int> integers(const QJsonObject& object) {
  QHash<QString, int> values;
  for (auto it = object.begin(); it != object.end(); ++it) values.insert(it.key(), it.value().toInt());
  return values;
}

int find(const QHash<QString, int>& values, const char* token) {
  const auto it = values.constFind(QLatin1String(token));
  CW_ASSERT(it != values.constEnd());
  return *it;
}

void polish(QWidget& widget) {
  widget.style()->polish(&widget);
  QEvent event(QEvent::StyleChange);
  QApplication::sendEvent(&widget, &event);
}

}  // namespace

Theme::Theme(QObject* parent) : QObject(parent) {
  initialise_resources();
  for (const char* weight : {"Regular", "Medium", "SemiBold", "Bold"}) {
    QFontDatabase::addApplicationFont(QStringLiteral(":/fonts/InterTabular-%1.otf").arg(QLatin1String(weight)));
  }
  for (const char* weight : {"Regular", "Bold"}) {
    QFontDatabase::addApplicationFont(QStringLiteral(":/fonts/LiberationSans-%1.ttf").arg(QLatin1String(weight)));
  }
  load();
  choose();
}

void Theme::load() {
  const QJsonObject tokens = QJsonDocument::fromJson(resource(QStringLiteral(":/theme/tokens.json"))).object();
  const QJsonObject colours = tokens[QLatin1String("colours")].toObject();
  for (auto it = colours.begin(); it != colours.end(); ++it) {
    const QJsonArray pair = it.value().toArray();
    light_.insert(it.key(), QColor(pair[0].toString()));
    darkColors_.insert(it.key(), QColor(pair[1].toString()));
  }
  sizes_ = integers(tokens[QLatin1String("sizes")].toObject());
  type_ = integers(tokens[QLatin1String("type")].toObject());
  motion_ = integers(tokens[QLatin1String("motion")].toObject());
}

void Theme::choose() {
  if (mode_ == Mode::kSystem) {
    // Qt 6.4 has no colour scheme: the system's palette tells, as long as we have not replaced it
    const QPalette system = QApplication::style() ? QApplication::style()->standardPalette() : QPalette();
    dark_ = system.color(QPalette::WindowText).lightness() > system.color(QPalette::Window).lightness();
  } else {
    dark_ = mode_ == Mode::kDark;
  }
}

QColor Theme::color(const char* token) const {
  const auto& colors = dark_ ? darkColors_ : light_;
  const auto it = colors.constFind(QLatin1String(token));
  CW_ASSERT(it != colors.constEnd());
  return *it;
}

QColor Theme::figureColor(const char* token) const {
  const auto it = light_.constFind(QLatin1String(token));
  CW_ASSERT(it != light_.constEnd());
  return *it;
}

int Theme::size(const char* token) const { return find(sizes_, token); }

int Theme::motion(const char* token) const {
  return qEnvironmentVariableIsSet("CELLWRIGHT_REDUCED_MOTION") ? 0 : find(motion_, token);
}

QFont Theme::font(const char* type, QFont::Weight weight) const {
  QFont font{QLatin1String(kFamily)};
  font.setPixelSize(find(type_, type));
  font.setWeight(weight);
  return font;
}

QString Theme::figureFamily() { return QStringLiteral("Liberation Sans"); }

void Theme::setMode(Mode mode) {
  mode_ = mode;
  choose();
  apply();
}

QIcon Theme::icon(const QString& name) const {
  return line_icon(name, color("ink-2"), color("accent"), color("ink-3"));
}

QIcon Theme::icon(const QString& name, const QColor& color) const { return line_icon(name, color, color, color); }

void Theme::applyTo(QApplication& application) {
  application_ = &application;
  QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  apply();
}

void Theme::apply() {
  if (!application_) return;
  QPalette palette;
  palette.setColor(QPalette::Window, color("ground"));
  palette.setColor(QPalette::Base, color("panel"));
  palette.setColor(QPalette::AlternateBase, color("ground"));
  palette.setColor(QPalette::Button, color("panel"));
  palette.setColor(QPalette::ToolTipBase, color("panel"));
  palette.setColor(QPalette::Highlight, color("accent"));
  palette.setColor(QPalette::HighlightedText, color("on-accent"));
  palette.setColor(QPalette::Link, color("accent"));
  palette.setColor(QPalette::PlaceholderText, color("ink-3"));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText}) {
    palette.setColor(role, color("ink"));
    palette.setColor(QPalette::Disabled, role, color("ink-3"));
  }
  QApplication::setPalette(palette);
  QApplication::setFont(font());
  restyle();
  Q_EMIT changed();
}

// Qt styles each widget anew and then its children, at every level: once for each ancestor, 150 ms in a window of 800
// widgets. With empty caches it styles none; each one is then done once, those on the screen at once, the others a few
// at a time.
void Theme::restyle() {
  QStyle& style = *QApplication::style();
  style.unpolish(application_);
  application_->setStyleSheet(styleSheet());
  style.polish(application_);
  const bool waiting = !unpolished_.isEmpty();
  for (QWidget* widget : QApplication::allWidgets()) {
    if (!widget->testAttribute(Qt::WA_StyleSheet)) continue;
    if (widget->isVisible()) {
      polish(*widget);
    } else {
      unpolished_.append(widget);
    }
  }
  if (!waiting && !unpolished_.isEmpty()) QTimer::singleShot(0, this, &Theme::polishSome);
}

void Theme::polishSome() {
  constexpr int kMilliseconds = 15;
  QElapsedTimer time;
  time.start();
  while (!unpolished_.isEmpty() && time.elapsed() < kMilliseconds) {
    if (QWidget* widget = unpolished_.takeFirst()) polish(*widget);
  }
  if (!unpolished_.isEmpty()) QTimer::singleShot(0, this, &Theme::polishSome);
}

QString Theme::styleSheet() {
  // @chevron@ and so on: an icon in a colour, by mode, because the style sheet can name image files only
  const std::tuple<const char*, const char*, const char*> drawn[] = {
      {"chevron", "chevron-down", "ink-2"}, {"chevron-up", "chevron-up", "ink-2"}, {"tick", "check", "on-accent"}};
  QHash<QString, QString> pictures;
  for (const auto& [name, icon, colour] : drawn) {
    const QString path = images_.filePath(QStringLiteral("%1-%2.svg").arg(QLatin1String(name)).arg(dark_ ? 1 : 0));
    QFile file(path);
    if (file.open(QIODevice::WriteOnly)) file.write(line_drawing(QLatin1String(icon), color(colour)));
    pictures.insert(QLatin1String(name), path);
  }

  const QString text = QString::fromUtf8(resource(QStringLiteral(":/theme/cellwright.qss")));
  static const QRegularExpression token(QStringLiteral("@([a-z0-9-]+)@"));
  QString sheet;
  qsizetype from = 0;
  for (auto it = token.globalMatch(text); it.hasNext();) {
    const auto match = it.next();
    sheet += QStringView(text).mid(from, match.capturedStart() - from);
    from = match.capturedEnd();
    const QString name = match.captured(1);
    if (light_.contains(name)) {
      sheet += color(name.toLatin1()).name();
    } else if (pictures.contains(name)) {
      sheet += pictures[name];
    } else if (sizes_.contains(name)) {
      sheet += QString::number(sizes_[name]);
    } else if (type_.contains(name)) {
      sheet += QString::number(type_[name]);
    }
  }
  sheet += QStringView(text).mid(from);
  return sheet;
}

}  // namespace cw::ui
