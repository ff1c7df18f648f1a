// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/panel.h"
#include "ui/runs/replay.h"
#include "ui/runs/run_files.h"

#include <QTimer>
#include <QWidget>

class QComboBox;
class QLabel;
class QPushButton;
class QSlider;

namespace cw::ui {

class ReplayView;

/// The cells kept out of a run, on the map of the data, as the model called them from validation to validation.
class ReplayPage : public QWidget {
  Q_OBJECT
 public:
  explicit ReplayPage(Services& services, QWidget* parent = nullptr);
  void setRun(const RunFilesPtr& files);
  /// Goes through all steps, or stops.
  void togglePlay();

 private:
  void read();
  void take(const ReplayPtr& replay);
  void showFrame();

  Services& services_;
  std::vector<std::filesystem::path> files_;
  Task reading_;
  ReplayPtr replay_;
  ReplayView* view_;
  QLabel* text_;
  QComboBox* colour_;
  QSlider* step_;
  QPushButton* play_;
  QTimer timer_;
};

}  // namespace cw::ui
