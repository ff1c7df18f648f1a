// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sharded_run.h"

#include "core/api/merge_options.h"
#include "core/api/shard.h"
#include "core/jobs/job_history.h"

#include <algorithm>
#include <thread>

namespace cw {
namespace {

namespace fs = std::filesystem;

fs::path folder_of_parts(const ShardedJob& job) {
  fs::path folder = job.out;
  folder += ".parts";
  return folder;
}

fs::path output_of_part(const ShardedJob& job, std::int64_t shard) {
  const std::string name = std::to_string(shard) + "-of-" + std::to_string(job.shards);
  return folder_of_parts(job) / (job.out_is_folder ? name : name + job.out.extension().string());
}

/// Parts on this PC share its processors; elsewhere each has its own.
int threads_of_part(const CliContext& context, std::int64_t shards) {
  if (!context.runs_here()) return context.global.threads;
  std::int64_t all = context.global.threads;
  if (all <= 0) all = std::max(1U, std::thread::hardware_concurrency());
  return static_cast<int>(std::max<std::int64_t>(1, all / shards));
}

std::vector<Submission> parts_of(const CliContext& context, const ShardedJob& job) {
  std::vector<Submission> parts;
  const int threads = threads_of_part(context, job.shards);
  for (std::int64_t shard = 1; shard <= job.shards; ++shard) {
    const fs::path output = output_of_part(job, shard);
    parts.push_back({new_job(job.kind, job.options_of(shard, output.string(), threads)), output, job.out_is_folder});
  }
  return parts;
}

/// Refuses before the work what would be refused after it.
Result<> require_free(const CliContext& context, const ShardedJob& job) {
  std::error_code status;
  const fs::path result = job.out_is_folder ? job.out / "effects.h5" : job.out;
  if (context.global.overwrite || !fs::exists(result, status)) return {};
  return Error{ErrorCode::kInvalidArgument, "E-IO-005",
               result.string() + ": exists already; choose another name or give --overwrite"};
}

// What this command made; anything else in the folder stays.
void remove_parts(const ShardedJob& job, const std::vector<Submission>& parts) {
  std::error_code ignored;
  for (const auto& part : parts) {
    const fs::path folder = job_folder_of(part);
    if (const auto known = JobFolder::open(folder); known.ok()) forget_job(*known);
    fs::remove_all(folder, ignored);
    fs::remove_all(part.out, ignored);
  }
  fs::remove(folder_of_parts(job), ignored);
}

int start_only(const CliContext& context, const ShardedJob& job, const std::vector<Submission>& parts) {
  const auto started = context.start_all(parts);
  if (!started.ok()) return context.fail(started.error());
  std::string next = "cellwright merge";
  Json names = Json::array();
  for (const auto& part : parts) {
    next += " '" + part.out.string() + "'";
    names.push_back(part.out.string());
  }
  next += " --out '" + job.out.string() + "'" + (job.csv.empty() ? "" : " --csv '" + job.csv + "'");
  return context.print({{"parts", names}, {"merge", next}},
                       "started " + std::to_string(parts.size()) + " parts; when all are done: " + next);
}

}  // namespace

void add_shard_options(CLI::App& command, ShardTexts& texts) {
  auto* one = command.add_option("--shard", texts.shard,
                                 "Only part i of n, as i/n, counted from 1; 'cellwright merge' puts parts together");
  one->type_name("I/N");
  command
      .add_option("--shards", texts.shards,
                  "In so many parts at once, processes here or tasks of a cluster, put together at the end")
      ->capture_default_str()
      ->excludes(one);
}

std::string merge_text(const Json& result) {
  const std::string out = result.value("effects", result.value("output", std::string()));
  return out + ": put together, " + std::to_string(result.value("rows", 0)) + " rows of " +
         std::to_string(result.value("cells", 0)) + " cells";
}

int run_sharded(const CliContext& context, const ShardedJob& job, const SummaryText& text) {
  if (const auto valid = check_shard(1, job.shards); !valid.ok()) return context.fail(valid.error());
  if (const auto free = require_free(context, job); !free.ok()) return context.fail(free.error());
  const auto parts = parts_of(context, job);
  if (context.global.detach) return start_only(context, job, parts);
  if (const auto done = context.compute_all(parts); !done.ok()) return context.fail(done.error());
  MergeOptions merge;
  for (const auto& part : parts) merge.inputs.push_back(part.out.string());
  merge.output = job.out.string();
  merge.csv = job.csv;
  merge.overwrite = context.global.overwrite;
  CliContext here = context;  // the parts lie here by now
  here.global.machine.clear();
  here.global.asked.clear();
  const auto merged = here.compute_all({{new_job("merge", to_json(merge)), job.out, job.out_is_folder}});
  if (!merged.ok()) return context.fail(merged.error());
  remove_parts(job, parts);
  return context.print(merged->front(), text(merged->front()));
}

}  // namespace cw
