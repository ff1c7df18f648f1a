// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/plugin_list.h"

#include "core/tokenize/data_formats.h"
#include "plugins/reader_10x/reader_10x.h"
#include "plugins/reader_loom/reader_loom.h"

#include <cstdio>
#include <memory>

namespace cw {
namespace {

// Named one by one: linkers drop plugins that only register themselves.
void add(std::unique_ptr<Plugin> plugin) {
  const PluginInfo info = plugin->info();
  if (info.sdk_version != kPluginSdkVersion) {
    std::fprintf(stderr, "warning [W-PLUGIN-001] %s is left out: it was built for plugin interface %d, this is %d\n",
                 info.id.c_str(), info.sdk_version, kPluginSdkVersion);
    return;
  }
  if (const auto registered = plugin->register_in(data_formats()); !registered.ok()) {
    std::fprintf(stderr, "warning [W-PLUGIN-001] %s is left out: %s\n", info.id.c_str(),
                 registered.error().message.c_str());
  }
}

}  // namespace

void register_plugins() {
  add(make_reader_loom());
  add(make_reader_10x());
}

}  // namespace cw
