// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/panel.h"

#include <QTimer>
#include <functional>

class QLabel;
class QPushButton;

namespace cw::ui {

class MainWindow;

/// Five steps from the example's file to an exported list: a card beside the real control says what to do there, and
/// goes on when it was done. Every step can be skipped, or done by the guide; closing it keeps the place. Never modal.
class GuidedExample : public QObject {
  Q_OBJECT
 public:
  GuidedExample(Services& services, MainWindow& window, QObject* parent = nullptr);
  /// From the first step, or from where it was left.
  void start(bool anew);
  [[nodiscard]] bool isRunning() const noexcept { return step_ >= 0; }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Step {
    QString title;
    QString text;
    QString workspace;    ///< "" = any
    QStringList targets;  ///< object names, the first one on the screen is pointed at
    QString doneText;     ///< of the button that does the step; "" = the user's own press is the step
    std::function<void()> doIt;
    std::function<bool()> isDone;
  };
  void makeSteps();
  void makeCard();
  void show(int step);
  void look();
  void place(QWidget* target);
  void finish();
  void chooseStates();
  void chooseGenes();
  void trigger(const char* actionId);
  [[nodiscard]] bool hasPerturbation() const;

  Services& services_;
  MainWindow& window_;
  QList<Step> steps_;
  QWidget* card_ = nullptr;
  QWidget* ring_ = nullptr;
  QLabel* count_ = nullptr;
  QLabel* title_ = nullptr;
  QLabel* text_ = nullptr;
  QPushButton* do_ = nullptr;
  QPushButton* skip_ = nullptr;
  QTimer look_;
  int step_ = -1;
  bool genesChosen_ = false;
  bool exported_ = false;
};

}  // namespace cw::ui
