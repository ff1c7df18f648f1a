// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QFont>
#include <QHash>
#include <QIcon>
#include <QObject>
#include <QPointer>
#include <QTemporaryDir>
#include <QWidget>

class QApplication;
class QJsonObject;

namespace cw::ui {

/// The colours, sizes and type of resources/theme/tokens.json in the light or the dark variant: the only place where
/// the window gets a colour or a size from.
class Theme : public QObject {
  Q_OBJECT
 public:
  enum class Mode { kSystem, kLight, kDark };
  Q_ENUM(Mode)

  /// Reads the tokens and registers the bundled fonts; needs a QGuiApplication.
  explicit Theme(QObject* parent = nullptr);

  /// A colour token: "ink-2", "accent-ground". An unknown name is a bug of ours.
  [[nodiscard]] QColor color(const char* token) const;
  /// The same in the light variant, whatever the window shows: for figures, which stand on white.
  [[nodiscard]] QColor figureColor(const char* token) const;
  /// A size token in device-independent pixels: "row", "padding".
  [[nodiscard]] int size(const char* token) const;
  /// Duration in ms of "short" or "points"; 0 when motion is reduced (CELLWRIGHT_REDUCED_MOTION or the system).
  [[nodiscard]] int motion(const char* token) const;
  /// The window's font in a type size ("body", "small", "caption", "title").
  [[nodiscard]] QFont font(const char* type = "body", QFont::Weight weight = QFont::Normal) const;
  /// The font family of exported figures.
  [[nodiscard]] static QString figureFamily();

  [[nodiscard]] bool isDark() const noexcept { return dark_; }
  [[nodiscard]] Mode mode() const noexcept { return mode_; }
  void setMode(Mode mode);

  /// An icon of resources/icons in ink 2 (accent when checked or selected, ink 3 when disabled), crisp at every scale.
  [[nodiscard]] QIcon icon(const QString& name) const;
  /// The same in one colour.
  [[nodiscard]] QIcon icon(const QString& name, const QColor& color) const;

  /// Sets palette, font and style sheet of the application, now and at every change of mode.
  void applyTo(QApplication& application);

 Q_SIGNALS:
  /// Colours are others now: repaint what was painted with them, ask again for icons.
  void changed();

 private:
  void choose();
  void apply();
  void load();
  [[nodiscard]] QString styleSheet();
  void restyle();
  void polishSome();

  Mode mode_ = Mode::kSystem;
  bool dark_ = false;
  QHash<QString, QColor> light_;
  QHash<QString, QColor> darkColors_;
  QHash<QString, int> sizes_;
  QHash<QString, int> type_;
  QHash<QString, int> motion_;
  QApplication* application_ = nullptr;
  QList<QPointer<QWidget>> unpolished_;  // hidden ones, which take the new style after those on the screen
  QTemporaryDir images_;                 // the style sheet can name image files only
};

}  // namespace cw::ui
