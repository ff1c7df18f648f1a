// SPDX-License-Identifier: GPL-3.0-or-later
// machines add|list|probe|install|pack|remove
#include "app/cli/commands.h"
#include "app/cli/progress_line.h"
#include "core/base/files.h"
#include "core/base/job_context.h"
#include "core/machines/engine_bundle.h"
#include "core/machines/host_key.h"
#include "core/machines/machine_list.h"
#include "core/machines/probe.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <iostream>

namespace cw {
namespace {

struct MachineOptions {
  Machine machine;
  bool is_cluster = false;
  bool no_probe = false;
  std::string accepted;  ///< fingerprint
};

std::string host_key_text(const Machine& machine, const HostKey& key) {
  return title_of(machine) + " shows the " + key.type + " key " + key.fingerprint +
         "; you have never connected to it before. Ask its administrator whether this fingerprint is right.";
}

// A person at a terminal is asked; a script must name the fingerprint it accepts.
Result<> settle_host_key(const CliContext& context, const Machine& machine) {
  CW_ASSIGN(const HostKey key, shown_host_key(machine));
  if (!context.global.json && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1) {
    std::fprintf(stderr, "%s\nAccept it? Type yes or no: ", host_key_text(machine, key).c_str());
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "yes") return accept_host_key(machine, key.fingerprint);
    return cancelled_error("accepting the key of " + title_of(machine));
  }
  return Error{ErrorCode::kRefused, "E-MCH-014",
               host_key_text(machine, key) + " If so: cellwright machines probe " + machine.name +
                   " --accept-host-key " + key.fingerprint};
}

Result<MachineReport> look_at(const CliContext& context, const Machine& machine, const std::string& accepted) {
  if (!accepted.empty()) CW_TRY(accept_host_key(machine, accepted));
  const Connection connection(machine);
  auto report = probe(connection);
  if (report.ok() || report.error().id != "E-MCH-014") return report;
  CW_TRY(settle_host_key(context, machine));
  return probe(connection);
}

int probe_machine(const CliContext& context, const std::string& name, const std::string& accepted) {
  const auto machine = find_machine(name);
  if (!machine.ok()) return context.fail(machine.error());
  const auto report = look_at(context, *machine, accepted);
  if (!report.ok()) return context.fail(report.error());
  Json shown = to_json(*machine);
  shown["report"] = to_json(*report);
  static_cast<void>(context.print(shown, report_text(*machine, *report)));
  return report->problems.empty() ? 0 : exit_code(report->problems.front().code);
}

// A machine that cannot be reached now is kept all the same: it may be switched off, or its key not accepted yet.
int add(const CliContext& context, MachineOptions options) {
  options.machine.kind = options.is_cluster ? MachineKind::kSlurm : MachineKind::kSsh;
  if (const auto added = add_machine(options.machine, context.global.overwrite); !added.ok()) {
    return context.fail(added.error());
  }
  if (options.no_probe) return context.print(to_json(options.machine), "added " + title_of(options.machine));
  if (!context.global.json) std::fprintf(stderr, "added %s\n", title_of(options.machine).c_str());
  return probe_machine(context, options.machine.name, options.accepted);
}

int list_machines(const CliContext& context) {
  auto machines = known_machines();
  if (!machines.ok()) return context.fail(machines.error());
  machines->insert(machines->begin(), this_pc());
  Json rows = Json::array();
  std::string text;
  for (const auto& machine : *machines) {
    char line[512];
    std::snprintf(line, sizeof(line), "%-16s  %-7s  %s", machine.name.c_str(),
                  std::string(name_of(machine.kind)).c_str(), machine.host.c_str());
    text += (text.empty() ? "" : "\n") + std::string(line);
    rows.push_back(to_json(machine));
  }
  return context.print(rows, text);
}

// Shows on the progress line how far the engine has come.
class SendingLine : public JobSink {
 public:
  explicit SendingLine(bool enabled) : line_(enabled) {}
  void progress(double, std::int64_t done, std::int64_t total, std::string_view phase) override {
    line_.show({{"phase", phase}, {"done", done}, {"total", total}});
  }
  void event(std::string_view, const Json&) override {}

 private:
  ProgressLine line_;
};

int pack(const CliContext& context, const std::filesystem::path& folder) {
  SendingLine sink(!context.global.quiet && !context.global.json);
  JobContext job(&sink, std::make_shared<std::atomic<bool>>(false));
  const auto bundle = make_engine_bundle(job);
  if (!bundle.ok()) return context.fail(bundle.error());
  auto output = PendingOutput::create(folder / bundle->archive.filename(), context.global.overwrite);
  if (!output.ok()) return context.fail(output.error());
  std::error_code status;
  std::filesystem::copy_file(bundle->archive, output->path(), status);
  if (status) {
    errno = status.value();
    return context.fail(error_from_errno("writing", output->target().string()));
  }
  if (const auto written = output->commit(); !written.ok()) return context.fail(written.error());
  return context.print({{"engine", bundle->id}, {"file", output->target().string()}, {"sha256", bundle->sha256}},
                       output->target().string() + ": engine " + bundle->id + "\nunpack it on the machine into " +
                           "~/.cellwright/engines/" + bundle->id + "\nsha256 " + bundle->sha256);
}

int install(const CliContext& context, const std::string& name) {
  const auto machine = find_machine(name);
  if (!machine.ok()) return context.fail(machine.error());
  SendingLine sink(!context.global.quiet && !context.global.json);
  JobContext job(&sink, std::make_shared<std::atomic<bool>>(false));
  const auto engine = install_engine(Connection(*machine), job);
  if (!engine.ok()) return context.fail(engine.error());
  return context.print({{"machine", name}, {"engine", *engine}}, "engine " + *engine + " is on " + title_of(*machine));
}

int remove(const CliContext& context, const std::string& name) {
  const auto machine = find_machine(name);
  if (!machine.ok()) return context.fail(machine.error());
  if (const auto removed = remove_machine(name); !removed.ok()) return context.fail(removed.error());
  return context.print(to_json(*machine),
                       "removed " + name + " from the list; what is in " + machine->folder + " there stays");
}

void add_slurm_options(CLI::App& command, MachineOptions& options) {
  const std::string group = "Slurm";
  auto& slurm = options.machine.slurm;
  command.add_flag("--slurm", options.is_cluster, "Jobs are given to Slurm")->group(group);
  command.add_option("--partition", slurm.partition, "Partition [the cluster's default]")->group(group);
  command.add_option("--account", slurm.account, "Account the time is charged to [your default]")->group(group);
  command.add_option("--time", slurm.time, "Time limit of a job, e.g. 12:00:00 [the partition's]")->group(group);
  command.add_option("--memory", slurm.memory, "Memory of a job, e.g. 16G [the cluster's default]")->group(group);
  command.add_option("--gpus", slurm.gpus, "GPUs of a job, e.g. 1 or a100:2 [none]")->group(group);
  command.add_option("--cpus", slurm.cpus, "Processors of a job [the cluster's default]")->group(group);
  command.add_option("--poll", slurm.poll_s, "Seconds between questions to the scheduler")
      ->capture_default_str()
      ->group(group);
  command.add_option("--sbatch-option", slurm.extra, "Any other option of sbatch; may be repeated")
      ->type_name("--OPTION=VALUE")
      ->group(group);
}

}  // namespace

void add_machines_commands(CLI::App& app, CliContext& context) {
  static MachineOptions options;
  static std::string name;
  auto* machines = app.add_subcommand("machines", "Other machines that run jobs: ssh hosts, Slurm clusters");
  machines->require_subcommand(1);

  auto* add_command = machines->add_subcommand("add", "Add a machine and look at it");
  add_command->footer(
      "Examples:\n  cellwright machines add lab --ssh lab-gpu\n"
      "  cellwright machines add cluster --ssh login.example.org --slurm --partition gpu --time 12:00:00 --gpus 1");
  add_command->add_option("NAME", options.machine.name, "Your name for it")->required();
  add_command->add_option("--ssh", options.machine.host, "Host, as you type it behind 'ssh' [commands run here]")
      ->type_name("HOST");
  add_command->add_option("--folder", options.machine.folder, "Where engine, data and jobs are kept on it")
      ->capture_default_str()
      ->type_name("DIR");
  add_command->add_option("--setup", options.machine.setup, "Shell line run first on it, e.g. 'module load slurm'")
      ->type_name("LINE");
  add_command->add_option("--accept-host-key", options.accepted, "Fingerprint of the host's key that you accept")
      ->type_name("SHA256:...");
  add_command->add_flag("--no-probe", options.no_probe, "Do not look at it now");
  add_slurm_options(*add_command, options);
  add_command->callback([&context] { context.action = [&context] { return add(context, options); }; });

  auto* list = machines->add_subcommand("list", "The machines you added");
  list->footer("Example: cellwright machines list");
  list->callback([&context] { context.action = [&context] { return list_machines(context); }; });

  auto* probe_command = machines->add_subcommand("probe", "Can jobs run there: system, memory, disk, GPUs, scheduler");
  probe_command->footer("Example: cellwright machines probe lab");
  probe_command->add_option("NAME", name, "The machine")->required();
  probe_command->add_option("--accept-host-key", options.accepted, "Fingerprint of the host's key that you accept")
      ->type_name("SHA256:...");
  probe_command->callback(
      [&context] { context.action = [&context] { return probe_machine(context, name, options.accepted); }; });

  auto* install_command =
      machines->add_subcommand("install", "Send the engine there now; otherwise it is sent with the first job");
  install_command->footer("Example: cellwright machines install lab");
  install_command->add_option("NAME", name, "The machine")->required();
  install_command->callback([&context] { context.action = [&context] { return install(context, name); }; });

  static std::string pack_folder;
  auto* pack_command =
      machines->add_subcommand("pack", "The engine as an archive, for machines that ssh does not reach");
  pack_command->footer("Example: cellwright machines pack --out .");
  pack_command->add_option("--out", pack_folder, "Folder for the archive")->required()->type_name("DIR");
  pack_command->callback([&context] { context.action = [&context] { return pack(context, pack_folder); }; });

  auto* remove_command = machines->add_subcommand("remove", "Forget a machine; what is on it stays");
  remove_command->footer("Example: cellwright machines remove lab");
  remove_command->add_option("NAME", name, "The machine")->required();
  remove_command->callback([&context] { context.action = [&context] { return remove(context, name); }; });
}

}  // namespace cw
