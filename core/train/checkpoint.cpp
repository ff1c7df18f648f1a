// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/checkpoint.h"

#include "core/base/files.h"
#include "core/base/job_context.h"
#include "core/weights/run_checkpoint.h"
#include "core/weights/safetensors.h"
#include "core/weights/tensor_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <future>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr int kVersion = 2;
constexpr std::size_t kKept = 2;
constexpr const char* kWeights = kCheckpointWeights;
constexpr const char* kOptimiser = kCheckpointOptimiser;
constexpr const char* kState = kCheckpointState;
constexpr const char* kBest = "best.safetensors";
constexpr std::string_view kPrefix = "step-";
constexpr std::size_t kDigits = 12;
constexpr std::chrono::milliseconds kReleaseEvery{5};

std::string name_of_step(std::int64_t step) {
  char name[32];
  std::snprintf(name, sizeof(name), "step-%012lld", static_cast<long long>(step));
  return name;
}

bool is_checkpoint_name(const std::string& name) {
  return name.size() == kPrefix.size() + kDigits && name.compare(0, kPrefix.size(), kPrefix) == 0 &&
         std::all_of(name.begin() + kPrefix.size(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "learning_rate (0.001 there, 0.0005 now)" for every key that differs.
std::string differences(const Json& there, const Json& now) {
  std::string text;
  const auto add = [&](const std::string& key, const Json& a, const Json& b) {
    if (a != b) text += (text.empty() ? "" : ", ") + key + " (" + a.dump() + " there, " + b.dump() + " now)";
  };
  for (const auto& [key, value] : now.items()) add(key, there.contains(key) ? there.at(key) : Json(), value);
  for (const auto& [key, value] : there.items()) {
    if (!now.contains(key)) add(key, value, Json());
  }
  return text;
}

Error error_of(const std::error_code& error, std::string_view doing, const fs::path& path) {
  errno = error.value();
  return error_from_errno(doing, path.string());
}

// Finds damage, not forgery: a cancel waits for it, and SHA-256 takes longer than writing the file.
class ContentSum {
 public:
  void add(std::span<const std::byte> bytes) {
    std::size_t at = 0;
    for (; at + sizeof lanes_ <= bytes.size(); at += sizeof lanes_) {
      std::array<std::uint64_t, 4> words;
      std::memcpy(words.data(), bytes.data() + at, sizeof words);
      for (std::size_t lane = 0; lane < words.size(); ++lane) mix(lanes_[lane], words[lane]);
    }
    for (; at < bytes.size(); ++at) mix(lanes_[0], static_cast<std::uint64_t>(bytes[at]));
  }
  [[nodiscard]] std::string text() const {
    char text[65];
    std::snprintf(text, sizeof text, "%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "%016" PRIx64, lanes_[0], lanes_[1],
                  lanes_[2], lanes_[3]);
    return text;
  }

 private:
  static void mix(std::uint64_t& lane, std::uint64_t word) {
    lane = (lane ^ word) * 0x9e3779b97f4a7c15ULL;
    lane ^= lane >> 29;
  }
  std::array<std::uint64_t, 4> lanes_{1, 2, 3, 4};
};

std::string sum_of(std::vector<TensorRef> tensors) {
  std::sort(tensors.begin(), tensors.end(), [](const TensorRef& a, const TensorRef& b) { return a.name < b.name; });
  ContentSum sum;
  for (const TensorRef& tensor : tensors) {
    sum.add(std::as_bytes(std::span(tensor.name)));
    sum.add(tensor.bytes);
  }
  return sum.text();
}

struct Sums {
  std::string weights, optimiser;
};

Result<Sums> write_tensors(const Parameters& parameters, const fs::path& folder) {
  const std::vector<TensorRef> weights = parameters.tensors();
  const std::vector<TensorRef> optimiser = parameters.optimiser_tensors();
  auto written = std::async(std::launch::async, [&] { return write_safetensors(folder / kOptimiser, optimiser, {}); });
  const Result<> written_weights = write_safetensors(folder / kWeights, weights, {{"format", "pt"}});
  Sums sums{sum_of(weights), sum_of(optimiser)};
  CW_TRY(written.get());
  CW_TRY(written_weights);
  return sums;
}

Result<> check_sum(const TensorFile& file, const Json& expected) {
  if (expected == Json(sum_of(file.tensors()))) return {};
  return Error{ErrorCode::kParse, "E-TRN-007", file.path().string() + ": the checksum is not the one that was written"};
}

}  // namespace

std::vector<fs::path> CheckpointStore::list() const {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (entry.is_directory() && is_checkpoint_name(entry.path().filename().string())) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end(), std::greater<>());
  return found;
}

Result<> CheckpointStore::save(const Parameters& parameters, const TrainingState& state, const Json& fingerprint,
                               const std::function<void()>& release) const {
  CW_ASSIGN(PendingOutput output, PendingOutput::create(folder_ / name_of_step(state.step), true));
  std::error_code error;
  fs::create_directories(output.path(), error);
  if (error) return error_of(error, "making", output.path());
  auto written = std::async(std::launch::async, [&] { return write_tensors(parameters, output.path()); });
  while (release && written.wait_for(kReleaseEvery) != std::future_status::ready) release();
  CW_ASSIGN(const Sums sums, written.get());
  CW_TRY(write_json(output.path() / kState, {{"format", "cellwright-checkpoint"},
                                             {"version", kVersion},
                                             {"weights_sum", sums.weights},
                                             {"optimiser_sum", sums.optimiser},
                                             {"fingerprint", fingerprint},
                                             {"state", to_json(state)}}));
  CW_TRY(output.commit());
  remove_old();
  return {};
}

void CheckpointStore::remove_old() const {
  const std::vector<fs::path> all = list();
  std::error_code ignored;  // a checkpoint too many does no harm
  for (std::size_t i = kKept; i < all.size(); ++i) {
    if (!is_kept_checkpoint(all[i])) fs::remove_all(all[i], ignored);
  }
  // What a killed process was writing.
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!is_checkpoint_name(name) && name != kBest) leftovers.push_back(entry.path());
  }
  for (const fs::path& path : leftovers) fs::remove_all(path, ignored);
}

Result<TrainingState> CheckpointStore::load_one(const fs::path& folder, Parameters& parameters,
                                                const Json& fingerprint) const {
  CW_ASSIGN(const Json json, read_json(folder / kState));
  if (!json.is_object() || !json.contains("state") || !json.contains("fingerprint") ||
      json.value("version", Json()) != Json(kVersion)) {
    return Error{ErrorCode::kParse, "E-TRN-006", folder.string() + ": state.json is not that of a checkpoint"};
  }
  if (json["fingerprint"] != fingerprint) {
    return Error{ErrorCode::kRefused, "E-TRN-003",
                 folder.string() +
                     ": this run was started with other settings: " + differences(json["fingerprint"], fingerprint) +
                     "; go on with the same ones, choose another --out, or start afresh with --overwrite"};
  }
  CW_ASSIGN(const auto weights, TensorFile::open(folder / kWeights));
  CW_ASSIGN(const auto optimiser, TensorFile::open(folder / kOptimiser));
  CW_TRY(check_sum(*weights, json.value("weights_sum", Json())));
  CW_TRY(check_sum(*optimiser, json.value("optimiser_sum", Json())));
  CW_ASSIGN(TrainingState state, training_state_from_json(json["state"], folder.string()));
  CW_TRY(parameters.load([&](const std::string& name) { return weights->find(name); }, folder.string()));
  CW_TRY(parameters.load_optimiser([&](const std::string& name) { return optimiser->find(name); }, folder.string()));
  return state;
}

Result<std::optional<TrainingState>> CheckpointStore::load(Parameters& parameters, const Json& fingerprint,
                                                           JobContext& context) const {
  const std::vector<fs::path> all = list();
  if (all.empty()) return std::optional<TrainingState>();
  std::string reasons;
  for (const fs::path& folder : all) {
    Result<TrainingState> state = load_one(folder, parameters, fingerprint);
    if (state.ok()) return std::optional<TrainingState>(std::move(state).value());
    if (state.error().id == "E-TRN-003") return state.error();
    context.warn("W-TRN-001", "the checkpoint is damaged, an older one is tried: " + state.error().message);
    reasons += (reasons.empty() ? "" : "; ") + state.error().message;
  }
  return Error{ErrorCode::kParse, "E-TRN-007",
               folder_.string() + ": no checkpoint can be read: " + reasons + "; start afresh with --overwrite"};
}

Result<> CheckpointStore::save_best(const Parameters& parameters, std::int64_t step) const {
  std::error_code error;
  fs::create_directories(folder_, error);
  return write_safetensors(folder_ / kBest, parameters.tensors(), {{"format", "pt"}, {"step", std::to_string(step)}});
}

Result<> CheckpointStore::load_best(Parameters& parameters) const {
  CW_ASSIGN(const auto file, TensorFile::open(folder_ / kBest));
  return parameters.load([&](const std::string& name) { return file->find(name); }, file->path().string());
}

Result<> CheckpointStore::clear() const {
  std::error_code error;
  fs::remove_all(folder_, error);
  if (error) return error_of(error, "removing", folder_);
  return {};
}

}  // namespace cw
