// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/run_checkpoint.h"

#include "core/base/files.h"
#include "core/weights/model_folder.h"
#include "core/weights/tensor_file.h"

#include <cerrno>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKeepMark = "keep";
constexpr const char* kEncoderPrefix = "bert.";
constexpr const char* kPoolerPrefix = "bert.pooler.";

Error io_error(const std::error_code& status, std::string_view doing, const fs::path& path) {
  errno = status.value();
  return error_from_errno(doing, path.string());
}

Result<> require_checkpoint(const fs::path& checkpoint) {
  std::error_code status;
  if (fs::exists(checkpoint / kCheckpointState, status)) return {};
  return Error{ErrorCode::kNotFound, "E-TRN-015",
               checkpoint.string() + ": this checkpoint is gone; the run has written newer ones and removed it"};
}

/// state.json with a state and what the run was asked. Errors: kParse E-TRN-006.
Result<Json> read_state(const fs::path& checkpoint) {
  CW_TRY(require_checkpoint(checkpoint));
  CW_ASSIGN(Json json, read_json(checkpoint / kCheckpointState));
  const bool fits = json.is_object() && json.contains("state") && json["state"].is_object() &&
                    json.contains("fingerprint") && json["fingerprint"].is_object();
  if (fits) return json;
  return Error{ErrorCode::kParse, "E-TRN-006", checkpoint.string() + ": state.json is not that of a checkpoint"};
}

// Checkpoints are never changed once written, so two runs may share their bytes.
Result<> link_or_copy(const fs::path& from, const fs::path& to) {
  std::error_code status;
  fs::create_hard_link(from, to, status);
  if (!status) return {};
  fs::copy_file(from, to, status);
  return status ? Result<>(io_error(status, "copying", from)) : Result<>();
}

}  // namespace

bool is_kept_checkpoint(const fs::path& checkpoint) {
  std::error_code status;
  return fs::exists(checkpoint / kKeepMark, status);
}

Result<> keep_checkpoint(const fs::path& checkpoint, bool keep) {
  CW_TRY(require_checkpoint(checkpoint));
  if (keep) return write_file_atomically(checkpoint / kKeepMark, "");
  std::error_code status;
  fs::remove(checkpoint / kKeepMark, status);
  return status ? Result<>(io_error(status, "removing", checkpoint / kKeepMark)) : Result<>();
}

Result<> branch_from_checkpoint(const fs::path& checkpoint, const fs::path& run) {
  CW_ASSIGN(Json state, read_state(checkpoint));
  const fs::path folder = run / "checkpoints";
  std::error_code status;
  if (fs::exists(folder, status)) {
    return Error{ErrorCode::kInvalidArgument, "E-IO-005", folder.string() + ": exists already; choose another run"};
  }
  state["state"].erase("best_figure");
  state["state"]["best_step"] = 0;
  state["state"]["validations_since_best"] = 0;
  CW_ASSIGN(PendingOutput output, PendingOutput::create(folder / checkpoint.filename(), false));
  fs::create_directories(output.path(), status);
  if (status) return io_error(status, "making", output.path());
  for (const char* file : {kCheckpointWeights, kCheckpointOptimiser}) {
    CW_TRY(link_or_copy(checkpoint / file, output.path() / file));
  }
  CW_TRY(write_json(output.path() / kCheckpointState, state));
  return output.commit();
}

Result<> export_checkpoint(const fs::path& checkpoint, const fs::path& new_folder, const Json& dictionary) {
  CW_ASSIGN(const Json state, read_state(checkpoint));
  const Json& asked = state["fingerprint"];
  if (asked.value("lora_rank", std::int64_t{0}) > 0) {
    return Error{ErrorCode::kRefused, "E-TRN-016",
                 checkpoint.string() + ": of a run with LoRA, whose changes lie beside the encoder until it ends; " +
                     "use the model that the run writes at its end"};
  }
  CW_ASSIGN(ModelConfig config,
            model_config_from_json(asked.value("architecture", Json()), (checkpoint / kCheckpointState).string()));
  config.architecture = kMaskedLm;
  config.num_labels = 0;
  config.label_names.clear();
  CW_ASSIGN(const auto weights, TensorFile::open(checkpoint / kCheckpointWeights));
  std::vector<TensorRef> encoder;
  for (const TensorRef& tensor : weights->tensors()) {
    if (tensor.name.starts_with(kEncoderPrefix) && !tensor.name.starts_with(kPoolerPrefix)) encoder.push_back(tensor);
  }
  Json record{{"format", "cellwright-model"},
              {"objective", "checkpoint"},
              {"step", state["state"].value("step", std::int64_t{0})},
              {"checkpoint_of", asked}};
  if (!dictionary.is_null()) record["dictionary"] = dictionary;
  return write_model_folder(new_folder, config, encoder, record, true);
}

}  // namespace cw
