// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/machine.h"

#include <algorithm>
#include <array>

namespace cw {
namespace {

constexpr std::array<std::string_view, 3> kKindNames = {"this-pc", "ssh", "slurm"};

bool is_name(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return !text.empty() && text.size() <= 64 && text[0] != '-' && text[0] != '.' &&
         std::all_of(text.begin(), text.end(), is_plain);
}

// One word for another program: no white space that could make two of it, no beginning that makes it an option.
bool is_word(const std::string& text) {
  const auto is_visible = [](unsigned char c) { return c > ' ' && c != 0x7F; };
  return text[0] != '-' && std::all_of(text.begin(), text.end(), is_visible);
}

bool is_one_line(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

Error refused(const std::string& text) { return {ErrorCode::kInvalidArgument, "E-MCH-003", text}; }

Result<> validate_slurm(const SlurmRequest& slurm) {
  const std::array<std::pair<const char*, const std::string*>, 5> words = {{{"--partition", &slurm.partition},
                                                                            {"--account", &slurm.account},
                                                                            {"--time", &slurm.time},
                                                                            {"--memory", &slurm.memory},
                                                                            {"--gpus", &slurm.gpus}}};
  for (const auto& [option, value] : words) {
    if (!value->empty() && !is_word(*value)) {
      return refused(std::string(option) + " is '" + *value + "'; expected one word as sbatch understands it");
    }
  }
  if (slurm.cpus < 0 || slurm.cpus > 4096) {
    return refused("--cpus is " + std::to_string(slurm.cpus) + "; expected 0 (the cluster's choice) to 4096");
  }
  if (slurm.poll_s < 1 || slurm.poll_s > 3600) {
    return refused("poll_s is " + std::to_string(slurm.poll_s) + "; expected 1 to 3600 seconds");
  }
  for (const auto& line : slurm.extra) {
    if (line.rfind("--", 0) != 0 || !is_one_line(line)) {
      return refused("--sbatch-option is '" + line +
                     "'; expected an option of sbatch, for example --constraint=avx512");
    }
  }
  return {};
}

}  // namespace

std::string_view name_of(MachineKind kind) noexcept { return kKindNames[static_cast<std::size_t>(kind)]; }

Machine this_pc() {
  Machine machine;
  machine.name = kThisPcName;
  return machine;
}

Result<> validate(const Machine& machine) {
  if (!is_name(machine.name)) {
    return refused("'" + machine.name + "' is no name for a machine; use letters, digits, - _ . (64 at most)");
  }
  if (machine.kind == MachineKind::kSsh && machine.host.empty()) {
    return refused(machine.name + ": no host; give --ssh HOST, as you type it behind 'ssh'");
  }
  if (!machine.host.empty() && !is_word(machine.host)) {
    return refused(machine.name + ": the host is '" + machine.host + "'; give it as you type it behind 'ssh'");
  }
  const bool has_place = machine.folder.rfind("~/", 0) == 0 || machine.folder.rfind('/', 0) == 0;
  if (!has_place || !is_one_line(machine.folder)) {
    return refused(machine.name + ": --folder is '" + machine.folder + "'; expected /... or ~/...");
  }
  if (!is_one_line(machine.setup)) return refused(machine.name + ": --setup has several lines; join them with ;");
  return validate_slurm(machine.slurm);
}

Json to_json(const SlurmRequest& request) {
  return {{"partition", request.partition}, {"account", request.account}, {"time", request.time},
          {"memory", request.memory},       {"gpus", request.gpus},       {"cpus", request.cpus},
          {"poll_s", request.poll_s},       {"extra", request.extra}};
}

Json to_json(const Machine& machine) {
  Json json = {{"name", machine.name},
               {"kind", name_of(machine.kind)},
               {"host", machine.host},
               {"folder", machine.folder},
               {"setup", machine.setup}};
  if (machine.kind == MachineKind::kSlurm) json["slurm"] = to_json(machine.slurm);
  return json;
}

Result<SlurmRequest> slurm_request_from_json(const Json& json, const std::string& where) {
  SlurmRequest request;
  try {
    request.partition = json.value("partition", "");
    request.account = json.value("account", "");
    request.time = json.value("time", "");
    request.memory = json.value("memory", "");
    request.gpus = json.value("gpus", "");
    request.cpus = json.value("cpus", 0);
    request.poll_s = json.value("poll_s", request.poll_s);
    request.extra = json.value("extra", std::vector<std::string>());
  } catch (const Json::exception& problem) {
    return Error{ErrorCode::kParse, "E-MCH-001", where + ": not what a cluster is asked for: " + problem.what()};
  }
  return request;
}

Result<Machine> machine_from_json(const Json& json, const std::string& where) {
  Machine machine;
  try {
    const auto kind = std::find(kKindNames.begin(), kKindNames.end(), json.at("kind").get<std::string>());
    if (kind == kKindNames.end()) {
      return Error{ErrorCode::kParse, "E-MCH-001",
                   where + ": unknown kind of machine '" + json.at("kind").get<std::string>() +
                       "'; it was written by a newer Cellwright, or edited"};
    }
    machine.kind = static_cast<MachineKind>(kind - kKindNames.begin());
    machine.name = json.at("name").get<std::string>();
    machine.host = json.value("host", "");
    machine.folder = json.value("folder", machine.folder);
    machine.setup = json.value("setup", "");
    if (json.contains("slurm")) {
      CW_ASSIGN(machine.slurm, slurm_request_from_json(json["slurm"], where));
    }
  } catch (const Json::exception& problem) {
    return Error{ErrorCode::kParse, "E-MCH-001", where + ": not a description of a machine: " + problem.what()};
  }
  if (const auto valid = validate(machine); !valid.ok()) return valid.error().in(where);
  return machine;
}

}  // namespace cw
