// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/reader_loom/reader_loom.h"

#include "plugins/reader_loom/loom_reader.h"

namespace cw {
namespace {

class LoomFactory : public ReaderFactory {
 public:
  [[nodiscard]] std::string format() const override { return "loom"; }
  [[nodiscard]] int score(const std::filesystem::path& path) const override {
    if (!sdk::Hdf5File::looks_like_hdf5(path)) return path.extension() == ".loom" ? 50 : 0;
    const auto file = sdk::Hdf5File::open(path, "E-LOOM-001");
    if (!file.ok()) return path.extension() == ".loom" ? 60 : 0;
    const bool layout = file->has_array("/matrix") && file->has_group("/row_attrs") && file->has_group("/col_attrs");
    return layout ? 95 : path.extension() == ".loom" ? 60 : 0;
  }
  [[nodiscard]] Result<std::unique_ptr<DatasetReader>> open(const std::filesystem::path& path) const override {
    return LoomReader::open(path);
  }
};

class LoomPlugin : public Plugin {
 public:
  [[nodiscard]] PluginInfo info() const override { return {"reader_loom", "Loom files", "1.0", kPluginSdkVersion}; }
  [[nodiscard]] Result<> register_in(PluginHost& host) override {
    return host.add_reader(std::make_unique<LoomFactory>());
  }
};

}  // namespace

std::unique_ptr<Plugin> make_reader_loom() { return std::make_unique<LoomPlugin>(); }

}  // namespace cw
