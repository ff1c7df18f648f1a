// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/common/background.h"
#include "ui/common/selection_hub.h"
#include "ui/document/dataset.h"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace cw::ui {

/// What was written.
struct CellFile {
  std::filesystem::path path;
  std::int64_t num_cells = 0;
  std::int64_t num_genes = 0;
  /// Merged files: genes of each that the others lack and that were left out.
  std::vector<std::int64_t> genes_left_out;
};

/// Stops what is being written within a step (0.15 s); nothing is left behind then, and `done` gets kCancelled.
class CellFileStop {
 public:
  void cancel() {
    if (flag_) flag_->store(true);
  }
  [[nodiscard]] bool isCancelled() const { return flag_ && flag_->load(); }
  [[nodiscard]] static CellFileStop make() {
    CellFileStop stop;
    stop.flag_ = std::make_shared<std::atomic<bool>>(false);
    return stop;
  }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

using CellFileDone = std::function<void(Result<CellFile>)>;

/// Writes cells of a data set (nullptr = all) with their labels, maps and counts as an h5ad. In the background, in
/// steps; the source is not changed. Errors: those of H5adCellsWriter and of reading the source.
CellFileStop write_cells(Background& background, QObject* receiver, const DatasetPtr& dataset,
                         const CellSelectionPtr& cells, const std::filesystem::path& path, CellFileDone done,
                         Background::Progress progress);

/// Writes several files as one h5ad: their cells one after the other, the genes that all of them have, the labels of
/// each, and the column `batch` with the name of the file. The engine reads one file, so this makes a real one; genes
/// that a file did not measure are left out instead of counted as 0. Maps are not taken along: coordinates of different
/// files have nothing in common. Errors: as `write_cells`; kRefused E-UI-221 (no common genes), E-UI-222 (no counts).
CellFileStop merge_files(Background& background, QObject* receiver, const std::vector<std::filesystem::path>& files,
                         const std::filesystem::path& path, CellFileDone done, Background::Progress progress);

}  // namespace cw::ui
