// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/api/tokenize_options.h"
#include "core/base/json.h"
#include "core/base/result.h"
#include "core/tokenize/dictionary.h"
#include "core/tokenize/tokenized_cells.h"

#include <filesystem>
#include <future>

namespace cw {

/// {"path", "bytes", "sha256"} of an input, computed on a thread of its own while the input is read.
[[nodiscard]] std::future<Result<Json>> checksum_in_background(const std::filesystem::path& path);

/// What tokens made with these options say of themselves. `files`: the inputs with checksums and reports. The same for
/// the same tokens, whenever and with however many threads they are made: a run that goes on compares it.
[[nodiscard]] TokensInfo tokens_info(const Dictionary& dictionary, const TokenizeOptions& options, Json files);

}  // namespace cw
