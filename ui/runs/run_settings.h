// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"

#include <QList>
#include <QString>
#include <QStringList>
#include <filesystem>
#include <vector>

namespace cw::ui {

/// How the window asks for one field of an options struct.
struct RunSetting {
  QString key;          ///< of the job's options
  QString title;        ///< "Learning rate"
  QString help;         ///< what it does, in a sentence
  QStringList choices;  ///< its values where there are few; empty = free
  bool first = false;   ///< asked for at once; the others only on request
};

/// What is asked for a kind of training job, in that order: every field of its options struct but those that the window
/// fills in itself (files, resume, overwrite).
[[nodiscard]] QList<RunSetting> settings_of(const QString& kind);
/// The options as their struct has them by default; of pretraining, what an ordinary computer trains in minutes.
[[nodiscard]] Json default_options(const QString& kind);
/// "Learning rate"; the key itself where nothing is known of it.
[[nodiscard]] QString setting_title(const QString& key);

/// A message that names options as the command line does, with their titles instead: "--learning-rate" ->
/// "“Learning rate”".
[[nodiscard]] QString in_window_words(const QString& message);

/// A setting that runs differ in, with its value in each.
struct SettingDifference {
  QString key;
  QStringList values;  ///< "–" where a run has no such setting
};
/// Options that are not the same in all runs; where their results go is none.
[[nodiscard]] QList<SettingDifference> differing_settings(const std::vector<Json>& options);
/// A value as the window shows it: "yes", "0.001", "donor".
[[nodiscard]] QString setting_text(const Json& value);

}  // namespace cw::ui
