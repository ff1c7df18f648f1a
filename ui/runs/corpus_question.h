// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/runs/run_question.h"

#include <QStringList>

class QListWidget;
class QPushButton;

namespace cw::ui {

/// A gene model: from random weights or from a model, on the cells in view or on token files, several of them for one
/// corpus.
class CorpusQuestion : public RunQuestion {
  Q_OBJECT
 public:
  CorpusQuestion(Services& services, OutlookView& outlook, QWidget* parent);
  [[nodiscard]] QString obstacle() const override;
  void fill(Json& options) const override;
  [[nodiscard]] QString suggestedTitle() const override;
  [[nodiscard]] RunSize size(const Json& options) const override;
  void judge(const Json& options) override;
  /// The cells in view become rank lists first, by a job of their own.
  Result<> prepare(const std::filesystem::path& folder, Json& options) override;
  /// Takes further token files or folders of them; those that are there stay.
  void addFiles(const QStringList& paths);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void removeChosen();
  void showEmpty();
  [[nodiscard]] QStringList files() const;
  [[nodiscard]] QWidget* makeFiles();

  QComboBox* start_;
  QListWidget* files_;
  QPushButton* remove_;
  Task reading_;
  double cells_ = 0.0;  ///< of the files, once they were read
  double genes_ = 0.0;  ///< per cell
  QString dictionary_;  ///< of the files
  QString problem_;     ///< with the files
};

}  // namespace cw::ui
