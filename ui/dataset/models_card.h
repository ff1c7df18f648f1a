// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "ui/common/panel.h"

class QVBoxLayout;

namespace cw::ui {

struct ModelEntry;

/// The models that experiments can use, each with what it is and how well the data in view suit it.
class ModelsCard : public QWidget {
  Q_OBJECT
 public:
  explicit ModelsCard(Services& services, QWidget* parent = nullptr);
  /// The report of `inspect` on the data set in view; null = none yet.
  void setReport(const Json& report);

 Q_SIGNALS:
  void addRequested();

 private:
  void refresh();
  [[nodiscard]] QWidget* makeCard(const ModelEntry& model);

  Services& services_;
  QVBoxLayout* list_;
  Json report_;
};

/// "4 layers · 128 wide · 4.0 million weights · reads 2,048 genes": what a model is, from its description.
[[nodiscard]] QString model_size_text(const Json& description);
/// What it was trained on, as far as it is recorded.
[[nodiscard]] QString model_corpus_text(const Json& description);
/// True where the file with this checksum was part of the training.
[[nodiscard]] bool was_trained_on(const Json& description, const std::string& sha256);

}  // namespace cw::ui
