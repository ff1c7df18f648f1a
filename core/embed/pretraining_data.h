// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/tokenize/dictionary.h"
#include "core/tokenize/tokenized_cells.h"
#include "core/weights/model_config.h"

#include <optional>
#include <string>

namespace cw {

/// Whether a model has learned from the very cells it is now asked about, and how we know.
struct SeenInPretraining {
  std::optional<bool> seen;  ///< nothing: it is not known
  std::string because;       ///< one sentence for the user
};

/// The rule (docs/science.md, "Data that the model has seen"), first answer wins:
///  1. The model lists the files it was trained on by checksum (models trained here): the sources of the cells are
///     among them, or they are not. Of a model that went on from another one, only the first can be said.
///  2. The model is a published one: its cellwright.json names the corpus, or it has none and the exact sizes of a
///     published model. The cells are known to be of a study in that corpus, by a GEO accession or a name of the study
///     in the name of a source file or its folder, or in a column that names a study: seen.
///  3. Anything else is not known. A list of studies is never complete, so "not seen" is said by rule 1 only.
/// `cellwright`: the record in the model's folder, or null.
[[nodiscard]] SeenInPretraining seen_in_pretraining(const Json& cellwright, const ModelConfig& config,
                                                    const Dictionary& dictionary, const TokenizedCells& cells);

}  // namespace cw
