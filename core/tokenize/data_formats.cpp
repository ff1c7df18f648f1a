// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenize/data_formats.h"

#include "core/base/check.h"

namespace cw {

Result<> DataFormats::add_token_reader(std::unique_ptr<TokenReaderFactory> reader) {
  token_readers_.push_back(std::move(reader));
  return {};
}

Result<> DataFormats::add_exporter(std::unique_ptr<TokenExporter> exporter) {
  exporters_.push_back(std::move(exporter));
  return {};
}

const TokenReaderFactory* DataFormats::token_reader_for(const std::filesystem::path& path) const {
  const TokenReaderFactory* best = nullptr;
  int best_score = 0;
  for (const auto& reader : token_readers_) {
    if (const int score = reader->score(path); score > best_score) {
      best = reader.get();
      best_score = score;
    }
  }
  return best;
}

Result<const TokenExporter*> DataFormats::exporter(std::string_view format) const {
  std::string formats = "h5";
  for (const auto& exporter : exporters_) {
    if (exporter->format() == format) return exporter.get();
    formats += ", " + exporter->format();
  }
  return Error{ErrorCode::kUnsupported, "E-TOK-007",
               "tokens cannot be written as \"" + std::string(format) + "\"; this program writes " + formats};
}

DataFormats& data_formats() {
  static const auto made = [] {
    auto formats = std::make_unique<DataFormats>();
    const auto added = add_core_readers(*formats);
    CW_ASSERT(added.ok());
    return formats;
  }();
  return *made;
}

}  // namespace cw
