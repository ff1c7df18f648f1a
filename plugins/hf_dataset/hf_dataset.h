// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "plugins/sdk/plugin.h"

#include <memory>

namespace cw {

/// Reads and writes the `.dataset` folders of Hugging Face's `datasets` in which Geneformer keeps tokenized cells:
/// Arrow IPC streams, `state.json` and `dataset_info.json`.
[[nodiscard]] std::unique_ptr<Plugin> make_hf_dataset();

}  // namespace cw
