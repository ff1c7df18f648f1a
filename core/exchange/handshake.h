// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/exchange/socket.h"

#include <string>

namespace cw {

/// 32 random bytes as hexadecimal digits. Errors: kInternal E-COM-009 (the system gives no random numbers).
[[nodiscard]] Result<std::string> random_secret();

/// Two processes show each other over a connection that they know the same secret, without sending it: each answers the
/// other's random number with an HMAC-SHA-256 of it (FIPS 198-1). What is said in the handshake is covered; what comes
/// later on the connection is neither encrypted nor signed.
///
/// The side that connected: gives `card` and learns whether it is welcome. Returns the words that prove it, to check
/// what the host says later. Errors: kRefused E-COM-003 (another secret, or no process of ours), kIo E-COM-004,
/// E-COM-005, kInvalidArgument E-COM-006 (the host's reason).
[[nodiscard]] Result<std::string> introduce(const Socket& socket, const std::string& secret, const Json& card,
                                            const Deadline& deadline);

/// The side that listens: a caller that has shown that it knows the secret.
struct Guest {
  Socket socket;
  Json card;
  std::string words;  ///< both random numbers
};
/// Errors: kRefused E-COM-003 (the caller was told), kIo, kParse.
[[nodiscard]] Result<Guest> receive_guest(Socket socket, const std::string& secret, const Deadline& deadline);
/// Lets the caller in.
Result<> welcome(const Guest& guest, const std::string& secret, const Deadline& deadline);
/// Sends the caller away; it fails with E-COM-006 and this reason.
void send_away(const Guest& guest, const std::string& reason, const Deadline& deadline);

/// HMAC-SHA-256 as hexadecimal digits.
[[nodiscard]] std::string proof_of(const std::string& secret, const std::string& text);
/// Takes the same time wherever they differ.
[[nodiscard]] bool equal_proofs(const std::string& a, const std::string& b);

}  // namespace cw
