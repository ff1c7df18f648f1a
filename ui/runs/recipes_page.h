// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/recipes/recipe.h"
#include "ui/common/panel.h"

#include <QHash>
#include <QWidget>
#include <vector>

class QComboBox;
class QListWidget;
class QScrollArea;

namespace cw::ui {

class FileLine;
class SettingsGrid;

/// The published analyses that come with the program: what each asks, what the paper reported, what was measured here,
/// and what it needs to be run again.
class RecipesPage : public QWidget {
  Q_OBJECT
 public:
  explicit RecipesPage(Services& services, QWidget* parent = nullptr);
  /// Why the recipe in view cannot be started; "" = it can.
  [[nodiscard]] QString obstacle() const;
  [[nodiscard]] QString title() const;
  /// Submits the jobs of the recipe in view, one after the other, below `folder`; returns the training among them.
  /// Errors: those of fill_in and of JobCenter::submit.
  Result<QString> start(const std::filesystem::path& folder, const QString& title);

 Q_SIGNALS:
  void edited();

 private:
  void show(int row);
  [[nodiscard]] QWidget* makePage(const Recipe& recipe);
  [[nodiscard]] const Recipe* recipe() const;
  [[nodiscard]] RecipeInputs inputs(const std::filesystem::path& folder) const;

  Services& services_;
  std::vector<Recipe> recipes_;
  QString problem_;  ///< with reading them
  QListWidget* list_;
  QScrollArea* view_;
  QHash<QString, FileLine*> files_;  ///< of the recipe in view, by the name of the data
  SettingsGrid* settings_ = nullptr;
  QComboBox* model_ = nullptr;
};

}  // namespace cw::ui
