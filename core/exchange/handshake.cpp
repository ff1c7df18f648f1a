// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/exchange/handshake.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include <array>
#include <new>

namespace cw {
namespace {

constexpr std::size_t kRandomBytes = 32;

std::string hexadecimal(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::string text_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Error stranger() {
  return {
      ErrorCode::kRefused, "E-COM-003",
      "the process at the other end does not know the secret of this group: it belongs to another run, or the secret "
      "was given wrongly; give all processes the same CELLWRIGHT_GROUP_SECRET"};
}

}  // namespace

Result<std::string> random_secret() {
  std::array<unsigned char, kRandomBytes> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return Error{ErrorCode::kInternal, "E-COM-009", "the system gives no random numbers for the secret of the group"};
  }
  return hexadecimal(bytes);
}

std::string proof_of(const std::string& secret, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const auto* message = reinterpret_cast<const unsigned char*>(text.data());
  if (::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), message, text.size(), digest.data(),
             &size) == nullptr) {
    throw std::bad_alloc();  // OpenSSL fails here for lack of memory only
  }
  return hexadecimal(std::span(digest).first(size));
}

bool equal_proofs(const std::string& a, const std::string& b) {
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<std::string> introduce(const Socket& socket, const std::string& secret, const Json& card,
                              const Deadline& deadline) {
  CW_ASSIGN(const Json question, socket.receive_json(deadline));
  CW_ASSIGN(const std::string own, random_secret());
  const std::string words = text_at(question, "number") + own;
  CW_TRY(socket.send_json({{"number", own}, {"card", card}, {"proof", proof_of(secret, "guest" + words + card.dump())}},
                          deadline));
  CW_ASSIGN(const Json answer, socket.receive_json(deadline));
  if (answer.contains("refused")) return stranger();
  if (answer.contains("reason")) return Error{ErrorCode::kInvalidArgument, "E-COM-006", text_at(answer, "reason")};
  if (!equal_proofs(text_at(answer, "proof"), proof_of(secret, "host" + words))) return stranger();
  return words;
}

Result<Guest> receive_guest(Socket socket, const std::string& secret, const Deadline& deadline) {
  CW_ASSIGN(const std::string own, random_secret());
  CW_TRY(socket.send_json({{"number", own}}, deadline));
  CW_ASSIGN(const Json answer, socket.receive_json(deadline));
  Guest guest;
  guest.words = own + text_at(answer, "number");
  if (answer.contains("card")) guest.card = answer["card"];
  if (!guest.card.is_object() ||
      !equal_proofs(text_at(answer, "proof"), proof_of(secret, "guest" + guest.words + guest.card.dump()))) {
    CW_TRY(socket.send_json({{"refused", true}}, deadline));
    return stranger();
  }
  guest.socket = std::move(socket);
  return guest;
}

Result<> welcome(const Guest& guest, const std::string& secret, const Deadline& deadline) {
  return guest.socket.send_json({{"proof", proof_of(secret, "host" + guest.words)}}, deadline);
}

void send_away(const Guest& guest, const std::string& reason, const Deadline& deadline) {
  const Result<> sent = guest.socket.send_json({{"reason", reason}}, deadline);
  static_cast<void>(sent);  // whoever does not listen misses the reason only
}

}  // namespace cw
