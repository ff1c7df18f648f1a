// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace cw {

/// SHA-256 of a stream of bytes, as 64 lower-case hexadecimal digits (FIPS 180-4; OpenSSL's implementation).
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(const void* bytes, std::size_t size);
  void update(std::string_view text) { update(text.data(), text.size()); }
  [[nodiscard]] std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string sha256(std::string_view text);

/// Of a file's content, or for a folder of the sorted names and contents of the files in it. Errors: kNotFound, kIo.
[[nodiscard]] Result<std::string> sha256_of_path(const std::filesystem::path& path);

}  // namespace cw
