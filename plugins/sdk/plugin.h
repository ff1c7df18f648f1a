// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/data/dataset_reader.h"
#include "core/data/token_source.h"

#include <memory>
#include <string>

namespace cw {

/// Raised when an interface of this folder changes in a way that needs plugins to be rebuilt or adapted.
inline constexpr int kPluginSdkVersion = 1;

struct PluginInfo {
  std::string id;       ///< "reader_loom": the name of its folder
  std::string name;     ///< for people: "Loom files"
  std::string version;  ///< of the plugin
  int sdk_version = kPluginSdkVersion;
};

/// What a plugin adds to. Offered to `Plugin::register_in`; keeps what it is given for the life of the program.
class PluginHost {
 public:
  virtual ~PluginHost() = default;
  virtual Result<> add_reader(std::unique_ptr<ReaderFactory> reader) = 0;
  /// A host that has no use for token files refuses them. Errors: kUnsupported.
  virtual Result<> add_token_reader(std::unique_ptr<TokenReaderFactory> reader);
  /// As `add_token_reader`. Errors: kUnsupported.
  virtual Result<> add_exporter(std::unique_ptr<TokenExporter> exporter);
};

/// All that a plugin author implements. Plugins know no Qt and no LibTorch.
class Plugin {
 public:
  virtual ~Plugin() = default;
  [[nodiscard]] virtual PluginInfo info() const = 0;
  /// Adds readers to `host`. A plugin that fails is reported and skipped; the program goes on without it.
  [[nodiscard]] virtual Result<> register_in(PluginHost& host) = 0;
};

inline Result<> PluginHost::add_token_reader(std::unique_ptr<TokenReaderFactory> reader) {
  return Error{ErrorCode::kUnsupported, "E-PLUGIN-001", "this program takes no token readers: " + reader->format()};
}

inline Result<> PluginHost::add_exporter(std::unique_ptr<TokenExporter> exporter) {
  return Error{ErrorCode::kUnsupported, "E-PLUGIN-001", "this program takes no exporters: " + exporter->format()};
}

}  // namespace cw
