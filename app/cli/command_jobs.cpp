// SPDX-License-Identifier: GPL-3.0-or-later
// jobs list|show|follow|cancel|resume|remove, run SPEC.json, resume RUN
#include "app/cli/commands.h"
#include "core/api/job_kinds.h"
#include "core/jobs/job_history.h"
#include "core/machines/remote_job.h"

#include <cstdio>

namespace cw {
namespace {

Json row_of(const JobFolder& job) {
  const auto state = job.state();
  Json row = {{"id", job.spec().id}, {"kind", job.spec().kind}, {"folder", job.path().string()}};
  if (const auto remote = remote_job_of(job); remote.ok() && remote->has_value()) row["machine"] = (*remote)->machine;
  row["state"] = state.ok() ? std::string(name_of(state->phase)) : "unreadable";
  if (state.ok()) {
    row["progress"] = state->progress;
    row["updated"] = state->updated;
    if (!state->error_id.empty()) row["error"] = {{"code", state->error_id}, {"text", state->error_message}};
  }
  return row;
}

int list_jobs(const CliContext& context) {
  Json rows = Json::array();
  std::string text;
  for (const auto& job : known_jobs()) {
    const Json row = row_of(job);
    char line[256];
    std::snprintf(line, sizeof(line), "%-12s  %-10s  %-9s  %3.0f %%  ", job.spec().id.c_str(), job.spec().kind.c_str(),
                  row["state"].get<std::string>().c_str(), 100 * row.value("progress", 0.0));
    text += (text.empty() ? "" : "\n") + std::string(line) + job.path().string();
    rows.push_back(row);
  }
  return context.print(rows, text.empty() ? "no jobs yet" : text);
}

int show_job(const CliContext& context, const JobFolder& job) {
  if (const auto remote = remote_job_of(job); remote.ok() && remote->has_value()) {
    // what was known last is shown also where the machine cannot be reached
    if (const auto fresh = refresh_remote_job(job); !fresh.ok()) {
      std::fprintf(stderr, "warning [%s] %s\n", fresh.error().id.c_str(), fresh.error().message.c_str());
    }
  }
  Json shown = row_of(job);
  shown["options"] = job.spec().options;
  if (const auto state = job.state(); state.ok() && !state->result.is_null()) shown["result"] = state->result;
  return context.print(shown, shown.dump(2));
}

int cancel_job(const CliContext& context, const JobFolder& job) {
  const auto state = job.state();
  if (!state.ok()) return context.fail(state.error());
  if (state->phase != JobPhase::kRunning && state->phase != JobPhase::kQueued) {
    return context.print(row_of(job),
                         "job " + job.spec().id + " is " + std::string(name_of(state->phase)) + " already");
  }
  if (const auto asked = cancel_remote_job(job); !asked.ok()) return context.fail(asked.error());
  return context.print(row_of(job), "job " + job.spec().id + " was asked to stop; what is finished is kept");
}

int remove_job(const CliContext& context, const JobFolder& job) {
  if (const auto state = job.state(); state.ok() && state->phase == JobPhase::kRunning) {
    return context.fail(
        {ErrorCode::kInvalidArgument, "E-JOB-012",
         job.path().string() + ": the job is running; stop it first: cellwright jobs cancel " + job.spec().id});
  }
  forget_job(job);
  return context.print({{"id", job.spec().id}, {"folder", job.path().string()}},
                       "job " + job.spec().id + " is off the list; its folder stays: " + job.path().string());
}

int resume_job(const CliContext& context, const JobFolder& job) {
  const auto state = job.state();
  if (state.ok() && state->phase == JobPhase::kRunning) {
    return context.fail(
        {ErrorCode::kInvalidArgument, "E-JOB-012",
         job.path().string() + ": the job is running; watch it: cellwright jobs follow " + job.spec().id});
  }
  if (!state.ok()) {  // damaged: the engine is followed by a state that can be read
    if (const auto written = job.write_state({}); !written.ok()) return context.fail(written.error());
  }
  remember_job(job);
  return context.continue_job(job, plain_summary);
}

// A job of the same kind, options and place as that of a spec.json.
Result<Submission> submission_of(const CliContext& context, const std::string& path) {
  CW_ASSIGN(const Json json, read_json(path));
  CW_ASSIGN(const JobSpec read, job_spec_from_json(json, path));
  Submission submission;
  submission.spec = new_job(read.kind, read.options);
  JobSpec& spec = submission.spec;
  if (context.global.overwrite) spec.options["overwrite"] = true;
  CW_TRY(check_job(spec.kind, spec.options));
  const auto out = spec.options.find(spec.kind == "pretrain" ? "out" : "output");
  if (out == spec.options.end() || !out->is_string()) {
    return Error{ErrorCode::kInvalidArgument, "E-JOB-013", path + ": its options name no output ('output')"};
  }
  submission.out = out->get<std::string>();
  std::error_code status;
  const bool merges_runs =
      spec.kind == "merge" && std::filesystem::is_directory(spec.options["inputs"][0].get<std::string>(), status);
  submission.out_is_folder = merges_runs || output_is_folder(spec.kind);
  return submission;
}

// The same specification gives the same result: `cellwright run` is what a script or another machine calls.
int run_specs(const CliContext& context, const std::vector<std::string>& paths) {
  std::vector<Submission> submissions;
  for (const auto& path : paths) {
    auto submission = submission_of(context, path);
    if (!submission.ok()) return context.fail(submission.error());
    submissions.push_back(std::move(*submission));
  }
  if (submissions.size() > 1) return context.run_jobs(submissions, plain_summary);
  const auto& [spec, out, out_is_folder] = submissions.front();
  const bool is_preview = spec.kind == "perturb" && spec.options.value("preview", Json(0)) != Json(0);
  if (is_preview && out.empty()) return context.run_in_passing(spec, plain_summary);
  return context.run_job(spec, out, out_is_folder, plain_summary);
}

int follow_job_command(const CliContext& context, const JobFolder& job) { return context.follow(job, plain_summary); }

int with_job(const CliContext& context, const std::string& name, int (*work)(const CliContext&, const JobFolder&)) {
  const auto job = find_job(name);
  return job.ok() ? work(context, *job) : context.fail(job.error());
}

}  // namespace

void add_jobs_commands(CLI::App& app, CliContext& context) {
  auto* jobs = app.add_subcommand("jobs", "List, watch, stop and resume jobs");
  jobs->require_subcommand(1);
  auto* list = jobs->add_subcommand("list", "Jobs of this user on this machine, newest first");
  list->footer("Example: cellwright jobs list --json");
  list->callback([&context] { context.action = [&context] { return list_jobs(context); }; });
  static std::string name;
  const auto add = [&](CLI::App* parent, const char* command, const char* help,
                       int (*work)(const CliContext&, const JobFolder&)) {
    auto* sub = parent->add_subcommand(command, help);
    sub->footer("Example: cellwright " + std::string(parent == jobs ? "jobs " : "") + command + " RUN");
    sub->add_option("JOB", name, "Job id (or its first digits), or the job's folder")->required();
    sub->callback([&context, work] { context.action = [&context, work] { return with_job(context, name, work); }; });
  };
  add(jobs, "show", "Specification, state and result of a job", show_job);
  add(jobs, "follow", "Show the progress of a running job until it ends", follow_job_command);
  add(jobs, "cancel", "Ask a job to stop; what it finished is kept", cancel_job);
  add(jobs, "resume", "Go on with a job that was stopped or killed", resume_job);
  add(jobs, "remove", "Take a job off the list; its folder stays", remove_job);
  static std::vector<std::string> spec_paths;
  auto* run = app.add_subcommand("run", "Run job specifications (spec.json of another run, or of the window)");
  run->footer("Example: cellwright run RUN/spec.json --overwrite");
  run->add_option("SPEC", spec_paths, "The specification; several become one array of a cluster")->required();
  run->callback([&context] { context.action = [&context] { return run_specs(context, spec_paths); }; });
  add(&app, "resume", "Go on with a job that was stopped or killed (same as 'jobs resume')", resume_job);
}

}  // namespace cw
