// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/tensor_file.h"

#include "core/base/mapped_file.h"
#include "core/weights/safetensors.h"
#include "core/weights/torch_checkpoint.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>

namespace cw {

struct TensorFile::Content {
  std::filesystem::path path;
  MappedFile file;
  TorchCheckpoint checkpoint;  ///< its tensors, whichever form they come from
  std::map<std::string, std::string> metadata;
  std::unordered_map<std::string_view, std::size_t> place_of;
};

TensorFile::TensorFile(std::unique_ptr<const Content> content) : content_(std::move(content)) {}
TensorFile::~TensorFile() = default;

namespace {

/// Copies those tensors that do not begin at a multiple of their element size (legacy checkpoints, odd headers).
void align(TorchCheckpoint& checkpoint) {
  for (auto& tensor : checkpoint.tensors) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    const auto address = reinterpret_cast<std::uintptr_t>(tensor.bytes.data());
    if (address % size_of(tensor.dtype) == 0) continue;
    tensor.bytes = checkpoint.copies.emplace_back(tensor.bytes.begin(), tensor.bytes.end());
  }
}

}  // namespace

Result<std::shared_ptr<const TensorFile>> TensorFile::open(const std::filesystem::path& path) {
  CW_ASSIGN(MappedFile file, MappedFile::open(path));
  auto content = std::make_unique<Content>(Content{path, std::move(file), {}, {}, {}});
  if (looks_like_torch_checkpoint(content->file.bytes())) {
    CW_ASSIGN(content->checkpoint, parse_torch_checkpoint(content->file.bytes(), path.string()));
  } else {
    CW_ASSIGN(SafetensorsContent parsed, parse_safetensors(content->file.bytes(), path.string()));
    content->checkpoint.tensors = std::move(parsed.tensors);
    content->metadata = std::move(parsed.metadata);
  }
  align(content->checkpoint);
  for (std::size_t i = 0; i < content->checkpoint.tensors.size(); ++i) {
    content->place_of[content->checkpoint.tensors[i].name] = i;
  }
  return std::shared_ptr<const TensorFile>(new TensorFile(std::move(content)));
}

const std::vector<TensorRef>& TensorFile::tensors() const noexcept { return content_->checkpoint.tensors; }

const TensorRef* TensorFile::find(std::string_view name) const noexcept {
  const auto found = content_->place_of.find(name);
  return found == content_->place_of.end() ? nullptr : &content_->checkpoint.tensors[found->second];
}

const std::map<std::string, std::string>& TensorFile::metadata() const noexcept { return content_->metadata; }

const std::filesystem::path& TensorFile::path() const noexcept { return content_->path; }

}  // namespace cw
