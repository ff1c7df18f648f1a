// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "ui/document/dataset.h"

#include <QList>
#include <QString>
#include <QStringList>

namespace cw::ui {

/// One line of the import sheet: what was found, whether it is fine, and what can be done about it.
struct Finding {
  enum class State { kGood, kNote, kWarning, kProblem };
  enum class Remedy { kNone, kUseMatrix, kReadAsHuman, kShowRest, kOtherModel, kOtherFile };
  State state = State::kGood;
  QString title;  ///< "Gene ids"
  QString text;   ///< "Ensembl, human, 8,767 of 9,015 known"
  Remedy remedy = Remedy::kNone;
  QString remedyText;  ///< verb on the button
  QString argument;    ///< of the remedy: the matrix
  QStringList rest;    ///< lines behind "Show the rest"
  QString page;        ///< of the help that says why: "data.md"; "" = none
};

/// What `inspect` reported, in the words of the import sheet. `dictionary`: of the model in use, "v1" or "v2".
[[nodiscard]] QList<Finding> import_findings(const Json& report, const QString& dictionary);

/// True where the file can be used at once: nothing above a note.
[[nodiscard]] bool is_clean(const QList<Finding>& findings);

/// How well the data suit a model of this dictionary, 0 to 1: the share of counts that it knows, less what it does not
/// see of long cells and cells that have to be skipped.
[[nodiscard]] double fit_of(const Json& report, const QString& dictionary);

/// Label columns that make groups, the likeliest first, and columns that name donors.
struct LabelColumns {
  QStringList groups;
  QStringList donors;
};
[[nodiscard]] LabelColumns suggested_labels(const Dataset& dataset);

}  // namespace cw::ui
