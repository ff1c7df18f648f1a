// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/slurm.h"

#include "core/base/files.h"
#include "core/machines/command.h"

#include <algorithm>
#include <array>

namespace cw {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Result<std::string> output_of(const std::vector<std::string>& command) {
  CommandOptions options;
  options.timeout = std::chrono::seconds(60);  // a busy controller answers late
  CW_ASSIGN(const CommandOutcome outcome, run_command(command, options));
  if (outcome.exit_code != 0) return Error{ErrorCode::kIo, "E-MCH-032", last_line(outcome.err)};
  return outcome.out;
}

// "JobState=FAILED Reason=NonZeroExitCode" of `scontrol show job -o`.
std::string value_of(const std::string& text, const std::string& key) {
  const auto begin = text.find(" " + key + "=");
  if (begin == std::string::npos) return {};
  const auto value = begin + key.size() + 2;
  return text.substr(value, text.find_first_of(" \n", value) - value);
}

std::optional<QueueState> from_squeue(const std::string& job) {
  const auto out = output_of({"squeue", "--noheader", "--jobs=" + job, "--states=all", "--format=%T|%r"});
  if (!out.ok() || out->empty()) return std::nullopt;
  const std::string line = first_line(*out);
  const auto bar = line.find('|');
  const std::string word = line.substr(0, bar);
  return QueueState{queue_phase_of(word), word, bar == std::string::npos ? "" : line.substr(bar + 1)};
}

std::optional<QueueState> from_scontrol(const std::string& job) {
  const auto out = output_of({"scontrol", "--oneliner", "show", "job", job});
  if (!out.ok()) return std::nullopt;
  const std::string word = value_of(*out, "JobState");
  if (word.empty()) return std::nullopt;
  return QueueState{queue_phase_of(word), word, value_of(*out, "Reason")};
}

std::optional<QueueState> from_sacct(const std::string& job) {
  const auto out =
      output_of({"sacct", "--noheader", "--allocations", "--parsable2", "--format=State", "--jobs=" + job});
  if (!out.ok() || out->empty()) return std::nullopt;
  const std::string line = first_line(*out);
  const std::string word = line.substr(0, line.find(' '));  // "CANCELLED by 1000"
  return QueueState{queue_phase_of(word), word, ""};
}

std::string reason_text(const std::string& word) {
  if (word == "OUT_OF_MEMORY") return "it needed more memory than it was given; ask for more (--memory)";
  if (word == "TIMEOUT" || word == "DEADLINE") return "its time was over; ask for more (--time)";
  if (word == "NODE_FAIL" || word == "BOOT_FAIL") return "its node failed";
  if (word == "PREEMPTED") return "a more urgent job took its place";
  if (word.empty()) return "the scheduler does not know it any more, and it left no last word";
  return "it ended before the engine said its last word; its output is in log/";
}

}  // namespace

std::string slurm_script_text(const SlurmScript& script) {
  const SlurmRequest& request = script.request;
  std::string text = "#!/bin/sh\n";
  const auto add = [&text](const std::string& option) { text += "#SBATCH " + option + "\n"; };
  const auto add_given = [&add](const char* option, const std::string& value) {
    if (!value.empty()) add(option + value);
  };
  add("--job-name=" + script.name);
  add("--requeue");
  add("--open-mode=append");
  add("--signal=B:USR1@180");
  add("--nodes=1");
  add("--ntasks=1");
  if (script.folders.size() > 1) add("--array=0-" + std::to_string(script.folders.size() - 1));
  add_given("--partition=", request.partition);
  add_given("--account=", request.account);
  add_given("--time=", request.time);
  add_given("--mem=", request.memory);
  add_given("--gres=gpu:", request.gpus);
  if (request.cpus > 0) add("--cpus-per-task=" + std::to_string(request.cpus));
  for (const auto& option : request.extra) add(option);
  text += "\ncase ${SLURM_ARRAY_TASK_ID:-0} in\n";
  for (std::size_t i = 0; i < script.folders.size(); ++i) {
    text += "  " + std::to_string(i) + ") job=" + shell_quoted(script.folders[i].string()) + " ;;\n";
  }
  text += "esac\n";
  if (!script.setup.empty()) text += script.setup + "\n";
  text += shell_quoted(script.engine.string()) + R"sh( run "$job" </dev/null >>"$job/log/engine.txt" 2>&1 &
engine=$!
again=no
began=$(date +%s)
# a time limit below the three minutes of notice brings the signal at the start: then it runs as far as it gets
make_room() {
  [ $(($(date +%s) - began)) -lt 5 ] && return
  again=yes
  kill -TERM $engine
}
trap make_room USR1
trap 'kill -TERM $engine' TERM
code=0
while :; do
  wait $engine
  code=$?
  kill -0 $engine 2>/dev/null || break
done
# asked to make room: what is finished is kept, and the rest waits for its turn
if [ $again = yes ] && [ $code -ne 0 ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}"
fi
exit $code
)sh";
  return text;
}

QueueState::Phase queue_phase_of(const std::string& word) {
  constexpr std::array<std::string_view, 6> kWaits = {"PENDING",     "REQUEUED",     "REQUEUE_HOLD",
                                                      "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD"};
  constexpr std::array<std::string_view, 7> kRuns = {"RUNNING",   "COMPLETING", "CONFIGURING", "SUSPENDED",
                                                     "STAGE_OUT", "SIGNALING",  "STOPPED"};
  if (word.empty()) return QueueState::Phase::kUnknown;
  if (std::find(kWaits.begin(), kWaits.end(), word) != kWaits.end()) return QueueState::Phase::kPending;
  if (std::find(kRuns.begin(), kRuns.end(), word) != kRuns.end()) return QueueState::Phase::kRunning;
  return QueueState::Phase::kEnded;
}

Result<std::string> submit_to_slurm(const SlurmScript& script, const std::filesystem::path& file) {
  const auto before = output_of({"squeue", "--noheader", "--name=" + script.name, "--format=%F"});
  if (before.ok() && !before->empty()) return first_line(*before);
  CW_TRY(write_file_atomically(file, slurm_script_text(script)));
  CommandOptions options;
  options.timeout = std::chrono::seconds(120);
  const bool is_array = script.folders.size() > 1;
  const std::string output = is_array ? (file.parent_path() / "slurm-%a.txt").string()
                                      : (script.folders.front() / "log" / "slurm.txt").string();
  auto submitted = run_command({"sbatch", "--parsable", "--output=" + output, file.string()}, options);
  if (!submitted.ok() && submitted.error().id == "E-MCH-017") {
    return Error{ErrorCode::kNotFound, "E-MCH-030",
                 "there is no Slurm here (no sbatch); if it must be loaded first, say how with --setup"};
  }
  if (!submitted.ok()) return submitted.error();
  if (submitted->exit_code != 0) {
    const std::string why = last_line(submitted->err);
    if (submitted->err.find("invalid partition") != std::string::npos) {
      return Error{ErrorCode::kNotFound, "E-MCH-031",
                   "there is no partition '" + script.request.partition + "'; 'cellwright machines probe' lists them"};
    }
    return Error{ErrorCode::kInvalidArgument, "E-MCH-032", "Slurm refuses the job: " + why};
  }
  // "1234;cluster"
  std::string number = first_line(submitted->out);
  number = number.substr(0, number.find(';'));
  if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos) {
    return Error{ErrorCode::kIo, "E-MCH-032",
                 "sbatch answered '" + first_line(submitted->out) + "' instead of a number"};
  }
  return number;
}

QueueState ask_slurm(const std::string& job) {
  if (auto state = from_squeue(job)) return *state;
  if (auto state = from_scontrol(job)) return *state;
  if (auto state = from_sacct(job)) return *state;
  return {};
}

void cancel_in_slurm(const std::string& job) { static_cast<void>(output_of({"scancel", job})); }

JobState merge_states(const JobState& file, const QueueState& queue, const std::string& job) {
  JobState merged = file;
  const bool open =
      file.phase == JobPhase::kQueued || file.phase == JobPhase::kRunning || file.phase == JobPhase::kLost;
  if (file.phase == JobPhase::kDone) return merged;
  if (queue.phase == QueueState::Phase::kPending) {
    merged.phase = JobPhase::kQueued;
  } else if (queue.phase == QueueState::Phase::kRunning) {
    merged.phase = JobPhase::kRunning;
  } else if (open && queue.word == "CANCELLED") {
    merged.phase = JobPhase::kCancelled;
    merged.error_id = "E-JOB-001";
    merged.error_code = name_of(ErrorCode::kCancelled);
    merged.error_message = "the job was cancelled in the queue";
    merged.exit_code = exit_code(ErrorCode::kCancelled);
  } else if (open) {
    const bool memory = queue.word == "OUT_OF_MEMORY";
    const ErrorCode code = memory ? ErrorCode::kOutOfMemory : ErrorCode::kIo;
    merged.phase = JobPhase::kFailed;
    merged.error_id = "E-MCH-033";
    merged.error_code = name_of(code);
    merged.error_message = "Slurm ended job " + job + (queue.word.empty() ? "" : " (" + queue.word + ")") + ": " +
                           reason_text(queue.word) + "; what was finished is kept: cellwright jobs resume";
    merged.exit_code = exit_code(code);
  }
  const bool goes_on = merged.phase == JobPhase::kQueued || merged.phase == JobPhase::kRunning;
  if (goes_on) {
    merged.error_id.clear();
    merged.error_code.clear();
    merged.error_message.clear();
    merged.exit_code = 0;
  }
  return merged;
}

}  // namespace cw
