// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/cli_context.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace cw {

/// What is typed to compute a part, or a whole in parts.
struct ShardTexts {
  std::string shard;        ///< "I/N"
  std::int64_t shards = 1;  ///< of --shards
};
void add_shard_options(CLI::App& command, ShardTexts& texts);

/// A job that is split by cells.
struct ShardedJob {
  std::string kind;           ///< "embed" or "perturb"
  std::filesystem::path out;  ///< of the whole, absolute
  bool out_is_folder = false;
  std::string csv;  ///< of the whole, "" = none
  std::int64_t shards = 2;
  /// Options of one part with its own output and number of threads.
  std::function<Json(std::int64_t shard, const std::string& output, int threads)> options_of;
};

/// The parts of `whole`, which has to outlive the job. What is written beside the output (embed's csv) is left to the
/// merge. Errors: those of Options::validate with so many parts.
template <class Options>
[[nodiscard]] Result<ShardedJob> job_in_parts(const std::string& kind, const Options& whole, std::int64_t shards) {
  Options first = whole;
  first.shards = shards;
  CW_TRY(first.validate());
  ShardedJob job;
  job.kind = kind;
  job.out = whole.output;
  job.shards = shards;
  job.options_of = [&whole, shards](std::int64_t shard, const std::string& output, int threads) {
    Options part = whole;
    part.shard = shard;
    part.shards = shards;
    part.output = output;
    part.num_threads = threads;
    Json json = to_json(part);
    if (json.contains("csv")) json["csv"] = "";
    return json;
  };
  return job;
}

/// Computes all parts, as processes of this PC or as one array of a cluster, puts them together and removes them.
/// Parts that an earlier call finished stay as they are, one that was stopped goes on. With --detach it starts the
/// parts and says how to put them together. Returns the exit code.
[[nodiscard]] int run_sharded(const CliContext& context, const ShardedJob& job, const SummaryText& text);

/// "3 parts with 120 rows", for the summary of `merge`.
[[nodiscard]] std::string merge_text(const Json& result);

}  // namespace cw
