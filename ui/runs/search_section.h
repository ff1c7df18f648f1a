// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <QList>
#include <QString>
#include <QWidget>
#include <string>
#include <vector>

class QCheckBox;
class QGridLayout;
class QLineEdit;

namespace cw::ui {

class SettingsGrid;

/// Whether a fine-tuning is searched for good settings, and if so which settings vary, and where.
class SearchSection : public QWidget {
  Q_OBJECT
 public:
  explicit SearchSection(QWidget* parent = nullptr);
  [[nodiscard]] bool isOn() const;
  void setOn(bool on);
  /// What can be varied of this kind of job, the published space ticked; `layers` of the model. What was edited stays
  /// as long as neither changes.
  void offer(const QString& kind, const Json& options, std::int64_t layers);
  /// The search as a job, around the fine-tuning `finetune`.
  [[nodiscard]] Json optionsAround(const QString& kind, const Json& finetune) const;
  /// How many whole runs it takes; 0 where its numbers are none.
  [[nodiscard]] double runs() const;
  /// What no search can be made of: a field that should hold a number and does not, a range without values, nothing to
  /// vary; "" = nothing.
  [[nodiscard]] QString problem() const;

 Q_SIGNALS:
  void edited();

 private:
  /// A setting that may vary: from a lowest to a highest value, or one of some words.
  struct Row {
    std::string name;
    QCheckBox* tick = nullptr;
    QLineEdit* low = nullptr;
    QLineEdit* high = nullptr;
    QCheckBox* logarithmic = nullptr;
    QLineEdit* words = nullptr;
    [[nodiscard]] QString problem() const;
  };
  void addRow(const Json& options, const std::string& text, bool ticked);
  [[nodiscard]] std::vector<std::string> space() const;

  QCheckBox* on_;
  QWidget* body_;
  QWidget* table_ = nullptr;
  QGridLayout* grid_ = nullptr;
  SettingsGrid* effort_;
  QList<Row> rows_;
  QString kind_;
  std::int64_t layers_ = -1;
};

}  // namespace cw::ui
