// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <QStringList>
#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace cw::ui {

class Theme;

/// The "will this work" meter: how far the question can be answered, why, and what can be done about each doubt.
class OutlookView : public QWidget {
  Q_OBJECT
 public:
  /// What one click does about a doubt.
  enum class Remedy { kLeaveOut, kCellByCell, kKeepTogether, kWeighClasses, kTakeIn };

  explicit OutlookView(const Theme& theme, QWidget* parent = nullptr);
  /// `outlook` as core/evaluate/outlook.h writes it. `trying`: a simple method is being tried.
  void setOutlook(const Json& outlook, bool trying);
  /// Only a sentence: of a question that is none, or of another kind of run.
  void setText(const QString& text, const char* role = "small");
  /// Classes that were left out, and can be taken in again.
  void setLeftOut(const QStringList& classes);
  /// Words on how far the simple method is, or why it was not tried.
  void setNote(const QString& note);
  /// Two classes at least can be learned and tested.
  [[nodiscard]] static bool isPossible(const Json& outlook);

 Q_SIGNALS:
  void remedyChosen(cw::ui::OutlookView::Remedy remedy, const QStringList& subjects);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void addDoubt(const Json& doubt, std::size_t classes);
  void addRemedy(const QString& name, const QString& words, Remedy remedy, const QStringList& subjects);

  const Theme& theme_;
  QLabel* title_;
  QLabel* verdict_;
  QLabel* note_;
  QLabel* facts_;
  QVBoxLayout* doubts_;
  int level_ = 0;  ///< lit parts of the meter, 0 = no meter
  QString color_;  ///< of the lit parts
};

}  // namespace cw::ui
