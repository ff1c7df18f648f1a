// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/machines/machine_list.h"

#include "core/base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace cw {
namespace {

constexpr int kFileVersion = 1;

// Two programs that add a machine at the same moment must both find theirs in the file.
class ListLock {
 public:
  ListLock() {
    std::error_code status;
    std::filesystem::create_directories(machines_file().parent_path(), status);
    descriptor_ = ::open((machines_file().string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ >= 0) static_cast<void>(::flock(descriptor_, LOCK_EX));
  }
  ListLock(const ListLock&) = delete;
  ListLock& operator=(const ListLock&) = delete;
  ~ListLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

 private:
  int descriptor_ = -1;
};

Result<> save(const std::vector<Machine>& machines) {
  Json list = Json::array();
  for (const auto& machine : machines) list.push_back(to_json(machine));
  return write_json(machines_file(), {{"cellwright_machines", kFileVersion}, {"machines", list}});
}

Error unknown(const std::string& name, const std::vector<Machine>& machines) {
  std::string names = kThisPcName;
  for (const auto& machine : machines) names += ", " + machine.name;
  return {ErrorCode::kNotFound, "E-MCH-002",
          "there is no machine called '" + name + "'; known are: " + names +
              "; add one: cellwright machines add NAME --ssh HOST"};
}

auto find_named(std::vector<Machine>& machines, const std::string& name) {
  return std::find_if(machines.begin(), machines.end(), [&](const Machine& machine) { return machine.name == name; });
}

}  // namespace

std::filesystem::path machines_file() {
  if (const char* given = std::getenv("XDG_CONFIG_HOME"); given != nullptr && *given != '\0') {
    return std::filesystem::path(given) / "cellwright" / "machines.json";
  }
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : "/tmp") / ".config" / "cellwright" / "machines.json";
}

Result<std::vector<Machine>> known_machines() {
  const auto path = machines_file();
  std::error_code status;
  std::vector<Machine> machines;
  if (!std::filesystem::exists(path, status)) return machines;
  CW_ASSIGN(const Json json, read_json(path));
  if (!json.is_object() || !json.contains("machines") || !json["machines"].is_array()) {
    return Error{ErrorCode::kParse, "E-MCH-001",
                 path.string() + ": not a list of machines; correct it, or move it away and add them again"};
  }
  for (const Json& entry : json["machines"]) {
    CW_ASSIGN(Machine machine, machine_from_json(entry, path.string()));
    machines.push_back(std::move(machine));
  }
  return machines;
}

Result<Machine> find_machine(const std::string& name) {
  if (name == kThisPcName) return this_pc();
  CW_ASSIGN(std::vector<Machine> machines, known_machines());
  const auto found = find_named(machines, name);
  if (found == machines.end()) return unknown(name, machines);
  return std::move(*found);
}

Result<> add_machine(const Machine& machine, bool replace) {
  CW_TRY(validate(machine));
  const ListLock lock;
  CW_ASSIGN(std::vector<Machine> machines, known_machines());
  const auto found = find_named(machines, machine.name);
  if (machine.name == kThisPcName || (found != machines.end() && !replace)) {
    return Error{ErrorCode::kInvalidArgument, "E-MCH-004",
                 "there is a machine called '" + machine.name + "' already; choose another name" +
                     (machine.name == kThisPcName ? "" : ", or give --overwrite to change it")};
  }
  if (found != machines.end()) {
    *found = machine;
  } else {
    machines.push_back(machine);
  }
  return save(machines);
}

Result<> remove_machine(const std::string& name) {
  const ListLock lock;
  CW_ASSIGN(std::vector<Machine> machines, known_machines());
  const auto found = find_named(machines, name);
  if (found == machines.end()) return unknown(name, machines);
  machines.erase(found);
  return save(machines);
}

}  // namespace cw
