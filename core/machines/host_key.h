// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/machines/machine.h"

#include <string>

namespace cw {

/// The key by which a host says who it is.
struct HostKey {
  std::string fingerprint;  ///< "SHA256:..."
  std::string type;         ///< "ED25519", "RSA", ...
  std::string line;         ///< for the file of known hosts
};

/// The key that the host shows now, asked for without signing in. It is not trusted yet: compare the fingerprint with
/// what the host's administrator says. Errors: those of connection_error.
[[nodiscard]] Result<HostKey> shown_host_key(const Machine& machine);

/// Asks the host once more and, if its key has this fingerprint, adds it to the user's known hosts.
/// Errors: kRefused E-MCH-016 (another fingerprint), those of shown_host_key, kIo, kNoSpace.
[[nodiscard]] Result<> accept_host_key(const Machine& machine, const std::string& fingerprint);

}  // namespace cw
