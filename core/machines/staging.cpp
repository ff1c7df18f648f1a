// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/staging.h"

#include "core/base/sha256.h"

#include <algorithm>
#include <array>
#include <map>

namespace cw {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kOutputs = {"output", "out", "csv", "xlsx"};

constexpr std::array<std::string_view, 6> kInputs = {"input", "inputs", "model", "tokens", "more_tokens", "config"};

bool is_input(const std::string& key) { return std::find(kInputs.begin(), kInputs.end(), key) != kInputs.end(); }
bool is_output(const std::string& key) { return std::find(kOutputs.begin(), kOutputs.end(), key) != kOutputs.end(); }

/// Where an output goes on the machine: as it lies to the job folder here, so it lies to the job folder there.
std::string remote_output(const fs::path& output, const fs::path& folder, const std::string& place) {
  std::string remote_folder = place + "/" + folder.filename().string();
  if (output == folder) return remote_folder;
  const fs::path inside = output.lexically_relative(folder);
  if (!inside.empty() && *inside.begin() != "..") return remote_folder + "/" + inside.string();
  return place + "/" + output.filename().string();
}

/// A file or folder in the store, named by its content.
Result<std::string> stage_input(const fs::path& path, StagedJob& staged, JobContext& context) {
  std::error_code status;
  const fs::path clean = path.has_filename() ? path : path.parent_path();
  std::map<std::string, fs::path> files;  // by the path below the input, "" for a file
  if (fs::is_directory(clean, status)) {
    for (auto entry = fs::recursive_directory_iterator(clean, fs::directory_options::follow_directory_symlink, status);
         entry != fs::recursive_directory_iterator(); ++entry) {
      if (entry->is_regular_file(status)) files[entry->path().lexically_relative(clean).string()] = entry->path();
    }
  } else {
    files[""] = clean;
  }
  Sha256 content;
  std::vector<TransferFile> sent;
  for (const auto& [below, file] : files) {
    if (context.cancelled()) return cancelled_error("looking at the inputs");
    CW_ASSIGN(const std::string hash, sha256_of_path(file));
    content.update(below);
    content.update("\n");
    content.update(hash);
    content.update("\n");
    sent.push_back({file, below, static_cast<std::int64_t>(fs::file_size(file, status)), hash});
  }
  std::string base = "store/" + content.finish() + "/" + clean.filename().string();
  for (auto& file : sent) file.remote = file.remote.empty() ? base : base + "/" + file.remote;
  staged.files.insert(staged.files.end(), sent.begin(), sent.end());
  return base;
}

class Stager {
 public:
  Stager(const fs::path& folder, const std::string& root, const std::string& place, StagedJob& staged,
         JobContext& context)
      : folder_(folder), root_(root), place_(place), staged_(staged), context_(context) {}

  Result<> rewrite(Json& value, const std::string& key) {
    if (value.is_string()) return rewrite_text(value, key);
    if (value.is_array()) {
      for (Json& part : value) CW_TRY(rewrite(part, key));
    } else if (value.is_object()) {
      for (auto& [name, part] : value.items()) CW_TRY(rewrite(part, name));
    }
    return {};
  }

 private:
  Result<> rewrite_text(Json& value, const std::string& key) {
    const auto text = value.get<std::string>();
    if (text.empty() || text[0] != '/') return {};
    const fs::path path = fs::path(text).lexically_normal();
    std::error_code status;
    if (is_output(key)) {
      value = remote_output(path.has_filename() ? path : path.parent_path(), folder_, place_);
      staged_.paths.push_back({text, value.get<std::string>()});
      return {};
    }
    if (!fs::exists(path, status) && is_input(key)) {
      return Error{ErrorCode::kNotFound, "E-IO-001", text + ": does not exist; check the name"};
    }
    if (!fs::exists(path, status)) return {};
    auto& known = known_[path.string()];
    if (known.empty()) {
      CW_ASSIGN(const std::string base, stage_input(path, staged_, context_));
      known = root_ + "/" + base;
      staged_.paths.push_back({text, known});
    }
    value = known;
    return {};
  }

  const fs::path& folder_;
  const std::string& root_;
  const std::string& place_;
  StagedJob& staged_;
  JobContext& context_;
  std::map<std::string, std::string> known_;
};

// A path ends at the end of the text or where no further name can begin.
bool ends_path(const std::string& text, std::size_t at) {
  return at == text.size() || text[at] == '/' || std::string_view(" \"';:,)").find(text[at]) != std::string_view::npos;
}

std::string replaced(std::string text, const PathPair& pair) {
  for (auto at = text.find(pair.remote); at != std::string::npos; at = text.find(pair.remote, at)) {
    if (ends_path(text, at + pair.remote.size())) {
      text.replace(at, pair.remote.size(), pair.local);
      at += pair.local.size();
    } else {
      at += pair.remote.size();
    }
  }
  return text;
}

}  // namespace

Result<StagedJob> stage(const JobFolder& folder, const std::string& root, const std::string& place,
                        JobContext& context) {
  StagedJob staged;
  staged.options = folder.spec().options;
  staged.paths.push_back({folder.path().string(), place + "/" + folder.path().filename().string()});
  Stager stager(folder.path(), root, place, staged, context);
  CW_TRY(stager.rewrite(staged.options, ""));
  return staged;
}

Json with_local_paths(const Json& value, const std::vector<PathPair>& paths) {
  if (value.is_string()) {
    auto text = value.get<std::string>();
    for (const auto& pair : paths) text = replaced(std::move(text), pair);
    return text;
  }
  Json changed = value;
  if (value.is_structured()) {
    for (Json& part : changed) part = with_local_paths(part, paths);
  }
  return changed;
}

fs::path local_path_of(const std::string& remote, const std::vector<PathPair>& paths) {
  const PathPair* best = nullptr;
  for (const auto& pair : paths) {
    const bool fits =
        remote.rfind(pair.remote, 0) == 0 && (remote.size() == pair.remote.size() || remote[pair.remote.size()] == '/');
    if (fits && (best == nullptr || pair.remote.size() > best->remote.size())) best = &pair;
  }
  if (best == nullptr) return {};
  const std::string rest = remote.substr(best->remote.size());
  return rest.empty() ? fs::path(best->local) : fs::path(best->local) / rest.substr(1);
}

}  // namespace cw
