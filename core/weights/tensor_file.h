// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/weights/tensor.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cw {

/// An open file of named tensors: `.safetensors`, or PyTorch's `.bin` read without running anything in it. The file is
/// mapped, so that opening a model of gigabytes costs nothing until its values are used.
class TensorFile {
 public:
  /// The form is told from the content, not from the name.
  /// Errors: kNotFound, kIo, kParse, kRefused, kUnsupported: those of the two formats.
  [[nodiscard]] static Result<std::shared_ptr<const TensorFile>> open(const std::filesystem::path& path);

  TensorFile(const TensorFile&) = delete;
  TensorFile& operator=(const TensorFile&) = delete;
  ~TensorFile();

  /// Row-major, little endian; each begins at a multiple of its element size. Valid as long as this object.
  [[nodiscard]] const std::vector<TensorRef>& tensors() const noexcept;
  /// nullptr where there is none.
  [[nodiscard]] const TensorRef* find(std::string_view name) const noexcept;
  /// `__metadata__` of safetensors; empty for `.bin`.
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const noexcept;
  [[nodiscard]] const std::filesystem::path& path() const noexcept;

 private:
  struct Content;
  explicit TensorFile(std::unique_ptr<const Content> content);
  std::unique_ptr<const Content> content_;
};

}  // namespace cw
