// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/model/encoder.h"
#include "core/tokenize/dictionary.h"
#include "core/tokenize/tokenized_cells.h"
#include "core/weights/model_folder.h"

#include <filesystem>
#include <memory>
#include <string>

namespace cw {

/// A model with its vocabulary, ready to run.
struct OpenModel {
  std::filesystem::path path;
  std::string weights_sha256;
  std::shared_ptr<const TensorFile> weights;  ///< as they lie in the folder
  Json cellwright;                            ///< of the folder, or null
  std::shared_ptr<const Dictionary> dictionary;
  std::shared_ptr<const Encoder> encoder;
};

/// Opens a model folder and finds its dictionary: the one named, else that of its cellwright.json, else the published
/// one with as many tokens. Errors: those of open_model_folder, Dictionary::load, Encoder::load; kRefused E-EMB-003
/// (the dictionary has another number of tokens than the model).
[[nodiscard]] Result<OpenModel> open_model(const std::filesystem::path& folder, const std::string& dictionary,
                                           const EncoderOptions& options);

/// Opens tokens, or tokenizes a data file with the model's dictionary, and checks that both have one vocabulary, that
/// the longest cell fits the model and that every token is known to it. Columns of the cells are all kept.
/// Errors: those of reading; kRefused E-DICT-007 (other vocabulary), E-EMB-004 (cells longer than the model takes),
/// E-EMB-005 (tokens that the model does not have).
[[nodiscard]] Result<TokenizedCells> open_cells(const std::filesystem::path& input, const OpenModel& model,
                                                int num_threads, JobContext& ctx);

/// "cls" or "cell" for mode "auto", as the published package chooses. Errors: kRefused E-EMB-006 (cls asked for, but
/// the cells do not begin with <cls>).
[[nodiscard]] Result<std::string> choose_mode(const std::string& mode, const TokenizedCells& cells);

/// Where a result comes from: input with the checksum of its source, model hash, vocabulary, options, version, device
/// (and why no GPU, where one might have been used), and
/// `pretraining`: whether the model has seen the cells (true, false, null = not known), and `because`, a sentence.
[[nodiscard]] Json provenance_of(const std::string& kind, const OpenModel& model, const TokenizedCells& cells,
                                 const Json& options);

}  // namespace cw
