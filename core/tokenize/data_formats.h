// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/io/reader_registry.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// Every kind of file that this program reads and writes: data sets, token files, exporters.
class DataFormats : public ReaderRegistry {
 public:
  Result<> add_token_reader(std::unique_ptr<TokenReaderFactory> reader) override;
  Result<> add_exporter(std::unique_ptr<TokenExporter> exporter) override;

  /// The reader that claims a token file or folder most; nullptr if none does.
  [[nodiscard]] const TokenReaderFactory* token_reader_for(const std::filesystem::path& path) const;
  /// Errors: kUnsupported E-TOK-007, naming the formats there are.
  [[nodiscard]] Result<const TokenExporter*> exporter(std::string_view format) const;

 private:
  std::vector<std::unique_ptr<TokenReaderFactory>> token_readers_;
  std::vector<std::unique_ptr<TokenExporter>> exporters_;
};

/// The formats of this process: core's readers from the start; a program adds its plugins before the first job.
[[nodiscard]] DataFormats& data_formats();

}  // namespace cw
