// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/dataset_reader.h"
#include "plugins/sdk/plugin.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace cw {

/// The kinds of files that can be opened. The programs add `add_core_readers` and the plugins of app/plugin_list.
class ReaderRegistry : public PluginHost {
 public:
  /// Errors: kInvalidArgument E-IO-011 (a reader of that format is there already).
  Result<> add_reader(std::unique_ptr<ReaderFactory> reader) override;

  /// Opens a file, or a folder that is one data set (10x MTX, Hugging Face), with the reader that claims it most.
  /// Errors: kNotFound E-IO-001; kUnsupported E-IO-012 (nobody claims it); those of the reader.
  [[nodiscard]] Result<std::unique_ptr<DatasetReader>> open_dataset(const std::filesystem::path& path) const;

  /// Format that `open_dataset` would use, "" if none.
  [[nodiscard]] std::string format_of(const std::filesystem::path& path) const;
  [[nodiscard]] std::vector<std::string> formats() const;

 private:
  [[nodiscard]] const ReaderFactory* best_for(const std::filesystem::path& path) const;

  std::vector<std::unique_ptr<ReaderFactory>> readers_;
};

/// Adds the readers of this domain: h5ad, CSV/TSV.
Result<> add_core_readers(PluginHost& host);

}  // namespace cw
