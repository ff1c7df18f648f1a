// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/io/gene_index.h"
#include "ui/common/background.h"
#include "ui/document/dataset.h"

#include <QObject>
#include <filesystem>
#include <memory>

namespace cw::ui {

/// The index of counts by gene of the open data set: found in the project's cache, or made there in the background
/// while the window goes on reading other files.
class GeneAccess : public QObject {
  Q_OBJECT
 public:
  GeneAccess(Background& background, QObject* parent);
  ~GeneAccess() override;

  /// Looks for the index of `dataset` as `file` and makes it where it is missing, unless `readOnly`. What was being
  /// made for another data set is given up.
  void start(DatasetPtr dataset, const std::filesystem::path& file, bool readOnly);
  void stop();

  /// nullptr until it is ready.
  [[nodiscard]] const std::shared_ptr<const GeneIndex>& index() const noexcept { return index_; }
  /// Share that is made; 1 when ready.
  [[nodiscard]] double fraction() const noexcept { return fraction_; }

 Q_SIGNALS:
  /// At 1 the index is there.
  void progress(double fraction);
  void failed(const cw::Error& error);

 private:
  struct Work;
  void goOn(std::shared_ptr<Work> work);

  Background& background_;
  Task task_;
  std::shared_ptr<const GeneIndex> index_;
  double fraction_ = 0.0;
};

}  // namespace cw::ui
