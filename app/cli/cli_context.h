// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/jobs/job_folder.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace cw {

/// Options that every command understands (docs/cli).
struct GlobalOptions {
  bool json = false;       ///< one JSON object on standard output instead of text
  bool quiet = false;      ///< no progress line
  bool verbose = false;    ///< say more on standard error
  bool overwrite = false;  ///< replace existing output
  bool detach = false;     ///< start the job and return at once; `cellwright jobs follow` shows it
  int threads = 0;         ///< 0 = all processors
  std::uint64_t seed = 42;
  std::string device = "auto";
  std::string machine;             ///< where jobs run; empty: on this PC
  std::vector<std::string> asked;  ///< KEY=VALUE of what a cluster is asked for, over the machine's defaults
  std::filesystem::path log;
};

/// Text for people from the summary of a finished job.
using SummaryText = std::function<std::string(const Json&)>;

/// A job that is to be run, and where its folder goes (CliContext::compute).
struct Submission {
  JobSpec spec;
  std::filesystem::path out;
  bool out_is_folder = false;
};

/// `out` itself, or `out` + ".run".
[[nodiscard]] std::filesystem::path job_folder_of(const Submission& submission);

/// What the commands share: global options, how results and errors are printed, how a job is run in the foreground.
class CliContext {
 public:
  GlobalOptions global;
  /// What the command that was typed does; set by its callback, called once parsing is done. Returns the exit code.
  std::function<int()> action;

  /// Prints "error [E-...] ..." (with --json: an object on standard output too) and returns the exit code.
  [[nodiscard]] int fail(const Error& error) const;
  /// Prints `json` with --json, else `text`. Returns 0.
  [[nodiscard]] int print(const Json& json, const std::string& text) const;

  /// Runs a job in the foreground and gives its summary: makes the job folder, starts the engine, follows it. The job
  /// folder is `out` itself where `out_is_folder`, else `out` + ".run". With --machine the job runs there and its
  /// results are fetched. Ctrl-C asks the engine to stop in good order; a second one kills it. Errors: those of the
  /// job; kInvalidArgument E-IO-005, E-JOB-012 (it runs already).
  [[nodiscard]] Result<Json> compute(const JobSpec& spec, const std::filesystem::path& out, bool out_is_folder) const;
  /// The same for one of several jobs that belong together: one that is done already, with the same options, is not
  /// done again, and one that was stopped goes on.
  [[nodiscard]] Result<Json> compute_or_go_on(const JobSpec& spec, const std::filesystem::path& out,
                                              bool out_is_folder) const;
  /// `compute`, then prints the result. With --detach it starts the job and returns at once.
  [[nodiscard]] int run_job(const JobSpec& spec, const std::filesystem::path& out, bool out_is_folder,
                            const SummaryText& text) const;
  /// Runs several jobs: on a cluster as one array, elsewhere one after another. Prints a list of their results. With
  /// --detach it returns as soon as they have started, which only a cluster can do with several.
  [[nodiscard]] int run_jobs(const std::vector<Submission>& submissions, const SummaryText& text) const;
  /// Runs several jobs at once, on a cluster as one array, and gives their summaries. A job whose folder holds the same
  /// specification already goes on there, and is left alone if it is done. If one fails the others come to their end
  /// first. Errors: those of the jobs, naming the folder.
  [[nodiscard]] Result<std::vector<Json>> compute_all(const std::vector<Submission>& submissions) const;
  /// The same, but only starts them.
  [[nodiscard]] Result<> start_all(const std::vector<Submission>& submissions) const;
  /// Whether jobs are computed on this PC.
  [[nodiscard]] bool runs_here() const;
  /// Runs a job whose summary is all of its result, and prints it: the job's folder is a temporary one, is not listed
  /// and does not stay, unless the engine crashed. In the foreground also with --detach.
  [[nodiscard]] int run_in_passing(const JobSpec& spec, const SummaryText& text) const;
  /// Starts the engine on an existing job folder (again) and follows it.
  [[nodiscard]] int continue_job(const JobFolder& folder, const SummaryText& text) const;
  /// Follows a job that runs already, here or in another process.
  [[nodiscard]] int follow(const JobFolder& folder, const SummaryText& text) const;

 private:
  [[nodiscard]] Result<Json> compute_in_passing(const JobSpec& spec) const;
  [[nodiscard]] Result<JobFolder> submit(const JobSpec& spec, const std::filesystem::path& out,
                                         bool out_is_folder) const;
  [[nodiscard]] Result<std::vector<JobFolder>> submit_or_find(const std::vector<Submission>& submissions) const;
  [[nodiscard]] std::vector<Result<Json>> work_here(const std::vector<JobFolder>& folders) const;
  [[nodiscard]] Result<Json> work_on(const JobFolder& folder) const;
  [[nodiscard]] Result<Json> follow_there(const JobFolder& folder) const;
  [[nodiscard]] Result<> start_there(const std::vector<JobFolder>& folders) const;
  [[nodiscard]] int detach(const JobFolder& folder) const;
  [[nodiscard]] int print_outcome(const Result<Json>& outcome, const SummaryText& text) const;
};

/// "key: value" lines of the plain values of a summary, for commands without a text of their own.
[[nodiscard]] std::string plain_summary(const Json& result);

}  // namespace cw
