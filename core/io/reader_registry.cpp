// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/reader_registry.h"

#include "core/io/csv_reader.h"
#include "core/io/h5ad_reader.h"

namespace cw {
namespace {

constexpr int kCertain = 100;

}  // namespace

Result<> ReaderRegistry::add_reader(std::unique_ptr<ReaderFactory> reader) {
  for (const auto& known : readers_) {
    if (known->format() == reader->format()) {
      return Error{ErrorCode::kInvalidArgument, "E-IO-011",
                   "a reader of the format '" + reader->format() + "' is registered already"};
    }
  }
  readers_.push_back(std::move(reader));
  return {};
}

const ReaderFactory* ReaderRegistry::best_for(const std::filesystem::path& path) const {
  const ReaderFactory* best = nullptr;
  int best_score = 0;
  for (const auto& reader : readers_) {
    if (const int score = reader->score(path); score > best_score) {
      best_score = score;
      best = reader.get();
      if (score >= kCertain) break;  // asking the others may open the file
    }
  }
  return best;
}

Result<std::unique_ptr<DatasetReader>> ReaderRegistry::open_dataset(const std::filesystem::path& path) const {
  std::error_code status;
  if (!std::filesystem::exists(path, status)) {
    return Error{ErrorCode::kNotFound, "E-IO-001", path.string() + ": there is no such file or folder; check the name"};
  }
  const ReaderFactory* reader = best_for(path);
  if (reader != nullptr) return reader->open(path);
  std::string known;
  for (const auto& format : formats()) known += (known.empty() ? "" : ", ") + format;
  return Error{ErrorCode::kUnsupported, "E-IO-012",
               path.string() + ": is not one of the kinds of data that can be opened (" + known +
                   "); convert it to h5ad, for example with anndata or zellkonverter"};
}

std::string ReaderRegistry::format_of(const std::filesystem::path& path) const {
  const ReaderFactory* reader = best_for(path);
  return reader == nullptr ? "" : reader->format();
}

std::vector<std::string> ReaderRegistry::formats() const {
  std::vector<std::string> names;
  for (const auto& reader : readers_) names.push_back(reader->format());
  return names;
}

Result<> add_core_readers(PluginHost& host) {
  CW_TRY(host.add_reader(std::make_unique<H5adReaderFactory>()));
  return host.add_reader(std::make_unique<CsvReaderFactory>());
}

}  // namespace cw
