// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "ui/common/panel.h"
#include "ui/runs/run_outlook.h"

#include <QWidget>
#include <filesystem>

class QComboBox;
class QFormLayout;

namespace cw::ui {

class OutlookView;
struct ModelEntry;

/// What decides time and memory of a run.
struct RunSize {
  ModelShape shape;
  double cells = 0.0;
  double genes = 0.0;  ///< per cell
  double times = 1.0;  ///< so many models are trained: folds
};

/// What a kind of run asks before its settings: which data, what is to be learnt, from which model. Each kind has one,
/// which also judges whether its question can be answered.
class RunQuestion : public QWidget {
  Q_OBJECT
 public:
  RunQuestion(Services& services, OutlookView& outlook, QWidget* parent);
  /// Why no run can be started, whatever its settings; "" = one can.
  [[nodiscard]] virtual QString obstacle() const = 0;
  /// Puts the answers into the options of the job. Where the job writes is "." until it is started.
  virtual void fill(Json& options) const = 0;
  [[nodiscard]] virtual QString suggestedTitle() const = 0;
  [[nodiscard]] virtual RunSize size(const Json& options) const = 0;
  /// Looks again whether the question can be answered with these options, and shows it.
  virtual void judge(const Json& options) = 0;
  /// Submits what must be done before the job whose folder will be `folder`, and makes its options say so.
  virtual Result<> prepare(const std::filesystem::path& folder, Json& options);

 Q_SIGNALS:
  /// An answer is another one now.
  void edited();
  /// The obstacle may be another one now.
  void judged();
  /// A remedy is a setting.
  void settingWanted(const QString& key, const QString& value);

 protected:
  /// Below those there are, with the title of the option.
  void addField(const QString& key, QWidget* field);
  /// The project's models, the active one chosen.
  QComboBox* addModels();
  /// What is kept together when cells are divided, the donors chosen where they are known.
  QComboBox* addGroups(const QStringList& columns);
  [[nodiscard]] static QString chosen(const QComboBox* box);
  /// The model that is chosen; nullptr where there is none.
  [[nodiscard]] const ModelEntry* modelIn(const QComboBox* box) const;
  /// Cells in view and their genes, without a model.
  [[nodiscard]] RunSize sizeOfData() const;
  /// The same with this model; all 0 without one.
  [[nodiscard]] RunSize sizeWith(const ModelEntry* model) const;
  /// Why nothing can be learnt from the data in view; "" = something can.
  [[nodiscard]] QString dataObstacle() const;

  Services& services_;
  OutlookView& outlook_;
  QFormLayout* fields_;
};

/// The question of a kind of job: "finetune-cells", "finetune-genes", "finetune-multitask", "pretrain".
[[nodiscard]] RunQuestion* make_question(const QString& kind, Services& services, OutlookView& outlook,
                                         QWidget* parent);

}  // namespace cw::ui
