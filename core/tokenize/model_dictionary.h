// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/tokenize/dictionary.h"

#include <cstdint>
#include <memory>
#include <string>

namespace cw {

/// The dictionary of a model: the one that is `asked` for, else that of the model's cellwright.json (may be null), else
/// the published one with as many tokens. Errors: those of Dictionary::load.
[[nodiscard]] Result<std::shared_ptr<const Dictionary>> dictionary_of_model(const Json& cellwright,
                                                                            std::int64_t vocab_size,
                                                                            const std::string& asked);

}  // namespace cw
