// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/plugin_list.h"

#include "core/tokenize/data_formats.h"
#include "plugins/hf_dataset/hf_dataset.h"
#include "plugins/reader_10x/reader_10x.h"
#include "plugins/reader_loom/reader_loom.h"

#include <cstdio>
#include <memory>

namespace cw {
namespace {

constexpr const char* kLeftOut = "W-PLUGIN-001";

// Named one by one: linkers drop plugins that only register themselves.
void add(std::unique_ptr<Plugin> plugin) {
  const PluginInfo info = plugin->info();
  if (info.sdk_version != kPluginSdkVersion) {
    std::fprintf(stderr, "warning [%s] %s is left out: it was built for plugin interface %d, this is %d\n", kLeftOut,
                 info.id.c_str(), info.sdk_version, kPluginSdkVersion);
    return;
  }
  if (const auto registered = plugin->register_in(data_formats()); !registered.ok()) {
    std::fprintf(stderr, "warning [%s] %s is left out: %s\n", kLeftOut, info.id.c_str(),
                 registered.error().message.c_str());
  }
}

}  // namespace

void register_plugins() {
  add(make_reader_loom());
  add(make_reader_10x());
  add(make_hf_dataset());
}

}  // namespace cw
