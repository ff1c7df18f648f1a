// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/machines/connection.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cw {

/// A file here and where it belongs on the machine, or the other way round.
struct TransferFile {
  std::filesystem::path local;
  std::string remote;  ///< absolute, or below the machine's folder
  std::int64_t size = 0;
  std::string sha256;
};

/// Sends the files that are not there yet. What a cut left behind is gone on with; a file takes its name only when its
/// hash was checked there, so one that is there is right. A line that is cut is made anew, ten times without progress.
/// Returns the bytes that were sent. Errors: kNoSpace E-MCH-021 (also before the first byte, where the disk is too
/// small), E-MCH-022, kIo E-MCH-026 (the file changed, or arrived damaged twice), those of Connection::run.
[[nodiscard]] Result<std::int64_t> send_files(const Connection& connection, const std::vector<TransferFile>& files,
                                              JobContext& context);

/// Fetches a file in the same way; one that is here already with this hash is not fetched again.
/// Errors: kIo E-MCH-026, kNoSpace E-IO-003, those of Connection::run.
[[nodiscard]] Result<> fetch_file(const Connection& connection, const TransferFile& file, JobContext& context);

}  // namespace cw
