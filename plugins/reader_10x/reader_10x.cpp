// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/reader_10x/reader_10x.h"

#include "plugins/reader_10x/mtx_folder.h"
#include "plugins/reader_10x/tenx_h5.h"

namespace cw {
namespace {

class TenxH5Factory : public ReaderFactory {
 public:
  [[nodiscard]] std::string format() const override { return "10x-h5"; }
  [[nodiscard]] int score(const std::filesystem::path& path) const override {
    const bool named = path.extension() == ".h5";
    if (!sdk::Hdf5File::looks_like_hdf5(path)) return named ? 30 : 0;
    const auto file = sdk::Hdf5File::open(path, "E-10X-001");
    if (!file.ok()) return named ? 50 : 0;  // a damaged file is told to be so by whoever its name belongs to
    return TenxH5Reader::looks_like(*file) ? 95 : named ? 10 : 0;
  }
  [[nodiscard]] Result<std::unique_ptr<DatasetReader>> open(const std::filesystem::path& path) const override {
    return TenxH5Reader::open(path);
  }
};

class MtxFolderFactory : public ReaderFactory {
 public:
  [[nodiscard]] std::string format() const override { return "10x-mtx"; }
  [[nodiscard]] int score(const std::filesystem::path& path) const override {
    const auto files = find_mtx_files(path);
    return !files ? 0 : files->complete() ? 95 : 50;
  }
  [[nodiscard]] Result<std::unique_ptr<DatasetReader>> open(const std::filesystem::path& path) const override {
    return MtxFolderReader::open(path);
  }
};

class TenxPlugin : public Plugin {
 public:
  [[nodiscard]] PluginInfo info() const override {
    return {"reader_10x", "10x Genomics Cell Ranger output", "1.0", kPluginSdkVersion};
  }
  [[nodiscard]] Result<> register_in(PluginHost& host) override {
    CW_TRY(host.add_reader(std::make_unique<TenxH5Factory>()));
    return host.add_reader(std::make_unique<MtxFolderFactory>());
  }
};

}  // namespace

std::unique_ptr<Plugin> make_reader_10x() { return std::make_unique<TenxPlugin>(); }

}  // namespace cw
