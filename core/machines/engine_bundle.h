// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/machines/transfer.h"

#include <filesystem>
#include <string>

namespace cw {

/// The running build as one archive that runs on any Linux x86-64 machine: programs, every shared library they load,
/// the C library and its loader among them (so that the age of the other system does not matter), and the resources.
struct EngineBundle {
  std::string id;                 ///< "0.1.0-1a2b3c4d5e6f": version and the beginning of the hash of all files in it
  std::filesystem::path archive;  ///< .tar.gz
  std::string sha256;             ///< of the archive
};

/// Makes the archive below $XDG_CACHE_HOME/cellwright/bundles, or finds the one made before of the same files.
/// Errors: kIo E-MCH-027 (ldd or tar failed), kNotFound E-MCH-017, E-JOB-008, E-IO-006, kNoSpace.
[[nodiscard]] Result<EngineBundle> make_engine_bundle(JobContext& context);

/// Makes sure that this build's engine is on the machine, sends it where it is not, checks every file of it against its
/// hash and that it starts there. Returns its id; its programs are in ROOT/engines/ID/bin.
/// Errors: kUnsupported E-MCH-020 (it does not run there), E-MCH-026 (damaged), those of make_engine_bundle and
/// send_files.
[[nodiscard]] Result<std::string> install_engine(const Connection& connection, JobContext& context);

}  // namespace cw
