// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"
#include "ui/common/selection_hub.h"
#include "ui/dataset/cell_files.h"

#include <filesystem>
#include <functional>

class QScrollArea;
class QStackedLayout;
class QVBoxLayout;

namespace cw::ui {

class ImportSheet;
class ModelsCard;
class OverviewCard;
class QualityCard;
struct LabelJoin;

/// The Data workspace: what was found in a file, what is in the data set, which cells are good, which model fits.
class DataPanel : public Panel {
  Q_OBJECT
 public:
  explicit DataPanel(Services& services, QWidget* parent = nullptr);
  [[nodiscard]] QString helpPage() const override { return QStringLiteral("data.md"); }

  /// Several data files were dropped: asks in place whether they become one data set. False where that makes no sense.
  void offerMerge(const QStringList& paths);
  /// Joins a table of labels to the cells by name.
  void joinLabels(const QString& path);
  /// A table was dropped: labels where it names cells of the data set in view, else data of its own.
  void openTable(const QString& path);
  void exportCells(const CellSelectionPtr& cells);
  /// Enter then accepts the import sheet, where there is one.
  void focusImport();

 Q_SIGNALS:
  /// A new file was looked at: `clean` where it can be used as it is.
  void inspected(bool clean);
  /// The import sheet was accepted: go on with the cells.
  void importAccepted();
  void openRequested();
  void addModelRequested();
  void openFilesRequested(const QStringList& paths);
  void helpRequested(const QString& page);
  /// It asks something: show it.
  void attentionWanted();

 private:
  void makeActions();
  void refresh();
  void inspectAgain(bool show);
  void showBar(QWidget* bar);
  void showProgress(const QString& what);
  void chooseLabels();
  void readLabels(const QString& path, std::function<void(const Error&)> otherwise);
  void showJoin(const QString& path, const LabelJoin& join);
  void addColumns(const QString& path, const LabelJoin& join);
  void writeMerged(const QStringList& paths);
  void writeCellsTo(const std::filesystem::path& path, const CellSelectionPtr& cells);
  void setProgress(double fraction);

  Services& services_;
  QStackedLayout* pages_;
  QVBoxLayout* bars_;
  ImportSheet* sheet_;
  OverviewCard* overview_;
  QualityCard* quality_;
  ModelsCard* models_;
  CellFileStop stop_;
  QWidget* bar_ = nullptr;
  QString shownId_;
};

}  // namespace cw::ui
