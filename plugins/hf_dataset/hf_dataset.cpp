// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/hf_dataset/hf_dataset.h"

#include "plugins/hf_dataset/hf_reader.h"
#include "plugins/hf_dataset/hf_writer.h"

namespace cw {
namespace {

constexpr const char* kFormat = "hf-dataset";

class HfReaderFactory : public TokenReaderFactory {
 public:
  [[nodiscard]] std::string format() const override { return kFormat; }
  [[nodiscard]] int score(const std::filesystem::path& path) const override {
    std::error_code ignored;
    if (!std::filesystem::is_directory(path, ignored)) return 0;
    const bool named = path.extension() == ".dataset";
    if (std::filesystem::exists(path / "state.json", ignored)) return named ? 100 : 90;
    return named || std::filesystem::exists(path / "dataset_dict.json", ignored) ? 60 : 0;
  }
  [[nodiscard]] Result<std::unique_ptr<TokenReader>> open(const std::filesystem::path& path) const override {
    return HfReader::open(path);
  }
};

class HfExporter : public TokenExporter {
 public:
  [[nodiscard]] std::string format() const override { return kFormat; }
  [[nodiscard]] Result<std::unique_ptr<TokenWriter>> create(const std::filesystem::path& path, Table cells,
                                                            bool overwrite) const override {
    return HfWriter::create(path, std::move(cells), overwrite);
  }
};

class HfPlugin : public Plugin {
 public:
  [[nodiscard]] PluginInfo info() const override {
    return {"hf_dataset", "Hugging Face .dataset folders", "1.0", kPluginSdkVersion};
  }
  [[nodiscard]] Result<> register_in(PluginHost& host) override {
    CW_TRY(host.add_token_reader(std::make_unique<HfReaderFactory>()));
    return host.add_exporter(std::make_unique<HfExporter>());
  }
};

}  // namespace

std::unique_ptr<Plugin> make_hf_dataset() { return std::make_unique<HfPlugin>(); }

}  // namespace cw
