// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <new>
#include <vector>

namespace cw {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() {
    // OpenSSL fails here for lack of memory only
    if (context == nullptr || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) {
      EVP_MD_CTX_free(context);
      throw std::bad_alloc();
    }
  }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(const void* bytes, std::size_t size) {
  CW_ASSERT(EVP_DigestUpdate(state_->context, bytes, size) == 1);
}

std::string Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  CW_ASSERT(EVP_DigestFinal_ex(state_->context, digest.data(), &size) == 1);
  static const char* const kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += kDigits[digest[i] >> 4U];
    text += kDigits[digest[i] & 15U];
  }
  return text;
}

std::string sha256(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.finish();
}

namespace {

Result<> update_with_file(Sha256& hash, const std::filesystem::path& path) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return error_from_errno("reading", path.string());
  std::vector<char> buffer(std::size_t{1} << 18U);
  while (stream) {
    stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hash.update(buffer.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) return error_from_errno("reading", path.string());
  return {};
}

}  // namespace

Result<std::string> sha256_of_path(const std::filesystem::path& path) {
  Sha256 hash;
  std::error_code status;
  if (!std::filesystem::is_directory(path, status)) {
    CW_TRY(update_with_file(hash, path));
    return hash.finish();
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path, status)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  if (status) {
    errno = status.value();
    return error_from_errno("listing", path.string());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    hash.update(std::filesystem::relative(file, path).generic_string());
    hash.update("\0", 1);
    CW_TRY(update_with_file(hash, file));
  }
  return hash.finish();
}

}  // namespace cw
