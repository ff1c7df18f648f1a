// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/job_context.h"
#include "core/jobs/job_folder.h"
#include "core/machines/transfer.h"

#include <string>
#include <utility>
#include <vector>

namespace cw {

/// A path here and the path on the machine that stands for it.
struct PathPair {
  std::string local;
  std::string remote;
};

/// A job as another machine is to run it.
struct StagedJob {
  Json options;                     ///< with the paths of the machine
  std::vector<TransferFile> files;  ///< the inputs, below ROOT/store
  std::vector<PathPair> paths;      ///< of inputs and outputs
};

/// Works out what a job reads and writes. Every absolute path in its options that exists here is an input: it goes to
/// ROOT/store/HASH/NAME, so that the same data is sent once, whatever it is called. The options `output`, `out`, `csv`
/// and `xlsx` are outputs: they go to `place`, beside or into the job folder there as they are here.
/// `root` and `place` are absolute paths of the machine. Errors: kNotFound E-IO-001, kIo.
[[nodiscard]] Result<StagedJob> stage(const JobFolder& folder, const std::string& root, const std::string& place,
                                      JobContext& context);

/// Every text in `value` with paths of the machine replaced by those here.
[[nodiscard]] Json with_local_paths(const Json& value, const std::vector<PathPair>& paths);

/// Where a file of the machine belongs here; empty if nowhere.
[[nodiscard]] std::filesystem::path local_path_of(const std::string& remote, const std::vector<PathPair>& paths);

}  // namespace cw
